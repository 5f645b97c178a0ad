"""Superpixels f_p (paper, section 3.3)."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from hyperpoint.cube import FloatArray
from hyperpoint.errors import InputError
from hyperpoint.types import Superpixels, UInt8Array

Ids = NDArray[np.int32]

# OpenCV's default number of rounds. The paper says nothing of fragments; OpenCV would merge those under 25 % of a cell,
# which draws thin objects and sharp corners into their neighbours. See docs/paper.md.
NUM_ITERATIONS = 10
MIN_ELEMENT_PERCENT = 5
# From this size on pixels are clustered at half the resolution and only the borders drawn at the full one: a quarter of
# the time, and borders that lie no worse (docs/results.md).
MIN_LARGE_PIXELS = 1_000_000
MIN_LARGE_REGION = 8
NUM_COARSE_ITERATIONS = 5


def slic(rgb: UInt8Array, region_size: int = 50, ruler: float = 10.0) -> Superpixels:
    """Cluster pixels by (r, g, b, x, y) with OpenCV's SLIC (paper, section 4.2: region size 50).

    An image of a million pixels or more is clustered at half its resolution; its pixels at the borders then choose
    anew between the superpixels that meet there.

    Parameters
    ----------
    rgb
        (H, W, 3) uint8.
    region_size
        Side of a superpixel in pixels, at least 2; it is lowered to fit an image that is smaller.
    ruler
        Weight of compactness against colour, above 0.

    Returns
    -------
    Superpixels of the image's size.

    Raises
    ------
    InputError
        If a parameter is out of range.
    """
    if region_size < 2 or ruler <= 0:
        raise InputError(f"SLIC needs a region size of at least 2 and a ruler above 0; got {region_size} and {ruler:g}")
    height, width = rgb.shape[:2]
    fitting = min(region_size, height, width)
    if fitting < 2:
        return Superpixels(np.zeros((height, width), dtype=np.int32), 1)
    if height * width >= MIN_LARGE_PIXELS and fitting >= MIN_LARGE_REGION:
        ids = _coarse_to_fine(rgb, fitting, ruler)
    else:
        ids = _cluster(rgb, fitting, ruler, NUM_ITERATIONS)
    in_use = np.bincount(ids.ravel()) > 0
    renumbered = (np.cumsum(in_use) - 1).astype(np.int32)
    return Superpixels(renumbered[ids], int(in_use.sum()))


def _cluster(rgb: UInt8Array, region_size: int, ruler: float, num_iterations: int) -> Ids:
    """Run OpenCV's SLIC, (H, W) int32."""
    import cv2

    engine = cv2.ximgproc.createSuperpixelSLIC(rgb, cv2.ximgproc.SLIC, region_size, ruler)
    engine.iterate(num_iterations)
    engine.enforceLabelConnectivity(MIN_ELEMENT_PERCENT)
    return np.asarray(engine.getLabels(), dtype=np.int32)


def _coarse_to_fine(rgb: UInt8Array, region_size: int, ruler: float) -> Ids:
    """Cluster squares of 2 x 2 pixels, then let each pixel at a border choose anew, (H, W) int32."""
    import cv2

    height, width = rgb.shape[:2]
    odd = (0, height % 2), (0, width % 2), (0, 0)
    even = np.pad(rgb, odd, mode="edge") if height % 2 or width % 2 else rgb
    size = even.shape[1] // 2, even.shape[0] // 2
    half = np.asarray(cv2.resize(even, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    coarse = _cluster(half, region_size // 2, ruler, NUM_COARSE_ITERATIONS)
    closeness = np.float32(ruler / region_size)
    centres = _centres(half, coarse, closeness)
    padded = np.pad(coarse, 1, mode="edge")
    out = np.empty(even.shape[:2], dtype=np.int32)
    for down, right in product((0, 1), repeat=2):
        # A pixel of a square touches two other squares: one above or below it, one on its left or right.
        beside = padded[1:-1, 2 * right : 2 * right + coarse.shape[1]]
        above = padded[2 * down : 2 * down + coarse.shape[0], 1:-1]
        at = np.nonzero((beside != coarse) | (above != coarse))
        positions = np.stack([2 * at[0] + down, 2 * at[1] + right], axis=1) * closeness
        pixels = np.concatenate([even[down::2, right::2][at], positions], axis=1, dtype=np.float32)
        candidates = np.stack([plane[at] for plane in (coarse, beside, above)])
        distances = [np.square(pixels - centres[ids]).sum(axis=1) for ids in candidates]
        chosen = coarse.copy()
        chosen[at] = candidates[np.argmin(distances, axis=0), np.arange(len(pixels))]
        out[down::2, right::2] = chosen
    return out[:height, :width]


def _centres(half: UInt8Array, coarse: Ids, closeness: np.float32) -> FloatArray:
    """Return each superpixel's mean (r, g, b, row, col), (num, 5) float32, in pixels of the whole image."""
    height, width = coarse.shape
    ids = coarse.ravel()
    counts = np.maximum(np.bincount(ids), 1)
    rows, cols = ((2 * np.arange(num) + 0.5) * float(closeness) for num in (height, width))
    colours = [np.bincount(ids, half[..., channel].ravel()) for channel in range(3)]
    places = [np.bincount(ids, np.repeat(rows, width)), np.bincount(ids, np.tile(cols, height))]
    return np.stack([sums / counts for sums in (*colours, *places)], axis=1).astype(np.float32)
