"""Points whose label the others contradict: perhaps misclicks."""

from __future__ import annotations

import numpy as np

from hyperpoint.annotation.mixture.confidence import honest_by_others
from hyperpoint.annotation.mixture.held_out import HeldOut, softmax_rows
from hyperpoint.annotation.mixture.leave_one_out import Float64Array, Task
from hyperpoint.cube import IndexArray

# How improbable a label must be for each other point of its class that is itself predicted rightly. A class of few
# points may have kinds that they do not show, so that the contradiction must be the clearer.
LEVEL = 0.0005
MAX_AROUND = 0.05  # its class is nowhere near: a click beside the edge of its object is none at the wrong thing


def find_suspects(
    held_out: HeldOut, task: Task, without_one: Float64Array, slope: float, bias: Float64Array
) -> IndexArray:
    """Return which points bear a label that their spectrum and their surroundings contradict, ascending.

    Both what the spectrum alone says and what it says together with the surroundings must be nearly sure of another
    class, the label's class must not occur close by, and no other point of the class may be taken for the same other
    class: then the two are merely hard to tell apart.

    Parameters
    ----------
    without_one
        (n, num_classes): the points' scores, each left out.
    slope, bias
        What turns scores into log odds, and (num_classes,) the log of the priors that the probabilities contain.
    """
    own, each = task.classes[held_out.points], np.arange(len(held_out.points))
    by_place = honest_by_others(held_out.probabilities, own, bias)[each, own]
    spectral = softmax_rows(slope * without_one[held_out.points])
    by_spectrum = honest_by_others(spectral, own, np.zeros_like(bias))[each, own]
    predicted = held_out.probabilities.argmax(axis=1)
    num_right = np.bincount(own[predicted == own], minlength=task.num_classes)[own]
    confused = np.zeros((task.num_classes, task.num_classes), dtype=np.int64)
    np.add.at(confused, (own, predicted), 1)
    contradicted = (
        (predicted != own)
        & (np.maximum(by_place, by_spectrum) < LEVEL * num_right)
        & (held_out.around[each, own] < MAX_AROUND)
        & (confused[own, predicted] == 1)
    )
    return np.asarray(held_out.points[contradicted])
