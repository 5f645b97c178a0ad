"""The contract of every classifier of single spectra (the paper's f_s, section 3.3)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hyperpoint.cube import FloatArray, IndexArray
from hyperpoint.errors import InputError, PointsError
from hyperpoint.types import IGNORE, LabelArray


class Lesson(NamedTuple):
    """Checked `spectra` (n, bands) float32 and `targets` (n,) int64, 0..num_classes - 1, each in use."""

    spectra: FloatArray
    targets: IndexArray
    num_classes: int


@dataclass(eq=False)
class SpectralClassifier(ABC):
    """Learn from the spectra of annotated points, then score any number of spectra.

    The constructor stores parameters, `fit` learns, and a second `fit` forgets the first.

    Parameters
    ----------
    seed
        Where a classifier draws at random, the same seed gives the same result; one that draws nothing ignores it.

    Attributes
    ----------
    classes_
        (num_classes,) int64: the ids that `fit` was given, ascending, gaps kept. Column j of `decision_function`
        belongs to `classes_[j]`.
    """

    seed: int = 0
    classes_: IndexArray = field(init=False, repr=False)
    _num_bands: int = field(init=False, repr=False, default=0)

    def fit(self, spectra: ArrayLike, labels: ArrayLike) -> Self:
        """Learn from `spectra` (n, bands), finite, and their `labels` (n,), class ids 0..254.

        Raises
        ------
        InputError
            If the shapes do not fit each other, or a spectrum holds NaN or infinity.
        PointsError
            If a label is no class id, or fewer than two classes occur.
        """
        fit_together([self], [(spectra, labels)])
        return self

    def decision_function(self, spectra: FloatArray) -> FloatArray:
        """Score every class for every spectrum; the larger, the better.

        Scores have one meaning throughout an image, so they may be summed over its pixels. They are the signed
        distances of one-against-rest for the linear SVM, votes and their margins for the RBF SVM, and probabilities
        for the others: probabilities rather than their logarithms, since a sum of these lets a single
        pixel that is sure and wrong outweigh a superpixel.

        Parameters
        ----------
        spectra
            (m, bands) float32, prepared as those given to `fit`. A row with NaN gets meaningless scores.

        Returns
        -------
        (m, num_classes) float32: one column a class, with two classes too.

        Raises
        ------
        InputError
            If `fit` has not been called, or the number of bands differs from what was fitted.
        """
        self._check_bands(spectra, spectra.ndim == 2)
        return self._decide(spectra.astype(np.float32, copy=False))

    def score_scaled(self, spectra: FloatArray, factors: FloatArray) -> FloatArray:
        """Score every class for each spectrum times its factor.

        Parameters
        ----------
        spectra
            (..., bands) float32, with any strides.
        factors
            (...,) float32: what makes of them spectra prepared as those given to `fit`.

        Returns
        -------
        (..., num_classes) float32: the `decision_function` of the products.

        Raises
        ------
        InputError
            As `decision_function`.
        """
        self._check_bands(spectra, spectra.ndim > 0)
        return self._decide_scaled(spectra.astype(np.float32, copy=False), factors)

    def predict(self, spectra: FloatArray) -> LabelArray:
        """Return the best class of every spectrum: `spectra` (m, bands) float32 -> (m,) uint8 ids.

        Raises
        ------
        InputError
            As `decision_function`.
        """
        best = self.decision_function(spectra).argmax(axis=1)
        labels: LabelArray = self.classes_.astype(np.uint8)[best]
        return labels

    @classmethod
    def _learn_together(cls, learners: Sequence[Self], lessons: Sequence[Lesson]) -> None:
        """Learn as each of the `learners` would by itself; a class that is quicker with many at once overrides this."""
        for learner, lesson in zip(learners, lessons, strict=True):
            learner._learn(*lesson)

    @abstractmethod
    def _learn(self, spectra: FloatArray, targets: IndexArray, num_classes: int) -> None:
        """Learn from checked `spectra` (n, bands) and `targets` (n,), columns 0..num_classes - 1, each in use."""

    @abstractmethod
    def _decide(self, spectra: FloatArray) -> FloatArray:
        """Score checked `spectra` (m, bands) as (m, num_classes) float32."""

    def _decide_scaled(self, spectra: FloatArray, factors: FloatArray) -> FloatArray:
        """Score checked `spectra` (..., bands) times `factors` (...,) as (..., num_classes) float32."""
        scores = self._decide((spectra * factors[..., None]).reshape(-1, spectra.shape[-1]))
        return scores.reshape(*spectra.shape[:-1], scores.shape[1])

    def _check_bands(self, spectra: FloatArray, has_axes: bool) -> None:
        if not self._num_bands:
            raise InputError(f"{type(self).__name__} was not fitted; call fit(spectra, labels) first")
        if not has_axes or spectra.shape[-1] != self._num_bands:
            raise InputError(
                f"{type(self).__name__} was fitted on {self._num_bands} bands and takes (m, {self._num_bands}); "
                f"got spectra of shape {spectra.shape}"
            )


def fit_together(classifiers: Sequence[SpectralClassifier], training: Sequence[tuple[ArrayLike, ArrayLike]]) -> None:
    """Fit each classifier on its own spectra and labels, networks of one kind side by side.

    Each becomes what `fit` makes of it alone, but for rounding: it sees no spectra and no labels of the others.

    Parameters
    ----------
    classifiers
        At least one, all different objects; whatever their kinds and parameters.
    training
        For each the spectra (n, bands) and labels (n,) that `fit` takes; n, bands and classes may differ.

    Raises
    ------
    InputError, PointsError
        As `fit`, for the first that is wrong; nothing has been learned then.
    """
    pupils = [(one, *_lesson(*given)) for one, given in zip(classifiers, training, strict=True)]
    for kind in dict.fromkeys(type(one) for one in classifiers):
        chosen = [(one, lesson) for one, lesson, _ in pupils if type(one) is kind]
        kind._learn_together([one for one, _ in chosen], [lesson for _, lesson in chosen])
    for one, lesson, classes in pupils:
        one.classes_, one._num_bands = classes, lesson.spectra.shape[1]


def _lesson(spectra: ArrayLike, labels: ArrayLike) -> tuple[Lesson, IndexArray]:
    """Check what is to be learned from; return also the ids of the classes."""
    values = _checked_spectra(spectra)
    ids = _checked_labels(labels, len(values))
    classes, targets = np.unique(ids, return_inverse=True)
    if len(classes) < 2:
        raise PointsError(
            f"a classifier needs points of at least two classes; got {len(ids)} points of {len(classes)} class(es)"
        )
    return Lesson(values, targets.astype(np.int64), len(classes)), classes


def balanced_weights(targets: IndexArray) -> NDArray[np.float64]:
    """Return n / (num_classes · n_c), (num_classes,): all classes then weigh alike (scikit-learn's "balanced")."""
    counts = np.bincount(targets)
    weights: NDArray[np.float64] = len(targets) / (len(counts) * counts)
    return weights


def _checked_spectra(spectra: ArrayLike) -> FloatArray:
    values = np.ascontiguousarray(spectra, dtype=np.float32)
    if values.ndim != 2 or values.shape[1] == 0:
        raise InputError(f"spectra to learn from must be (n, bands); got shape {values.shape}")
    if not np.isfinite(values).all():
        bad = int((~np.isfinite(values).all(axis=1)).sum())
        raise InputError(f"{bad} of {len(values)} spectra to learn from hold NaN or infinity; leave those points out")
    return values


def _checked_labels(labels: ArrayLike, num_spectra: int) -> NDArray[np.int64]:
    ids: NDArray[Any] = np.asarray(labels)
    if ids.shape != (num_spectra,):
        raise InputError(f"each of the {num_spectra} spectra needs one label; got labels of shape {ids.shape}")
    if ids.size and ids.dtype.kind not in "iu":
        raise PointsError(f"labels must be integer class ids; got {ids.dtype}")
    if ids.size and not 0 <= ids.min() <= ids.max() < IGNORE:
        raise PointsError(
            f"labels to learn from must be class ids 0..{IGNORE - 1}; got {ids.min()}..{ids.max()} "
            f"({IGNORE} marks a point that nobody annotated: leave it out)"
        )
    return ids.astype(np.int64)
