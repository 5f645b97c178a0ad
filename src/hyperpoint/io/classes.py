"""Class tables: read from and written to JSON, or made up where there is none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from hyperpoint.errors import ClassTableError
from hyperpoint.io.files import StrPath, read_json, write_json
from hyperpoint.types import IGNORE, MAX_CLASSES, ClassTable

Color = tuple[int, int, int]

# Levels a channel of the colours to choose from: 7^3 = 343 are enough for 255 classes.
_LEVELS = (0, 43, 85, 128, 170, 213, 255)
# How strongly a step in red, green and blue is seen, in whole numbers (T. Riemersma, "Colour metric", CompuPhase).
_CHANNEL_WEIGHTS = (2.0, 4.0, 3.0)


def read_classes(path: StrPath) -> ClassTable:
    """Read a class table from JSON: `[{"name": "wall", "color": [200, 80, 60]}, ...]`, the id being the position.

    Raises
    ------
    MissingFileError
        If the file does not exist.
    ClassTableError
        If it is no such list; the message names the file, the entry (counting from 0, so its id) and what is wrong.
    """
    entries = read_json(path, "class table", ClassTableError)
    if not isinstance(entries, list):
        raise ClassTableError(
            f'the class table {path} must be a list such as [{{"name": "wall", "color": [200, 80, 60]}}]; got '
            f"{_kind(entries)}"
        )
    names, colors = [], []
    for number, entry in enumerate(entries):
        where = f"the class table {path}, entry {number}"
        names.append(_name(entry, where))
        colors.append(_color(entry, where))
    try:
        return ClassTable(tuple(names), tuple(colors))
    except ClassTableError as error:
        raise ClassTableError(f"the class table {path}: {error}") from None


def write_classes(path: StrPath, classes: ClassTable) -> None:
    """Write a class table as JSON, as `read_classes` reads it, atomically."""
    pairs = zip(classes.names, classes.colors, strict=True)
    write_json(path, [{"name": name, "color": list(color)} for name, color in pairs])


def default_classes(ids: Iterable[int]) -> ClassTable:
    """Return a table for ids without names: class `id` is called `str(id)` and has a colour of its own.

    Parameters
    ----------
    ids
        Class ids 0..254 (255 is skipped); gaps are filled, so that an id stays what it is.

    Raises
    ------
    ClassTableError
        If there is no id, or one is out of range.
    """
    known = [int(one) for one in ids if int(one) != IGNORE]
    if not known or not 0 <= min(known) <= max(known) < MAX_CLASSES:
        raise ClassTableError(f"class ids must be 0..{MAX_CLASSES - 1} and at least one; got {sorted(set(known))}")
    return classes_from_names([str(number) for number in range(max(known) + 1)])


def classes_from_names(names: Sequence[str]) -> ClassTable:
    """Return a table of these names, in order, with colours that are easily told apart.

    Raises
    ------
    ClassTableError
        If there are none or more than 255, or a name is empty or stands twice.
    """
    return ClassTable(tuple(names), _distinct_colors()[: len(names)])


@lru_cache(maxsize=1)
def _distinct_colors() -> tuple[Color, ...]:
    """Choose 255 colours, each as far as can be from those before it, from black (unlabelled) and from white."""
    grid = np.array([(r, g, b) for r in _LEVELS for g in _LEVELS for b in _LEVELS], dtype=np.float64)
    seen = grid * np.sqrt(_CHANNEL_WEIGHTS)
    distance = np.minimum(((seen - seen[0]) ** 2).sum(axis=1), ((seen - seen[-1]) ** 2).sum(axis=1))
    chosen: list[Color] = []
    for _ in range(MAX_CLASSES):
        farthest = int(distance.argmax())
        r, g, b = grid[farthest].astype(int).tolist()
        chosen.append((r, g, b))
        distance = np.minimum(distance, ((seen - seen[farthest]) ** 2).sum(axis=1))
    return tuple(chosen)


def _name(entry: Any, where: str) -> str:
    if not isinstance(entry, dict) or not {"name", "color"} <= entry.keys():
        raise ClassTableError(f'{where} must be an object with "name" and "color"; got {_kind(entry)}')
    if not isinstance(entry["name"], str):
        raise ClassTableError(f"{where}: the name must be a text; got {entry['name']!r}")
    return entry["name"]


def _color(entry: dict[str, Any], where: str) -> Color:
    color = entry["color"]
    whole = isinstance(color, list) and len(color) == 3 and all(type(value) is int for value in color)
    if not whole or not all(0 <= value <= 255 for value in color):
        raise ClassTableError(f"{where}: the colour must be three whole numbers 0..255 [r, g, b]; got {color!r}")
    return color[0], color[1], color[2]


def _kind(value: Any) -> str:
    text = repr(value)
    if isinstance(value, dict):
        text = f"an object with {', '.join(map(repr, value)) or 'nothing in it'}"
    return text if len(text) <= 80 else f"{text[:77]}..."
