"""How much each candidate kernel is worth, judged by points it has not seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hyperpoint.annotation.mixture.candidates import Candidate, squared_distances
from hyperpoint.annotation.mixture.cores import spread
from hyperpoint.annotation.mixture.features import Features
from hyperpoint.annotation.mixture.leave_one_out import Task, fit, kernel
from hyperpoint.annotation.mixture.training_points import take_turns
from hyperpoint.cube import IndexArray

# Points that candidates are judged by, at least four a class: more decide no better and cost their cube.
MAX_JUDGES = 130
MIN_JUDGES_PER_CLASS = 4
FEW_POINTS = 80  # below which six halves are left out instead of two
# Occam's penalty, in log loss times points, for each unit of complexity. 2 to 8 are within .008 mIoU of each other; 12
# costs street scenes .02 at 5 points a class.
PENALTY = 8.0
# A candidate's share falls as exp(-sharpness · sqrt(points) · loss); 2 gained .005 over 4 nearly everywhere.
SHARPNESS = 2.0
MAX_CANDIDATES = 20


def candidate_shares(
    candidates: list[Candidate], features: Features, cells: IndexArray, task: Task, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return each candidate's share in the mixture, summing to 1; equal shares if no point can be left out.

    Parameters
    ----------
    cells
        (n,) the points' cells of the working grid.
    """
    num_points = len(cells)
    judges = judges_of(task, rng)
    cells, task = cells[judges], Task.of(task.classes[judges], task.num_classes)
    tested = task.testable
    if len(tested) == 0:
        return np.full(len(candidates), 1 / len(candidates))
    halves = task.halves(6 if len(judges) < FEW_POINTS else 2, rng)
    joined = np.concatenate(halves)
    squared = {key: squared_distances(block[cells], block[cells]) for key, block in features.blocks.items()}

    def loss_of(candidate: Candidate) -> float:
        distances = np.zeros_like(next(iter(squared.values())))
        for key, weight in candidate.blocks.items():
            distances += weight * squared[key]
        fitted = fit(kernel(distances, candidate.kind, candidate.width), task)
        one_out = task.best_slope(fitted.without_one()[tested], tested)[1]
        half_out = task.best_slope(np.concatenate([fitted.without(half) for half in halves]), joined)[1]
        return (one_out + half_out) / 2 + PENALTY / num_points * candidate.complexity

    loss = np.array(spread(loss_of, candidates))
    shares = np.exp(-SHARPNESS * np.sqrt(num_points) * (loss - loss.min()))
    shares[np.argsort(loss, kind="stable")[MAX_CANDIDATES:]] = 0
    return np.asarray(shares / shares.sum())


def judges_of(task: Task, rng: np.random.Generator) -> IndexArray:
    """Choose the points to judge by, taking turns among the classes, ascending."""
    num = len(task.classes)
    if num <= MAX_JUDGES:
        return np.arange(num)
    return take_turns(task.classes, task.num_classes, max(MAX_JUDGES, MIN_JUDGES_PER_CLASS * task.num_classes), rng)
