"""A linear machine beside the kernels: the paper's support vector machine on spectra divided by their maximum.

Where planes tell the classes apart, a handful of points places them better than kernels do, which know little beyond
the surroundings of each point. How well it predicts points that are left out says how loudly it speaks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hyperpoint.annotation.mixture.cores import spread
from hyperpoint.annotation.mixture.features import Features
from hyperpoint.annotation.mixture.leave_one_out import Float64Array, Task
from hyperpoint.annotation.mixture.selection import SHARPNESS, judges_of
from hyperpoint.cube import FloatArray, IndexArray
from hyperpoint.spectral.linear_svm import minimise_squared_hinge

COST = 0.5  # of the recipe `paper-svm`
SLOPES = np.array([0.25, 0.5, 1.0, 2.0, 3.0, 4.5, 6.5, 9.0, 13.0, 18.0])
MIN_WEIGHT = 0.05  # log odds for each unit of margin that are not worth a pass over the cells


@dataclass(frozen=True, eq=False)
class Machines:
    """One class against the rest, fitted to points.

    Attributes
    ----------
    design
        (n, dims) the points' spectra and a one.
    task
        The points.
    """

    design: Float64Array
    task: Task

    @classmethod
    def of(cls, spectra: FloatArray, task: Task) -> Machines:
        """Take (n, dims) spectra."""
        return cls(np.concatenate([spectra, np.ones((len(spectra), 1))], axis=1, dtype=np.float64), task)

    def planes_without(self, left_out: IndexArray) -> Float64Array:
        """Return what separates each class from the rest, (num_classes, dims), as far as the other points know.

        A class's own points cost what balances the classes, the rest 1, as for `hyperpoint.spectral.LinearSVM`.
        """
        kept = np.ones(len(self.design), dtype=bool)
        kept[left_out] = False
        classes, design = self.task.classes[kept], self.design[kept]
        counts = np.bincount(classes, minlength=self.task.num_classes)

        def plane_of(c: int) -> Float64Array:
            own_cost = len(classes) / self.task.num_classes / counts[c]
            costs = COST * np.where(classes == c, own_cost, 1.0)
            return minimise_squared_hinge(design, np.where(classes == c, 1.0, -1.0), costs)

        return np.stack(spread(plane_of, range(self.task.num_classes)))

    def cross_validated(self, rng: np.random.Generator) -> Float64Array:
        """Return the decisions on each point by machines that have not seen it, (n, num_classes).

        0 for a point that is the only one of its class.
        """
        out = np.zeros((len(self.design), self.task.num_classes))
        for held in self.task.folds(rng):
            out[held] = self.design[held] @ self.planes_without(held).T
        return out


@dataclass(frozen=True, eq=False)
class Linear:
    """The machines as a member of the mixture.

    Attributes
    ----------
    share
        What their decisions are multiplied by.
    machines
        What can be fitted anew without some points.
    divided
        (cells, dims) the spectra of all cells.
    planes
        (num_classes, dims + 1) fitted to all points.
    without_one
        (n, num_classes): what is added to the scores of the points, each left out with a fifth of the others.
    """

    share: float
    machines: Machines
    divided: FloatArray
    planes: Float64Array
    without_one: Float64Array

    def scores(self, chosen: slice | IndexArray) -> FloatArray:
        """Return what is added to the scores of chosen cells, (num_classes, cells) float32."""
        return self._decide(self.planes, chosen)

    def without(self, left_out: IndexArray, chosen: IndexArray) -> tuple[Float64Array, FloatArray]:
        """Return what machines say that have not seen some points.

        Of these points, (points, num_classes), and of chosen cells, (num_classes, cells) float32.
        """
        planes = self.machines.planes_without(left_out)
        return self.share * self.machines.design[left_out] @ planes.T, self._decide(planes, chosen)

    def _decide(self, planes: Float64Array, chosen: slice | IndexArray) -> FloatArray:
        scaled = (self.share * planes).astype(np.float32)
        return np.asarray(scaled[:, :-1] @ self.divided[chosen].T + scaled[:, -1:])


def fit_linear(
    features: Features, cells: IndexArray, task: Task, kernels: Float64Array, rng: np.random.Generator
) -> Linear | None:
    """Fit the machines to the points, and say how loudly they speak; None where the kernels had better be left alone.

    Parameters
    ----------
    cells
        (n,) the points' cells of the working grid.
    kernels
        (n, num_classes) the kernels' scores of the points, each left out.
    """
    judges = judges_of(task, rng)
    some = Task.of(task.classes[judges], task.num_classes)
    share = _share(Machines.of(features.divided[cells[judges]], some), kernels[judges], rng)
    if share == 0:
        return None
    machines = Machines.of(features.divided[cells], task)
    planes = machines.planes_without(np.zeros(0, dtype=np.int64))
    return Linear(share, machines, features.divided, planes, share * machines.cross_validated(rng))


def _share(machines: Machines, kernels: Float64Array, rng: np.random.Generator) -> float:
    """Judge the machines by points that they have not seen, beside the kernels' scores of these.

    Their log odds are those that predict the points best, times the square of how well that is (as for the class
    priors), times the share that a candidate kernel of their loss would have beside the kernels.
    """
    task = machines.task
    tested = task.testable
    if len(tested) == 0:
        return 0.0
    slope, loss = task.best_slope(machines.cross_validated(rng)[tested], tested, SLOPES)
    their_slope, their_loss = task.best_slope(kernels[tested], tested)
    trust = float(np.clip(1 - loss / np.log(task.num_classes), 0, 1))
    weight = slope * trust**2 * float(np.exp(-SHARPNESS * np.sqrt(len(tested)) * max(loss - their_loss, 0.0)))
    return weight / their_slope if weight >= MIN_WEIGHT else 0.0
