"""The candidate kernels: representation, neighbourhood, share of colour, width."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from hyperpoint.annotation.mixture.features import Features, Key
from hyperpoint.cube import FloatArray

Kind = Literal["laplace", "gauss"]

# Which scales a candidate joins. More sets gained nothing, fewer lost .01 mIoU.
NEIGHBOURHOODS: tuple[tuple[float, ...], ...] = ((0.0,), (0.0, 1.0), (2.0,), (0.0, 3.0, 8.0))
COLOUR_SHARE = 0.5
WIDTHS = (0.5, 1.5)
PLAIN = "log:std"  # the one representation that is not whitened


@dataclass(frozen=True)
class Candidate:
    """A kernel of the mean of squared distances in several blocks.

    Attributes
    ----------
    blocks
        Weight of each block's squared distance; they sum to 1.
    kind
        "laplace", exp(-d / width), of single cells; "gauss", exp(-d² / width), of smoothed ones (measured: the better
        one in each case).
    complexity
        What it has beyond plain components of single cells: a half each for colour and for whitening, 1 for smoothing.
    group
        (smoothed or not, representation): candidates that are merged into one kernel.
    """

    blocks: dict[Key, float]
    kind: Kind
    width: float
    complexity: float
    group: tuple[bool, str]

    @property
    def is_smooth(self) -> bool:
        """Whether it looks at the neighbourhood."""
        return self.group[0]


def all_candidates(features: Features) -> list[Candidate]:
    """List every candidate, in an order that does not change."""
    names = sorted({name for name, _ in features.blocks} - {"rgb"})
    return [
        _candidate(name, scales, colour, width)
        for name in names
        for scales in NEIGHBOURHOODS
        for colour in (0.0, COLOUR_SHARE)
        for width in WIDTHS
    ]


def _candidate(name: str, scales: tuple[float, ...], colour: float, width: float) -> Candidate:
    total = len(scales) * (1 + colour)
    blocks: dict[Key, float] = {(name, scale): 1 / total for scale in scales}
    if colour:
        blocks |= {("rgb", scale): colour / total for scale in scales}
    smooth = scales != (0.0,)
    complexity = smooth + 0.5 * (colour > 0) + 0.5 * (name != PLAIN)
    return Candidate(blocks, "gauss" if smooth else "laplace", width, complexity, (smooth, name))


def squared_distances(a: FloatArray, b: FloatArray) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return squared distances of (n, dims) and (m, dims) as (n, m) float64."""
    a64, b64 = a.astype(np.float64), b.astype(np.float64)
    distances = a64 @ b64.T
    distances *= -2
    distances += (a64 * a64).sum(axis=1)[:, None]
    distances += (b64 * b64).sum(axis=1)
    out: np.ndarray[tuple[int, int], np.dtype[np.float64]] = np.maximum(distances, 0, out=distances)
    return out
