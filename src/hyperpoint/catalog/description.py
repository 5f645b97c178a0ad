"""Check the TOML file that describes a data set, value by value, before anything is made of it."""

from __future__ import annotations

import tomllib
from typing import Any

from hyperpoint.errors import InputError

LABEL_ENCODINGS = ("ids", "colors")
_REQUIRED = {"splits", "labels", "layouts", "classes"}
_OPTIONAL = {"title", "source", "terms", "notes", "rotate", "white_reference"}


def read_description(text: str, where: str) -> dict[str, Any]:
    """Parse and check a description; absent optional values are filled in.

    Raises
    ------
    InputError
        If it is no TOML, or a key is missing, unknown or has a value that makes no sense; the message names `where`.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"the data set {where} is not TOML: {error}") from None
    _check_keys(table, _REQUIRED, _OPTIONAL, f"the data set {where}")
    for key in ("splits", "notes"):
        _check(_is_texts(table.get(key, [])), f"{where}: {key} must be a list of texts")
    _check(bool(table["splits"]), f"{where}: splits must name at least one split")
    for key in ("title", "source", "terms"):
        _check(isinstance(table.get(key, ""), str), f"{where}: {key} must be a text")
    _check(table.get("rotate", 0) in (0, 90, 180, 270), f"{where}: rotate must be 0, 90, 180 or 270")
    _check(table["labels"] in LABEL_ENCODINGS, f"{where}: labels must be one of {', '.join(LABEL_ENCODINGS)}")
    for layout in _tables(table["layouts"], f"{where}: layouts"):
        _check_layout(layout, where)
    for number, entry in enumerate(_tables(table["classes"], f"{where}: classes")):
        _check_class(entry, f"{where}: class {number}")
    return table


def _check_layout(layout: dict[str, Any], where: str) -> None:
    _check_keys(layout, {"cubes", "rgb", "label"}, set(), f"{where}: a layout")
    _check(_is_texts(layout["cubes"]) and bool(layout["cubes"]), f"{where}: cubes must be a list of patterns")
    for pattern in [*layout["cubes"], layout["rgb"], layout["label"]]:
        fits = isinstance(pattern, str) and "{split}" in pattern and pattern.rpartition("/")[2].count("{id}") == 1
        _check(fits, f"{where}: a pattern must have {{split}}, and {{id}} once in the file name; got {pattern!r}")


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
