"""Check the TOML file that describes a data set, value by value, before anything is made of it."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from hyperpoint.errors import InputError
from hyperpoint.io.toml import parse_toml

LABEL_ENCODINGS = ("ids", "colors")
_LONGEST_NAME = 200
_REQUIRED = {"splits", "labels", "layouts", "classes"}
_OPTIONAL = {"title", "source", "terms", "notes", "rotate", "white_reference", "num_scenes"}


def read_description(text: str, where: str) -> dict[str, Any]:
    """Parse and check a description; absent optional values are filled in.

    Raises
    ------
    InputError
        If it is no TOML, or a key is missing, unknown or has a value that makes no sense; the message names `where`.
    """
    table = parse_toml(text, f"the data set {where}", InputError)
    _check_keys(table, _REQUIRED, _OPTIONAL, f"the data set {where}")
    for key in ("splits", "notes"):
        _check(_is_texts(table.get(key, [])), f"{where}: {key} must be a list of texts")
    _check(bool(table["splits"]), f"{where}: splits must name at least one split")
    for key in ("title", "source", "terms"):
        _check(isinstance(table.get(key, ""), str), f"{where}: {key} must be a text")
    _check(table.get("rotate", 0) in (0, 90, 180, 270), f"{where}: rotate must be 0, 90, 180 or 270")
    _check(table["labels"] in LABEL_ENCODINGS, f"{where}: labels must be one of {', '.join(LABEL_ENCODINGS)}")
    _check_counts(table.get("num_scenes", {}), table["splits"], where)
    for layout in _tables(table["layouts"], f"{where}: layouts"):
        _check_layout(layout, table["splits"], where)
    for number, entry in enumerate(_tables(table["classes"], f"{where}: classes")):
        _check_class(entry, f"{where}: class {number}")
    return table


def _check_counts(counts: Any, splits: list[str], where: str) -> None:
    fine = isinstance(counts, dict) and all(type(num) is int and num >= 0 for num in counts.values())
    _check(fine and set(counts) <= set(splits), f"{where}: num_scenes must give whole numbers for its splits")


def _check_layout(layout: dict[str, Any], splits: list[str], where: str) -> None:
    _check_keys(layout, {"cubes", "rgb", "label"}, set(), f"{where}: a layout")
    _check(_is_texts(layout["cubes"]) and bool(layout["cubes"]), f"{where}: cubes must be a list of patterns")
    for pattern in [*layout["cubes"], layout["rgb"], layout["label"]]:
        fits = isinstance(pattern, str) and "{split}" in pattern and pattern.rpartition("/")[2].count("{id}") == 1
        _check(fits, f"{where}: a pattern must have {{split}}, and {{id}} once in the file name; got {pattern!r}")
    for text in [*layout["cubes"], layout["rgb"], layout["label"], *splits]:
        inside = not PurePath(text).is_absolute() and ".." not in PurePath(text).parts
        _check(inside, f"{where}: patterns and splits must not lead out of the folder of the data set; got {text!r}")
        is_name = text.isprintable() and 0 < len(text) <= _LONGEST_NAME
        _check(is_name, f"{where}: patterns and splits must be names of files; got {text[:_LONGEST_NAME]!r}")


def _check_class(entry: dict[str, Any], where: str) -> None:
    _check_keys(entry, {"name", "color"}, {"group", "scored"}, where)
    color = entry["color"]
    _check(isinstance(entry["name"], str), f"{where}: the name must be a text")
    is_color = isinstance(color, list) and len(color) == 3 and all(type(value) is int for value in color)
    _check(is_color, f"{where}: the color must be [r, g, b] in whole numbers; got {color!r}")
    _check(type(entry.get("group", 0)) is int, f"{where}: the group must be a whole number")
    _check(isinstance(entry.get("scored", True), bool), f"{where}: scored must be true or false")


def _check_keys(table: dict[str, Any], required: set[str], optional: set[str], where: str) -> None:
    missing, unknown = sorted(required - table.keys()), sorted(table.keys() - required - optional)
    _check(not missing, f"{where} lacks {', '.join(missing)}")
    _check(not unknown, f"{where} has the unknown key {', '.join(unknown)}")


def _tables(value: Any, where: str) -> list[dict[str, Any]]:
    _check(isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value), f"{where} is empty")
    return list(value)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _check(is_right: bool, problem: str) -> None:
    if not is_right:
        raise InputError(f"{problem}; see the data sets that come with hyperpoint for an example")
