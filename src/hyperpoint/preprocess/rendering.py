"""A colour picture from a cube."""

from __future__ import annotations

import logging

import numpy as np
from numpy.typing import NDArray

from hyperpoint.cube import Cube, CubeBlock, FloatArray
from hyperpoint.types import UInt8Array

logger = logging.getLogger(__name__)

# Colour needs bands that reach across green: with less, the matching functions weigh next to nothing.
VISIBLE_CORE_NM = (490.0, 610.0)
BLACK_PERCENTILE, WHITE_PERCENTILE = 1.0, 99.0

_D65_WHITE = np.array([0.95047, 1.0, 1.08883])
# IEC 61966-2-1: XYZ (D65) to linear sRGB.
_XYZ_TO_SRGB = np.array([[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]])


def colour_matching(wavelengths: NDArray[np.float64]) -> NDArray[np.float64]:
    """Evaluate the CIE 1931 colour-matching functions at `wavelengths` (nm), (n,) -> (n, 3).

    The multi-lobe fit of Wyman, Sloan and Shirley, "Simple analytic approximations to the CIE XYZ color matching
    functions", JCGT 2(2), 2013, equation 4.
    """

    def lobe(centre: float, below: float, above: float) -> NDArray[np.float64]:
        distance = wavelengths - centre
        return np.asarray(np.exp(-0.5 * (distance / np.where(distance < 0, below, above)) ** 2))

    x = 1.056 * lobe(599.8, 37.9, 31.0) + 0.362 * lobe(442.0, 16.0, 26.7) - 0.065 * lobe(501.1, 20.4, 26.2)
    y = 0.821 * lobe(568.8, 46.9, 40.5) + 0.286 * lobe(530.9, 16.3, 31.1)
    z = 1.217 * lobe(437.0, 11.8, 36.0) + 0.681 * lobe(459.0, 26.0, 13.8)
    return np.stack([x, y, z], axis=1)


def rgb_weights(cube: Cube) -> tuple[FloatArray, str]:
    """Return the (bands, 3) float32 weights that take spectra to linear rgb, and what they are in words.

    With wavelengths across the visible range: the CIE colour-matching functions, white-balanced so that a flat
    spectrum is grey, to linear sRGB. Otherwise three bands, evenly placed, from the longest wavelength to the
    shortest.
    """
    num_bands = cube.shape[2]
    wavelengths, good = cube.wavelengths, cube.good_bands
    if wavelengths is not None and _covers_visible(wavelengths[good]):
        matching = colour_matching(wavelengths) * (_band_widths(wavelengths) * good)[:, None]
        matching *= _D65_WHITE / matching.sum(axis=0)
        return (matching @ _XYZ_TO_SRGB.T).astype(np.float32), "CIE 1931 colour-matching functions, sRGB"
    usable = np.flatnonzero(good) if good.any() else np.arange(num_bands)
    picked = usable[[int(share * (len(usable) - 1)) for share in (5 / 6, 1 / 2, 1 / 6)]]
    weights = np.zeros((num_bands, 3), dtype=np.float32)
    weights[picked, range(3)] = 1
    return weights, f"composite of bands {', '.join(str(band + 1) for band in picked)} (no visible wavelengths known)"


def _covers_visible(wavelengths: NDArray[np.float64]) -> bool:
    low, high = VISIBLE_CORE_NM
    inside = (wavelengths > 400) & (wavelengths < 700)
    return bool(inside.sum() >= 3 and wavelengths.min() <= low and wavelengths.max() >= high)


def _band_widths(wavelengths: NDArray[np.float64]) -> NDArray[np.float64]:
    """How many nm each band stands for, so that unevenly spaced bands weigh as they should."""
    order = np.argsort(wavelengths)
    widths = np.empty_like(wavelengths)
    widths[order] = np.gradient(wavelengths[order]) if len(wavelengths) > 1 else 1.0
    return widths


def to_picture(linear: FloatArray) -> UInt8Array:
    """Stretch linear rgb to the 1st and 99th percentile and encode it as sRGB.

    Parameters
    ----------
    linear
        (h, w, 3) float32, any scale; NaN (no data) becomes black.

    Returns
    -------
    (h, w, 3) uint8.
    """
    sample = linear[:: max(1, linear.shape[0] // 512), :: max(1, linear.shape[1] // 512)].reshape(-1, 3)
    sample = sample[np.isfinite(sample).all(axis=1)]
    if len(sample) == 0:
        return np.zeros(linear.shape, dtype=np.uint8)
    low = np.percentile(sample.min(axis=1), BLACK_PERCENTILE)
    high = np.percentile(sample.max(axis=1), WHITE_PERCENTILE)
    scaled = np.nan_to_num((linear - low) / max(high - low, 1e-12), nan=0.0, posinf=1.0, neginf=0.0).clip(0, 1)
    encoded = np.where(scaled <= 0.0031308, 12.92 * scaled, 1.055 * scaled ** (1 / 2.4) - 0.055)
    return np.asarray(encoded * 255 + 0.5, dtype=np.uint8)


class Projection:
    """The product of every spectrum with weights, gathered while a cube's blocks go by.

    Parameters
    ----------
    cube
        The cube.
    weights
        (bands, k) float32.

    Attributes
    ----------
    values
        (h, w, k) float32; NaN without data.
    """

    def __init__(self, cube: Cube, weights: FloatArray) -> None:
        self.values = np.full((*cube.shape[:2], weights.shape[1]), np.nan, dtype=np.float32)
        on_scores, self._offset = cube.weights_of_scores(weights)
        size = np.abs(on_scores).max(axis=1)
        used = np.flatnonzero(size > 1e-6 * size.max())  # none of a cube that is flat, or damaged beyond numbers
        self._span = slice(used[0], used[-1] + 1) if len(used) else slice(None)
        self._weights = on_scores[self._span]

    def add(self, block: CubeBlock) -> None:
        """Take in one of the cube's `score_blocks`."""
        with np.errstate(over="ignore", invalid="ignore"):
            product = block.values[..., self._span] @ self._weights
            self.values[block.rows, block.cols] = product + self._offset


def project(cube: Cube, weights: FloatArray) -> FloatArray:
    """Multiply every spectrum by `weights` (bands, k): (h, w, k) float32, NaN without data."""
    projection = Projection(cube, weights)
    for block in cube.score_blocks():
        projection.add(block)
    return projection.values


def render_rgb(cube: Cube) -> UInt8Array:
    """Render `cube` as a colour picture, (h, w, 3) uint8; the log says from what."""
    weights, words = rgb_weights(cube)
    logger.info("rgb rendered from the cube: %s", words)
    return to_picture(project(cube, weights))
