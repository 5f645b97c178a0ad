from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hyperpoint.errors import InputError, PointsError
from hyperpoint.studio.classes import StudioClasses
from hyperpoint.studio.edits import AddPoints, Edit, MovePoint, Paint, RemovePoints
from hyperpoint.studio.state import ERASER, State
from hyperpoint.types import ClassTable

CLASSES = StudioClasses.from_table(ClassTable(("wall", "glass"), ((1, 1, 1), (2, 2, 2))))
EMPTY = State((4, 5), classes=CLASSES)


def after(*edits: Edit, state: State = EMPTY) -> State:
    for edit in edits:
        state = edit.apply(state)
    return state


def triples(state: State) -> list[tuple[int, int, int]]:
    points = state.points
    return list(zip(points.rows.tolist(), points.cols.tolist(), points.labels.tolist(), strict=True))


def locked(state: State, class_id: int) -> State:
    return state.with_classes(state.classes.lock(class_id, True))


TWO = after(AddPoints((0,), (1,), 0), AddPoints((3,), (4,), 1))


def test_points_are_added_in_order_and_labelled_anew_in_their_place() -> None:
    assert triples(TWO) == [(0, 1, 0), (3, 4, 1)]
    assert triples(after(AddPoints((2, 0, 2), (2, 1, 2), 1), state=TWO)) == [(0, 1, 1), (3, 4, 1), (2, 2, 1)]
    assert triples(EMPTY) == []


def test_what_is_so_already_is_no_edit() -> None:
    assert AddPoints((0,), (1,), 0).apply(TWO) is TWO
    assert MovePoint((0, 1), (0, 1)).apply(TWO) is TWO
    painted = Paint(np.array([3, 4]), 0).apply(TWO)
    assert Paint(np.array([4]), 0).apply(painted) is painted
    assert Paint(np.array([5]), ERASER).apply(painted) is painted


def test_points_move_and_go() -> None:
    assert triples(MovePoint((3, 4), (2, 0)).apply(TWO)) == [(0, 1, 0), (2, 0, 1)]
    assert triples(RemovePoints((0, 1), (1, 1)).apply(TWO)) == [(3, 4, 1)]


def test_arrays_do_as_well_as_tuples() -> None:
    edit: Any = AddPoints(np.array([1, 2]), np.array([3, 4]), np.int64(1))  # type: ignore[arg-type]
    assert triples(edit.apply(EMPTY)) == [(1, 3, 1), (2, 4, 1)]
    assert edit.to_record() == {"kind": "add points", "rows": [1, 2], "cols": [3, 4], "label": 1}


def test_later_strokes_lie_over_earlier_ones_until_they_are_erased() -> None:
    state = after(Paint(np.array([2, 0, 1, 1]), 0), Paint(np.array([1]), 1), Paint(np.array([2]), ERASER))
    assert state.corrections.ravel()[:4].tolist() == [0, 1, 255, 255]
    assert len(state.strokes) == 3


def test_what_is_locked_stays_and_the_rest_of_a_stroke_goes_on() -> None:
    state = locked(TWO, 0)
    assert triples(AddPoints((0, 1), (1, 1), 1).apply(state)) == [(0, 1, 0), (3, 4, 1), (1, 1, 1)]
    assert triples(RemovePoints((0, 3), (1, 4)).apply(state)) == [(0, 1, 0)]
    painted = locked(after(Paint(np.array([0, 1]), 0)), 0)
    assert Paint(np.array([1, 2]), 1).apply(painted).corrections.ravel()[:3].tolist() == [0, 0, 1]
    assert Paint(np.array([1, 2]), ERASER).apply(painted) is painted
    with pytest.raises(InputError, match="locked"):
        Paint(np.array([0]), ERASER).apply(painted)
    with pytest.raises(InputError, match="locked"):
        Paint(np.array([9]), 0).apply(painted)


@pytest.mark.parametrize(
    "edit",
    [AddPoints((0,), (1,), 1), AddPoints((2,), (2,), 0), MovePoint((0, 1), (2, 2)), RemovePoints((0,), (1,))],
)
def test_what_is_locked_is_refused_alone(edit: Edit) -> None:
    with pytest.raises(InputError, match="'wall' is locked; unlock it"):
        edit.apply(locked(TWO, 0))


@pytest.mark.parametrize(
    ("edit", "error", "message"),
    [
        (AddPoints((4,), (0,), 0), PointsError, r"row 4, col 0\) lies outside the image of 4 rows x 5 columns"),
        (AddPoints((0, 0), (0, 5), 0), PointsError, "col 5"),
        (AddPoints((-1,), (0,), 0), PointsError, "outside"),
        (AddPoints((0,), (0,), 2), InputError, "no class 2"),
        (AddPoints((0,), (0,), 255), InputError, "no class 255"),
        (MovePoint((1, 1), (2, 2)), PointsError, r"no point on the pixel \(row 1, col 1\)"),
        (MovePoint((0, 1), (3, 4)), PointsError, "bears a point already"),
        (MovePoint((0, 1), (3, 5)), PointsError, "outside"),
        (RemovePoints((1,), (1,)), PointsError, "no point"),
        (Paint(np.array([20]), 0), InputError, "outside"),
        (Paint(np.array([-1]), 0), InputError, "outside"),
        (Paint(np.array([0]), 7), InputError, "no class 7"),
    ],
)
def test_what_cannot_be_is_said(edit: Edit, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        edit.apply(TWO)


def test_an_edit_touches_whole_pixels_and_at_least_one() -> None:
    with pytest.raises(InputError, match="no pixel"):
        AddPoints((), (), 0)
    with pytest.raises(InputError, match="no pixel"):
        Paint(np.zeros(0, dtype=np.int64), 0)
    with pytest.raises(InputError, match="whole numbers"):
        AddPoints((0.5,), (1,), 0)  # type: ignore[arg-type]
    with pytest.raises(PointsError, match="as many rows as columns"):
        RemovePoints((1, 2), (1,))
