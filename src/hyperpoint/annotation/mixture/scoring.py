"""Scores of every cell: the candidates merged into one kernel a group, each as large as its share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hyperpoint.annotation.mixture.candidates import Candidate, Kind, all_candidates, squared_distances
from hyperpoint.annotation.mixture.cores import spread
from hyperpoint.annotation.mixture.features import Features, Key
from hyperpoint.annotation.mixture.leave_one_out import Fit, Task, fit, kernel
from hyperpoint.annotation.mixture.linear import Linear, fit_linear
from hyperpoint.annotation.mixture.selection import candidate_shares
from hyperpoint.cube import FloatArray, IndexArray

MIN_GROUP_SHARE = 0.03
MIN_BLOCK_WEIGHT = 0.02
MERGED_WIDTHS = (0.5, 1.0, 2.0)
CHUNK = 4096  # cells scored at a time: their features and kernel rows stay in a core's cache


@dataclass(frozen=True, eq=False)
class Scores:
    """What the kernels say, before priors and smoothing.

    Attributes
    ----------
    cells
        (num_classes, cells) float32.
    without_one
        (n, num_classes): of the points, each left out.
    smoothing
        Share of the mixture that looks at the neighbourhood, 0..1.
    groups
        The kernels themselves.
    linear
        The linear machines beside them, where they help; they are in `cells` and `without_one`.
    """

    cells: FloatArray
    without_one: NDArray[np.float64]
    smoothing: float
    groups: list[Merged]
    linear: Linear | None = None


@dataclass(frozen=True, eq=False)
class Merged:
    """A group of candidates as one kernel, fitted to the points."""

    share: float
    smooth: bool
    weights: dict[Key, float]
    kind: Kind
    width: float
    fitted: Fit


def score_cells(features: Features, cells: IndexArray, task: Task, rng: np.random.Generator) -> Scores:
    """Fit the mixture to the points, at `cells` (n,) of the working grid, and score every cell by it."""
    candidates = all_candidates(features)
    shares = candidate_shares(candidates, features, cells, task, rng)
    groups = _groups(candidates, shares)
    merged = spread(lambda group: _merge(*group, features, cells, task), groups)
    without_one = np.sum([m.share * m.fitted.without_one() for m in merged], axis=0)
    linear = fit_linear(features, cells, task, without_one, rng.spawn(1)[0])
    return Scores(
        cells=_score(features, merged, linear, cells, task.num_classes),
        without_one=without_one if linear is None else without_one + linear.without_one,
        smoothing=float(sum(m.share * m.smooth for m in merged)),
        groups=merged,
        linear=linear,
    )


def _groups(candidates: list[Candidate], shares: NDArray[np.float64]) -> list[tuple[list[Candidate], list[float]]]:
    """Return the candidates of each group that matters, and their shares."""
    found: dict[tuple[bool, str], tuple[list[Candidate], list[float]]] = {}
    for candidate, share in zip(candidates, shares, strict=True):
        members, their = found.setdefault(candidate.group, ([], []))
        members.append(candidate)
        their.append(float(share))
    return [group for group in found.values() if sum(group[1]) >= MIN_GROUP_SHARE]


def _merge(members: list[Candidate], shares: list[float], features: Features, cells: IndexArray, task: Task) -> Merged:
    """Average the members' squared distances by their shares, and fit the width that predicts left-out points best."""
    total = sum(shares)
    weights: dict[Key, float] = {}
    for member, share in zip(members, shares, strict=True):
        for key, weight in member.blocks.items():
            weights[key] = weights.get(key, 0.0) + share * weight / total
    weights = {key: weight for key, weight in weights.items() if weight > MIN_BLOCK_WEIGHT}
    whole = sum(weights.values())
    weights = {key: weight / whole for key, weight in weights.items()}
    distances = sum(w * squared_distances(features.blocks[key][cells], features.blocks[key][cells])
                    for key, w in weights.items())  # fmt: skip
    kind, every = members[0].kind, np.arange(len(cells))
    fits = [(width, fit(kernel(np.asarray(distances), kind, width), task)) for width in MERGED_WIDTHS]
    width, fitted = min(fits, key=lambda option: task.best_slope(option[1].without_one(), every)[1])
    return Merged(total, members[0].is_smooth, weights, kind, width, fitted)


def _score(
    features: Features, merged: list[Merged], linear: Linear | None, cells: IndexArray, num_classes: int
) -> FloatArray:
    num_cells = features.shape[0] * features.shape[1]
    out = np.zeros((num_classes, num_cells), dtype=np.float32)
    members: list[CellKernel | Linear] = [CellKernel(features, group, cells) for group in merged]
    if linear is not None:
        members.append(linear)

    def score_chunk(start: int) -> None:
        chunk = slice(start, min(start + CHUNK, num_cells))
        for one in members:
            out[:, chunk] += one.scores(chunk)

    spread(score_chunk, range(0, num_cells, CHUNK))
    return out


class CellKernel:
    """Scores chunks of cells by one merged kernel, in float32.

    The squared distance, |x|² - 2 x·p + |p|², is one product of the rows (x, |x|², 1) and (-2 p, 1, |p|²).
    """

    def __init__(self, features: Features, merged: Merged, cells: IndexArray) -> None:
        self._blocks = [features.blocks[key] for key in merged.weights]
        self._roots = [np.float32(np.sqrt(weight)) for weight in merged.weights.values()]
        self._kind = merged.kind
        points = self._joined(cells)
        scale = np.float32(merged.width**-2 if self._kind == "laplace" else -1 / merged.width)
        ones = np.ones((len(points), 1), dtype=np.float32)
        norms = np.einsum("ij,ij->i", points, points)[:, None]
        self._points = np.ascontiguousarray(np.concatenate([-2 * points, ones, norms], axis=1).T) * scale
        self._coefficients = (merged.share * merged.fitted.coefficients.T).astype(np.float32)

    def _joined(self, rows: slice | IndexArray) -> FloatArray:
        return np.concatenate([block[rows] * root for block, root in zip(self._blocks, self._roots, strict=True)], 1)

    def scores(self, chunk: slice | IndexArray) -> FloatArray:
        """Return (num_classes, cells of the chunk) float32."""
        joined = self._joined(chunk)
        norms = np.einsum("ij,ij->i", joined, joined)[:, None]
        similar = np.concatenate([joined, norms, np.ones_like(norms)], axis=1) @ self._points
        if self._kind == "laplace":
            np.maximum(similar, 0, out=similar)
            np.sqrt(similar, out=similar)
            np.negative(similar, out=similar)
        else:
            np.minimum(similar, 0, out=similar)
        np.exp(similar, out=similar)
        return np.asarray(self._coefficients @ similar.T)
