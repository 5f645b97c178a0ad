"""HDF5: the dataset that is a cube, with its axes as they are stored."""

from __future__ import annotations

from pathlib import Path

from hyperpoint.cube import Cube
from hyperpoint.io.cubes._hdf5 import is_hdf5, open_dataset
from hyperpoint.io.cubes._reader import Reader


def open_hdf5(path: Path, variable: str | None = None, axes: str | None = None) -> Cube:
    """Open a cube in an HDF5 file.

    Raises
    ------
    CubeFormatError
        If the file is damaged or holds no cube.
    InputError
        If `variable` or `axes` does not fit.
    """
    return open_dataset(path, variable, axes, format_name="hdf5")


def _recognises(path: Path) -> bool:
    return path.is_file() and is_hdf5(path)


READER = Reader("hdf5", (".h5", ".hdf5", ".he5"), _recognises, open_hdf5, frozenset({"variable", "axes"}))
