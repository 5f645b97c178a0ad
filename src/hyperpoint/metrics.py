"""Scores of label maps: one confusion matrix for the whole project."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hyperpoint.errors import InputError
from hyperpoint.types import IGNORE, MAX_CLASSES, ClassTable

FloatVector = NDArray[np.float64]
CountMatrix = NDArray[np.int64]


class ClassScore(NamedTuple):
    """How well one class was found: `iou` and `accuracy` in 0..1, NaN if absent from the truth; `support` in pixels."""

    id: int
    iou: float
    accuracy: float
    support: int


class ConfusionMatrix:
    """Counts of pixels by true and predicted class, pooled over any number of images.

    Pixels whose truth is 255, or one of the `unscored` classes, are not counted. A pixel that is predicted as 255, or
    as an id that is no class, is counted as wrong, and `coverage` says how many are not of that kind. Means are taken
    over the classes that are present in the truth.

    Parameters
    ----------
    num_classes
        1 to 255; the ids are 0 to num_classes - 1.
    unscored
        Ids whose pixels in the truth are not counted. Predicting one of them elsewhere is an error like any other.

    Attributes
    ----------
    counts
        (num_classes, num_classes + 1) int64: rows are the truth, columns the prediction; the last column is
        "no class".

    Raises
    ------
    InputError
        If a number of classes or an id is out of range.
    """

    def __init__(self, num_classes: int, unscored: Iterable[int] = ()) -> None:
        if not 1 <= num_classes <= MAX_CLASSES:
            raise InputError(f"a confusion matrix has 1 to {MAX_CLASSES} classes; got {num_classes}")
        self.num_classes = num_classes
        self.unscored = tuple(sorted(set(unscored)))
        if self.unscored and not 0 <= self.unscored[0] <= self.unscored[-1] < num_classes:
            raise InputError(f"unscored classes must be ids 0 to {num_classes - 1}; got {list(self.unscored)}")
        self.counts: CountMatrix = np.zeros((num_classes, num_classes + 1), dtype=np.int64)

    def update(self, predicted: NDArray[Any], truth: NDArray[Any]) -> None:
        """Count the pixels of one more image.

        Parameters
        ----------
        predicted
            Integers of any shape; 255 is unlabelled.
        truth
            Integers of the same shape: 0 to num_classes - 1, or 255 for unlabelled.

        Raises
        ------
        InputError
            If shapes differ, a type is no integer, or the truth holds an id that is no class.
        """
        if predicted.shape != truth.shape:
            raise InputError(
                f"prediction and truth must be equally large; got {_size(predicted.shape)} and {_size(truth.shape)}"
            )
        pairs = _as_bytes(truth).astype(np.uint16) << 8 | _as_bytes(predicted)
        table = np.bincount(pairs.ravel(), minlength=1 << 16).reshape(256, 256)
        strange = np.flatnonzero(table[self.num_classes : IGNORE].any(axis=1)) + self.num_classes
        if len(strange) or (truth.dtype != np.uint8 and not _fits_byte(truth).all()):
            found = strange[0] if len(strange) else truth[~_fits_byte(truth)][0]
            raise InputError(
                f"the truth holds class {found}, but the classes are 0 to {self.num_classes - 1} and {IGNORE} for "
                f"unlabelled; is it another class table?"
            )
        counts = np.empty_like(self.counts)
        counts[:, :-1] = table[: self.num_classes, : self.num_classes]
        counts[:, -1] = table[: self.num_classes, self.num_classes :].sum(axis=1)
        counts[list(self.unscored)] = 0
        self.counts += counts

    def __add__(self, other: ConfusionMatrix) -> ConfusionMatrix:
        """Return the matrix of the images of both.

        Raises
        ------
        InputError
            If they count other classes.
        """
        if (self.num_classes, self.unscored) != (other.num_classes, other.unscored):
            raise InputError(
                f"confusion matrices add up only if they count the same classes; got {self.num_classes} and "
                f"{other.num_classes}, unscored {list(self.unscored)} and {list(other.unscored)}"
            )
        total = ConfusionMatrix(self.num_classes, self.unscored)
        total.counts = self.counts + other.counts
        return total

    @property
    def num_pixels(self) -> int:
        """How many pixels were counted."""
        return int(self.counts.sum())

    @property
    def support(self) -> CountMatrix:
        """(num_classes,) int64: how many pixels of the truth each class has."""
        return np.asarray(self.counts.sum(axis=1))

    @property
    def accuracy(self) -> float:
        """Share of pixels predicted rightly; NaN if none was counted."""
        return _ratio(np.trace(self.counts), self.counts.sum())

    @property
    def class_accuracy(self) -> FloatVector:
        """(num_classes,): share of each class's pixels predicted rightly; NaN if it is absent from the truth."""
        return _ratios(np.diagonal(self.counts), self.support)

    @property
    def mean_accuracy(self) -> float:
        """Mean of `class_accuracy` over the classes present in the truth; NaN if there is none."""
        return _mean_of_present(self.class_accuracy)

    @property
    def iou(self) -> FloatVector:
        """(num_classes,): intersection over union of each class; NaN if it is absent from the truth."""
        hits = np.diagonal(self.counts)
        union = self.support + self.counts[:, :-1].sum(axis=0) - hits
        return np.where(self.support > 0, _ratios(hits, union), np.nan)

    @property
    def miou(self) -> float:
        """Mean of `iou` over the classes present in the truth; NaN if there is none."""
        return _mean_of_present(self.iou)

    @property
    def coverage(self) -> float:
        """Share of pixels that were predicted as a class, rightly or not; NaN if none was counted."""
        return _ratio(self.counts[:, :-1].sum(), self.counts.sum())

    @property
    def per_class(self) -> list[ClassScore]:
        """Scores of the classes that occur in the truth or were predicted where it was scored, by id."""
        occurs = np.flatnonzero(self.support + self.counts[:, :-1].sum(axis=0))
        iou, accuracy, support = self.iou, self.class_accuracy, self.support
        return [ClassScore(int(c), float(iou[c]), float(accuracy[c]), int(support[c])) for c in occurs]

    def to_dict(self, classes: ClassTable | None = None) -> dict[str, Any]:
        """Return all scores as JSON-serialisable values; what is NaN becomes None.

        Parameters
        ----------
        classes
            Adds the names.

        Returns
        -------
        `accuracy`, `mean_accuracy`, `miou`, `coverage` (0..1), `num_pixels`, and `per_class`: a list of
        `{id, name, iou, accuracy, support}` (no `name` without `classes`).
        """
        per_class = []
        for score in self.per_class:
            name = {} if classes is None else {"name": classes.names[score.id]}
            values = {"iou": _or_none(score.iou), "accuracy": _or_none(score.accuracy), "support": score.support}
            per_class.append({"id": score.id, **name, **values})
        return {
            "accuracy": _or_none(self.accuracy),
            "mean_accuracy": _or_none(self.mean_accuracy),
            "miou": _or_none(self.miou),
            "coverage": _or_none(self.coverage),
            "num_pixels": self.num_pixels,
            "per_class": per_class,
        }


def _as_bytes(labels: NDArray[Any]) -> NDArray[np.uint8]:
    """Return labels as uint8, with 255 for what does not fit."""
    if labels.dtype == np.uint8:
        return labels
    if labels.dtype.kind not in "iub":
        raise InputError(f"labels must be integers; got {labels.dtype}")
    return np.where(_fits_byte(labels), labels, IGNORE).astype(np.uint8)


def _fits_byte(labels: NDArray[Any]) -> NDArray[np.bool_]:
    return (labels >= 0) & (labels <= IGNORE)


def _size(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))


def _ratio(part: Any, whole: Any) -> float:
    return float(part) / float(whole) if whole else float("nan")


def _ratios(part: NDArray[Any], whole: NDArray[Any]) -> FloatVector:
    shares = np.full(len(whole), np.nan)
    np.divide(part, whole, out=shares, where=whole > 0)
    return shares


def _mean_of_present(values: FloatVector) -> float:
    present = values[~np.isnan(values)]
    return float(present.mean()) if len(present) else float("nan")


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else value
