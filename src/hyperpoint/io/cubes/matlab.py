"""MATLAB files: up to version 7 through SciPy, version 7.3 as the HDF5 that it is."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hyperpoint.cube import Cube
from hyperpoint.errors import CubeFormatError
from hyperpoint.io.bounded import BoundedFile, open_bounded
from hyperpoint.io.cubes._hdf5 import is_hdf5, open_dataset
from hyperpoint.io.cubes._matlab_elements import check_elements
from hyperpoint.io.cubes._reader import Reader
from hyperpoint.io.cubes._samples import SampleRule, full_scale
from hyperpoint.io.cubes._tiles import About, MemoryCube
from hyperpoint.io.cubes._variables import Variable, find_cube, find_wavelengths
from hyperpoint.io.inflation import check_promise

# In MATLAB a matrix of pixels runs down the columns.
_PIXEL_ORDER = "c r"
_TYPES = {"double": "f8", "single": "f4", "logical": "u1"} | {
    f"{sign}int{8 * size}": f"{sign or 'i'}{size}" for sign in ("u", "") for size in (1, 2, 4, 8)
}
_DAMAGED = (
    ArithmeticError, AttributeError, EOFError, LookupError, OSError, RuntimeError, TypeError, ValueError, struct.error,
    zlib.error,
)  # fmt: skip


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

    complex_ones = check_elements(path)
    with _bounded(path, "is no MATLAB file, or a damaged one") as file:
        listed = whosmat(file)
    return [Variable(name, tuple(shape), _type(kind, name in complex_ones), kind) for name, shape, kind in listed]


def _type(kind: str, is_complex: bool) -> np.dtype[Any] | None:
    return np.dtype(_TYPES[kind]) if kind in _TYPES and not is_complex else None


def _load(path: Path, found: Variable) -> NDArray[Any]:
    from scipy.io import loadmat

    # Stored as compactly as one byte a sample, whatever its class.
    check_promise(path, prod(found.shape), path.stat().st_size)
    with _bounded(path, f"is truncated or damaged: {found.name} cannot be read") as file:
        return np.asarray(loadmat(file, variable_names=[found.name])[found.name])


@contextmanager
def _bounded(path: Path, problem: str) -> Iterator[BoundedFile]:
    """Open for SciPy, and turn what it raises of damaged files into errors of ours."""
    from scipy.io.matlab import MatReadError

    try:
        with open_bounded(path) as file:
            yield file
    except (*_DAMAGED, MatReadError) as error:
        raise CubeFormatError(f"{path} {problem} ({error or type(error).__name__})") from error


def _recognises(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(7) == b"MATLAB "


READER = Reader("matlab", (".mat",), _recognises, open_matlab, frozenset({"variable", "axes"}))
