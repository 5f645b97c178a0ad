"""What a spectral library says of the cells of a scene, once the scene's points have told its light."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from hyperpoint.annotation.mixture.leave_one_out import LABEL_NOISE, Float64Array, Task
from hyperpoint.annotation.mixture.library_model import LibraryModel
from hyperpoint.cube import BoolArray, FloatArray, IndexArray
from hyperpoint.library import SpectralLibrary
from hyperpoint.types import LabelArray

logger = logging.getLogger(__name__)

# What the library's log odds may be multiplied by: 1 would be right were its model the truth.
WEIGHTS = np.array([0.0, 0.125, 0.25, 0.5, 1.0])
DOUBT = 0.5  # prior probability that a library says nothing of the scene


class Evidence(NamedTuple):
    """`log_odds` (num_classes, cells) float32, to be added to the scores' own, and the `weight` that is in them."""

    log_odds: FloatArray
    weight: float


@dataclass(frozen=True, eq=False)
class Transfer:
    """A library's model, and the cells of a scene in its space.

    Attributes
    ----------
    model
        Fitted at the bands that library and scene share.
    cells
        (cells, dims) float32.
    """

    model: LibraryModel
    cells: FloatArray

    @classmethod
    def of(
        cls, library: SpectralLibrary, averages: FloatArray, bands: BoolArray, spectra: FloatArray
    ) -> Transfer | None:
        """Fit the library's model and project a scene; None for a library of one class, which tells nothing apart.

        Parameters
        ----------
        averages
            (rows, cols, bands) float32: mean spectra of the cells.
        bands, spectra
            What `SpectralLibrary.at_bands` makes of the library for this scene.
        """
        if len(library.class_ids) < 2:
            return None
        model = LibraryModel.of(spectra, library.labels, library.scene_of)
        flat = averages.reshape(-1, averages.shape[2])
        return cls(model, model.project(flat if bands.all() else flat[:, bands]).astype(np.float32))

    def evidence(
        self, class_ids: LabelArray, points: IndexArray, task: Task, without_one: Float64Array
    ) -> Evidence | None:
        """Return what the library adds to the scores of every cell; None if it has too few of the points' classes.

        The light is estimated from all points, so a class's points also help to recognise the other classes. The
        log odds are those of Student's t with as many degrees of freedom as dimensions: a spectrum like nothing in
        the library is not evidence of much.

        Parameters
        ----------
        class_ids
            (num_classes,) ids of the points' classes, ascending.
        points
            (n,) cells of the points.
        task, without_one
            The points, and the scores (n, num_classes) of each when it is left out.
        """
        places = np.searchsorted(self.model.class_ids, class_ids).clip(max=len(self.model.class_ids) - 1)
        known = self.model.class_ids[places] == class_ids
        if known.sum() < 2:
            return None
        aligned = Aligned(
            self.model, self.model.means[places], known, self.cells[points].astype(np.float64), task.classes
        )
        weight = _weight(aligned.without_one(), task, without_one)
        logger.info("the spectral library weighs %.2f", weight)
        return Evidence(np.float32(weight) * aligned.log_odds(self.cells), weight)


class Aligned:
    """A library's classes under the light of a scene, as its points tell it.

    A point's spectrum is its class's mean + light + what is peculiar to the class in this scene + scatter. Given n
    points of a class, their mean observes the light with precision 1 / (between + 1/n), in each dimension by itself.

    Parameters
    ----------
    model
        Of the library.
    means, known
        (num_classes, dims) means of the points' classes, and (num_classes,) which of them the library has.
    points, classes
        (n, dims) spectra of the points in the model's space, and (n,) their positions among the classes.
    """

    def __init__(
        self, model: LibraryModel, means: Float64Array, known: BoolArray, points: Float64Array, classes: IndexArray
    ) -> None:
        self._model, self._means, self._known, self._points, self._classes = model, means, known, points, classes
        num = len(means)
        self._counts = np.bincount(classes, minlength=num).astype(np.float64)
        self._sums = np.eye(num)[classes].T @ points
        precision, pull = self._observed(self._counts, self._sums, np.arange(num))
        self._precision = np.linalg.inv(model.light) + np.diag(precision[known].sum(axis=0))
        self._pull = pull[known].sum(axis=0)

    def _observed(
        self, counts: Float64Array, sums: Float64Array, classes: IndexArray
    ) -> tuple[Float64Array, Float64Array]:
        """Return how precisely the points of `classes` show the light, and the light they show times that."""
        some = np.maximum(counts, 1)[:, None]
        precision = np.where(counts[:, None] > 0, 1 / (self._model.between + 1 / some), 0)
        return precision, precision * (sums / some - self._means[classes])

    def log_odds(self, cells: FloatArray) -> FloatArray:
        """Return the log odds of (n, dims) cells, (num_classes, n) float32, the likeliest class at 0."""
        covariance = np.linalg.inv(self._precision)
        light = covariance @ self._pull
        root = np.linalg.cholesky(np.linalg.inv(self._spread(covariance))).astype(np.float32)
        centres = self._means.astype(np.float32) @ root
        found = (cells - light.astype(np.float32)) @ root
        squared = np.einsum("ij,ij->i", found, found) - 2 * centres @ found.T
        squared += np.einsum("ij,ij->i", centres, centres)[:, None]
        return np.asarray(self._odds(np.maximum(squared, 0)), dtype=np.float32)

    def without_one(self) -> Float64Array:
        """Return the log odds of each point under the light that the others show, (n, num_classes)."""
        own = self._classes
        with_it = self._observed(self._counts, self._sums, np.arange(len(self._counts)))
        without = self._observed(self._counts[own] - 1, self._sums[own] - self._points, own)
        known = self._known[own][:, None]
        lost = np.where(known, with_it[0][own] - without[0], 0)
        precision = self._precision - lost[:, :, None] * np.eye(lost.shape[1])
        pull = self._pull - np.where(known, with_it[1][own] - without[1], 0)
        covariance = np.asarray(np.linalg.inv(precision), dtype=np.float64)
        light = (covariance @ pull[:, :, None])[:, :, 0]
        apart = (self._points - light)[:, None] - self._means  # (n, num_classes, dims)
        squared = ((apart @ np.linalg.inv(self._spread(covariance))) * apart).sum(axis=2)
        return np.asarray(self._odds(squared.T).T)

    def _spread(self, of_light: Float64Array) -> Float64Array:
        """Return the covariance of a pixel about its class's mean and the estimated light, (..., dims, dims)."""
        return of_light + np.diag(1 + self._model.between)

    def _odds(self, squared: Float64Array | FloatArray) -> Float64Array:
        """Turn squared distances, (num_classes, n), to log odds; a class the library lacks is as likely as others."""
        freedom = self._points.shape[1]
        odds = -freedom * np.log1p(squared / np.float32(freedom))
        highest = odds[self._known].max(axis=0)
        odds -= highest
        odds[~self._known] = np.log(np.exp(odds[self._known]).mean(axis=0))
        return np.asarray(odds)


def _weight(log_odds: Float64Array, task: Task, without_one: Float64Array) -> float:
    """Return what the library's log odds are multiplied by, judged by points that are left out.

    The posterior mean over `WEIGHTS` when the library joins the points' own scores, times the posterior probability
    that the library alone predicts the points better than chance: a library whose classes mean other things, or whose
    spectra are of another kind, withdraws; and the better the points do alone, the less it is listened to.

    Parameters
    ----------
    log_odds, without_one
        (n, num_classes): the library's, and the points' own scores, each point left out.
    """
    own = np.zeros_like(without_one)
    tested = task.testable
    if len(tested):
        own[tested] = task.best_slope(without_one[tested], tested)[0] * without_one[tested]
    joined = _posterior(own, log_odds, task)
    alone = _posterior(np.zeros_like(own), log_odds, task)
    return float(joined @ WEIGHTS) * (1 - float(alone[0]))


def _posterior(own: Float64Array, log_odds: Float64Array, task: Task) -> Float64Array:
    """Return the probability of each of `WEIGHTS`, given how the points' classes are predicted with it."""
    logits = own + WEIGHTS[:, None, None] * log_odds
    odds = np.exp(logits - logits.max(axis=2, keepdims=True))
    given = odds[:, np.arange(len(own)), task.classes] / odds.sum(axis=2)
    noisy = (1 - LABEL_NOISE) * given + LABEL_NOISE / task.num_classes
    evidence = (task.weights * np.log(noisy)).sum(axis=1)
    prior = np.array([DOUBT] + [(1 - DOUBT) / (len(WEIGHTS) - 1)] * (len(WEIGHTS) - 1))
    posterior = prior * np.exp(evidence - evidence.max())
    return np.asarray(posterior / posterior.sum())
