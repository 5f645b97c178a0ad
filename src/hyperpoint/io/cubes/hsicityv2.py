"""The two forms of HSICityV2: `.hsd`, and the same fields as a torch `.pt`. A cube as scores times coefficients.

cube = (scores @ coefficients + average), (rows * cols, bands). A scene has 1.4 GB of values but a fraction of it
in scores, so it stays factored, and what is asked for is reconstructed.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hyperpoint.cube import BoolArray, Cube, CubeBlock, FloatArray, IndexArray, rows_per_block, usable_pixels
from hyperpoint.errors import CubeFormatError
from hyperpoint.io.cubes._flat import FlatCube, check_size, warn_of_surplus
from hyperpoint.io.cubes._reader import Reader
from hyperpoint.io.cubes._samples import SampleRule
from hyperpoint.io.cubes._tiles import About, MemoryCube, TiledCube
from hyperpoint.io.inflation import check_promise
from hyperpoint.io.torch_files import load_tensors

_HEADER = struct.Struct("<5ifi")  # rows, cols, bands, components, start nm, step nm, end nm
_FLOAT = np.dtype("<f4")
_PT_FIELDS = ("height", "width", "SR", "average", "coeff", "scoredata")
# A mean above this share of the largest sum that there can be is above 0 whatever was rounded.
_ROUNDING, _NO_OVERFLOW = 1e-5, 1e37
# The `.pt` form states no wavelengths; those of the data set are 128 bands over 450-950 nm.
_DATA_SET_BANDS, _DATA_SET_RANGE_NM = 128, (450.0, 950.0)


class FactoredCube(Cube):
    """A cube kept as scores, coefficients and average.

    Attributes
    ----------
    coefficients
        (components, bands) float32, read-only.
    average
        (bands,) float32, read-only.
    """

    def __init__(
        self,
        scores: TiledCube,
        coefficients: FloatArray,
        average: FloatArray,
        wavelengths: NDArray[np.float64] | None,
    ) -> None:
        self._scores = scores
        self.coefficients, self.average = coefficients, average
        for part in (coefficients, average):
            part.flags.writeable = False
        self.shape = (scores.shape[0], scores.shape[1], len(average))
        self.dtype = _FLOAT
        self.format, self.path = scores.format, scores.path
        self.is_reflectance = False  # the data set is of radiance
        self.wavelengths = wavelengths
        self.good_bands = np.isfinite(average) & np.isfinite(coefficients).all(axis=0)
        with np.errstate(over="ignore", invalid="ignore"):
            self._mean_weights = coefficients.mean(axis=1), average.mean()
            self._reach = float(np.abs(coefficients).sum(axis=0).max()), float(np.abs(average).max())

    @property
    def num_scores(self) -> int:
        """How many components there are."""
        return len(self.coefficients)

    def score_blocks(self) -> Iterator[CubeBlock]:
        """Yield the scores once, in the order of storage: `values` is (rows, cols, components) float32."""
        return self._scores.blocks()

    def from_scores(self, scores: FloatArray) -> FloatArray:
        """Return scores @ coefficients + average, (..., bands) float32."""
        flat = scores.reshape(-1, scores.shape[-1])
        with np.errstate(over="ignore", invalid="ignore"):  # of factors that are damaged: left out as such
            values: FloatArray = flat @ self.coefficients
            values += self.average
        return values.reshape(*scores.shape[:-1], len(self.average))

    def weights_of_scores(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return coefficients @ weights and average @ weights, of the bands that have a weight."""
        used = weights.any(axis=1)
        return self.coefficients[:, used] @ weights[used], self.average[used] @ weights[used]

    def usable_scores(self, scores: FloatArray) -> BoolArray:
        """Say which pixels can be used; only the spectra of those that are in doubt are reconstructed for it.

        Where no sum can overflow, a spectrum is complete; if its mean is above 0, so is one of its samples.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            highest = max(scores.max(), -scores.min())
            if not np.isfinite(highest):  # a few damaged scores say nothing of the others
                highest = np.abs(scores[np.isfinite(scores).all(axis=-1)]).max(initial=0)
            largest = float(highest) * self._reach[0] + self._reach[1]
            means = scores @ self._mean_weights[0] + self._mean_weights[1]
            usable: BoolArray = (means > _ROUNDING * largest) & np.isfinite(means) & (largest < _NO_OVERFLOW)
        in_doubt, step = np.argwhere(~usable), rows_per_block(1, len(self.average))
        for start in range(0, len(in_doubt), step):  # a block of scores makes several of spectra
            place = tuple(in_doubt[start : start + step].T)
            usable[place] = usable_pixels(self.from_scores(scores[place]))
        return usable

    def blocks(self) -> Iterator[CubeBlock]:
        """Yield blocks of whole rows, reconstructed."""
        _, width, bands = self.shape
        step = rows_per_block(width, bands)  # a block of scores makes several of values
        for rows, cols, scores in self.score_blocks():
            for top in range(0, len(scores), step):
                values = self._band_by_band(scores[top : top + step])
                first = rows.start + top
                yield CubeBlock(slice(first, first + len(values)), cols, values)

    def pixels(self, rows: IndexArray, cols: IndexArray) -> FloatArray:
        """Return the spectra at (rows, cols) as (n, bands) float32."""
        return self.from_scores(self._scores.pixels(rows, cols))

    def _band_by_band(self, scores: FloatArray) -> FloatArray:
        """Reconstruct a block as a view of planes, in which a pixel's largest sample is found eight times sooner."""
        flat = scores.reshape(-1, scores.shape[-1])
        with np.errstate(over="ignore", invalid="ignore"):
            planes: FloatArray = self.coefficients.T @ flat.T
            planes += self.average[:, None]
        return np.moveaxis(planes.reshape(-1, *scores.shape[:-1]), 0, -1)


def open_hsicityv2(path: Path, variable: str | None = None, axes: str | None = None) -> Cube:
    """Open a `.hsd` file, or a torch file with the same fields, as a factored cube.

    Raises
    ------
    CubeFormatError
        If the file is damaged, too short, or holds other fields.
    MissingExtraError
        If it is a torch file and torch is not installed.
    """
    return _open_pt(path) if path.suffix.lower() == ".pt" else _open_hsd(path)


def _open_hsd(path: Path) -> FactoredCube:
    with path.open("rb") as file:
        header = file.read(_HEADER.size)
        if len(header) < _HEADER.size:
            raise CubeFormatError(f"{path} is truncated: its header needs {_HEADER.size} bytes, it has {len(header)}")
        height, width, bands, components, start, step, end = _HEADER.unpack(header)
        if min(height, width, bands, components) < 1:
            raise CubeFormatError(
                f"{path} is no .hsd file: its header says {height} x {width} pixels, {bands} bands, {components} "
                f"components; all must be positive"
            )
        num_factors = bands * (1 + components)
        scores_at = _HEADER.size + num_factors * _FLOAT.itemsize
        sizes = (height, width, components)
        check_size(path, scores_at, sizes, _FLOAT)
        warn_of_surplus(path, scores_at, sizes, _FLOAT)
        factors = np.fromfile(file, dtype=_FLOAT, count=num_factors).astype(np.float32, copy=False)
    scores = FlatCube(_about(path), "rcb", sizes, _FLOAT, scores_at)
    coefficients = factors[bands:].reshape(components, bands)
    return FactoredCube(scores, coefficients, factors[:bands], _wavelengths(start, step, end, bands))


def _open_pt(path: Path) -> FactoredCube:
    fields = load_tensors(path, "file", CubeFormatError)
    if not isinstance(fields, Mapping):
        raise CubeFormatError(f"{path} holds a {type(fields).__name__}; a dict with {', '.join(_PT_FIELDS)} is meant")
    missing = [name for name in _PT_FIELDS if name not in fields]
    if missing:
        raise CubeFormatError(f"{path} holds no HSICityV2 cube: it lacks {', '.join(missing)}")
    try:
        height, width, bands = (int(fields[name]) for name in _PT_FIELDS[:3])
        average, coefficients, scores = (_numbers(path, fields[name]) for name in _PT_FIELDS[3:])
        average = average.reshape(bands)
        coefficients = coefficients.reshape(-1, bands)
        scores = scores.reshape(height, width, len(coefficients))
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise CubeFormatError(f"{path} is damaged: its fields do not fit each other ({error})") from error
    if 0 in scores.shape:
        raise CubeFormatError(f"{path} is damaged: its scores are {scores.shape}, none of which may be 0")
    wavelengths = np.linspace(*_DATA_SET_RANGE_NM, bands) if bands == _DATA_SET_BANDS else None
    return FactoredCube(MemoryCube(_about(path), "rcb", scores), coefficients, average, wavelengths)


def _numbers(path: Path, field: Any) -> FloatArray:
    """Return a field as float32 after making sure that it is not one number that claims to be a billion."""
    array = np.asarray(field)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"numbers are {array.dtype}")
    check_promise(path, array.nbytes, path.stat().st_size)
    with np.errstate(over="ignore"):
        return array.astype(np.float32, copy=False)


def _about(path: Path) -> About:
    return About(path, "hsicityv2", SampleRule())


def _wavelengths(start: int, step: float, end: int, bands: int) -> NDArray[np.float64] | None:
    """Return the band centres in nm from first, step and last; the ends decide if the step does not lead there."""
    if start > 0 and step > 0 and min(abs(start + step * num - end) for num in (bands - 1, bands)) <= 1:
        return np.round(start + step * np.arange(bands, dtype=np.float64), 3)
    return np.linspace(start, end, bands) if 0 < start < end else None


def _recognises(path: Path) -> bool:
    return False  # neither form bears a mark


READER = Reader("hsicityv2", (".hsd", ".pt"), _recognises, open_hsicityv2)
