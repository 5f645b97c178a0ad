"""Finding the shift between a cube and its rgb image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hyperpoint.cube import FloatArray
from hyperpoint.errors import InputError
from hyperpoint.types import UInt8Array

# A shift beyond this share of the image is a mistake of the search, not of the rig.
MAX_SHIFT = 0.15
# Height of the correlation peak under which nothing was found. Pictures that differ by a shift alone peak near 1;
# between unrelated ones peaks of up to 0.2 were seen at 60 x 70 pixels, lower ones in larger pictures.
MIN_PEAK = 0.25


@dataclass(frozen=True)
class Shift:
    """How far the cube must be moved, in its own pixels, to lie on the rgb image; `peak` in 0..1 says how sure."""

    down: int
    right: int
    peak: float


def find_shift(cube_picture: UInt8Array, rgb: UInt8Array) -> Shift:
    """Find the shift from a picture of the cube to the rgb image by phase correlation of their edges.

    Edges, because the two cameras see colours and brightness differently but borders in the same places.

    Parameters
    ----------
    cube_picture
        (h, w, 3) uint8, rendered from the cube.
    rgb
        (H, W, 3) uint8, at least as fine.

    Raises
    ------
    InputError
        If the two pictures have too little in common to tell.
    """
    import cv2

    height, width = cube_picture.shape[:2]
    small: UInt8Array = np.asarray(cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    window = cv2.createHanningWindow((width, height), cv2.CV_32F)
    (right, down), peak = cv2.phaseCorrelate(_edges(cube_picture), _edges(small), window)
    if peak < MIN_PEAK or abs(right) > MAX_SHIFT * width or abs(down) > MAX_SHIFT * height:
        raise InputError(
            f"no reliable shift between cube and rgb was found (best: {down:+.1f} rows, {right:+.1f} columns, peak "
            f"{peak:.2f}); is the rgb of the same scene and turned the same way (--rotate)? Leave out --align to go on"
        )
    return Shift(round(down), round(right), float(peak))


def _edges(picture: UInt8Array) -> FloatArray:
    import cv2

    grey = cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32), (0, 0), 1.0)
    return np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)).astype(np.float32)
