"""A spectral library's evidence: it helps where it fits, and withdraws where it does not."""

from __future__ import annotations

import logging

import numpy as np
import pytest
from numpy.typing import NDArray

from hyperpoint.annotation.annotate import annotate
from hyperpoint.annotation.mixture.leave_one_out import Task
from hyperpoint.annotation.mixture.library_model import LibraryModel, log_spectra
from hyperpoint.annotation.mixture.transfer import Aligned, Transfer
from hyperpoint.annotation.prepare import prepare
from hyperpoint.cube import FloatArray
from hyperpoint.errors import InputError, RecipeError
from hyperpoint.library import SpectralLibrary
from hyperpoint.types import PointSet, Scene

NUM_CLASSES, NUM_BANDS = 6, 24
NM = np.linspace(450.0, 950.0, NUM_BANDS)


class World:
    """Classes whose logarithms are smooth curves, lit anew in every scene."""

    def __init__(self, seed: int = 0) -> None:
        self._rng = np.random.default_rng(seed)
        self._classes = np.cumsum(self._rng.normal(0, 0.12, (NUM_CLASSES, NUM_BANDS)), axis=1)

    def spectra(self, labels: NDArray[np.uint8], gain: float = 1.0) -> FloatArray:
        """Spectra of one scene, (..., bands): a light of its own, a little of its own in each class, scatter."""
        light = np.cumsum(self._rng.normal(0, 0.1, NUM_BANDS))
        own = np.cumsum(self._rng.normal(0, 0.02, (NUM_CLASSES, NUM_BANDS)), axis=1)
        shade = self._rng.normal(0, 0.2, (*labels.shape, 1))
        scatter = np.cumsum(self._rng.normal(0, 0.06, (*labels.shape, NUM_BANDS)), axis=-1)
        logs = (self._classes + own)[labels] + light + shade + scatter
        return np.asarray(gain * np.exp(logs), dtype=np.float32)

    def library(self, num_scenes: int = 8, per_class: int = 10) -> SpectralLibrary:
        """A library of this world."""
        labels = np.repeat(np.arange(NUM_CLASSES, dtype=np.uint8), per_class)
        spectra = [self.spectra(labels, self._rng.uniform(0.1, 10)) for _ in range(num_scenes)]
        scenes = np.repeat(np.arange(num_scenes), len(labels))
        return SpectralLibrary(np.concatenate(spectra), np.tile(labels, num_scenes), NM, scenes)

    def scene(self, gain: float = 1.0) -> tuple[Scene, NDArray[np.uint8]]:
        """A scene of random fields; its rgb image shows nothing."""
        truth = np.kron(self._rng.integers(0, NUM_CLASSES, (6, 8)), np.ones((6, 6), dtype=int)).astype(np.uint8)
        rgb = np.full((*truth.shape, 3), 90, dtype=np.uint8)
        return Scene(self.spectra(truth, gain), NM, rgb), truth


def draw(truth: NDArray[np.uint8], num: int, seed: int = 0) -> PointSet:
    rng = np.random.default_rng(seed)
    picked = np.concatenate([rng.permutation(np.argwhere(truth == c))[:num] for c in np.unique(truth)])
    return PointSet(picked[:, 0], picked[:, 1], truth[picked[:, 0], picked[:, 1]])


def accuracies(
    library: SpectralLibrary, scene: Scene, truth: NDArray[np.uint8], num: int
) -> tuple[float, float, float]:
    """Accuracy without and with the library, over four draws of points, and the mean weight it got."""
    prepared = prepare(scene, "best")
    found = []
    for seed in range(4):
        points = draw(truth, num, seed)
        plain, aided = annotate(prepared, points), annotate(prepared, points, library=library)
        weight = aided.provenance["library"]["weight"]
        found.append(((plain.labels == truth).mean(), (aided.labels == truth).mean(), weight))
    without, aided_accuracy, weights = np.mean(found, axis=0)
    return float(without), float(aided_accuracy), float(weights)


def test_it_helps_at_one_point_a_class_whatever_the_unit() -> None:
    world = World()
    library = world.library()
    scene, truth = world.scene()
    without, aided, weight = accuracies(library, scene, truth, 1)
    assert aided > without + 0.05
    assert weight > 0.5
    counts = Scene(scene.cube.read() * 5000, NM, scene.rgb)
    again = accuracies(library, counts, truth, 1)
    assert again[1] == pytest.approx(aided, abs=0.02)


def test_it_costs_nothing_where_points_suffice() -> None:
    world = World()
    library = world.library()
    scene, truth = world.scene()
    without, aided, _ = accuracies(library, scene, truth, 10)
    assert aided > without - 0.01


@pytest.mark.parametrize("num", [1, 5])
def test_one_whose_classes_mean_other_things_withdraws(num: int) -> None:
    world = World()
    library = world.library()
    wrong = SpectralLibrary(library.spectra, (library.labels + 2) % NUM_CLASSES, NM, library.scene_of)
    scene, truth = world.scene()
    without, aided, weight = accuracies(wrong, scene, truth, num)
    assert weight < 0.1
    assert aided > without - 0.02


def test_one_scene_with_one_spectrum_a_class_is_enough_to_help() -> None:
    world = World()
    scene, truth = world.scene()
    without, aided, _ = accuracies(world.library(1, 1), scene, truth, 1)
    assert aided > without


def test_no_id_is_invented_and_lacking_classes_are_not_argued_away(caplog: pytest.LogCaptureFixture) -> None:
    world = World()
    library = world.library()
    scene, truth = world.scene()
    some = truth.copy()
    some[truth == 5] = 4
    with caplog.at_level(logging.INFO, logger="hyperpoint"):
        labels = annotate(scene, draw(some, 2), "best", library=library).labels
    assert set(np.unique(labels)) <= set(range(5))
    assert "without a point in this scene are passed over: 5" in caplog.text
    without_three = library.subset(library.labels != 3)
    plain, aided = (annotate(scene, draw(truth, 2), "best", library=lib).labels for lib in (None, without_three))
    here = truth == 3
    assert (aided[here] == 3).mean() > (plain[here] == 3).mean() - 0.1


def test_a_library_of_one_common_class_changes_nothing() -> None:
    world = World()
    library = world.library()
    scene, truth = world.scene()
    prepared, points = prepare(scene, "best"), draw(truth, 2)
    plain = annotate(prepared, points).labels
    alone = library.subset(library.labels == 0)
    with_another = library.subset(library.labels < 2)
    ids = np.where(with_another.labels == 1, 77, 0).astype(np.uint8)
    for one in (alone, SpectralLibrary(with_another.spectra, ids, NM, with_another.scene_of)):
        aided = annotate(prepared, points, library=one)
        np.testing.assert_array_equal(aided.labels, plain)
        assert aided.provenance["library"]["weight"] == 0


def test_the_library_is_named_in_the_provenance() -> None:
    world = World()
    library = world.library(2, 3)
    scene, truth = world.scene()
    prepared, points = prepare(scene, "best"), draw(truth, 2)
    facts = annotate(prepared, points, library=library).provenance["library"]
    assert facts["fingerprint"] == library.fingerprint
    assert (facts["num_spectra"], facts["num_scenes"]) == (36, 2)
    assert 0 <= facts["weight"] <= 1
    assert "library" not in annotate(prepared, points).provenance


def test_a_repeated_request_with_another_library_is_not_answered_with_the_first() -> None:
    world = World()
    scene, truth = world.scene()
    prepared, points = prepare(scene, "best"), draw(truth, 1)
    library = world.library()
    first = annotate(prepared, points, library=library).labels
    plain = annotate(prepared, points).labels
    np.testing.assert_array_equal(annotate(prepared, points, library=library).labels, first)
    np.testing.assert_array_equal(annotate(prepare(scene, "best"), points).labels, plain)
    assert (first != plain).any()


@pytest.mark.parametrize("recipe", ["paper-svm", "best-rgb"])
def test_recipes_that_cannot_use_a_library_say_so(recipe: str) -> None:
    world = World()
    scene, truth = world.scene()
    with pytest.raises(RecipeError, match=f"the recipe '{recipe}' cannot use a spectral library"):
        annotate(scene, draw(truth, 2), recipe, library=world.library(1, 2))


def test_other_bands_are_an_error_and_partly_common_ones_are_used() -> None:
    world = World()
    library = world.library()
    scene, truth = world.scene()
    far = SpectralLibrary(library.spectra, library.labels, NM + 2000, library.scene_of)
    with pytest.raises(InputError, match="they share 0 bands"):
        annotate(scene, draw(truth, 1), "best", library=far)
    half = SpectralLibrary(library.spectra[:, ::2], library.labels, NM[::2], library.scene_of)
    without, aided, weight = accuracies(half, scene, truth, 1)
    assert aided > without
    assert weight > 0.3


def test_masked_pixels_stay_unlabelled_with_a_library() -> None:
    world = World()
    scene, truth = world.scene()
    cube = scene.cube.read().copy()
    cube[:6] = np.nan
    points = draw(truth[6:], 2)
    moved = PointSet(points.rows + 6, points.cols, points.labels)
    labels = annotate(Scene(cube, NM, scene.rgb), moved, "best", library=world.library()).labels
    assert (labels[:6] == 255).all()
    assert (labels[6:] < NUM_CLASSES).all()


def test_model_recovers_what_it_was_made_from() -> None:
    """Between scenes, classes differ by far less than within; lights by far more."""
    library = World().library(30, 30)
    model = LibraryModel.of(library.spectra, library.labels, library.scene_of)
    within = [
        np.cov(model.project(library.spectra[chosen]).T)
        for s in range(30)
        for c in range(NUM_CLASSES)
        if (chosen := (library.scene_of == s) & (library.labels == c)).any()
    ]
    np.testing.assert_allclose(np.diag(np.mean(within, axis=0)), 1, atol=0.3)  # correlations are shrunk
    assert np.median(model.between) < 0.5
    assert np.median(np.diag(model.light)) > 1


def test_left_out_points_are_judged_by_the_light_of_the_others() -> None:
    """The closed form is what leaving each point out by hand gives."""
    world = World()
    library = world.library()
    labels = np.array([0, 0, 0, 1, 1, 2, 4, 4], dtype=np.uint8)
    model = LibraryModel.of(library.spectra, library.labels, library.scene_of)
    cells = model.project(world.spectra(labels)).astype(np.float32)

    def aligned(which: NDArray[np.int64]) -> Aligned:
        ids, classes = np.unique(labels, return_inverse=True)
        known = ids != 2
        return Aligned(model, model.means[ids], known, cells[which].astype(np.float64), classes[which])

    every = np.arange(len(labels))
    left_out = aligned(every).without_one()
    by_hand = [aligned(np.delete(every, i)).log_odds(cells[i : i + 1])[:, 0] for i in every]
    np.testing.assert_allclose(left_out, by_hand, atol=1e-3)


def test_evidence_needs_two_classes_in_common() -> None:
    world = World()
    library = world.library(2, 3)
    averages = world.spectra(np.zeros((2, 3), dtype=np.uint8))
    bands = np.ones(NUM_BANDS, dtype=bool)
    assert Transfer.of(library.subset(library.labels == 1), averages, bands, library.spectra[:6]) is None
    transfer = Transfer.of(library, averages, bands, library.spectra)
    assert transfer is not None
    task = Task.of(np.array([0, 1]), 2)
    args = (np.array([0, 1]), task, np.zeros((2, 2)))
    assert transfer.evidence(np.array([0, 99], dtype=np.uint8), *args) is None
    assert transfer.evidence(np.array([0, 4], dtype=np.uint8), *args) is not None


def test_logarithm_of_dark_and_negative_samples_is_bounded() -> None:
    logs = log_spectra(np.array([[1.0, 2, 3], [0, -5, 1]], dtype=np.float32))
    assert np.isfinite(logs).all()
    assert logs.min() == pytest.approx(np.log(0.015), abs=0.2)
