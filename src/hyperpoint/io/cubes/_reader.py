"""What a module of this package offers to the registry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hyperpoint.cube import Cube


@dataclass(frozen=True)
class Reader:
    """A cube format.

    Parameters
    ----------
    name
        Short name, as in `Cube.format`.
    suffixes
        File suffixes of the format, lower case with the dot.
    recognises
        Says whether a path (file or folder) is of this format; asked only where the suffix does not decide.
    open
        Opens (path, variable, axes); the last two are None unless they stand in `options`.
    options
        Which of "variable" and "axes" the format understands.
    """

    name: str
    suffixes: tuple[str, ...]
    recognises: Callable[[Path], bool]
    open: Callable[[Path, str | None, str | None], Cube]
    options: frozenset[str] = frozenset()
