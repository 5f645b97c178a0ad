"""Tell a damaged cube by the spectra at its points, which would otherwise give a mask that means nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hyperpoint.cube import FloatArray, usable_pixels
from hyperpoint.errors import CubeFormatError

# Reflectance, radiance and counts in any unit lie far within; bytes in the wrong order do not.
_LARGEST, _SMALLEST = 1e15, 1e-25
# Of the points: a few may lie on values that stand for "no data" without the file saying so.
_MOST = 0.5


def check_spectra(spectra: FloatArray, path: Path | None) -> None:
    """Make sure that spectra differ from each other, and have values that a sensor can have measured.

    Parameters
    ----------
    spectra
        (n, bands) float32; those with missing samples are passed over.
    path
        The cube, for the message.

    Raises
    ------
    CubeFormatError
        If all are equal, or most have values as bytes in the wrong order give them.
    """
    usable = spectra[usable_pixels(spectra)]
    if len(usable) < 2:
        return
    size = np.abs(usable)
    strange = ((size > _LARGEST) | ((size > 0) & (size < _SMALLEST))).any(axis=1)
    if strange.mean() > _MOST:
        raise CubeFormatError(
            f"the cube {path} has values from {usable.min():.1e} to {usable.max():.1e}, which no sensor measures; is "
            f"its byte order another than its header says, or the file damaged?"
        )
    if (usable == usable[0]).all():
        raise CubeFormatError(
            f"the cube {path} has the same spectrum at all {len(usable)} points; is the file damaged, or empty?"
        )
