"""Cells like nothing labelled: farther from every point than points are from each other."""

from __future__ import annotations

import numpy as np

from hyperpoint.annotation.mixture.candidates import squared_distances
from hyperpoint.annotation.mixture.cores import spread
from hyperpoint.annotation.mixture.features import Features, Key
from hyperpoint.annotation.mixture.leave_one_out import Float64Array
from hyperpoint.cube import BoolArray, FloatArray, IndexArray

LEVEL = 0.05  # share of the pixels of labelled classes that are rejected by mistake
SCALE = 1.0  # of the representations looked at: a cell with its next neighbours, which halves the noise
REACH = 3  # cells: what is nearer shares the noise of a scale of 1, and often the object
IMAGINED_DISTANCES = 2.0  # draw a class's typical distance towards that of all
MIN_POINTS = 3  # cells with a point; below this there is no distance between them to judge by
TINY = 1e-9
CHUNK = 4096


def reject(features: Features, cells: IndexArray, classes: IndexArray, shares: Float64Array) -> BoolArray:
    """Return which cells are rejected, (cells,).

    A cell is as novel as it is far, on a logarithmic scale, from the nearest point. How far is too far is learned from
    the points, each left out (conformal prediction: Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World,
    2005): at most `LEVEL` of the pixels of labelled classes are rejected, if points were drawn at random.
    Which representation to look at, and whether distances count in units of the nearest point's class, is learned
    from the points too, by leaving out the classes one at a time.

    Parameters
    ----------
    cells, classes
        (n,) the points' cells of the working grid, and their positions among the classes. Points of a class that
        share a cell count as one.
    shares
        (num_classes,) how common each class is: points weigh as if they had been drawn so.
    """
    out = np.zeros(features.shape[0] * features.shape[1], dtype=np.bool_)
    cells, classes = np.unique(np.stack([cells, classes]), axis=1)
    if len(np.unique(cells)) < MIN_POINTS:
        return out
    names = sorted({name for name, _ in features.blocks} - {"rgb"}, key=lambda name: (not name.endswith(":sp"), name))
    keys: list[Key] = [(name, SCALE) for name in names]
    beside = _beside(cells, classes, features.shape[1])
    between = {
        key: np.where(beside, np.inf, _log_distances(features.blocks[key][cells], features.blocks[key][cells]))
        for key in keys
    }
    options = [(key, by_class) for key in keys for by_class in (False, True)]
    key, by_class = max(options, key=lambda option: _leave_classes_out(between[option[0]], classes, option[1]))
    units = _units(between[key], classes, by_class)
    weights = (shares / np.bincount(classes, minlength=len(shares)))[classes]
    threshold = _threshold(_left_out(between[key], units), weights)
    block = features.blocks[key]

    def reject_chunk(start: int) -> None:
        chunk = slice(start, start + CHUNK)
        out[chunk] = (_log_distances(block[chunk], block[cells]) - units).min(axis=1) > threshold

    spread(reject_chunk, range(0, len(out), CHUNK))
    return out


def _beside(cells: IndexArray, classes: IndexArray, num_cols: int) -> BoolArray:
    """Return which points (columns) say nothing of how far others (rows) would lie if drawn at random, (n, n).

    Clicks side by side, or a mask's pixels, are as alike as no two drawn points are: within `REACH` they are left out
    together, unless the class has no other point. The same cell is always left out.
    """
    rows, cols = np.divmod(cells, num_cols)
    near = np.maximum(np.abs(rows[:, None] - rows), np.abs(cols[:, None] - cols)) <= REACH
    has_others = ((classes[:, None] == classes) & ~near).any(axis=1)
    return np.asarray((cells[:, None] == cells) | (near & has_others[:, None]))


def _log_distances(a: FloatArray, b: FloatArray) -> Float64Array:
    return np.asarray(0.5 * np.log(squared_distances(a, b) + TINY**2))


def _units(between: Float64Array, classes: IndexArray, by_class: bool) -> Float64Array:
    """Return the logarithm of the unit in which distances to each point count, (n,).

    That of the class is the mean over its points of how far the next of the class is.
    """
    num = len(classes)
    if not by_class:
        return np.zeros(num)
    own = np.where(classes[:, None] == classes, between, np.inf)
    np.fill_diagonal(own, np.inf)
    nearest = own.min(axis=1)
    known = np.isfinite(nearest)
    if not known.any():
        return np.zeros(num)
    sums = np.bincount(classes[known], nearest[known], classes.max() + 1)
    counts = np.bincount(classes[known], minlength=classes.max() + 1)
    typical = (sums[counts > 0] / counts[counts > 0]).mean()
    return np.asarray(((sums + IMAGINED_DISTANCES * typical) / (counts + IMAGINED_DISTANCES))[classes])


def _left_out(between: Float64Array, units: Float64Array) -> Float64Array:
    """Return how novel each point is to the others, (n,)."""
    novelty = between - units
    np.fill_diagonal(novelty, np.inf)
    return np.asarray(novelty.min(axis=1))


def _leave_classes_out(between: Float64Array, classes: IndexArray, by_class: bool) -> float:
    """Return how well novelty tells points of a class that was left out from the others: mean area under the ROC."""
    areas = []
    for c in np.unique(classes):
        hidden = classes == c
        if (~hidden).sum() < MIN_POINTS:
            continue
        rest = between[np.ix_(~hidden, ~hidden)]
        units = _units(rest, classes[~hidden], by_class)
        known, novel = _left_out(rest, units), (between[np.ix_(hidden, ~hidden)] - units).min(axis=1)
        areas.append(float((novel[:, None] > known).mean()))
    return float(np.mean(areas)) if areas else 0.5


def _threshold(novelty: Float64Array, weights: Float64Array) -> float:
    """Return the novelty that a weighted share `LEVEL` of points like these exceeds.

    The quantile of the points and one more, which might lie anywhere; where they are too few to have it, Student's
    prediction interval of the logarithms.
    """
    weights = weights / weights.sum()
    order = np.argsort(novelty)
    reached = np.cumsum(weights[order]) / (1 + 1 / len(novelty))
    at = int(np.searchsorted(reached, 1 - LEVEL))
    if at < len(novelty):
        return float(novelty[order[at]])
    from scipy.special import stdtrit

    num = 1 / (weights**2).sum()  # how many points of equal weight would say as much
    mean = float(weights @ novelty)
    variance = float(weights @ (novelty - mean) ** 2) * num / max(num - 1, 1e-3)
    return mean + float(stdtrit(max(num - 1, 1.0), 1 - LEVEL)) * float(np.sqrt(variance * (1 + 1 / num)))
