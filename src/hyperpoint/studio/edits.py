"""What a person can do to a scene's state: each edit is a value that can be applied, written down and read back.

An edit that cannot be applied raises `InputError` or `PointsError` with a sentence for the user; one that would change
nothing returns the very state it was given.
"""

from __future__ import annotations

from dataclasses import Field, fields
from typing import Any

from hyperpoint.errors import InputError
from hyperpoint.studio.class_edits import (
    AddClass,
    LockClass,
    MergeClasses,
    RecolourClass,
    RenameClass,
    TakeClasses,
    TakePoints,
)
from hyperpoint.studio.edit import Edit
from hyperpoint.studio.point_edits import AddPoints, MovePoint, Paint, RemovePoints
from hyperpoint.studio.records import CODECS, member

__all__ = [
    "AddClass",
    "AddPoints",
    "Edit",
    "LockClass",
    "MergeClasses",
    "MovePoint",
    "Paint",
    "RecolourClass",
    "RemovePoints",
    "RenameClass",
    "TakeClasses",
    "TakePoints",
    "edit_from_record",
]


def edit_from_record(record: Any) -> Edit:
    """Return the edit that `to_record` wrote.

    Raises
    ------
    InputError, PointsError, ClassTableError
        If `record` is none.
    """
    kind = member(record, "kind")
    edit = next((one for one in Edit.__subclasses__() if one.kind == kind), None)
    if edit is None:
        raise InputError(f"unknown kind of edit: {kind!r}; was it written by a later version of hyperpoint?")
    return edit(**{part.name: _decoded(record, part) for part in fields(edit)})


def _decoded(record: Any, part: Field[Any]) -> Any:
    value = CODECS[part.name].decode(member(record, part.name))
    if value is None and not str(part.type).endswith("| None"):  # what one edit may leave open, another may not
        raise InputError(f"expected {part.name!r}; got none")
    return value
