"""Check that images and masks can be decoded and fit each other, before anything depends on it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from hyperpoint.errors import HyperpointError, InputError
from hyperpoint.io.images import read_rgb
from hyperpoint.io.manifest import ManifestRow
from hyperpoint.io.masks import read_confidence, read_label_ids
from hyperpoint.types import IGNORE, ClassTable, LabelArray

Progress = Callable[[int, int, str], None]
ReadMask = Callable[[Path], LabelArray]
T = TypeVar("T")

# A decoded photo of HSICityV2 takes 8 MB; more threads than this would wait for the disk.
_MAX_THREADS = 16
_NUM_NAMED = 5


def check_pair(row: ManifestRow, classes: ClassTable, read: ReadMask = read_label_ids) -> NDArray[np.int64]:
    """Decode the image, mask and confidence of a row, and make sure that they fit each other and the class table.

    Parameters
    ----------
    read
        Returns the ids of a mask, and raises what is wrong with it.

    Returns
    -------
    (num_classes,) int64: how many pixels of the mask bear each class.

    Raises
    ------
    MissingFileError, InputError
        If a file is missing, damaged or ends early; there is no mask; sizes differ; or the mask holds an id that is
        neither in `classes` nor 255.
    """
    if row.label is None:
        raise InputError(f"the image {row.image} has no mask; name one in the column label")
    size = read_rgb(row.image).shape[:2]
    labels = read(row.label)
    _check_size(f"mask {row.label}", labels.shape, f"image {row.image}", size)
    counts = np.bincount(labels.ravel(), minlength=IGNORE + 1)
    strange = np.flatnonzero(counts[len(classes) : IGNORE]) + len(classes)
    if len(strange):
        raise InputError(
            f"the mask {row.label} holds class {strange[0]}, but the class table ends with class {len(classes) - 1} "
            f"({IGNORE} is unlabelled)"
        )
    if row.confidence is not None:
        _check_size(f"confidence picture {row.confidence}", read_confidence(row.confidence).shape, "mask", labels.shape)
    return counts[: len(classes)].astype(np.int64)


def check_pairs(
    rows: Sequence[ManifestRow],
    classes: ClassTable,
    progress: Progress | None = None,
    also: Callable[[ManifestRow], object] | None = None,
    read: ReadMask = read_label_ids,
) -> NDArray[np.int64]:
    """Check every row as `check_pair` does, several at a time, and report all that is wrong in one error.

    Parameters
    ----------
    progress
        Called with (done, total, name of the image).
    also
        A further check; it raises what is wrong with a row.
    read
        As in `check_pair`.

    Returns
    -------
    (num_rows, num_classes) int64: how many pixels of each mask bear each class.

    Raises
    ------
    InputError
        If a row cannot be used; the message says how many and what is wrong with the first of them.
    """

    def check(row: ManifestRow) -> NDArray[np.int64]:
        counts = check_pair(row, classes, read)
        if also is not None:
            also(row)
        return counts

    return np.array(each_row(rows, check, progress), dtype=np.int64).reshape(len(rows), len(classes))


def each_row(
    rows: Sequence[ManifestRow], work: Callable[[ManifestRow], T], progress: Progress | None = None
) -> list[T]:
    """Return what `work` makes of each row, several at a time; report all that went wrong in one error.

    Raises
    ------
    InputError
        If a row cannot be used; the message says how many and what is wrong with the first of them.
    """

    def attempt(row: ManifestRow) -> tuple[T | None, HyperpointError | None]:
        try:
            return work(row), None
        except HyperpointError as error:
            return None, error

    found: list[T] = []
    problems: list[str] = []
    with ThreadPoolExecutor(min(_MAX_THREADS, os.cpu_count() or 1)) as pool:
        for row, (result, problem) in zip(rows, pool.map(attempt, rows), strict=True):
            if problem is not None:
                problems.append(str(problem))
            else:
                found.append(cast(T, result))
            if progress is not None:
                progress(len(found) + len(problems), len(rows), row.image.name)
    if problems:
        more = "" if len(problems) <= _NUM_NAMED else f"; and {len(problems) - _NUM_NAMED} more"
        raise InputError(
            f"{len(problems)} of {len(rows)} images cannot be used: {'; '.join(problems[:_NUM_NAMED])}{more}"
        )
    return found


def _check_size(what: str, shape: tuple[int, ...], of: str, expected: tuple[int, ...]) -> None:
    if shape != expected:
        raise InputError(
            f"the {what} has {shape[0]} x {shape[1]} pixels, its {of} {expected[0]} x {expected[1]}; they must agree"
        )
