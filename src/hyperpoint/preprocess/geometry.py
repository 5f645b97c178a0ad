"""Turning and shifting a cube, so that it lies as its rgb image does."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hyperpoint.cube import Cube, CubeBlock, CubeWrapper, FloatArray, IndexArray
from hyperpoint.errors import InputError


class RotatedCube(CubeWrapper):
    """A cube turned counter-clockwise by a multiple of 90 degrees, as `numpy.rot90` does.

    Blocks come in the order in which the file stores them, each turned and put where it belongs.
    """

    def __init__(self, source: Cube, degrees: int) -> None:
        if degrees not in (90, 180, 270):
            raise InputError(f"a cube is turned by 90, 180 or 270 degrees counter-clockwise; got {degrees}")
        super().__init__(source)
        height, width, bands = source.shape
        self.quarters = degrees // 90
        self.shape = (height, width, bands) if self.quarters == 2 else (width, height, bands)
        self.georeference = None  # rows no longer run south

    def blocks(self) -> Iterator[CubeBlock]:
        """Yield the source's blocks, turned."""
        height, width, _ = self.source.shape
        for rows, cols, values in self.source.blocks():
            from_below = slice(height - rows.stop, height - rows.start)
            from_right = slice(width - cols.stop, width - cols.start)
            places = {1: (from_right, rows), 2: (from_below, from_right), 3: (cols, from_below)}
            yield CubeBlock(*places[self.quarters], np.rot90(values, self.quarters))

    def pixels(self, rows: IndexArray, cols: IndexArray) -> FloatArray:
        """Return the spectra at (rows, cols) of the turned cube, (n, bands) float32."""
        height, width, _ = self.source.shape
        if self.quarters == 1:
            return self.source.pixels(cols, width - 1 - rows)
        if self.quarters == 2:
            return self.source.pixels(height - 1 - rows, width - 1 - cols)
        return self.source.pixels(height - 1 - cols, rows)


class ShiftedCube(CubeWrapper):
    """A cube moved down by `down` and right by `right` pixels; what it no longer covers has no data."""

    def __init__(self, source: Cube, down: int, right: int) -> None:
        super().__init__(source)
        self.down, self.right = down, right
        self.georeference = None

    def blocks(self) -> Iterator[CubeBlock]:
        """Yield the source's blocks, moved, less what falls outside."""
        height, width, _ = self.shape
        for rows, cols, values in self.source.blocks():
            inner_rows, kept_rows = _moved(rows, self.down, height)
            inner_cols, kept_cols = _moved(cols, self.right, width)
            if kept_rows.start < kept_rows.stop and kept_cols.start < kept_cols.stop:
                yield CubeBlock(kept_rows, kept_cols, values[inner_rows, inner_cols])

    def pixels(self, rows: IndexArray, cols: IndexArray) -> FloatArray:
        """Return the spectra at (rows, cols) of the moved cube; NaN where it has no data."""
        height, width, bands = self.shape
        source_rows, source_cols = rows - self.down, cols - self.right
        inside = (source_rows >= 0) & (source_rows < height) & (source_cols >= 0) & (source_cols < width)
        out = np.full((len(rows), bands), np.nan, dtype=np.float32)
        out[inside] = self.source.pixels(source_rows[inside], source_cols[inside])
        return out


def _moved(extent: slice, by: int, limit: int) -> tuple[slice, slice]:
    """Return which part of `extent` stays within 0..limit when moved, and where it comes to lie."""
    start, stop = max(extent.start + by, 0), min(extent.stop + by, limit)
    return slice(start - by - extent.start, stop - by - extent.start), slice(start, stop)
