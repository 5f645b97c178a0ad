"""MATLAB files: up to version 7 through SciPy, version 7.3 as the HDF5 that it is."""

from __future__ import annotations

import zlib
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hyperpoint.cube import Cube
from hyperpoint.errors import CubeFormatError
from hyperpoint.io.cubes._hdf5 import is_hdf5, open_dataset
from hyperpoint.io.cubes._inflation import check_promise
from hyperpoint.io.cubes._reader import Reader
from hyperpoint.io.cubes._samples import SampleRule, full_scale
from hyperpoint.io.cubes._tiles import About, MemoryCube
from hyperpoint.io.cubes._variables import Variable, find_cube, find_wavelengths

# In MATLAB a matrix of pixels runs down the columns.
_PIXEL_ORDER = "c r"
_TYPES = {"double": "f8", "single": "f4", "logical": "u1"} | {
    f"{sign}int{8 * size}": f"{sign or 'i'}{size}" for sign in ("u", "") for size in (1, 2, 4, 8)
}
_DAMAGED = (OSError, ValueError, TypeError, KeyError, IndexError, EOFError, NotImplementedError, zlib.error)


def open_matlab(path: Path, variable: str | None = None, axes: str | None = None) -> Cube:
    """Open a cube in a MATLAB file: an array with three axes, or a matrix of bands and pixels.

    Raises
    ------
    CubeFormatError
        If the file is damaged or holds no cube.
    InputError
        If `variable` or `axes` does not fit.
    """
    if is_hdf5(path):
        return open_dataset(path, variable, axes, format_name="matlab", is_matlab=True)
    variables = _list_variables(path)

    def load(name: str) -> NDArray[Any]:
        return _load(path, next(found for found in variables if found.name == name))

    found, layout = find_cube(path, variables, load, variable, axes, _PIXEL_ORDER)
    values = load(found.name)
    if values.shape != found.shape:
        raise CubeFormatError(f"{path} is damaged: {found.name} is {values.shape}, its header says {found.shape}")
    assert found.dtype is not None  # what `find_cube` returns is made of numbers
    about = About(
        path,
        "matlab",
        # By the class: doubles that are whole numbers come back as integers, which says nothing about a sensor.
        SampleRule(saturated_from=full_scale(found.dtype)),
        find_wavelengths(path, variables, load, layout.sizes["b"]),
    )
    return MemoryCube(about, layout.order, values.reshape(layout.shape))


def _list_variables(path: Path) -> list[Variable]:
    from scipy.io import whosmat
    from scipy.io.matlab import MatReadError

    try:
        listed = whosmat(path)
    except (*_DAMAGED, MatReadError) as error:
        raise CubeFormatError(f"{path} is no MATLAB file, or a damaged one: {error}") from error
    return [
        Variable(name, tuple(shape), np.dtype(_TYPES[kind]) if kind in _TYPES else None, kind)
        for name, shape, kind in listed
    ]


def _load(path: Path, found: Variable) -> NDArray[Any]:
    from scipy.io import loadmat

    # Stored as compactly as one byte a sample, whatever its class.
    check_promise(path, prod(found.shape), path.stat().st_size)
    try:
        return np.asarray(loadmat(path, variable_names=[found.name])[found.name])
    except _DAMAGED as error:
        raise CubeFormatError(f"{path} is truncated or damaged: {found.name} cannot be read ({error})") from error


def _recognises(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(7) == b"MATLAB "


READER = Reader("matlab", (".mat",), _recognises, open_matlab, frozenset({"variable", "axes"}))
