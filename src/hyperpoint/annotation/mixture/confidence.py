"""How far probabilities are to be believed, learned from points that are left out."""

from __future__ import annotations

import numpy as np

from hyperpoint.annotation.mixture.cores import spread
from hyperpoint.annotation.mixture.leave_one_out import Task
from hyperpoint.annotation.mixture.scoring import Scores
from hyperpoint.cube import FloatArray
from hyperpoint.types import UInt8Array

# Laplace's rule of succession: one imagined point in each class. Not fitted to any truth.
PSEUDO_POINTS = 1.0
UNTESTED_POWER = 0.5  # where no class has two points
MIN_PROBABILITY = 1e-6
ROWS_AT_A_TIME = 64


def tempering(scores: Scores, task: Task, slope: float) -> float:
    """Return the power, above 0 and at most 1, that makes probabilities honest.

    The slope that predicts points best when half of all points are left out is that of a classifier with less to go
    by: it is no steeper than what the labels deserve. A prior of one point a class tempers it further.
    """
    power = UNTESTED_POWER
    if len(scores.held):
        power = min(1.0, task.best_slope(scores.without_half, scores.held)[0] / slope)
    num_points = len(task.classes)
    return power * num_points / (num_points + PSEUDO_POINTS * task.num_classes)


def decide(planes: list[FloatArray], power: float) -> tuple[UInt8Array, FloatArray]:
    """Return the most probable class of each pixel and its tempered probability.

    Parameters
    ----------
    planes
        One (H, W) float32 of probabilities a class.
    power
        Of the probabilities, before they are made to sum to 1 again.

    Returns
    -------
    (H, W) uint8 positions among the classes, and (H, W) float32.
    """
    best = np.empty(planes[0].shape, dtype=np.uint8)
    confidence = np.empty(planes[0].shape, dtype=np.float32)

    def decide_rows(start: int) -> None:
        rows = slice(start, start + ROWS_AT_A_TIME)
        best[rows], confidence[rows] = _decide([plane[rows] for plane in planes], np.float32(power))

    spread(decide_rows, range(0, len(best), ROWS_AT_A_TIME))
    return best, confidence


def _decide(planes: list[FloatArray], power: np.float32) -> tuple[UInt8Array, FloatArray]:
    best = np.zeros(planes[0].shape, dtype=np.uint8)
    highest = planes[0].copy()
    total = _tempered(planes[0], power)
    for c, plane in enumerate(planes[1:], start=1):
        best[plane > highest] = c
        np.maximum(highest, plane, out=highest)
        total += _tempered(plane, power)
    return best, np.asarray(_tempered(highest, power) / total)


def _tempered(plane: FloatArray, power: np.float32) -> FloatArray:
    """Raise to a power, as NumPy's logarithm and exponential: a fifth of the time of its power."""
    out = np.maximum(plane, np.float32(MIN_PROBABILITY))
    np.log(out, out=out)
    out *= power
    return np.asarray(np.exp(out, out=out))
