"""A cube stored as a dense array with its axes in any order, read in rectangles of pixels.

What differs between formats is how a rectangle is fetched; blocks, points, conversion and the search for dead
bands are the same for all of them.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hyperpoint.cube import (
    BLOCK_BYTES,
    BoolArray,
    Cube,
    CubeBlock,
    FloatArray,
    Georeference,
    IndexArray,
    rows_per_block,
)
from hyperpoint.errors import CubeFormatError, InputError
from hyperpoint.io.cubes._samples import SampleRule

# Fetches the samples of (rows, cols), all bands, with the axes in stored order.
Fetch = Callable[[slice, slice], NDArray[Any]]

_PROBED_ROWS = 16
_FEWEST_PROBES = 4
# A chunk is decompressed as a whole, so it is read as a whole unless it outgrows this.
_LARGEST_TILE_BYTES = 256 << 20


@dataclass(frozen=True, eq=False)
class About:
    """What a file says about its cube, the values apart."""

    path: Path
    format: str
    rule: SampleRule
    wavelengths: NDArray[np.float64] | None = None
    good_bands: BoolArray | None = None
    georeference: Georeference | None = None
    is_reflectance: bool | None = None


class TiledCube(Cube):
    """A cube fetched in rectangles of pixels.

    Parameters
    ----------
    about
        What the file says.
    order, sizes
        The axes as they are stored, slowest first, such as "brc", and the length of each.
    dtype
        Of the stored samples.
    chunk
        (rows, cols) of the smallest rectangle worth fetching.
    """

    _is_ours = True  # whether what `_fetching` yields may be changed in place

    def __init__(
        self, about: About, order: str, sizes: tuple[int, ...], dtype: np.dtype[Any], chunk: tuple[int, int]
    ) -> None:
        _check_array(about.path, sizes, dtype)
        height, width, bands = (sizes[order.index(axis)] for axis in "rcb")
        self.shape = (height, width, bands)
        self.dtype = dtype
        self.format, self.path = about.format, str(about.path)
        self.wavelengths, self.georeference = about.wavelengths, about.georeference
        self.is_reflectance = about.is_reflectance
        self._rule, self._order = about.rule, order
        self._chunk = (min(chunk[0], height), min(chunk[1], width))
        self._tile = self._tile_size()
        stated = np.ones(bands, dtype=bool) if about.good_bands is None else about.good_bands
        alive = self._find_live_bands()
        # Where no probe holds anything, the image is empty there, which says nothing about the bands.
        self.good_bands = stated & alive if alive.any() else stated

    @abstractmethod
    def _fetching(self) -> AbstractContextManager[Fetch]:
        """Open the file for a number of fetches."""

    def blocks(self) -> Iterator[CubeBlock]:
        """Yield blocks of whole rows, or of whole columns where these are what is stored one after the other."""
        with self._fetching() as fetch:
            for rows, cols in self._tiles():
                yield CubeBlock(rows, cols, self._values(fetch, rows, cols))

    def pixels(self, rows: IndexArray, cols: IndexArray) -> FloatArray:
        """Return the spectra at (rows, cols) as (n, bands) float32, touching only the parts of the file they lie in."""
        rows, cols = np.asarray(rows, dtype=np.int64), np.asarray(cols, dtype=np.int64)
        self._check_inside(rows, cols)
        out = np.empty((len(rows), self.shape[2]), dtype=np.float32)
        tall, wide = self._grain(len(rows))
        with self._fetching() as fetch:
            for group in self._groups(rows // tall, cols // wide):
                top, left = int(rows[group[0]]) // tall * tall, int(cols[group[0]]) // wide * wide
                values = self._values(fetch, slice(top, top + tall), slice(left, left + wide))
                out[group] = values[rows[group] - top, cols[group] - left]
        return out

    def _values(self, fetch: Fetch, rows: slice, cols: slice) -> FloatArray:
        inside = (
            slice(rows.start, min(rows.stop, self.shape[0])),
            slice(cols.start, min(cols.stop, self.shape[1])),
        )
        values = self._rule.apply(fetch(*inside), is_ours=self._is_ours)
        return values.transpose([self._order.index(axis) for axis in "rcb"])

    @property
    def _by_cols(self) -> bool:
        """Whether columns, not rows, are the slower of the two spatial axes."""
        return self._order.index("c") < self._order.index("r")

    def _tile_size(self) -> tuple[int, int]:
        """Return (rows, cols) of a block: whole chunks, whole lines, about `BLOCK_BYTES`."""
        height, width, bands = self.shape
        itemsize = max(4, self.dtype.itemsize)
        tall, wide = self._chunk[::-1] if self._by_cols else self._chunk
        num_lines, num_samples = (width, height) if self._by_cols else (height, width)
        if tall * num_samples * bands * itemsize > 4 * BLOCK_BYTES and wide < num_samples:
            across = max(1, BLOCK_BYTES // (tall * wide * bands * itemsize)) * wide
        else:
            across = num_samples
        down = max(1, rows_per_block(across, bands, itemsize) // tall) * tall
        if down * across * bands * itemsize > _LARGEST_TILE_BYTES:
            down = max(1, _LARGEST_TILE_BYTES // (across * bands * itemsize))
        tile = (min(down, num_lines), min(across, num_samples))
        return tile[::-1] if self._by_cols else tile

    def _tiles(self) -> Iterator[tuple[slice, slice]]:
        height, width, _ = self.shape
        rows = [slice(top, min(top + self._tile[0], height)) for top in range(0, height, self._tile[0])]
        cols = [slice(left, min(left + self._tile[1], width)) for left in range(0, width, self._tile[1])]
        if self._by_cols:
            return ((r, c) for c in cols for r in rows)
        return ((r, c) for r in rows for c in cols)

    def _grain(self, num_points: int) -> tuple[int, int]:
        """Return (rows, cols) of the rectangles in which that many points are best fetched."""
        chunks = -(-self.shape[0] // self._chunk[0]) * -(-self.shape[1] // self._chunk[1])
        return self._chunk if num_points < chunks / 2 else self._tile

    def _groups(self, tile_rows: IndexArray, tile_cols: IndexArray) -> list[IndexArray]:
        """Return the indices of the points that share a rectangle, in the order of storage."""
        if not len(tile_rows):
            return []
        slow, fast = (tile_cols, tile_rows) if self._by_cols else (tile_rows, tile_cols)
        key = slow * (int(fast.max()) + 1) + fast
        order = np.argsort(key, kind="stable")
        return np.split(order, np.flatnonzero(np.diff(key[order])) + 1)

    def _check_inside(self, rows: IndexArray, cols: IndexArray) -> None:
        if rows.shape != cols.shape or rows.ndim != 1:
            raise InputError(f"rows and cols must both be of shape (n,); got {rows.shape} and {cols.shape}")
        for index, size, name in ((rows, self.shape[0], "row"), (cols, self.shape[1], "column")):
            if len(index) and not 0 <= index.min() <= index.max() < size:
                raise InputError(f"a {name} is outside the cube: got {index.min()}..{index.max()} of 0..{size - 1}")

    def _find_live_bands(self) -> BoolArray:
        """Say which bands hold data anywhere in a few rows spread over the image, (bands,) bool.

        Stops as soon as every band has shown some, which is after one row in nearly all files.
        """
        height, width, bands = self.shape
        alive = np.zeros(bands, dtype=bool)
        (tall, wide), lines = self._chunk, self._chunk[1 if self._by_cols else 0]
        num = max(_FEWEST_PROBES, _PROBED_ROWS // lines)
        with self._fetching() as fetch:
            for at in (np.arange(num) + 0.5) / num:
                top, left = int(at * height) // tall * tall, int(at * width) // wide * wide
                values = self._values(fetch, slice(top, top + tall), slice(left, left + wide))
                alive |= ~np.isnan(values).all(axis=(0, 1))
                if alive.all():
                    break
        return alive


class MemoryCube(TiledCube):
    """A cube whose format has to be loaded as a whole, kept in memory as it was stored.

    Parameters
    ----------
    values
        Three axes in the order `order`, of any real type, possibly a view.
    """

    _is_ours = False

    def __init__(self, about: About, order: str, values: NDArray[Any]) -> None:
        by_stride = sorted(range(3), key=lambda axis: -abs(values.strides[axis]))
        self._stored = values.transpose(by_stride)
        self._stored.flags.writeable = False
        order = "".join(order[axis] for axis in by_stride)
        by_cols = order.index("c") < order.index("r")
        sizes = dict(zip(order, self._stored.shape, strict=True))
        chunk = (sizes["r"], 1) if by_cols else (1, sizes["c"])
        super().__init__(about, order, self._stored.shape, values.dtype, chunk)

    def _fetching(self) -> AbstractContextManager[Fetch]:
        def fetch(rows: slice, cols: slice) -> NDArray[Any]:
            parts = {"r": rows, "c": cols, "b": slice(None)}
            return self._stored[tuple(parts[axis] for axis in self._order)]

        return nullcontext(fetch)


def _check_array(path: Path, sizes: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    if dtype.kind not in "fiub":
        raise CubeFormatError(f"{path} holds {dtype} samples; only real numbers can be read (complex ones cannot)")
    if min(sizes) < 1:
        raise CubeFormatError(f"{path} holds an empty cube, {' x '.join(map(str, sizes))}; sizes must be positive")
