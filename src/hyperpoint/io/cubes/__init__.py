"""Readers of cube files, and the registry that finds the right one.

A format is one module of this package that defines `READER`; modules whose name begins with an underscore are
shared tools. Nothing else needs to know of a new format.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from hyperpoint.cube import Cube
from hyperpoint.errors import CubeFormatError, HyperpointError, InputError, MissingFileError
from hyperpoint.io.cubes._reader import Reader


def open_cube(path: str | Path, *, variable: str | None = None, axes: str | None = None) -> Cube:
    """Open a cube file of any known format, lazily.

    Parameters
    ----------
    path
        A file, or the folder of a Specim IQ capture.
    variable
        Which array of a file with several is the cube; None: the obvious one.
    axes
        The order of the array's axes, rows (r), columns (c) and bands (b), slowest first as in `numpy.shape`:
        "r c b", "b r c"; a matrix is split as "b (c=100 r=100)", where the last one in the brackets runs fastest.

    Returns
    -------
    The cube, (rows, cols, bands), float32 when read; NaN is no data, +inf a saturated sample.

    Raises
    ------
    MissingFileError
        If there is no such file, or one that belongs to it is missing.
    CubeFormatError
        If the format is unknown, or the file damaged, incomplete or of a kind that cannot be read.
    InputError
        If `variable` or `axes` does not fit the file.
    MissingExtraError
        If the format needs a package that is not installed.
    """
    path = Path(path)
    if not path.exists():
        raise MissingFileError(f"there is no file {path}")
    reader = _reader_for(path)
    for option, value in (("variable", variable), ("axes", axes)):
        if value is not None and option not in reader.options:
            raise InputError(f"{path} is of the format {reader.name!r}, which has no {option} to choose; leave it out")
    try:
        return reader.open(path, variable, axes)
    except HyperpointError:
        raise
    except OSError as error:
        raise CubeFormatError(f"{path} cannot be read: {error}") from error


def known_formats() -> dict[str, tuple[str, ...]]:
    """Return the formats that `open_cube` knows: name and the file suffixes that go with it."""
    return {reader.name: reader.suffixes for reader in _readers()}


@lru_cache(maxsize=1)
def _readers() -> tuple[Reader, ...]:
    modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__) if found.name[0] != "_")
    return tuple(module.READER for module in modules)


def _reader_for(path: Path) -> Reader:
    """Pick the reader by suffix; where that is not decisive, by a look at the file."""
    by_suffix = [] if path.is_dir() else [r for r in _readers() if path.suffix.lower() in r.suffixes]
    if len(by_suffix) == 1:
        return by_suffix[0]
    for reader in by_suffix or _readers():
        if reader.recognises(path):
            return reader
    known = "; ".join(f"{name} ({' '.join(suffixes) or 'a folder'})" for name, suffixes in known_formats().items())
    kind = "folder" if path.is_dir() else "file"
    raise CubeFormatError(f"the {kind} {path} is of no format that hyperpoint reads; it reads {known}")
