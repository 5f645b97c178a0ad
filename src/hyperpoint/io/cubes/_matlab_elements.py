"""The elements of MATLAB files up to version 7: whether their lengths can be true, before SciPy takes memory for them.

The format is described in MathWorks, "MAT-File Format".
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from hyperpoint.errors import CubeFormatError
from hyperpoint.io.inflation import BEST_RATIO

_MATRIX, _COMPRESSED = 14, 15
_NUMERIC_CLASSES = range(6, 16)
_FLAGS_KIND = 6
# Of what kinds the sizes, the name and the numbers of a matrix may be.
_MATRIX_KINDS = ({5, 6}, {1, 16}, {1, 2, 3, 4, 5, 6, 7, 9, 12, 13})
_COMPLEX_FLAG = 8
_HEADER_BYTES = 128
_TAG_BYTES = 8
# Flags, sizes and name of a matrix and the tag of its numbers come first, in less than this.
_HEAD_BYTES = 4096
_NUM_PARTS = 1 + len(_MATRIX_KINDS)

_Order = Literal["little", "big"]


def check_elements(path: Path) -> set[str]:
    """Make sure that no element of a file of version 5 or 7 claims more bytes than it can have, or is of no known kind.

    SciPy reads such elements in C, without looking.

    Returns
    -------
    The names of the complex matrices, whose second half is not looked at here.

    Raises
    ------
    CubeFormatError
        If an element is wrong.
    """
    size, complex_ones = path.stat().st_size, set()
    with path.open("rb") as file:
        header = file.read(_HEADER_BYTES)
        if 0 in header[:4] or len(header) < _HEADER_BYTES:
            return set()  # of version 4, which has no such elements, or none at all
        order: _Order = "little" if header[126:128] == b"IM" else "big"
        while len(tag := file.read(_TAG_BYTES)) == _TAG_BYTES:
            kind, length = _numbers(tag, order)
            start = file.tell()
            if length > size - start:
                raise _wrong(path, f"would have {length} bytes")
            head, most = tag + file.read(min(length, _HEAD_BYTES)), length
            if kind == _COMPRESSED:
                head, most = _inflated(head[_TAG_BYTES:]), length * BEST_RATIO + _HEAD_BYTES
            name, is_complex = _check_matrix(path, head, most, order)
            if is_complex:
                complex_ones.add(name)
            file.seek(start + length)
    return complex_ones


def _check_matrix(path: Path, data: bytes, most: int, order: _Order) -> tuple[str, bool]:
    """Check an element as far as `data` goes, and return its name and whether it is complex."""
    if len(data) < _TAG_BYTES:
        return "", False
    kind, length = _numbers(data, order)
    if kind != _MATRIX or length > most:
        raise _wrong(path, f"is of kind {kind} and would have {length} bytes")
    parts = list(_parts(path, data[_TAG_BYTES:], length, order))
    if not parts:
        return "", False  # cut short: of which SciPy will say more
    flags_kind, flags = parts[0]
    if flags_kind != _FLAGS_KIND or len(flags) != _TAG_BYTES:
        raise _wrong(path, "has no flags")
    matrix_class, flag = flags[0 if order == "little" else 3], flags[1 if order == "little" else 2]
    kinds = [kind for kind, _ in parts[1:]]
    if matrix_class in _NUMERIC_CLASSES and not (
        len(kinds) == len(_MATRIX_KINDS)
        and all(kind in known for kind, known in zip(kinds, _MATRIX_KINDS, strict=True))
    ):
        raise _wrong(path, f"has parts of kinds {kinds}, not sizes, name and numbers")
    name = parts[2][1] if len(parts) > 2 else b""
    return name.decode("latin-1"), bool(flag & _COMPLEX_FLAG)


def _parts(path: Path, data: bytes, most: int, order: _Order) -> Iterator[tuple[int, bytes]]:
    """Yield kind and content of the first parts of a matrix, flags, sizes, name and numbers, as far as `data` goes."""
    at = 0
    for _ in range(_NUM_PARTS):
        if len(data) < at + _TAG_BYTES:
            return
        kind, length = _numbers(data[at:], order)
        start, end = at + _TAG_BYTES, at + _TAG_BYTES + -(-length // _TAG_BYTES) * _TAG_BYTES
        if kind >> 16:  # a small part: its length stands in the upper half, and all of it in eight bytes
            kind, length, start, end = kind & 0xFFFF, kind >> 16, at + _TAG_BYTES // 2, at + _TAG_BYTES
        if length > most or start + length > max(end, at + _TAG_BYTES):
            raise _wrong(path, f"has a part that would have {length} bytes")
        yield kind, data[start : start + length]
        at = end


def _inflated(head: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(head, _HEAD_BYTES)
    except zlib.error:
        return b""  # of which SciPy will say more


def _numbers(tag: bytes, order: _Order) -> tuple[int, int]:
    return int.from_bytes(tag[:4], order), int.from_bytes(tag[4:8], order)


def _wrong(path: Path, what: str) -> CubeFormatError:
    return CubeFormatError(f"{path} is no MATLAB file, or a truncated or damaged one: an element of it {what}")
