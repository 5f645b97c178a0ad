"""NumPy's files, which may claim anything: headers are checked before memory is taken for what they describe."""

from __future__ import annotations

import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from math import prod
from pathlib import Path
from tokenize import TokenError
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from hyperpoint.errors import HyperpointError
from hyperpoint.io.inflation import check_promise

MAGIC, ZIP_MAGIC = b"\x93NUMPY", b"PK\x03\x04"

_SUFFIX = ".npy"
_LONGEST_HEADER = 1 << 16  # bytes
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # all that NumPy writes
# What NumPy and Python's zip files raise of damaged ones.
_DAMAGED = (
    ArithmeticError, EOFError, LookupError, OSError, RuntimeError, SyntaxError, TokenError, TypeError, ValueError,
    struct.error, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


@dataclass(frozen=True)
class ArrayHeader:
    """The header of a `.npy` file: `start` is its length in bytes."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    is_fortran: bool
    start: int

    @property
    def num_bytes(self) -> int:
        """Bytes of the array."""
        return prod(self.shape) * self.dtype.itemsize


@contextmanager
def telling(path: Path, what: str, error: type[HyperpointError]) -> Iterator[None]:
    """Turn what the libraries raise within the block into `error`; `what` is what the file should be ("point set")."""
    try:
        yield
    except HyperpointError:
        raise
    except _DAMAGED as problem:
        raise error(f"{path} is no {what}, or a damaged one ({problem or type(problem).__name__})") from problem


def read_array_header(file: IO[bytes]) -> ArrayHeader:
    """Read the header of an array, and stop behind it; to be called within `telling`."""
    magic = file.read(8)
    version = (magic[-2], magic[-1]) if len(magic) == 8 else (0, 0)
    if not magic.startswith(MAGIC) or version not in ((1, 0), (2, 0), (3, 0)):
        raise ValueError("it does not begin as one")
    length = file.read(2 if version == (1, 0) else 4)
    size = int.from_bytes(length, "little")
    if size > _LONGEST_HEADER:
        raise ValueError(f"its header would have {size} bytes")
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, is_fortran, dtype = read(BytesIO(length + file.read(size)))
    if not all(type(one) is int and one >= 0 for one in shape) or dtype.itemsize == 0:
        raise ValueError(f"its header describes no array: {shape} of {dtype}")
    return ArrayHeader(shape, dtype, is_fortran, len(magic) + len(length) + size)


def list_arrays(path: Path, archive: zipfile.ZipFile, error: type[HyperpointError]) -> dict[str, ArrayHeader]:
    """Return the headers of the arrays in an `.npz` file by name; to be called within `telling`.

    Raises
    ------
    HyperpointError
        `error`, if an array cannot be what its header says.
    """
    found = {}
    for member in archive.infolist():
        if member.filename.endswith(_SUFFIX):
            found[member.filename.removesuffix(_SUFFIX)] = _checked_header(path, archive, member, error)
    return found


def _checked_header(
    path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo, error: type[HyperpointError]
) -> ArrayHeader:
    if member.compress_type not in _METHODS:
        raise error(f"{path}: {member.filename} is compressed by another method than NumPy's")
    with archive.open(member) as file:
        header = read_array_header(file)
    if member.compress_type == zipfile.ZIP_DEFLATED:
        check_promise(path, member.file_size, member.compress_size, error)
    if not header.dtype.hasobject and header.start + header.num_bytes != member.file_size:
        raise error(
            f"{path} is damaged: {member.filename} has {member.file_size} bytes, its header describes "
            f"{header.start + header.num_bytes}"
        )
    return header


def load_array(archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    """Return an array whose header `list_arrays` has checked; to be called within `telling`."""
    with archive.open(name + _SUFFIX) as member:
        array = np.asarray(npy.read_array(member, allow_pickle=False))
    if array.dtype.kind == "U" and array.size and _code_points(array).max() > sys.maxunicode:
        raise ValueError(f"{name} has letters beyond Unicode")  # which Python cannot make strings of
    return array


def _code_points(texts: NDArray[Any]) -> NDArray[np.uint32]:
    native = np.ascontiguousarray(texts.astype(texts.dtype.newbyteorder("="), copy=False))
    return native.reshape(-1).view(np.uint32)


def read_npz(
    path: Path, names: Sequence[str], what: str, error: type[HyperpointError]
) -> tuple[dict[str, NDArray[Any]], list[str]]:
    """Return the arrays of these names as far as an `.npz` file has them, and the names of all that it has.

    Parameters
    ----------
    path, names
        The file, and what to read of it.
    what
        What it should be, for messages ("point set").
    error
        The exception to raise when it is damaged or none.
    """
    with telling(path, what, error), zipfile.ZipFile(path) as archive:
        found = list_arrays(path, archive, error)
        return {name: load_array(archive, name) for name in names if name in found}, list(found)
