"""The parts of an edit as plain JSON values, and back, with every value checked: they come from a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from hyperpoint.cube import IndexArray
from hyperpoint.errors import InputError
from hyperpoint.io.classes import Color
from hyperpoint.studio.classes import StudioClass, StudioClasses
from hyperpoint.types import IGNORE, ClassTable, PointSet

# No picture has more pixels than Pillow decodes (about 179 million); a damaged file may claim so.
_MAX_PIXELS = 1 << 28
_MAX_COORDINATE = 1 << 40


class Codec(NamedTuple):
    """How a value is written as JSON, and read back."""

    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any]


def encode_runs(pixels: IndexArray) -> list[int]:
    """Return ascending flat indices as runs: first, length, first, length..."""
    if not len(pixels):
        return []
    starts = np.flatnonzero(np.concatenate([[True], np.diff(pixels) != 1]))
    lengths = np.diff(np.append(starts, len(pixels)))
    runs: list[int] = np.stack([pixels[starts], lengths], axis=1).ravel().tolist()
    return runs


def decode_runs(value: Any) -> IndexArray:
    """Return the flat indices that `encode_runs` wrote, (n,) int64, ascending."""
    numbers = np.array(_wholes(value), dtype=np.int64)
    starts, lengths = numbers[::2], numbers[1::2]
    if len(starts) != len(lengths) or (lengths < 1).any() or lengths.sum() > _MAX_PIXELS:
        raise InputError("the pixels must be runs: first, length, first, length...")
    before = np.cumsum(lengths) - lengths
    return np.repeat(starts - before, lengths) + np.arange(int(lengths.sum()), dtype=np.int64)


def _whole(value: Any) -> int:
    if type(value) is not int or not 0 <= value < _MAX_COORDINATE:
        raise InputError(f"expected a whole number from 0 on; got {_short(value)}")
    return value


def _wholes(value: Any) -> tuple[int, ...]:
    return tuple(_whole(one) for one in _list(value))


def _pixel(value: Any) -> tuple[int, int]:
    numbers = _wholes(value)
    if len(numbers) != 2:
        raise InputError(f"expected a pixel [row, col]; got {_short(value)}")
    return numbers[0], numbers[1]


def _color(value: Any) -> Color:
    numbers = _wholes(value)
    if len(numbers) != 3 or max(numbers) > 255:
        raise InputError(f"expected a colour [r, g, b]; got {_short(value)}")
    return numbers[0], numbers[1], numbers[2]


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise InputError(f"expected a text; got {_short(value)}")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise InputError(f"expected true or false; got {_short(value)}")
    return value


def _points(value: Any) -> PointSet:
    rows, cols, labels = (np.array(_wholes(member(value, key)), dtype=np.int64) for key in ("rows", "cols", "labels"))
    if (labels > IGNORE).any():
        raise InputError(f"expected labels 0..{IGNORE}; got {labels.max()}")
    return PointSet(rows, cols, labels.astype(np.uint8))


def _encode_points(points: PointSet) -> dict[str, list[int]]:
    return {"rows": points.rows.tolist(), "cols": points.cols.tolist(), "labels": points.labels.tolist()}


def _table(value: Any) -> ClassTable:
    entries = _list(value)
    names = tuple(_text(member(entry, "name")) for entry in entries)
    return ClassTable(names, tuple(_color(member(entry, "color")) for entry in entries))


def _encode_table(table: ClassTable) -> list[dict[str, Any]]:
    return [{"name": name, "color": list(color)} for name, color in zip(table.names, table.colors, strict=True)]


def _classes(value: Any) -> StudioClasses:
    return StudioClasses(
        tuple(
            StudioClass(
                _text(member(entry, "name")),
                _color(member(entry, "color")),
                _flag(entry.get("locked", False)),
                _or_none(_whole)(entry.get("merged_into")),
            )
            for entry in _list(value)
        )
    )


def encode_classes(classes: StudioClasses) -> list[dict[str, Any]]:
    """Return classes as a list that `hyperpoint.io.classes.read_classes` understands, with what it passes over."""
    entries = []
    for entry in classes.entries:
        record: dict[str, Any] = {"name": entry.name, "color": list(entry.color)}
        if entry.locked:
            record["locked"] = True
        if entry.merged_into is not None:
            record["merged_into"] = entry.merged_into
        entries.append(record)
    return entries


def member(value: Any, key: str) -> Any:
    """Return an entry of a JSON object.

    Raises
    ------
    InputError
        If `value` is no object or lacks it.
    """
    if not isinstance(value, dict) or key not in value:
        raise InputError(f"expected an object with {key!r}; got {_short(value)}")
    return value[key]


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise InputError(f"expected a list; got {_short(value)}")
    return value


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _or_none(call: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else call(value)


# One for every field that an edit can have, by its name.
CODECS = {
    "rows": Codec(list, _wholes),
    "cols": Codec(list, _wholes),
    "start": Codec(list, _pixel),
    "end": Codec(list, _pixel),
    "pixels": Codec(encode_runs, decode_runs),
    "label": Codec(int, _whole),
    "class_id": Codec(int, _whole),
    "source": Codec(int, _whole),
    "target": Codec(int, _whole),
    "name": Codec(_or_none(str), _or_none(_text)),
    "color": Codec(_or_none(lambda color: [int(value) for value in color]), _or_none(_color)),
    "locked": Codec(bool, _flag),
    "points": Codec(_encode_points, _points),
    "table": Codec(_or_none(_encode_table), _or_none(_table)),
    "classes": Codec(encode_classes, _classes),
}
