"""The cube: a hyperspectral image that is read block by block, in the order in which it is stored.

Missing measurements travel in the values themselves: NaN is no data, +inf is a saturated sample. So a
wrapper (calibration, a turn, a choice of bands) needs no mask beside the values, and whoever consumes a
block learns which pixels to leave out with `usable_pixels`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hyperpoint.errors import InputError

FloatArray = NDArray[np.float32]
IndexArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

# Small enough to stay in a core's share of the cache, large enough for BLAS and for a disk.
BLOCK_BYTES = 4 << 20


class CubeBlock(NamedTuple):
    """A rectangle of a cube: `values` is (rows, cols, bands) float32, possibly a view."""

    rows: slice
    cols: slice
    values: FloatArray


@dataclass(frozen=True, eq=False)
class Georeference:
    """Where a cube lies on the ground: what a GeoTIFF needs to be written beside it.

    transform: the six affine coefficients (a, b, c, d, e, f) that take (col, row) of the cube to map coordinates.
    crs: coordinate reference system as WKT.
    """

    transform: tuple[float, float, float, float, float, float]
    crs: str


class Cube(ABC):
    """A hyperspectral cube, (rows, cols, bands), whose values are read on demand as float32.

    Attributes
    ----------
    shape
        (rows, cols, bands).
    dtype
        Type of the values as they are stored.
    format
        Short name of the file format ("envi", "matlab", ..., "array").
    path
        The file, or None for an array in memory.
    wavelengths
        Band centres in nm, (bands,) float64, or None if unknown.
    good_bands
        (bands,) bool; False for a band that the file itself marks as bad or that holds no data.
    georeference
        Where the cube lies on the ground, or None.
    is_reflectance
        True if the file says so (or states a reflectance scale), False if it says it is raw or radiance, None if it
        does not say.
    """

    shape: tuple[int, int, int]
    dtype: np.dtype[Any]
    format: str = "array"
    path: str | None = None
    wavelengths: NDArray[np.float64] | None = None
    good_bands: BoolArray
    georeference: Georeference | None = None
    is_reflectance: bool | None = None

    @abstractmethod
    def blocks(self) -> Iterator[CubeBlock]:
        """Yield the cube once, in the order of storage, in blocks of about `BLOCK_BYTES`.

        A pixel that is never yielded has no data.
        """

    @abstractmethod
    def pixels(self, rows: IndexArray, cols: IndexArray) -> FloatArray:
        """Return the spectra at (rows, cols), both (n,), as (n, bands) float32."""

    @property
    def num_scores(self) -> int:
        """How many numbers a pixel is kept in: the bands, or fewer."""
        return self.shape[2]

    def score_blocks(self) -> Iterator[CubeBlock]:
        """Yield the cube once in the numbers it is kept in, of which `from_scores` makes spectra.

        They are the spectra themselves, unless a format keeps a pixel in fewer numbers. What is linear in the spectra
        (a mean, a projection) is found sooner from these.
        """
        return self.blocks()

    def from_scores(self, scores: FloatArray) -> FloatArray:
        """Return the spectra, (..., bands) float32, of what `score_blocks` yields, (..., n): an affine function."""
        return scores

    def weights_of_scores(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return weights (n, k) and offset (k,) that make of scores what `weights`, (bands, k), make of spectra."""
        return weights, np.zeros(weights.shape[1], dtype=np.float32)

    def usable_scores(self, scores: FloatArray) -> BoolArray:
        """Say which of the pixels that `score_blocks` yields have spectra that can be used, as `usable_pixels` does."""
        return usable_pixels(self.from_scores(scores))

    def read(self) -> FloatArray:
        """Return the whole cube as (rows, cols, bands) float32: meant for small cubes and for tests."""
        out = np.full(self.shape, np.nan, dtype=np.float32)
        for block in self.blocks():
            out[block.rows, block.cols] = block.values
        return out


class ArrayCube(Cube):
    """A cube that lies in memory as an array (rows, cols, bands)."""

    def __init__(self, values: NDArray[Any], wavelengths: Any = None) -> None:
        if values.ndim != 3 or 0 in values.shape or values.dtype.kind not in "fiub":
            raise InputError(
                f"a cube must be a numeric array of shape (rows, cols, bands), none of them 0; got shape "
                f"{values.shape} of {values.dtype}"
            )
        self._values = values
        self.shape = (values.shape[0], values.shape[1], values.shape[2])
        self.dtype = values.dtype
        self.wavelengths = check_wavelengths(wavelengths, values.shape[2])
        self.good_bands = np.ones(values.shape[2], dtype=bool)

    def blocks(self) -> Iterator[CubeBlock]:
        """Yield blocks of whole rows."""
        height, width, bands = self.shape
        step = rows_per_block(width, bands)
        for start in range(0, height, step):
            rows = slice(start, min(start + step, height))
            yield CubeBlock(rows, slice(0, width), self._values[rows].astype(np.float32, copy=False))

    def pixels(self, rows: IndexArray, cols: IndexArray) -> FloatArray:
        """Return the spectra at (rows, cols) as (n, bands) float32."""
        return self._values[rows, cols].astype(np.float32, copy=False)


class CubeWrapper(Cube):
    """A cube that changes what another one yields; it takes over what it does not change."""

    def __init__(self, source: Cube) -> None:
        self.source = source
        self.shape = source.shape
        self.dtype = source.dtype
        self.format = source.format
        self.path = source.path
        self.wavelengths = source.wavelengths
        self.good_bands = source.good_bands
        self.georeference = source.georeference
        self.is_reflectance = source.is_reflectance


def check_wavelengths(wavelengths: Any, num_bands: int) -> NDArray[np.float64] | None:
    """Return `wavelengths` (nm) as (num_bands,) float64, or None for None.

    Raises
    ------
    InputError
        If their number is not that of the bands, or one is not a positive number.
    """
    if wavelengths is None:
        return None
    values = np.asarray(wavelengths, dtype=np.float64).ravel()
    if len(values) != num_bands:
        raise InputError(f"{len(values)} wavelengths were given for {num_bands} bands; give one per band, or none")
    if not (np.isfinite(values).all() and (values > 0).all()):
        raise InputError("wavelengths must be positive numbers in nm; at least one is not")
    return values


def rows_per_block(width: int, num_bands: int, itemsize: int = 4) -> int:
    """Return how many rows of a cube make a block of about `BLOCK_BYTES` (at least one)."""
    return max(1, BLOCK_BYTES // max(1, width * num_bands * itemsize))


def usable_pixels(values: FloatArray) -> BoolArray:
    """Say which spectra can be used: no sample missing or saturated, and not all zero or below.

    Parameters
    ----------
    values
        (..., bands) float32; NaN is no data, +inf saturated.

    Returns
    -------
    (...,) bool.
    """
    # The whole array's extremes cost a sixth of each spectrum's, and settle nearly every block.
    if values.size and values.min() > 0 and values.max() < np.inf:
        return np.ones(values.shape[:-1], dtype=bool)
    highest = highest_samples(values)  # NaN and +inf pass through max; -inf only through min
    usable: BoolArray = np.isfinite(highest) & (highest > 0)
    if not values.min(initial=0) > -np.inf:
        usable &= values.min(axis=-1) > -np.inf
    return usable


def highest_samples(values: FloatArray) -> FloatArray:
    """Return the largest sample of each spectrum, (..., bands) -> (...,); NaN if one is missing."""
    if values.flags.c_contiguous and values.size:
        # A third of the time of `max` along a last axis this short.
        starts = np.arange(0, values.size, values.shape[-1])
        return np.asarray(np.maximum.reduceat(values.reshape(-1), starts)).reshape(values.shape[:-1])
    return np.asarray(values.max(axis=-1))
