"""The spectra of a scene as the studio draws them: under the cursor, of the points, of their classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hyperpoint.cube import BoolArray, FloatArray, IndexArray
from hyperpoint.errors import InputError
from hyperpoint.types import LabelArray, PointSet, Scene

MAX_KEPT = 20_000  # spectra: 16 MB at 204 bands


@dataclass(frozen=True, eq=False)
class ClassStatistics:
    """Means and standard deviations of the points' spectra by class.

    Attributes
    ----------
    class_ids
        (k,) ascending: the classes that have a point.
    counts
        (k,) points of each.
    means, deviations
        (k, bands) float32; NaN in a band where no point has data. One point has no deviation: 0.
    """

    class_ids: LabelArray
    counts: IndexArray
    means: FloatArray
    deviations: FloatArray


class Spectra:
    """Spectra of a scene, read where they lie; those at points are kept. May be used from several threads.

    A value that is missing or saturated is NaN, so that a line breaks there.

    Parameters
    ----------
    scene
        The scene.

    Attributes
    ----------
    axis
        (bands,) float64: wavelengths in nm, or band numbers from 1 where they are not known.
    is_in_nm
        Which of the two.
    bad
        (bands,) bool: bands that are marked bad or hold no data.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._kept: dict[tuple[int, int], FloatArray] = {}
        self.is_in_nm = scene.wavelengths is not None
        num_bands = scene.cube.shape[2]
        self.axis: NDArray[np.float64] = (
            np.arange(1.0, num_bands + 1) if scene.wavelengths is None else scene.wavelengths
        )
        self.bad: BoolArray = ~scene.cube.good_bands

    def at(self, row: int, col: int, normalise: bool = False) -> FloatArray:
        """Return the spectrum under a pixel of the rgb image, (bands,) float32.

        Raises
        ------
        InputError
            If the pixel lies outside the image.
        """
        spectrum: FloatArray = self._shown(self._read(np.array([row]), np.array([col])), normalise)[0]
        return spectrum

    def of_points(self, points: PointSet, normalise: bool = False) -> FloatArray:
        """Return the spectra under points, (n, bands) float32; only those of new points are read.

        Raises
        ------
        InputError
            If a point lies outside the image.
        """
        pixels = list(zip(points.rows.tolist(), points.cols.tolist(), strict=True))
        kept = self._kept
        lacking = [pixel for pixel in pixels if pixel not in kept]
        if lacking:
            kept = dict(kept) if len(kept) + len(lacking) <= MAX_KEPT else {p: kept[p] for p in pixels if p in kept}
            kept.update(zip(lacking, self._read(*np.array(lacking).T), strict=True))
            self._kept = kept  # whole: another thread may be looking things up in the one before
        spectra = np.array([kept[pixel] for pixel in pixels], dtype=np.float32).reshape(len(pixels), len(self.axis))
        return self._shown(spectra, normalise)

    def class_statistics(self, points: PointSet, normalise: bool = False) -> ClassStatistics:
        """Return mean and standard deviation of each class's points; unannotated points do not count."""
        kept = points.annotated
        spectra = self.of_points(kept, normalise).astype(np.float64)
        class_ids, classes, counts = np.unique(kept.labels, return_inverse=True, return_counts=True)
        known = np.isfinite(spectra)
        members = (classes == np.arange(len(class_ids))[:, None]).astype(np.float64)
        num = members @ known
        with np.errstate(invalid="ignore"):  # 0 / 0, where no point has data
            means = members @ np.where(known, spectra, 0) / num
            residuals = np.where(known, spectra - means[classes], 0)
            deviations = np.sqrt(members @ np.square(residuals) / np.where(num > 0, np.maximum(num - 1, 1), 0))
        return ClassStatistics(class_ids, counts, means.astype(np.float32), deviations.astype(np.float32))

    def _read(self, rows: IndexArray, cols: IndexArray) -> FloatArray:
        height, width = self._scene.size
        if min(rows.min(), cols.min()) < 0 or rows.max() >= height or cols.max() >= width:
            raise InputError(f"a spectrum was asked for outside the image of {height} rows and {width} columns")
        spectra = self._scene.cube.pixels(*self._scene.to_cube(rows, cols))
        return np.where(np.isfinite(spectra), spectra, np.float32(np.nan))

    def _shown(self, spectra: FloatArray, normalise: bool) -> FloatArray:
        return normalised(spectra, self.bad) if normalise else spectra


def normalised(spectra: FloatArray, bad: BoolArray) -> FloatArray:
    """Divide spectra, (n, bands) float32, by their largest value in bands that are not `bad`, (bands,) bool.

    A spectrum without a value above 0 there stays as it is.
    """
    good = np.where(bad | ~np.isfinite(spectra), np.float32(-np.inf), spectra)
    highest = good.max(axis=1, keepdims=True, initial=-np.inf)
    return np.asarray(spectra / np.where(highest > 0, highest, np.float32(1)), dtype=np.float32)
