"""Class tables to start from."""

from __future__ import annotations

from hyperpoint.catalog.dataset import load_dataset
from hyperpoint.errors import InputError
from hyperpoint.types import ClassTable

# Name -> the data set whose classes they are; None is to start without any.
_SOURCES: dict[str, str | None] = {"empty": None, "lib-hsi": "lib-hsi", "cityscapes": "hsicity2"}


def preset_names() -> list[str]:
    """Return the names of the presets, in the order in which they are offered."""
    return list(_SOURCES)


def preset(name: str) -> ClassTable | None:
    """Return the classes of a preset; None for "empty", since a class table has one class at least.

    Raises
    ------
    InputError
        If there is no such preset.
    """
    if name not in _SOURCES:
        raise InputError(f"unknown preset {name!r}; known are {', '.join(_SOURCES)}")
    source = _SOURCES[name]
    return None if source is None else load_dataset(source).classes
