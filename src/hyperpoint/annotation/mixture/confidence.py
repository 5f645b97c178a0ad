"""How far probabilities are to be believed, learned from points that are left out."""

from __future__ import annotations

import numpy as np

from hyperpoint.annotation.mixture.cores import spread
from hyperpoint.annotation.mixture.held_out import HeldOut, softmax_rows
from hyperpoint.annotation.mixture.leave_one_out import LABEL_NOISE, Float64Array, Task
from hyperpoint.cube import FloatArray, IndexArray
from hyperpoint.types import UInt8Array

POWERS = np.geomspace(0.1, 1.0, 24)
POWERS_BY_OTHERS = np.geomspace(0.1, 4.0, 38)
# Laplace's rule of succession: beside the points, one is imagined that is wrong. It decides where no left-out point
# was predicted wrongly, and is one among many where there are many.
# Half an error (Jeffreys) was tried too: .004 to .022 worse in calibration error at 5 points a class on three street
# scenes and Jasper Ridge, within .004 at 20.
IMAGINED_ERRORS = 1.0
UNTESTED_POWER = 0.5  # where no class has two points
MIN_PROBABILITY = 1e-6
ROWS_AT_A_TIME = 64


def tempering(held_out: HeldOut, task: Task, bias: Float64Array) -> float:
    """Return the power, above 0 and at most 1, that makes probabilities honest.

    The one that predicts left-out points best from what the others say of their cells, after priors and smoothing.

    Parameters
    ----------
    bias
        (num_classes,) log of the priors that the probabilities contain: points weigh as if they had been drawn so.
    """
    if len(held_out.points) == 0:
        return UNTESTED_POWER
    own = task.classes[held_out.points]
    losses = _losses(held_out.probabilities, own, bias, POWERS, IMAGINED_ERRORS)
    return float(POWERS[losses.sum(axis=1).argmin()])


def honest_by_others(probabilities: Float64Array, own: IndexArray, bias: Float64Array) -> Float64Array:
    """Return the probabilities (m, num_classes) of left-out points, each row by the power that fits the others best.

    Where it is asked whether a point's label is an error, none must be taken for granted: no error is imagined, and
    the power may exceed 1 if the point itself had made the others look less predictable than they are.
    """
    if len(own) == 0:
        return probabilities
    losses = _losses(probabilities, own, bias, POWERS_BY_OTHERS, 0.0)
    powers = POWERS_BY_OTHERS[(losses.sum(axis=1, keepdims=True) - losses).argmin(axis=0)]
    logs = powers[:, None] * np.log(np.maximum(probabilities, MIN_PROBABILITY))
    return softmax_rows(logs)


def _losses(
    probabilities: Float64Array, own: IndexArray, bias: Float64Array, powers: Float64Array, imagined_errors: float
) -> Float64Array:
    """Return each left-out point's part of the loss at each of the powers, (powers, m)."""
    num_classes = probabilities.shape[1]
    weights = np.exp(bias - bias.max())[own] / np.bincount(own, minlength=num_classes)[own]
    weights *= len(own) / weights.sum()
    runner_up = np.argsort(probabilities, axis=1)[:, -2]
    logs = np.log(np.maximum(probabilities, MIN_PROBABILITY))
    odds = np.exp(powers[:, None, None] * (logs - logs.max(axis=1, keepdims=True)))
    odds = (1 - LABEL_NOISE) * odds / odds.sum(axis=2, keepdims=True) + LABEL_NOISE / num_classes
    each = np.arange(len(own))
    right, wrong = np.log(odds[:, each, own]), np.log(odds[:, each, runner_up])
    return np.asarray(-weights * (right + imagined_errors / len(own) * wrong))


def tempered(probabilities: FloatArray, power: float) -> FloatArray:
    """Raise (num_classes, rows, cols) probabilities to a power and make them sum to 1 again, as a new array."""
    out = np.maximum(probabilities, np.float32(MIN_PROBABILITY))

    def raise_rows(start: int) -> None:
        part = out[:, start : start + ROWS_AT_A_TIME]
        np.log(part, out=part)  # logarithm and exponential take a fifth of the time of NumPy's power
        part *= np.float32(power)
        np.exp(part, out=part)
        part /= part.sum(axis=0)

    spread(raise_rows, range(0, out.shape[1], ROWS_AT_A_TIME))
    return np.asarray(out)


def decide(planes: list[FloatArray]) -> tuple[UInt8Array, FloatArray]:
    """Return the most probable class of each pixel and its probability.

    Parameters
    ----------
    planes
        One (H, W) float32 a class, of probabilities that sum to about 1.

    Returns
    -------
    (H, W) uint8 positions among the classes, and (H, W) float32.
    """
    best = np.empty(planes[0].shape, dtype=np.uint8)
    confidence = np.empty(planes[0].shape, dtype=np.float32)

    def decide_rows(start: int) -> None:
        rows = slice(start, start + ROWS_AT_A_TIME)
        best[rows], confidence[rows] = _decide([plane[rows] for plane in planes])

    spread(decide_rows, range(0, len(best), ROWS_AT_A_TIME))
    return best, confidence


def _decide(planes: list[FloatArray]) -> tuple[UInt8Array, FloatArray]:
    best = np.zeros(planes[0].shape, dtype=np.uint8)
    highest, total = planes[0].copy(), planes[0].copy()
    for c, plane in enumerate(planes[1:], start=1):
        best[plane > highest] = c
        np.maximum(highest, plane, out=highest)
        total += plane
    return best, np.asarray(highest / np.maximum(total, np.float32(MIN_PROBABILITY)))
