from __future__ import annotations

import numpy as np
import pytest

from hyperpoint.errors import InputError, PointsError
from hyperpoint.studio.classes import StudioClasses
from hyperpoint.studio.edits import (
    AddClass,
    AddPoints,
    LockClass,
    MergeClasses,
    Paint,
    RecolourClass,
    RenameClass,
    TakeClasses,
    TakePoints,
)
from hyperpoint.studio.state import State
from hyperpoint.types import ClassTable, PointSet

TABLE = ClassTable(("wall", "glass"), ((1, 1, 1), (2, 2, 2)))
EMPTY = State((4, 5))
TWO = EMPTY.with_classes(StudioClasses.from_table(TABLE))


def points(*triples: tuple[int, int, int]) -> PointSet:
    rows, cols, labels = np.array(triples).T
    return PointSet(rows, cols, labels)


def test_classes_are_added_named_coloured_and_locked() -> None:
    state = AddClass("roof").apply(AddClass().apply(EMPTY))
    state = LockClass(1, True).apply(RecolourClass(1, (9, 8, 7)).apply(RenameClass(0, "road").apply(state)))
    assert [entry.name for entry in state.classes.entries] == ["road", "roof"]
    assert state.classes[1].color == (9, 8, 7)
    assert state.classes[1].locked
    assert RenameClass(0, "road").apply(state) is state


def test_a_merge_takes_points_and_corrections_along() -> None:
    state = Paint(np.array([0, 1]), 0).apply(AddPoints((1,), (1,), 0).apply(TWO))
    merged = MergeClasses(0, 1).apply(state)
    assert merged.points.labels.tolist() == [1]
    assert merged.corrections.ravel()[:3].tolist() == [1, 1, 255]
    assert merged.classes.live == (1,)
    with pytest.raises(InputError, match="merged into 'glass'"):
        AddPoints((0,), (0,), 0).apply(merged)


def test_classes_of_a_preset_or_a_scene_come_with_their_ids() -> None:
    assert TakeClasses(TABLE).apply(EMPTY).classes.table() == TABLE
    before = StudioClasses.from_table(TABLE).merge(0, 1).lock(1, True)
    assert TakeClasses(before).apply(TWO).classes == before
    assert TakeClasses(TABLE).apply(TWO) is TWO


def test_classes_are_not_taken_once_ids_mean_something() -> None:
    for state in (AddPoints((0,), (0,), 0).apply(TWO), Paint(np.array([0]), 0).apply(TWO)):
        with pytest.raises(InputError, match="before the first point"):
            TakeClasses(TABLE).apply(state)
    erased = Paint(np.array([0]), 255).apply(Paint(np.array([0]), 0).apply(TWO))
    assert TakeClasses(ClassTable(("a",), ((0, 0, 0),))).apply(erased).classes.live == (0,)


def test_imported_points_bring_their_classes() -> None:
    state = TakePoints(points((0, 0, 1), (1, 1, 255)), TABLE).apply(EMPTY)
    assert state.classes.table() == TABLE
    assert state.points.labels.tolist() == [1]


def test_imported_classes_are_found_by_name_and_added_if_missing() -> None:
    table = ClassTable(("glass", "roof", "unused"), ((7, 7, 7), (8, 8, 8), (9, 9, 9)))
    state = AddPoints((0,), (0,), 0).apply(TWO)
    state = TakePoints(points((0, 0, 0), (1, 1, 1)), table).apply(state)
    assert [entry.name for entry in state.classes.entries] == ["wall", "glass", "roof"]
    assert state.classes[2].color == (8, 8, 8)
    assert state.points.labels.tolist() == [1, 2]


def test_imported_numbers_are_ids() -> None:
    state = TakePoints(points((0, 0, 3), (1, 1, 0)), None).apply(TWO)
    assert [entry.name for entry in state.classes.entries] == ["wall", "glass", "class 3", "class 4"]
    assert sorted(state.points.labels.tolist()) == [0, 3]


def test_imported_points_of_a_merged_class_follow_it() -> None:
    merged = MergeClasses(0, 1).apply(TWO)
    for table in (None, TABLE, merged.classes.table()):
        state = TakePoints(points((0, 0, 0)), table).apply(merged)
        assert state.points.labels.tolist() == [1]
        assert len(state.classes) == 2


def test_an_import_that_cannot_be_changes_nothing() -> None:
    with pytest.raises(PointsError, match="no annotated points"):
        TakePoints(points((0, 0, 255)), None).apply(TWO)
    with pytest.raises(PointsError, match="outside"):
        TakePoints(points((0, 0, 0), (9, 9, 0)), None).apply(TWO)
    with pytest.raises(PointsError, match="ends with class 1"):
        TakePoints(points((0, 0, 5)), TABLE).apply(TWO)
    with pytest.raises(InputError, match="locked"):
        TakePoints(points((0, 0, 0)), TABLE).apply(LockClass(0, True).apply(TWO))
    same = TakePoints(points((0, 0, 0)), TABLE).apply(TWO)
    assert TakePoints(points((0, 0, 0)), TABLE).apply(same) is same
