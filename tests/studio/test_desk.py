from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hyperpoint.studio.desk import Desk
from hyperpoint.studio.watching import Part
from hyperpoint.studio.workspace import Workspace
from hyperpoint.types import IGNORE

Settle = Callable[[Desk], None]
Open = Callable[[Desk, int], None]
LEFT, RIGHT = (10, 5), (10, 25)


def test_two_clicks_label_the_scene(labelled: Desk) -> None:
    assert labelled.current is not None
    labels = labelled.current.labels
    assert (labels[:, :14] == 0).all()
    assert (labels[:, 18:] == 1).all()
    assert labelled.status == "2 points · revision 4"
    assert labelled.message == ""


def test_what_to_click_is_said(desk: Desk, settle: Settle) -> None:
    assert "Choose a class" in desk.hint
    desk.edit.choose(0)
    desk.edit.tap(*LEFT)
    settle(desk)
    assert "second class" in desk.hint
    assert desk.status == "1 point · revision 3"
    desk.edit.choose(1)
    desk.edit.tap(*RIGHT)
    settle(desk)
    assert desk.hint == desk.message == ""


def test_undo_takes_the_annotation_back(labelled: Desk, settle: Settle) -> None:
    labelled.edit.undo()
    settle(labelled)
    assert labelled.current is not None
    assert (labelled.current.labels == IGNORE).all()
    labelled.edit.redo()
    settle(labelled)
    assert (labelled.current.labels != IGNORE).all()
    assert labelled.status == "2 points · revision 6"


def test_no_refit_overwrites_a_correction(labelled: Desk, settle: Settle) -> None:
    pixels = np.arange(6, dtype=np.int64)  # of the first row, on the left
    labelled.edit.choose(1)
    labelled.edit.paint(pixels)
    labelled.edit.tap(20, 25)
    settle(labelled)
    assert labelled.current is not None
    assert (labelled.current.labels[0, :6] == 1).all()
    labelled.edit.paint(pixels, erase=True)
    assert labelled.message == ""
    labelled.edit.paint(pixels, erase=True)
    assert "Nothing is corrected there" in labelled.message
    assert (labelled.current.labels[0, :6] == 0).all()


def test_a_scene_goes_on_where_it_was(labelled: Desk, workspace: Workspace, open_and_wait: Open) -> None:
    assert labelled.current is not None
    before = labelled.current.labels
    labelled.close()
    again = Desk(workspace)
    open_and_wait(again, 0)
    assert again.status == "2 points · revision 4"
    assert again.current is not None
    np.testing.assert_array_equal(again.current.labels, before)
    again.edit.undo()
    assert again.status == "1 point · revision 5"
    again.close()


def test_a_second_tab_looks_on_until_it_takes_over(labelled: Desk, workspace: Workspace, open_and_wait: Open) -> None:
    second = Desk(workspace, labelled.scenes)
    open_and_wait(second, 0)
    assert labelled.can_edit
    assert not second.can_edit
    second.edit.tap(3, 3)
    assert "elsewhere" in second.message
    labelled.edit.tap(20, 5)
    second.tick()
    assert second.status == labelled.status == "3 points · revision 5"
    second.take_over()
    second.edit.tap(3, 25)
    assert second.status == "4 points · revision 6"
    labelled.edit.tap(4, 4)
    assert "elsewhere" in labelled.message
    labelled.tick()
    assert not labelled.can_edit
    assert labelled.status == second.status
    second.close()


def test_a_tab_that_looked_on_may_edit_when_the_other_is_closed(labelled: Desk, workspace: Workspace) -> None:
    second = Desk(workspace, labelled.scenes)
    second.open(workspace.entries[0])
    second.jobs.wait()
    assert not second.can_edit
    labelled.close()
    second.tick()
    assert second.can_edit
    second.edit.tap(3, 3)
    assert second.status == "3 points · revision 5"
    second.close()


def test_scenes_follow_each_other(labelled: Desk, settle: Settle) -> None:
    labelled.step(1)
    settle(labelled)
    assert labelled.current is not None
    assert labelled.current.entry == labelled.workspace.entries[1]
    assert labelled.status == "0 points · revision 0"
    assert labelled.workspace.store(labelled.workspace.entries[0]).progress == "in progress"
    labelled.step(-1)
    settle(labelled)
    labelled.step(-1)
    assert labelled.message == "This is the first scene."
    assert labelled.status == "2 points · revision 4"


def test_another_recipe_labels_anew_and_is_kept(
    labelled: Desk, workspace: Workspace, settle: Settle, open_and_wait: Open
) -> None:
    labelled.choose_recipe("paper-svm")
    settle(labelled)
    assert labelled.current is not None
    assert labelled.current.annotation is not None
    assert labelled.current.annotation.provenance["recipe"]["name"] == "paper-svm"
    open_and_wait(labelled, 1)
    assert labelled.current.recipe == "best"
    open_and_wait(labelled, 0)
    assert labelled.current.recipe == "paper-svm"


def test_a_panel_becomes_the_white_reference(labelled: Desk, settle: Settle) -> None:
    labelled.draw_white((0, 0, 24, 16))
    settle(labelled)
    assert labelled.current is not None
    assert labelled.current.white == (0, 0, 24, 16)
    rows, cols = np.asarray([3]), np.asarray([4])
    np.testing.assert_allclose(labelled.current.opened.scene.cube.pixels(rows, cols), 1, atol=0.3)
    assert labelled.status == "2 points · revision 4"
    labelled.draw_white(None)
    settle(labelled)
    assert labelled.current.white is None


@pytest.mark.parametrize(("rectangle", "reason"), [((0, 0, 1, 1), "too few"), ((30, 2, 40, 9), "covers 0 pixel")])
def test_a_rectangle_that_is_no_panel_changes_nothing(
    labelled: Desk, settle: Settle, rectangle: tuple[int, int, int, int], reason: str
) -> None:
    labelled.draw_white(rectangle)
    settle(labelled)
    assert reason in labelled.message
    assert labelled.current is not None
    assert labelled.current.white is None  # or the scene could not be opened again
    assert (labelled.current.labels != IGNORE).all()


def test_a_panel_that_is_unevenly_bright_is_doubted(folder: Path, settle: Settle) -> None:
    cube = np.load(folder / "a.npy")
    cube[:, 8:] *= 3
    np.save(folder / "a.npy", cube)
    desk = Desk(Workspace([folder]))
    desk.open(desk.workspace.entries[0])
    settle(desk)
    desk.draw_white((0, 0, 24, 16))
    settle(desk)
    assert "may reach beyond the panel" in desk.message
    assert desk.current is not None
    assert desk.current.white == (0, 0, 24, 16)
    desk.close()


def test_a_scene_whose_work_cannot_be_read_is_said_and_the_open_one_stays(labelled: Desk, settle: Settle) -> None:
    folder = labelled.workspace.folder(labelled.workspace.entries[1])
    folder.mkdir(parents=True)
    (folder / "journal.jsonl").write_text('{"kind": "journal", "version": 1, "size": [9, 9]}\n')
    labelled.step(1)
    settle(labelled)
    assert "about an image of 9 x 9 pixels" in labelled.message
    labelled.edit.tap(20, 5)
    settle(labelled)
    assert labelled.status == "3 points · revision 5"
    assert not labelled.workspace.store(labelled.workspace.entries[1]).lease().held_elsewhere()


def test_an_answer_about_the_last_scene_is_not_shown_in_the_next(workspace: Workspace) -> None:
    waiting: deque[Callable[[], None]] = deque()
    desk = Desk(workspace, later=waiting.append)

    def run() -> None:
        desk.jobs.wait()
        while waiting:
            waiting.popleft()()

    desk.open(workspace.entries[0])
    run()
    run()
    for class_id, pixel in enumerate((LEFT, RIGHT)):
        desk.edit.add_class()
        desk.edit.choose(class_id)
        if class_id == 1:
            desk.open(workspace.entries[1])
            desk.jobs.wait()  # the next scene is about to be shown
        desk.edit.tap(*pixel)
    assert desk.current is not None
    assert desk.current.refitter is not None
    assert desk.current.refitter.wait(60)  # the answer comes after it
    run()
    assert desk.current.entry == workspace.entries[1]
    assert desk.current.annotation is None
    assert (desk.current.labels == IGNORE).all()
    desk.close()


def test_a_scene_that_cannot_be_opened_is_said_and_the_open_one_stays(
    labelled: Desk, folder: Path, settle: Settle
) -> None:
    (folder / "b.npy").write_bytes(b"nothing of the kind")
    labelled.step(1)
    settle(labelled)
    assert "b" in labelled.message
    assert labelled.status == "2 points · revision 4"


def test_doubtful_pixels_are_left_out_when_asked(labelled: Desk, settle: Settle) -> None:
    assert labelled.current is not None
    labelled.leave_doubts(0.999, True)
    settle(labelled)
    assert (labelled.current.labels == IGNORE).any()
    assert labelled.current.doubts == (0.999, True)
    labelled.leave_doubts(0, False)
    settle(labelled)
    assert (labelled.current.labels != IGNORE).all()


def test_a_failing_recipe_leaves_the_last_annotation(
    labelled: Desk, monkeypatch: pytest.MonkeyPatch, settle: Settle
) -> None:
    assert labelled.current is not None
    before = labelled.current.labels

    def fail(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("hyperpoint.studio.refitting.annotate", fail)
    labelled.edit.tap(3, 25)
    settle(labelled)
    np.testing.assert_array_equal(labelled.current.labels, before)
    assert "last that succeeded" in labelled.message
    assert labelled.status == "3 points · revision 5"


def test_watchers_are_told_what_changed(desk: Desk) -> None:
    heard: set[Part] = set()
    desk.watch(heard.update)
    desk.show(opacity=0.2)
    assert heard == {"viewing"}
    desk.show(layer="band", band=3)
    assert heard == {"viewing", "picture"}
    desk.edit.choose(1)
    desk.edit.tap(*RIGHT)
    assert {"points", "labels", "classes", "scenes"} <= heard


def test_a_done_scene_is_marked(desk: Desk) -> None:
    desk.set_done(True)
    assert desk.workspace.store(desk.workspace.entries[0]).progress == "done"
