"""What an annotation is worth: how sure each class is, how often left-out points are predicted, what to click next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from hyperpoint.annotation.annotate import annotate, make_request
from hyperpoint.annotation.mixture.scene import MixtureScene
from hyperpoint.annotation.prepared import PreparedScene
from hyperpoint.annotation.suggestion import Suggestions, suggest
from hyperpoint.cube import BoolArray, IndexArray
from hyperpoint.library import SpectralLibrary
from hyperpoint.types import IGNORE, Annotation, ClassTable, LabelArray, PointSet

__all__ = ["ClassFeedback", "CrossValidation", "Feedback", "cross_validate", "feedback", "suggestions"]

UNCERTAIN = 0.5  # a confidence below it: wrong more likely than right
NUM_FOLDS = 5


@dataclass(frozen=True)
class ClassFeedback:
    """How a class fares.

    Attributes
    ----------
    class_id, num_points, num_pixels
        The class, its points, and the pixels that bear it.
    mean_confidence
        Of these pixels, 0..1; NaN where there are none.
    uncertain_share
        The share of these pixels whose confidence is below `UNCERTAIN`; NaN where there are none.
    """

    class_id: int
    num_points: int
    num_pixels: int
    mean_confidence: float
    uncertain_share: float


@dataclass(frozen=True, eq=False)
class Feedback:
    """What an annotation says of itself.

    Attributes
    ----------
    classes
        Those with a point or a pixel, ids ascending.
    coverage
        The share of the image that bears a label, 0..1.
    suspects
        Positions of points that the others contradict, ascending.
    """

    classes: tuple[ClassFeedback, ...]
    coverage: float
    suspects: IndexArray

    @property
    def least_certain(self) -> tuple[ClassFeedback, ...]:
        """The classes with pixels, the least certain first."""
        return tuple(sorted((one for one in self.classes if one.num_pixels), key=lambda one: one.mean_confidence))


@dataclass(frozen=True)
class CrossValidation:
    """How often points are predicted from the others, a fifth of them left out at a time.

    Attributes
    ----------
    num_right, num_tested
        Points predicted rightly, of those that were left out: all whose class has another point.
    by_class
        (num_right, num_tested) of each class id.
    """

    num_right: int
    num_tested: int
    by_class: dict[int, tuple[int, int]]

    @property
    def accuracy(self) -> float:
        """The share predicted rightly, 0..1."""
        return self.num_right / self.num_tested

    @classmethod
    def of(cls, given: LabelArray, predicted: LabelArray) -> CrossValidation | None:
        """Count left-out points by their labels and what was predicted, (n,) each; None without points."""
        if not len(given):
            return None
        right = given == predicted
        by_class = {int(c): (int(right[given == c].sum()), int((given == c).sum())) for c in np.unique(given)}
        return cls(int(right.sum()), len(given), by_class)


def feedback(annotation: Annotation, points: PointSet, corrections: LabelArray | None = None) -> Feedback:
    """Say how sure an annotation is of each class, and how much of the image it covers.

    Parameters
    ----------
    annotation
        Made from `points`.
    corrections
        (H, W) uint8 laid over it, 255 where there is none; a corrected pixel is sure.
    """
    labels, confidence = annotation.labels, annotation.confidence
    if corrections is not None and (corrected := corrections != IGNORE).any():
        labels = np.where(corrected, corrections, labels)
        confidence = np.where(corrected, np.float32(1), confidence)
    flat, sure = labels.ravel(), confidence.ravel()
    pixels = np.bincount(flat, minlength=256)
    total = np.bincount(flat, sure, minlength=256)
    doubtful = np.bincount(flat[sure < UNCERTAIN], minlength=256)
    clicked = np.bincount(points.labels, minlength=256)
    classes = tuple(
        ClassFeedback(c, int(clicked[c]), int(pixels[c]), *_shares((total[c], doubtful[c]), int(pixels[c])))
        for c in np.flatnonzero((pixels + clicked)[:IGNORE] > 0).tolist()
    )
    return Feedback(classes, 1 - float(pixels[IGNORE]) / max(labels.size, 1), annotation.suspects)


def _shares(parts: tuple[float, float], whole: int) -> tuple[float, float]:
    return (float(parts[0] / whole), float(parts[1] / whole)) if whole else (float("nan"), float("nan"))


def cross_validate(
    prepared: PreparedScene,
    points: PointSet,
    seed: int = 0,
    *,
    library: SpectralLibrary | None = None,
    is_wanted: Callable[[], bool] = lambda: True,
) -> CrossValidation | None:
    """Count how many points are predicted rightly when they are left out.

    The recipe `best` knows, having left every point out to learn how far to trust itself; straight after `annotate`
    with the same points, seed and library the answer takes no time. Other recipes annotate five times.

    Parameters
    ----------
    prepared, points, seed, library
        As for `hyperpoint.annotate`.
    is_wanted
        Asked before each of the five; False ends it.

    Returns
    -------
    The count; None if no class has two points to leave one out, or it was no longer wanted.

    Raises
    ------
    PointsError, InputError, RecipeError
        As `hyperpoint.annotate`.
    """
    request, used = make_request(prepared, points, seed, library)
    if isinstance(prepared, MixtureScene):
        found = prepared.infer(request)
        held = found.held_out.points
        predicted = found.class_ids[found.held_out.probabilities.argmax(axis=1)]
        return CrossValidation.of(request.training.labels[found.chosen][held], predicted)
    given, answers = [], []
    for held in _folds(points.labels[used], np.random.default_rng(seed)):
        if not is_wanted():
            return None
        keep: BoolArray = np.ones(len(points), dtype=bool)
        keep[used[held]] = False
        labels = annotate(prepared, points.subset(keep), seed=seed, library=library).labels
        left_out = points.subset(~keep)
        given.append(left_out.labels)
        answers.append(labels[left_out.rows, left_out.cols])
    return CrossValidation.of(np.concatenate(given), np.concatenate(answers)) if given else None


def _folds(labels: LabelArray, rng: np.random.Generator) -> Iterator[IndexArray]:
    """Deal the points of each class that has several out in turn; yield the positions of each fold that got any."""
    fold = np.full(len(labels), -1)
    start = 0
    for c in np.unique(labels):
        own = np.flatnonzero(labels == c)
        if len(own) > 1:
            fold[rng.permutation(own)] = (np.arange(len(own)) + start) % NUM_FOLDS
            start += len(own)
    for k in range(NUM_FOLDS):
        if len(held := np.flatnonzero(fold == k)):
            yield held


def suggestions(
    prepared: PreparedScene,
    points: PointSet,
    num: int = 5,
    *,
    classes: ClassTable | None = None,
    library: SpectralLibrary | None = None,
    seed: int = 0,
) -> Suggestions:
    """Return the next points to click, the best first, with reasons; see `hyperpoint.suggest`."""
    return suggest(prepared, points, num, seed, classes=classes, library=library)
