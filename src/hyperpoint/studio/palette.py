"""Colours for new classes: told apart also by people who see red and green alike, and against light and dark."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

Color = tuple[int, int, int]

# M. Okabe and K. Ito, "Color Universal Design" (2008), without black, which is unlabelled.
_OKABE_ITO: tuple[Color, ...] = (
    (230, 159, 0),
    (86, 180, 233),
    (0, 158, 115),
    (240, 228, 66),
    (0, 114, 178),
    (213, 94, 0),
    (204, 121, 167),
)
_LEVELS = (0, 36, 73, 109, 146, 182, 219, 255)

# How linear RGB is seen without the cones for long and for middle wavelengths: G. M. Machado et al., "A
# physiologically-based model for simulation of color vision deficiency" (2009), severity 1.0.
_VISIONS = (
    np.eye(3),
    np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
)  # fmt: skip
# Oklab, from linear RGB by cone responses: B. Ottosson, "A perceptual color space for image processing" (2020).
_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_OKLAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
# In Oklab, whose lightness runs from 0 to 1: nearer colours are not used beside each other if it can be helped.
_TOO_NEAR = 0.07
_DARKEST, _LIGHTEST = 0.4, 0.93


def next_color(used: Sequence[Color]) -> Color:
    """Return a colour (r, g, b), each 0..255, that differs from those in `used` for every kind of colour vision.

    The colours of Okabe and Ito come first; after them, whichever colour is farthest from all that are used.
    """
    if not used:
        return _OKABE_ITO[0]
    distance = np.min([_distances(color) for color in used], axis=0)
    for number, color in enumerate(_OKABE_ITO):
        if distance[number] > _TOO_NEAR:
            return color
    return _candidates()[int(distance.argmax())]


@lru_cache(maxsize=512)
def _distances(color: Color) -> NDArray[np.float64]:
    """From a colour to each candidate, (n,): the least that any vision sees."""
    differences = np.linalg.norm(_seen_candidates() - _seen([color]), axis=2)
    least: NDArray[np.float64] = differences.min(axis=0)
    return least


@lru_cache(maxsize=1)
def _candidates() -> tuple[Color, ...]:
    grid = [(r, g, b) for r in _LEVELS for g in _LEVELS for b in _LEVELS]
    lightness = _seen(grid)[0, :, 0]
    inside = (lightness >= _DARKEST) & (lightness <= _LIGHTEST)
    return (*_OKABE_ITO, *(color for color, kept in zip(grid, inside, strict=True) if kept))


@lru_cache(maxsize=1)
def _seen_candidates() -> NDArray[np.float64]:
    return _seen(_candidates())


def _seen(colors: ArrayLike) -> NDArray[np.float64]:
    """Turn (n, 3) sRGB colours, 0..255, into Oklab as three kinds of vision see them: (3, n, 3)."""
    srgb = np.asarray(colors, dtype=np.float64) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    seen = np.stack([np.clip(linear @ vision.T, 0, 1) for vision in _VISIONS])
    oklab: NDArray[np.float64] = np.cbrt(seen @ _TO_CONES.T) @ _TO_OKLAB.T
    return oklab
