"""What the rest of the points says of each point, by way of everything that a cell's probabilities go through."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hyperpoint.annotation.mixture.cores import spread
from hyperpoint.annotation.mixture.features import Features
from hyperpoint.annotation.mixture.leave_one_out import Fit, Float64Array, Task
from hyperpoint.annotation.mixture.posterior import FIELD_EPS, FIELD_RADIUS, Posterior, mean_field
from hyperpoint.annotation.mixture.scoring import CellKernel, Scores
from hyperpoint.cube import FloatArray, IndexArray

# The neighbourhood is looked at on a coarser grid. Its smoothing is a sum over hundreds of cells: every fourth row and
# column give the same calibration as all (expected calibration errors within .003), at a sixteenth of the cost.
MAX_COARSE_CELLS = 4_500
_TINY = 1e-30


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Points and what is said of them without their labels.

    Attributes
    ----------
    points
        (m,) ascending: those whose class has another point.
    probabilities
        (m, num_classes): of their cells, when they are left out with a fifth of all the others.
    around
        (m, num_classes): the highest that each class has then in their surroundings, some ten cells wide.
    """

    points: IndexArray
    probabilities: Float64Array
    around: Float64Array


def hold_out(
    features: Features,
    cells: IndexArray,
    task: Task,
    scores: Scores,
    posterior: Posterior,
    colours: FloatArray,
    rng: np.random.Generator,
) -> HeldOut:
    """Infer the probabilities of the points' cells by cross-validation, smoothing included.

    Scores that are right for left-out points are not yet honest once neighbours have confirmed each other's errors, so
    each fold's scores pass through the same priors and the same mean field as the whole's.

    Parameters
    ----------
    cells
        (n,) the points' cells of the working grid.
    colours
        (3, rows, cols) float32 in 0..1: the rgb image at the working grid.
    """
    folds = task.folds(rng)
    if not folds:
        nothing = np.zeros((0, task.num_classes))
        return HeldOut(np.zeros(0, dtype=np.int64), nothing, nothing)
    rows, cols, step = _coarse(features.shape)
    chosen = (rows[:, None] * features.shape[1] + cols).ravel()
    planes = _score_coarsely(features, cells, scores, folds, chosen)
    guide = _guide(colours[:, rows[:, None], cols], step)
    offset = posterior.offset(chosen).astype(np.float32).reshape(-1, len(rows), len(cols))

    at_row, at_col = (
        (np.divmod(cells, features.shape[1])[axis] // step).clip(max=len(lines) - 1)
        for axis, lines in enumerate((rows, cols))
    )
    found, around = np.empty((len(cells), task.num_classes)), np.empty((len(cells), task.num_classes))
    for plane, held in zip(planes, folds, strict=True):
        own = sum(group.share * group.fitted.without(held) for group in scores.groups)
        if scores.linear is not None:
            of_held, of_chosen = scores.linear.without(held, chosen)
            own, plane = own + of_held, plane + of_chosen
        logits = np.float32(posterior.slope) * plane.reshape(-1, len(rows), len(cols)) + offset
        smoothed = np.maximum(mean_field(logits, posterior.smoothing, guide), np.float32(_TINY))
        here = np.s_[:, at_row[held], at_col[held]]
        message = np.log(smoothed[here]) - logits[here]
        found[held] = posterior.slope * own + posterior.offset(cells[held]).T + message.T
        around[held] = _highest_around(smoothed)[here].T
    points = task.testable
    return HeldOut(points, softmax_rows(found[points]), around[points])


def _highest_around(planes: FloatArray) -> FloatArray:
    """Return the highest value of each cell and its eight neighbours, for each of (n, rows, cols) planes."""
    import cv2

    return np.stack([cv2.dilate(plane, np.ones((3, 3), dtype=np.uint8)) for plane in planes])


def _coarse(shape: tuple[int, int]) -> tuple[IndexArray, IndexArray, int]:
    """Return rows and columns of the coarser grid, and its step."""
    step = max(1, int(np.ceil(np.sqrt(shape[0] * shape[1] / MAX_COARSE_CELLS) - 0.05)))
    rows, cols = (np.arange(min(step // 2, num - 1), num, step) for num in shape)
    return rows, cols, step


def _score_coarsely(
    features: Features, cells: IndexArray, scores: Scores, folds: list[IndexArray], chosen: IndexArray
) -> NDArray[np.float32]:
    """Return the kernels' scores of `chosen` cells without each fold's points, (folds, num_classes, chosen)."""
    kernels = []
    for group in scores.groups:
        without = np.concatenate([_coefficients_without(group.fitted, held) for held in folds], axis=1)
        fitted = replace(group.fitted, coefficients=without)
        kernels.append(CellKernel(features, replace(group, fitted=fitted), cells))
    planes = np.sum(spread(lambda one: one.scores(chosen), kernels), axis=0)
    return np.asarray(planes.reshape(len(folds), -1, len(chosen)))


def _coefficients_without(fitted: Fit, held: IndexArray) -> Float64Array:
    """Return the coefficients of the fit to the other points, (n, num_classes): zero for those held out."""
    block = np.linalg.solve(fitted.inverse[np.ix_(held, held)], fitted.coefficients[held])
    out = fitted.coefficients - fitted.inverse[:, held] @ block
    out[held] = 0
    return np.asarray(out)


def _guide(colours: FloatArray, step: int) -> Any:
    import cv2

    image = np.ascontiguousarray(np.moveaxis(colours, 0, 2))
    return cv2.ximgproc.createGuidedFilter(image, max(1, round(FIELD_RADIUS / step)), FIELD_EPS)


def softmax_rows(logits: Float64Array) -> Float64Array:
    """Turn (n, num_classes) logits into probabilities."""
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))
