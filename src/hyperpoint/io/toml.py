"""Read TOML with errors of ours, whatever the text."""

from __future__ import annotations

import tomllib
from typing import Any

from hyperpoint.errors import HyperpointError
from hyperpoint.io.files import StrPath, read_text


def read_toml(path: StrPath, what: str, error: type[HyperpointError]) -> dict[str, Any]:
    """Return what a UTF-8 TOML file holds.

    Parameters
    ----------
    path
        The file.
    what
        What it should be, for messages ("configuration").
    error
        The exception to raise when it is no TOML.

    Raises
    ------
    MissingFileError, InputError
        If it does not exist, is a folder or may not be read.
    """
    return parse_toml(read_text(path, what, error), f"the {what} {path}", error)


def parse_toml(text: str, where: str, error: type[HyperpointError]) -> dict[str, Any]:
    """Return what a TOML text holds; raise `error`, its message beginning with `where`, if it is none."""
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise error(f"{where} is not usable TOML: it is nested too deeply") from None
    except ValueError as problem:  # TOMLDecodeError is one, and so is what a number of thousands of digits raises
        raise error(f"{where} is not valid TOML: {problem}") from None
