"""Everything that can be wrong with the images, found before the first step and not in hour three."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hyperpoint.errors import InputError
from hyperpoint.io.manifest import ManifestRow
from hyperpoint.io.pairs import Progress, check_pairs
from hyperpoint.segment.inputs import InputSpec
from hyperpoint.types import ClassTable

logger = logging.getLogger(__name__)

_RGB = InputSpec("rgb")


def check_images(
    rows: Sequence[ManifestRow],
    classes: ClassTable,
    progress: Progress | None = None,
    *,
    inputs: InputSpec = _RGB,
    train_split: str = "train",
) -> NDArray[np.int64]:
    """Decode every image and mask that is going to be used, and count the pixels of the classes in training.

    A class that no training mask bears gives a warning that names it.

    Parameters
    ----------
    rows
        All rows of all splits that are going to be used.
    progress
        Called with (done, total, name of the image).
    inputs
        If it reads cubes, each row must have one that can be opened and fits the image.
    train_split
        Name of the split that is trained on; with no row of it, nothing is said of absent classes.

    Returns
    -------
    (num_classes,) int64: pixels of the training masks that bear each class.

    Raises
    ------
    InputError
        If there is no row; files are missing, damaged, end early or do not fit each other, or masks hold ids out of
        the table (all are counted, the first named); or every pixel of the training masks is unlabelled.
    """
    if not rows:
        raise InputError("there is no image to check; the splits to be used are empty")
    counts = check_pairs(rows, classes, progress, also=inputs.check if inputs.needs_cube else None)
    is_train = np.array([row.split == train_split for row in rows])
    pixels: NDArray[np.int64] = counts[is_train].sum(axis=0)
    if is_train.any():
        _tell_absent(pixels, classes)
    return pixels


def _tell_absent(pixels: NDArray[np.int64], classes: ClassTable) -> None:
    if not pixels.any():
        raise InputError("every pixel of the training masks is unlabelled (255), so there is nothing to learn")
    absent = [classes.names[number] for number in np.flatnonzero(pixels == 0)]
    if absent:
        logger.warning(
            "no training mask bears %s %s, which cannot be learned",
            "the class" if len(absent) == 1 else f"{len(absent)} of {len(classes)} classes:",
            ", ".join(absent),
        )
