"""The linear support vector machine of the paper, solved in its primal form with NumPy alone."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hyperpoint.cube import FloatArray, IndexArray
from hyperpoint.spectral.base import SpectralClassifier, balanced_weights
from hyperpoint.spectral.parameters import require_positive

Array = NDArray[np.float64]
MAX_NEWTON_STEPS = 200


@dataclass(eq=False)
class LinearSVM(SpectralClassifier):
    """Linear support vector machine, one class against the rest, with balanced classes.

    It minimises what scikit-learn's ``LinearSVC(C=0.5, class_weight="balanced")`` of the paper's reference
    implementation minimises, the L2-regularised squared hinge loss with the bias among the regularised weights,
    and weighs classes as LIBLINEAR does. The objective is strictly convex, so its minimum is one and the same
    whoever finds it; the tests hold ours against scikit-learn's. We find it ourselves because importing
    scikit-learn takes about a second, half of what a whole scene may take, and because a Newton method reaches
    it exactly, without a seed and without convergence warnings.

    Parameters
    ----------
    C
        Weight of the loss against the regulariser, above 0.
    """

    C: float = 0.5
    _weights: FloatArray = field(init=False, repr=False)
    _offsets: FloatArray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        require_positive("C", self.C)

    def _learn(self, spectra: FloatArray, targets: IndexArray, num_classes: int) -> None:
        design = np.concatenate([spectra, np.ones((len(spectra), 1), np.float32)], axis=1, dtype=np.float64)
        coordinates, basis = _within_span(design)
        class_costs = self.C * balanced_weights(targets)
        if num_classes == 2:
            signs = np.where(targets == 1, 1.0, -1.0)
            second = minimise_squared_hinge(coordinates, signs, class_costs[targets])
            solution = np.stack([-second, second])
        else:
            solution = np.stack(
                [
                    # LIBLINEAR weighs the one class and leaves "the rest" at C.
                    minimise_squared_hinge(
                        coordinates, np.where(targets == c, 1.0, -1.0), np.where(targets == c, class_costs[c], self.C)
                    )
                    for c in range(num_classes)
                ]
            )
        planes = (solution @ basis.T).astype(np.float32)
        self._weights, self._offsets = np.ascontiguousarray(planes[:, :-1].T), planes[:, -1]

    def _decide_scaled(self, spectra: FloatArray, factors: FloatArray) -> FloatArray:
        """Multiply by the factors what the planes make of a spectrum, which are fewer numbers than its samples."""
        scores: FloatArray = spectra @ self._weights
        scores *= factors[..., None]
        scores += self._offsets
        return scores

    def _decide(self, spectra: FloatArray) -> FloatArray:
        scores: FloatArray = spectra @ self._weights
        scores += self._offsets
        return scores


def minimise_squared_hinge(samples: Array, signs: Array, costs: Array) -> Array:
    """Minimise |w|²/2 + Σ_i costs_i · max(0, 1 - signs_i · w·samples_i)².

    The finite Newton method of Mangasarian (Optimization Methods and Software 17, 2002) and of Keerthi and DeCoste
    (JMLR 6, 2005): on the samples inside the margin the objective is quadratic, so each step solves a ridge
    regression, and once a full step leaves that set as it was, the minimum is reached.

    Parameters
    ----------
    samples
        (n, d) float64.
    signs
        (n,) +1 or -1.
    costs
        (n,) above 0.

    Returns
    -------
    (d,) float64, the minimiser w.
    """
    weights = np.zeros(samples.shape[1])
    slack = np.ones(len(samples))
    for _ in range(MAX_NEWTON_STEPS):
        inside = slack > 0
        near, pull = samples[inside], 2 * costs[inside]
        hessian = (near.T * pull) @ near
        hessian.flat[:: len(weights) + 1] += 1
        step = np.linalg.solve(hessian, near.T @ (pull * signs[inside])) - weights
        shift = signs * (samples @ step)
        rate = _step_length(weights, step, slack, shift, costs, float(step @ hessian @ step))
        weights, slack = weights + rate * step, slack - rate * shift
        if rate == 1 and np.array_equal(slack > 0, inside):
            break
    return weights


def _step_length(weights: Array, step: Array, slack: Array, shift: Array, costs: Array, fall: float) -> float:
    """Halve the step until the objective falls by 1e-4 of what its slope, -`fall`, promises (Armijo's rule)."""

    def objective(rate: float) -> float:
        trial, beyond = weights + rate * step, np.maximum(slack - rate * shift, 0)
        return 0.5 * float(trial @ trial) + float(costs @ beyond**2)

    # The tolerance lets the last step pass, when there is no further to fall than rounding reaches.
    here = objective(0.0) * (1 + 1e-12)
    rate = 1.0
    while objective(rate) > here - 1e-4 * rate * fall and rate > 1e-9:
        rate /= 2
    return rate


def _within_span(design: Array) -> tuple[Array, Array]:
    """Return `design` (n, d) in an orthonormal basis of its rows, (n, r), and that basis, (d, r): r = min(n, d).

    The minimiser lies in the span of the samples, and there are often fewer points than bands.
    """
    num_points, num_columns = design.shape
    if num_points >= num_columns:
        return design, np.eye(num_columns)
    basis, coordinates = np.linalg.qr(design.T)
    return coordinates.T, basis
