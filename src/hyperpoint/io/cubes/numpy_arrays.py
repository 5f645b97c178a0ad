"""NumPy files: `.npy`, read in place, and `.npz`, whose cube is read in place if it is not compressed."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hyperpoint.cube import Cube
from hyperpoint.errors import CubeFormatError, InputError
from hyperpoint.io.cubes._axes import Axes
from hyperpoint.io.cubes._flat import FlatCube
from hyperpoint.io.cubes._reader import Reader
from hyperpoint.io.cubes._samples import SampleRule, full_scale
from hyperpoint.io.cubes._tiles import About, MemoryCube
from hyperpoint.io.cubes._variables import Variable, find_cube, find_wavelengths
from hyperpoint.io.numpy_files import (
    MAGIC,
    ZIP_MAGIC,
    ArrayHeader,
    list_arrays,
    load_array,
    read_array_header,
    telling,
)

_PIXEL_ORDER = "r c"
_KIND = "NumPy file"
_LOCAL_HEADER = struct.Struct("<26xHH")  # of a zip member: the lengths of name and extra field end it


def open_numpy(path: Path, variable: str | None = None, axes: str | None = None) -> Cube:
    """Open a cube in a `.npy` or `.npz` file, in C or Fortran order.

    Raises
    ------
    CubeFormatError
        If the file is damaged or holds no cube.
    InputError
        If `variable` or `axes` does not fit.
    """
    with path.open("rb") as file:
        if file.read(len(ZIP_MAGIC)) == ZIP_MAGIC:
            return _open_npz(path, variable, axes)
        file.seek(0)
        with telling(path, _KIND, CubeFormatError):
            array = read_array_header(file)
    if variable is not None:
        raise InputError(f"{path} holds a single array, which has no name; leave `variable` out")
    found = Variable(path.stem, array.shape, _real(array.dtype), str(array.dtype))
    _, layout = find_cube(path, [found], lambda _: np.zeros(0), found.name, axes, _PIXEL_ORDER)
    return _flat(path, array, layout, None, array.start)


def _open_npz(path: Path, variable: str | None, axes: str | None) -> Cube:
    with telling(path, _KIND, CubeFormatError), zipfile.ZipFile(path) as archive:
        arrays = list_arrays(path, archive, CubeFormatError)
        variables = [Variable(name, a.shape, _real(a.dtype), str(a.dtype)) for name, a in arrays.items()]

        def load(name: str) -> NDArray[Any]:
            return load_array(archive, name)

        found, layout = find_cube(path, variables, load, variable, axes, _PIXEL_ORDER)
        wavelengths = find_wavelengths(path, variables, load, layout.sizes["b"])
        member = archive.getinfo(f"{found.name}.npy")
        if member.compress_type == zipfile.ZIP_STORED:
            array = arrays[found.name]
            return _flat(path, array, layout, wavelengths, _start_of(path, member) + array.start)
        values = load(found.name).reshape(layout.shape)
    return MemoryCube(_about(path, values.dtype, wavelengths), layout.order, values)


def _flat(
    path: Path, array: ArrayHeader, layout: Axes, wavelengths: NDArray[np.float64] | None, start: int
) -> FlatCube:
    stored = layout.reversed() if array.is_fortran else layout
    return FlatCube(_about(path, array.dtype, wavelengths), stored.order, stored.shape, array.dtype, start)


def _about(path: Path, dtype: np.dtype[Any], wavelengths: NDArray[np.float64] | None) -> About:
    return About(path, "numpy", SampleRule(saturated_from=full_scale(dtype)), wavelengths)


def _start_of(path: Path, member: zipfile.ZipInfo) -> int:
    with path.open("rb") as file:
        file.seek(member.header_offset)
        name_length, extra_length = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
    return member.header_offset + _LOCAL_HEADER.size + int(name_length) + int(extra_length)


def _real(dtype: np.dtype[Any]) -> np.dtype[Any] | None:
    return dtype if dtype.kind in "fiub" else None


def _recognises(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


READER = Reader("numpy", (".npy", ".npz"), _recognises, open_numpy, frozenset({"variable", "axes"}))
