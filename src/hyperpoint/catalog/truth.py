"""Read labels as Truth: for scoring, for simulating an annotator, and for finding the white reference."""

from __future__ import annotations

import numpy as np

from hyperpoint.cube import BoolArray
from hyperpoint.errors import InputError
from hyperpoint.io.files import StrPath
from hyperpoint.io.masks import read_mask
from hyperpoint.types import ClassTable, Truth


def read_truth(path: StrPath, classes: ClassTable | None = None) -> Truth:
    """Read a label image as Truth.

    Of a palette or grey image the stored numbers are the ids, 255 being unlabelled. An RGB image holds colours, which
    must be exactly those of `classes`; black is unlabelled, unless it is the colour of a class.

    Parameters
    ----------
    path
        PNG, TIFF or BMP, (H, W).
    classes
        Needed for an image in colours only.

    Raises
    ------
    MissingFileError
        If the file does not exist.
    InputError
        If it cannot be decoded, or is in colours and `classes` is None.
    ClassTableError
        If a colour is in no class; the message names the colour and counts the pixels.
    """
    return Truth(read_mask(path, classes))


def white_mask(truth: Truth, class_id: int) -> BoolArray:
    """Return where the white reference lies, (H, W) bool: all that may be known of the truth while annotating.

    Raises
    ------
    InputError
        If no pixel bears that class.
    """
    mask: BoolArray = np.equal(truth.labels, class_id)
    if not mask.any():
        raise InputError(
            f"no pixel of the truth bears class {class_id}, the white reference; give another one (--white)"
        )
    return mask
