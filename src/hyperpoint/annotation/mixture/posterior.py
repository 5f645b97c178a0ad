"""From scores to probabilities: how common each class is, and smoothness along the edges of the rgb image."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hyperpoint.annotation.mixture.cores import spread
from hyperpoint.annotation.mixture.leave_one_out import DEFAULT_SLOPE, Task
from hyperpoint.annotation.mixture.scoring import Scores
from hyperpoint.cube import BoolArray, FloatArray, IndexArray

# Power of the re-estimated class priors where the points are predicted perfectly; it falls with the square of how well
# they are. Without priors: -.045 / -.03 mIoU on street scenes; .6 to 1 are alike.
PRIOR_POWER = 0.8
PRIOR_ROUNDS = 10
# Points in equal numbers a class say nothing of how common the classes are, and the priors make up for it. Points in
# unequal numbers were clicked where it mattered, or where there is much of a class: they hold the classes' borders, and
# what argues a rare class away there contradicts them. At a tenth of the entropy's loss priors are all but gone.
# Measured on street scenes (three frames) at .02 to .05: +.02 to +.06 mIoU at clicked or random points; where counts
# are unequal for no reason +-0 at .05, -.01 at .02.
EVENNESS_SCALE = 0.03
MIN_PRIOR = 1e-3  # no class is argued away
PRIOR_SAMPLE = 5  # every fifth cell
# Mean field: the guided filter of the probabilities (He et al., PAMI 35(6), 2013) is the message of the neighbours.
# Without it: -.025 / -.013 on street scenes; rounds, radius and eps are flat around these.
FIELD_ROUNDS = 3
FIELD_RADIUS = 8
FIELD_EPS = 1e-3
MIN_FIELD = 0.05
MIN_MESSAGE = 1e-4


class Posterior(NamedTuple):
    """`probabilities` (num_classes, rows, cols) float32 of the working grid, and how scores became them.

    `slope` turned scores into log odds, to which `bias`, (num_classes,), was added: the log of the priors used; and
    `evidence`, (num_classes, cells) float32 log odds, if there was any beside the points. `smoothing` is how loudly
    each cell heard its neighbours.
    """

    probabilities: FloatArray
    slope: float
    bias: NDArray[np.float64]
    smoothing: float
    evidence: FloatArray | None = None

    def offset(self, cells: IndexArray) -> NDArray[np.float64]:
        """Return what was added to the log odds of `cells` (n,), (num_classes, n)."""
        offset = np.repeat(self.bias[:, None], len(cells), axis=1)
        return offset if self.evidence is None else offset + self.evidence[:, cells]


def softmax(logits: FloatArray) -> FloatArray:
    """Turn (num_classes, ...) logits into probabilities, in place."""
    logits -= logits.max(axis=0)
    np.exp(logits, out=logits)
    logits /= logits.sum(axis=0)
    return logits


def infer(scores: Scores, task: Task, filled: BoolArray, guide: Any, evidence: FloatArray | None = None) -> Posterior:
    """Return the class probabilities of every cell.

    Parameters
    ----------
    filled
        (rows, cols) bool: cells with a spectrum, which say how common each class is.
    guide
        OpenCV's guided filter, set up on the rgb image at the working grid.
    evidence
        (num_classes, cells) float32: log odds from elsewhere, such as a spectral library, that join the scores'.
    """
    tested = task.testable
    slope, loss = DEFAULT_SLOPE, 0.5 * np.log(task.num_classes)
    if len(tested):
        slope, loss = task.best_slope(scores.without_one[tested], tested)
    trust = float(np.clip(1 - loss / np.log(task.num_classes), 0, 1))
    logits = np.float32(slope) * scores.cells
    if evidence is not None:
        logits += evidence
    priors = class_priors(softmax(logits[:, np.flatnonzero(filled)[::PRIOR_SAMPLE]]))
    even = evenness(task)
    bias = even * PRIOR_POWER * trust**2 * np.log(priors)
    smoothing = scores.smoothing * (1 + even) / 2
    logits += bias.astype(np.float32)[:, None]
    logits = logits.reshape(-1, *filled.shape)
    return Posterior(mean_field(logits, smoothing, guide), slope, bias, smoothing, evidence)


def evenness(task: Task) -> float:
    """Return 1 if each class has as many points, falling to 0 with the entropy of the counts."""
    counts = np.bincount(task.classes, minlength=task.num_classes)
    if counts.min() == counts.max():
        return 1.0
    shares = counts / len(task.classes)
    lost = 1 + float(np.sum(shares * np.log(shares))) / np.log(task.num_classes)
    return float(np.exp(-max(lost, 0.0) / EVENNESS_SCALE))


def class_priors(probabilities: FloatArray) -> NDArray[np.float64]:
    """Re-estimate the classes' shares from (num_classes, n) probabilities under equal shares.

    Expectation maximisation (Saerens, Latinne and Decaestecker, Neural Computation 14(1), 2002, section 2.2).
    """
    priors = np.full(len(probabilities), 1 / len(probabilities))
    for _ in range(PRIOR_ROUNDS):
        adjusted = probabilities * priors.astype(np.float32)[:, None]
        adjusted /= adjusted.sum(axis=0)
        priors = adjusted.mean(axis=1, dtype=np.float64)
    return np.asarray(np.maximum(priors, MIN_PRIOR))


def mean_field(logits: FloatArray, strength: float, guide: Any) -> FloatArray:
    """Let each cell's classes hear those of its neighbours, as loudly as smoothing helped to predict the points."""
    probabilities = softmax(logits.copy())
    if strength <= MIN_FIELD:
        return probabilities
    message = np.empty_like(logits)

    def hear(c: int) -> None:
        smooth = np.maximum(guide.filter(probabilities[c]), MIN_MESSAGE)
        np.log(smooth, out=smooth)
        np.multiply(smooth, np.float32(strength), out=message[c])

    for _ in range(FIELD_ROUNDS):
        spread(hear, range(len(logits)))
        message += logits
        probabilities = softmax(message.copy())
    return probabilities
