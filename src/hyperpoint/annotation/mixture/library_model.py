"""What a spectral library says of spectra in general: how classes, scenes and pixels of a class differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hyperpoint.cube import FloatArray
from hyperpoint.types import LabelArray

Float64Array = NDArray[np.float64]

NUM_COMPONENTS = 20  # 10 gained .02 mIoU less at one point a class, 14 gained .01 less
FLOOR = 1e-2  # of a scene's median: what is darker is noise, and its logarithm would be unbounded
# How many observations each prior belief below counts as.
WITHIN_WEIGHT, BETWEEN_WEIGHT, LIGHT_WEIGHT = 5.0, 5.0, 2.0
WITHIN_SHARE = 0.25  # of the total scatter: the belief about the scatter within a class
BETWEEN_SCENES = 0.5  # times the scatter within: the belief about a class from scene to scene
OFF_DIAGONAL = 0.9  # shrinks the correlations of the scatter within
# Variance of the logarithm of a scene's unit and exposure: raw counts or reflectance, all are one.
GAIN_VARIANCE = 25.0
TWO_WAY_ROUNDS = 50


def log_spectra(spectra: FloatArray) -> Float64Array:
    """Return the logarithm of one scene's spectra, (n, bands): there, light is a shift and units are too."""
    floor = max(1e-30, FLOOR * float(np.median(np.abs(spectra))))
    return np.asarray(np.log(np.maximum(spectra, np.float32(floor)), dtype=np.float64))


@dataclass(frozen=True, eq=False)
class LibraryModel:
    """A log spectrum is its class's mean, plus the scene's light, plus what the class is in that scene, plus scatter.

    All four are Gaussian; scatter within a class has unit variance in the space of `project`.

    Attributes
    ----------
    centre, projection
        (bands,) and (bands, dims).
    class_ids, means
        (num_classes,) ascending, and (num_classes, dims).
    between
        (dims,) variance of a class from scene to scene, beyond light.
    light
        (dims, dims) covariance of what all classes of a scene share.
    """

    centre: Float64Array
    projection: Float64Array
    class_ids: LabelArray
    means: Float64Array
    between: Float64Array
    light: Float64Array

    def project(self, spectra: FloatArray) -> Float64Array:
        """Bring one scene's spectra, (n, bands), into the model's space, (n, dims)."""
        return (log_spectra(spectra) - self.centre) @ self.projection

    @classmethod
    def of(cls, spectra: FloatArray, labels: LabelArray, scenes: NDArray[np.int64]) -> LibraryModel:
        """Fit the model by moments, shrunk towards beliefs that hold for few scenes and few spectra.

        Parameters
        ----------
        spectra
            (n, bands) float32.
        labels, scenes
            (n,): class and scene of each spectrum; at least two classes.
        """
        class_ids, classes = np.unique(labels, return_inverse=True)
        scene = np.unique(scenes, return_inverse=True)[1]
        logs = np.empty(spectra.shape)
        for s in range(scene.max() + 1):
            logs[scene == s] = log_spectra(spectra[scene == s])
        centre = logs.mean(axis=0)
        apart = logs - _means(logs, scene)[scene]  # scenes differ by their units, which tell nothing of classes
        total, axes = _leading(apart.T @ apart / len(apart))
        groups = _Groups.of((logs - centre) @ axes, classes, scene)
        whitening = _whitening(groups.scatter_within(np.diag(total)))
        between = groups.between(whitening)
        variance, turn = np.linalg.eigh(between)  # so that the variances between scenes are diagonal too
        whitening = whitening @ turn
        projection = axes @ whitening
        means = groups.class_means @ whitening
        gain = np.ones(spectra.shape[1]) @ projection
        light = groups.light(whitening, np.cov(means.T)) + GAIN_VARIANCE * np.outer(gain, gain)
        return cls(centre, projection, class_ids.astype(np.uint8), means, np.maximum(variance, 1e-2), light)


@dataclass(frozen=True, eq=False)
class _Groups:
    """Means of each class in each scene, explained by a mean of the class and a shift of the scene."""

    counts: Float64Array
    class_means: Float64Array
    shifts: Float64Array
    residuals: Float64Array
    rest: Float64Array

    @classmethod
    def of(cls, values: Float64Array, classes: NDArray[np.intp], scene: NDArray[np.intp]) -> _Groups:
        num_classes, num_scenes = classes.max() + 1, scene.max() + 1
        keys, group = np.unique(scene * num_classes + classes, return_inverse=True)
        means = _means(values, group)
        of_scene, of_class = np.divmod(keys, num_classes)
        class_means, shifts = np.zeros((num_classes, values.shape[1])), np.zeros((num_scenes, values.shape[1]))
        for _ in range(TWO_WAY_ROUNDS):
            class_means = _means(means - shifts[of_scene], of_class)
            shifts = _means(means - class_means[of_class], of_scene)
            shifts -= shifts.mean(axis=0)
        residuals = means - class_means[of_class] - shifts[of_scene]
        counts = np.bincount(group).astype(np.float64)
        return cls(counts, class_means, shifts, residuals, values - means[group])

    @property
    def _freedom(self) -> int:
        """Degrees of freedom of the residuals."""
        return max(0, len(self.counts) - len(self.class_means) - len(self.shifts) + 1)

    def scatter_within(self, total: Float64Array) -> Float64Array:
        """Return the covariance within a class of a scene; without repeats, residuals tell what there is to know."""
        believed = self.residuals.T @ self.residuals + WITHIN_WEIGHT * WITHIN_SHARE * total
        believed /= self._freedom + WITHIN_WEIGHT
        scatter = self.rest.T @ self.rest + WITHIN_WEIGHT * believed
        scatter /= len(self.rest) - len(self.counts) + WITHIN_WEIGHT
        ridge = 1e-4 * np.trace(scatter) / len(scatter)
        own = np.diag(np.diag(scatter))
        return np.asarray(OFF_DIAGONAL * scatter + (1 - OFF_DIAGONAL) * own + ridge * np.eye(len(scatter)))

    def between(self, whitening: Float64Array) -> Float64Array:
        """Return the covariance of a class from scene to scene, in units of the scatter within."""
        residuals = self.residuals @ whitening
        unit = np.eye(residuals.shape[1])
        of_sampling = self._freedom * np.mean(1 / self.counts)  # a mean of few spectra scatters by itself
        summed = residuals.T @ residuals - of_sampling * unit + BETWEEN_WEIGHT * BETWEEN_SCENES * unit
        return np.asarray(summed / (self._freedom + BETWEEN_WEIGHT))

    def light(self, whitening: Float64Array, of_classes: Float64Array) -> Float64Array:
        """Return the covariance of the scenes' shifts; believed to be as large as the differences of classes."""
        shifts = self.shifts @ whitening
        covariance = (shifts.T @ shifts + LIGHT_WEIGHT * of_classes) / (len(shifts) - 1 + LIGHT_WEIGHT)
        return np.asarray(covariance + 1e-2 * np.eye(len(covariance)))


def _means(values: Float64Array, group: NDArray[np.intp]) -> Float64Array:
    """Return the mean of each group, (groups, dims)."""
    return np.stack([np.bincount(group, column) for column in values.T], axis=1) / np.bincount(group)[:, None]


def _leading(covariance: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Return the largest variances and their axes, (bands, dims)."""
    variance, axes = np.linalg.eigh(covariance)
    order = np.argsort(variance)[::-1][:NUM_COMPONENTS]
    keep = order[variance[order] > max(variance.max() * 1e-9, 1e-12)]
    keep = keep if len(keep) else order[:1]
    return np.maximum(variance[keep], 1e-12), axes[:, keep]


def _whitening(scatter: Float64Array) -> Float64Array:
    variance, axes = np.linalg.eigh(scatter)
    return np.asarray(axes / np.sqrt(np.maximum(variance, 1e-12)))
