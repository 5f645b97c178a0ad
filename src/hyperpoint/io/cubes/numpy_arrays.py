"""NumPy files: `.npy`, read in place, and `.npz`, whose cube is read in place if it is not compressed."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from hyperpoint.cube import Cube
from hyperpoint.errors import CubeFormatError, HyperpointError, InputError
from hyperpoint.io.cubes._axes import Axes
from hyperpoint.io.cubes._flat import FlatCube
from hyperpoint.io.cubes._inflation import check_promise
from hyperpoint.io.cubes._reader import Reader
from hyperpoint.io.cubes._samples import SampleRule, full_scale
from hyperpoint.io.cubes._tiles import About, MemoryCube
from hyperpoint.io.cubes._variables import Variable, find_cube, find_wavelengths

_PIXEL_ORDER = "r c"
_NPY_MAGIC, _ZIP_MAGIC = b"\x93NUMPY", b"PK\x03\x04"
_LOCAL_HEADER = struct.Struct("<26xHH")  # of a zip member: the lengths of name and extra field end it
_DAMAGED = (ValueError, EOFError, KeyError, NotImplementedError, RuntimeError, zlib.error, zipfile.BadZipFile)


@dataclass(frozen=True)
class _Array:
    """The header of a `.npy` file: `start` is its length in bytes."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    is_fortran: bool
    start: int


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
        if file.read(4) == _ZIP_MAGIC:
            return _open_npz(path, variable, axes)
        file.seek(0)
        with _telling(path):
            array = _read_header(file)
    if variable is not None:
        raise InputError(f"{path} holds a single array, which has no name; leave `variable` out")
    found = Variable(path.stem, array.shape, _real(array.dtype), str(array.dtype))
    _, layout = find_cube(path, [found], lambda _: np.zeros(0), found.name, axes, _PIXEL_ORDER)
    return _flat(path, array, layout, None, array.start)


def _open_npz(path: Path, variable: str | None, axes: str | None) -> Cube:
    with _telling(path), zipfile.ZipFile(path) as archive:
        arrays = dict(_list_members(path, archive))
        variables = [Variable(name, a.shape, _real(a.dtype), str(a.dtype)) for name, a in arrays.items()]

        def load(name: str) -> NDArray[Any]:
            with archive.open(f"{name}.npy") as member:
                return np.asarray(npy.read_array(member, allow_pickle=False))

        found, layout = find_cube(path, variables, load, variable, axes, _PIXEL_ORDER)
        wavelengths = find_wavelengths(path, variables, load, layout.sizes["b"])
        member = archive.getinfo(f"{found.name}.npy")
        if member.compress_type == zipfile.ZIP_STORED:
            array = arrays[found.name]
            return _flat(path, array, layout, wavelengths, _start_of(path, member) + array.start)
        values = load(found.name).reshape(layout.shape)
    return MemoryCube(_about(path, values.dtype, wavelengths), layout.order, values)


def _list_members(path: Path, archive: zipfile.ZipFile) -> Iterator[tuple[str, _Array]]:
    for member in archive.infolist():
        if member.filename.endswith(".npy"):
            with archive.open(member) as file:
                array = _read_header(file)
            check_promise(path, member.file_size, member.compress_size)
            if not array.dtype.hasobject and array.start + _num_bytes(array) != member.file_size:
                raise CubeFormatError(
                    f"{path} is damaged: {member.filename} has {member.file_size} bytes, its header describes "
                    f"{array.start + _num_bytes(array)}"
                )
            yield member.filename.removesuffix(".npy"), array


def _flat(path: Path, array: _Array, layout: Axes, wavelengths: NDArray[np.float64] | None, start: int) -> FlatCube:
    stored = layout.reversed() if array.is_fortran else layout
    return FlatCube(_about(path, array.dtype, wavelengths), stored.order, stored.shape, array.dtype, start)


def _about(path: Path, dtype: np.dtype[Any], wavelengths: NDArray[np.float64] | None) -> About:
    return About(path, "numpy", SampleRule(saturated_from=full_scale(dtype)), wavelengths)


def _read_header(file: IO[bytes]) -> _Array:
    version = npy.read_magic(file)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, is_fortran, dtype = read(file)
    return _Array(shape, dtype, is_fortran, file.tell())


def _start_of(path: Path, member: zipfile.ZipInfo) -> int:
    with path.open("rb") as file:
        file.seek(member.header_offset)
        name_length, extra_length = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
    return member.header_offset + _LOCAL_HEADER.size + int(name_length) + int(extra_length)


def _num_bytes(array: _Array) -> int:
    return prod(array.shape) * array.dtype.itemsize


def _real(dtype: np.dtype[Any]) -> np.dtype[Any] | None:
    return dtype if dtype.kind in "fiub" else None


@contextmanager
def _telling(path: Path) -> Iterator[None]:
    """Say of which file it is that the error of a library tells."""
    try:
        yield
    except HyperpointError:
        raise
    except _DAMAGED as error:
        raise CubeFormatError(f"{path} is no NumPy file, or a damaged one: {error}") from error


def _recognises(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_NPY_MAGIC)) == _NPY_MAGIC


READER = Reader("numpy", (".npy", ".npz"), _recognises, open_numpy, frozenset({"variable", "axes"}))
