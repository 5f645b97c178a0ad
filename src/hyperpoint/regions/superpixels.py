"""Superpixels f_p (paper, section 3.3)."""

from __future__ import annotations

import numpy as np

from hyperpoint.errors import InputError
from hyperpoint.types import Superpixels, UInt8Array

# OpenCV's default number of rounds. The paper says nothing of fragments; OpenCV would merge those under 25 % of a cell,
# which draws thin objects and sharp corners into their neighbours. See docs/paper.md.
NUM_ITERATIONS = 10
MIN_ELEMENT_PERCENT = 5


def slic(rgb: UInt8Array, region_size: int = 50, ruler: float = 10.0) -> Superpixels:
    """Cluster pixels by (r, g, b, x, y) with OpenCV's SLIC (paper, section 4.2: region size 50).

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
    import cv2

    if region_size < 2 or ruler <= 0:
        raise InputError(f"SLIC needs a region size of at least 2 and a ruler above 0; got {region_size} and {ruler:g}")
    fitting = min(region_size, *rgb.shape[:2])
    if fitting < 2:
        return Superpixels(np.zeros(rgb.shape[:2], dtype=np.int32), 1)
    engine = cv2.ximgproc.createSuperpixelSLIC(rgb, cv2.ximgproc.SLIC, fitting, ruler)
    engine.iterate(NUM_ITERATIONS)
    engine.enforceLabelConnectivity(MIN_ELEMENT_PERCENT)
    ids = np.asarray(engine.getLabels(), dtype=np.int32)
    in_use = np.bincount(ids.ravel()) > 0
    renumbered = (np.cumsum(in_use) - 1).astype(np.int32)
    return Superpixels(renumbered[ids], int(in_use.sum()))
