from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from hyperpoint.errors import InputError
from hyperpoint.studio.classes import StudioClasses
from hyperpoint.studio.edits import (
    AddClass,
    AddPoints,
    Edit,
    LockClass,
    MergeClasses,
    MovePoint,
    Paint,
    RecolourClass,
    RemovePoints,
    RenameClass,
    TakeClasses,
    TakePoints,
    edit_from_record,
)
from hyperpoint.types import ClassTable, PointSet

TABLE = ClassTable(("wall", "Glas é"), ((1, 1, 1), (2, 2, 2)))
POINTS = PointSet(np.array([1]), np.array([2]), np.array([255], dtype=np.uint8))
ALL = [
    AddPoints((1, 2), (3, 4), 5),
    MovePoint((1, 2), (3, 4)),
    RemovePoints((1,), (2,)),
    Paint(np.array([5, 6, 7, 9]), 255),
    AddClass(),
    AddClass("a", (1, 2, 3)),
    RenameClass(0, "b"),
    RecolourClass(0, (0, 0, 0)),
    LockClass(0, True),
    MergeClasses(0, 1),
    TakeClasses(TABLE),
    TakeClasses(StudioClasses.from_table(TABLE).merge(0, 1).lock(1, True)),
    TakePoints(POINTS, TABLE),
    TakePoints(POINTS, None),
]


@pytest.mark.parametrize("edit", ALL, ids=lambda edit: edit.kind)
def test_there_and_back_through_json(edit: Edit) -> None:
    record = edit.to_record()
    again = edit_from_record(json.loads(json.dumps(record)))
    assert type(again) is type(edit)
    assert again.to_record() == record


def test_every_edit_is_tested_here_and_has_a_kind_of_its_own() -> None:
    assert {type(edit) for edit in ALL} == set(Edit.__subclasses__())
    assert len({edit.kind for edit in Edit.__subclasses__()}) == len(Edit.__subclasses__())


@pytest.mark.parametrize(
    "record",
    [
        None, 5, [], {}, {"kind": "fly"}, {"kind": []}, {"kind": "add points", "rows": [1], "cols": [1]},
        {"kind": "paint", "pixels": [], "label": 0}, {"kind": "add points", "rows": [], "cols": [], "label": 0},
    ],
)  # fmt: skip
def test_what_is_no_edit_is_refused(record: Any) -> None:
    with pytest.raises(InputError):
        edit_from_record(record)
