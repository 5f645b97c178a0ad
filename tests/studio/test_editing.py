from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hyperpoint.studio.desk import Desk
from hyperpoint.studio.editing import BRUSH_SPACING, spaced
from hyperpoint.studio.workspace import Workspace
from hyperpoint.types import ClassTable


def pixels_of(desk: Desk) -> set[tuple[int, int, int]]:
    assert desk.current is not None
    points = desk.current.session.state.points
    return set(zip(points.rows.tolist(), points.cols.tolist(), points.labels.tolist(), strict=True))


def test_a_point_is_moved_selected_and_removed(desk: Desk) -> None:
    desk.edit.choose(0)
    desk.edit.tap(3, 4)
    desk.edit.select(3, 4)
    desk.edit.move((3, 4), (5, 6))
    assert pixels_of(desk) == {(5, 6, 0)}
    assert desk.edit.selected == (5, 6)
    desk.edit.delete_selected()
    assert pixels_of(desk) == set()
    desk.edit.delete_selected()
    assert "select" in desk.message


def test_a_click_outside_the_image_is_a_message(desk: Desk) -> None:
    desk.edit.tap(24, 0)
    assert desk.message
    assert pixels_of(desk) == set()


def test_a_click_without_a_class_says_what_to_do(desk: Desk, workspace: Workspace) -> None:
    desk.edit.active = None
    desk.edit.tap(1, 1)
    assert "Add a class first: a click" in desk.message
    desk.edit.stroke([1], [1])
    assert "Add a class first: a stroke" in desk.message
    desk.edit.paint(np.asarray([3]))
    assert "Add a class first: the correction brush" in desk.message
    empty = Desk(workspace)
    empty.edit.add_class("x")
    assert empty.message == "Open a scene first."
    empty.close()


def test_a_stroke_becomes_spaced_points_in_one_edit(desk: Desk) -> None:
    desk.edit.choose(1)
    desk.edit.stroke(np.full(19, 7), np.arange(2, 21))
    assert pixels_of(desk) == {(7, 2, 1), (7, 8, 1), (7, 14, 1), (7, 20, 1)}
    desk.edit.undo()
    assert pixels_of(desk) == set()


@given(st.lists(st.tuples(st.integers(-1, 1), st.integers(-1, 1)), max_size=60))
def test_strokes_keep_their_ends_and_no_neighbours(steps: list[tuple[int, int]]) -> None:
    line = np.cumsum([(0, 0), *steps], axis=0)
    kept = spaced(line[:, 0], line[:, 1], BRUSH_SPACING)
    length = np.hypot(*np.diff(line, axis=0).T).sum()
    assert kept[0] == 0
    assert len(kept) <= length / BRUSH_SPACING + 2
    assert len(kept) == 1 or np.hypot(*(line[kept[-1]] - line[-1])) == 0


def test_classes_are_edited(desk: Desk) -> None:
    assert desk.current is not None
    desk.edit.choose(0)
    desk.edit.tap(3, 4)
    desk.edit.rename_class(0, "wall")
    desk.edit.recolour_class(0, (1, 2, 3))
    desk.edit.lock_class(0, True)
    desk.edit.tap(5, 5)
    assert "wall" in desk.message  # it is locked
    desk.edit.lock_class(0, False)
    classes = desk.current.session.state.classes
    assert (classes[0].name, classes[0].color) == ("wall", (1, 2, 3))
    desk.edit.merge_classes(0, 1)
    assert pixels_of(desk) == {(3, 4, 1)}
    assert desk.edit.active == 1
    desk.edit.choose_nth(0)
    assert desk.edit.active == 1


def test_a_preset_is_taken(desk: Desk, workspace: Workspace) -> None:
    desk.edit.take_classes(ClassTable(("sky", "road"), ((0, 0, 1), (0, 1, 0))))
    assert desk.current is not None
    assert desk.current.session.state.classes.table().names[:2] == ("sky", "road")


def test_points_of_a_file_are_taken_if_the_file_is_in_reach(desk: Desk, folder: Path, tmp_path: Path) -> None:
    (folder / "points.csv").write_text("row,col,label\n3,4,left\n5,20,right\n")
    desk.edit.import_points(folder / "points.csv")
    assert {pixel[:2] for pixel in pixels_of(desk)} == {(3, 4), (5, 20)}
    (tmp_path / "elsewhere.csv").write_text("row,col,label\n1,1,left\n")
    desk.edit.import_points(tmp_path / "elsewhere.csv")
    assert len(pixels_of(desk)) == 2
    assert "elsewhere.csv" in desk.message
