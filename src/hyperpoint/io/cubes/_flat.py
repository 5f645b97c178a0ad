"""Cubes that lie uncompressed in a file: read piece by piece with plain reads.

Not memory-mapped: pages of a map count as memory of the process, and a fault per page costs more than a read.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hyperpoint.errors import CubeFormatError
from hyperpoint.io.cubes._tiles import About, Fetch, TiledCube

logger = logging.getLogger(__name__)

# Up to this share of the pixels, reading points one by one beats reading the lines they lie in.
_SPARSE = 1 / 256


class FlatCube(TiledCube):
    """A cube stored as one array in a file, from byte `start` on.

    Parameters
    ----------
    about
        What the file says; `about.path` holds the samples.
    order, sizes
        The axes in stored order, slowest first, and their lengths.
    dtype
        Of the samples, byte order included.
    start
        Bytes before the first sample.

    Raises
    ------
    CubeFormatError
        If the file is too short.
    """

    def __init__(self, about: About, order: str, sizes: tuple[int, ...], dtype: np.dtype[Any], start: int) -> None:
        self._file = about.path
        check_size(self._file, start, sizes, dtype)
        self._sizes, self._start = sizes, start
        length = dict(zip(order, sizes, strict=True))
        by_cols = order.index("c") < order.index("r")
        super().__init__(about, order, sizes, dtype, (length["r"], 1) if by_cols else (1, length["c"]))

    def _grain(self, num_points: int) -> tuple[int, int]:
        if self._order[2] == "b" and num_points <= _SPARSE * self.shape[0] * self.shape[1]:
            return 1, 1  # a spectrum lies in one piece
        return super()._grain(num_points)

    @contextmanager
    def _fetching(self) -> Iterator[Fetch]:
        with self._file.open("rb", buffering=0) as file:

            def fetch(rows: slice, cols: slice) -> NDArray[Any]:
                parts = {"r": rows, "c": cols, "b": slice(0, self.shape[2])}
                box = [(parts[axis].start, parts[axis].stop) for axis in self._order]
                return read_box(file, self._start, self.dtype, self._sizes, box)

            yield fetch


def read_box(
    file: FileIO, start: int, dtype: np.dtype[Any], sizes: tuple[int, ...], box: list[tuple[int, int]]
) -> NDArray[Any]:
    """Read a part of an array that lies in a file in C order.

    Parameters
    ----------
    file
        Unbuffered.
    start
        Bytes before the array.
    dtype, sizes
        Of the array in the file.
    box
        (first, end) along every axis.

    Returns
    -------
    The part, in memory of its own.

    Raises
    ------
    CubeFormatError
        If the file ends before the array does.
    """
    shape = tuple(end - first for first, end in box)
    out = np.empty(shape, dtype=dtype)
    # Axes at the end that are taken whole lie in one piece with the axis before them.
    whole = len(sizes)
    while whole > 1 and shape[whole - 1] == sizes[whole - 1]:
        whole -= 1
    steps = [prod(sizes[axis + 1 :]) * dtype.itemsize for axis in range(len(sizes))]
    offsets = np.array([start + sum(low * step for (low, _), step in zip(box, steps, strict=True))])
    for length, step in zip(shape[: whole - 1], steps, strict=False):
        offsets = np.add.outer(offsets, np.arange(length) * step)
    memory = out.reshape(-1).view(np.uint8).data
    piece = prod(shape[whole - 1 :]) * dtype.itemsize
    for number, offset in enumerate(offsets.ravel().tolist()):
        file.seek(offset)
        read_exactly(file, memory[number * piece : (number + 1) * piece])
    return out


def read_exactly(file: Any, memory: memoryview) -> None:
    """Fill `memory` from a binary file.

    Raises
    ------
    CubeFormatError
        If the file ends first.
    """
    done = 0
    while done < len(memory):
        num = file.readinto(memory[done:])
        if not num:
            name = getattr(file, "name", "the file")
            raise CubeFormatError(f"{name} ended {len(memory) - done} bytes early; was it changed while it was read?")
        done += num


def check_size(path: Path, start: int, sizes: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    """Check that a file is as long as the array in it needs, before anything is read or memory taken for it.

    Raises
    ------
    CubeFormatError
        If it is shorter; the message gives both numbers of bytes.
    """
    expected, actual = start + prod(sizes) * dtype.itemsize, path.stat().st_size
    if actual < expected:
        raise CubeFormatError(
            f"{path} is truncated: {' x '.join(map(str, sizes))} samples of {dtype.name} need {expected} bytes, and it "
            f"has {actual}"
        )


def warn_of_surplus(path: Path, start: int, sizes: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    """Warn of a file that is longer than the one array in it needs: its header may be that of another cube."""
    expected, actual = start + prod(sizes) * dtype.itemsize, path.stat().st_size
    if actual > expected:
        logger.warning("%s has %d bytes, %d more than its header describes", path, actual, actual - expected)
