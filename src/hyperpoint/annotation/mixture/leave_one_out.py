"""Kernel ridge classification of the points, and what it says of points that are left out, in closed form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hyperpoint.annotation.mixture.candidates import Kind
from hyperpoint.cube import IndexArray

Float64Array = NDArray[np.float64]

RIDGE = 0.1  # measured: .03 loses .02 mIoU at 5 points a class on street scenes, .3 loses .013
LABEL_NOISE = 0.02  # a misclick must not cost infinitely much
SLOPES = np.array([2.0, 3.0, 4.5, 6.5, 9.0, 13.0, 18.0])
SMALL_MATRIX = 50  # rows up to which LAPACK inverts at once
NUM_FOLDS = 5  # the usual number: a fifth of the points left out leaves a classifier much like the whole
DEFAULT_SLOPE = 6.5  # where no class has two points, so that none can be left out


@dataclass(frozen=True, eq=False)
class Task:
    """The points as the classifier sees them.

    Attributes
    ----------
    classes
        (n,) positions among the classes, 0..num_classes - 1.
    num_classes
        How many there are; each has at least one point.
    weights
        (n,) each class weighs the same in all; their mean is 1.
    targets
        (n, num_classes): 1 - 1/num_classes for a point's class, -1/num_classes for the others.
    """

    classes: IndexArray
    num_classes: int
    weights: Float64Array
    targets: Float64Array

    @classmethod
    def of(cls, classes: IndexArray, num_classes: int) -> Task:
        """Make the task of the points' classes."""
        counts = np.bincount(classes, minlength=num_classes)
        weights = (len(classes) / num_classes / counts)[classes]
        return cls(classes, num_classes, weights, np.eye(num_classes)[classes] - 1 / num_classes)

    @property
    def testable(self) -> IndexArray:
        """Points whose class has another point: those that can be left out."""
        return np.flatnonzero(np.bincount(self.classes)[self.classes] > 1)

    def halves(self, num: int, rng: np.random.Generator) -> list[IndexArray]:
        """Draw `num` sets of points to leave out, each half of every class (rounded down)."""
        own = [np.flatnonzero(self.classes == c) for c in range(self.num_classes)]
        return [np.concatenate([rng.permutation(o)[: len(o) // 2] for o in own]) for _ in range(num)]

    def folds(self, rng: np.random.Generator) -> list[IndexArray]:
        """Deal the points of each class that has several out to the folds in turn; return those that got any."""
        fold = np.full(len(self.classes), -1)
        start = 0
        for c in range(self.num_classes):
            own = np.flatnonzero(self.classes == c)
            if len(own) > 1:
                fold[rng.permutation(own)] = (np.arange(len(own)) + start) % NUM_FOLDS
                start += len(own)
        return [held for k in range(NUM_FOLDS) if len(held := np.flatnonzero(fold == k))]

    def best_slope(
        self, scores: Float64Array, points: IndexArray, slopes: Float64Array = SLOPES
    ) -> tuple[float, float]:
        """Return the slope of softmax(slope · scores) that predicts `points` best, and its class-balanced log loss."""
        own, weights = self.classes[points], self.weights[points]
        logits = slopes[:, None, None] * (scores - scores.max(axis=1, keepdims=True))
        odds = np.exp(logits)
        given = odds[:, np.arange(len(own)), own] / odds.sum(axis=2)
        noisy = (1 - LABEL_NOISE) * given + LABEL_NOISE / self.num_classes
        loss = -(weights * np.log(noisy)).sum(axis=1) / weights.sum()
        best = int(np.argmin(loss))
        return float(slopes[best]), float(loss[best])


def kernel(squared: Float64Array, kind: Kind, width: float) -> Float64Array:
    """Turn squared distances into a kernel: exp(-d / width) or exp(-d² / width)."""
    exponent = np.sqrt(squared) if kind == "laplace" else squared.copy()
    exponent *= -1 / width
    return np.asarray(np.exp(exponent, out=exponent))


@dataclass(frozen=True, eq=False)
class Fit:
    """Kernel ridge regression on the targets: coefficients (n, num_classes) and the inverse (n, n) they come from."""

    task: Task
    coefficients: Float64Array
    inverse: Float64Array

    def without_one(self) -> Float64Array:
        """Return each point's scores when it is left out, (n, num_classes).

        y - (K + D)^-1 y / diag (K + D)^-1 (Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006,
        equation 5.12).
        """
        return self.task.targets - self.coefficients / np.diag(self.inverse)[:, None]

    def without(self, points: IndexArray) -> Float64Array:
        """Return the scores of `points` when all of them are left out together, (len(points), num_classes).

        The same identity for a block of the inverse.
        """
        block = self.inverse[np.ix_(points, points)]
        return np.asarray(self.task.targets[points] - np.linalg.solve(block, self.coefficients[points]))


def fit(gram: Float64Array, task: Task) -> Fit:
    """Fit kernel ridge regression with the ridge of each point divided by its weight; `gram` is overwritten."""
    gram[np.diag_indices_from(gram)] += RIDGE / task.weights
    inverse = _inverse(gram)
    return Fit(task, inverse @ task.targets, inverse)


def _inverse(matrix: Float64Array) -> Float64Array:
    """Invert a positive definite matrix by halves (Schur complement): a third of the time of `np.linalg.inv` alone.

    SciPy's Cholesky would be as fast, but holds the interpreter lock, so that the cores wait for each other. What is
    symmetric is kept so: otherwise rounding grows with every halving, to no digit right at 1000 points.
    """
    size = len(matrix)
    if size <= SMALL_MATRIX:
        return _symmetric(np.linalg.inv(matrix))
    half = size // 2
    first, across = _inverse(matrix[:half, :half]), matrix[:half, half:]
    carried = first @ across
    last = _inverse(_symmetric(matrix[half:, half:] - across.T @ carried))
    joint = carried @ last
    out = np.empty_like(matrix)
    out[:half, :half] = first + joint @ carried.T
    out[:half, half:] = -joint
    out[half:, :half] = -joint.T
    out[half:, half:] = last
    return out


def _symmetric(matrix: NDArray[np.floating[Any]]) -> Float64Array:
    return np.asarray((matrix + matrix.T) / 2, dtype=np.float64)
