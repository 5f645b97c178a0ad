"""Exceptions of hyperpoint: each is also the builtin exception that fits.

A message says what is wrong, what was got, what was expected and how to mend it, in one sentence or two;
the command line prints it as it is.
"""

from __future__ import annotations


class HyperpointError(Exception):
    """Base of every error that hyperpoint raises on purpose."""


class CubeFormatError(HyperpointError, ValueError):
    """A cube file is damaged, incomplete or of a format that cannot be read."""


class InputError(HyperpointError, ValueError):
    """Inputs do not fit each other or are out of range."""


class PointsError(HyperpointError, ValueError):
    """A set of points is malformed or cannot be annotated from."""


class ClassTableError(HyperpointError, ValueError):
    """A class table is malformed, or a class is not in it."""


class RecipeError(HyperpointError, ValueError):
    """A recipe is unknown or malformed."""


class MissingFileError(HyperpointError, FileNotFoundError):
    """A file that is needed is not there."""


class ReadOnlyError(HyperpointError, PermissionError):
    """Something is open for looking only, because it is being changed elsewhere."""


class MissingExtraError(HyperpointError, ImportError):
    """An optional dependency is needed that is not installed."""

    def __init__(self, needed_for: str, package: str, extra: str) -> None:
        super().__init__(
            f'{needed_for} needs the package {package!r}, which is not installed: pip install "hyperpoint[{extra}]"'
        )
