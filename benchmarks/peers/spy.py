"""The classifiers of Spectral Python (SPy): spectral angles, Gaussian maximum likelihood, Mahalanobis distance."""

from __future__ import annotations

from typing import Any

import numpy as np
from spectral import create_training_classes, spectral_angles
from spectral.algorithms.classifiers import GaussianClassifier, MahalanobisDistanceClassifier

from benchmarks.peers.contract import Training, principal_components
from hyperpoint.cube import FloatArray, IndexArray
from hyperpoint.types import LabelArray, UInt8Array

MIN_COMPONENTS, MAX_COMPONENTS = 2, 30  # SPy cannot do with one


def angle_mapper(
    cube: FloatArray, rgb: UInt8Array, rows: IndexArray, cols: IndexArray, labels: LabelArray, seed: int
) -> LabelArray:
    """The class whose nearest point is at the smallest spectral angle (nearest point: above the mean of a class)."""
    training = Training.of(cube, rgb, rows, cols, labels)
    points = cube.reshape(-1, cube.shape[2])[training.cells]
    angles = spectral_angles(cube, points)
    return training.label_map(training.classes[angles.reshape(-1, len(points)).argmin(axis=1)])


def maximum_likelihood(
    cube: FloatArray, rgb: UInt8Array, rows: IndexArray, cols: IndexArray, labels: LabelArray, seed: int
) -> LabelArray:
    """A Gaussian a class, on as many principal components as half a class's points allow."""
    training = Training.of(cube, rgb, rows, cols, labels)
    distinct = min(len(np.unique(training.cells[training.classes == c])) for c in range(training.num_classes))
    return _classify(GaussianClassifier, cube, training, (distinct - 1) // 2)


def mahalanobis(
    cube: FloatArray, rgb: UInt8Array, rows: IndexArray, cols: IndexArray, labels: LabelArray, seed: int
) -> LabelArray:
    """The nearest class mean by one pooled covariance, on as many principal components as a third of the points."""
    training = Training.of(cube, rgb, rows, cols, labels)
    spare = len(np.unique(training.cells)) - training.num_classes
    return _classify(MahalanobisDistanceClassifier, cube, training, spare // 3)


def _classify(kind: Any, cube: FloatArray, training: Training, num: int) -> LabelArray:
    image = principal_components(cube, int(np.clip(num, MIN_COMPONENTS, MAX_COMPONENTS))).astype(np.float64)
    image = np.ascontiguousarray(image / image[:, 0].std())
    # The points alone as an image of one row: SPy goes through its training image pixel by pixel.
    known = create_training_classes(image[None, training.cells], training.classes[None] + 1, calc_stats=True)
    found = kind(known, min_samples=2).classify_image(image.reshape(*training.shape, -1))
    return training.label_map(found.ravel().astype(np.int64) - 1)
