"""The linear machines beside the kernels."""

from __future__ import annotations

import numpy as np
import pytest

from hyperpoint.annotation.mixture.features import Features, compute_features
from hyperpoint.annotation.mixture.leave_one_out import Task
from hyperpoint.annotation.mixture.linear import Machines, fit_linear
from hyperpoint.cube import FloatArray, IndexArray
from hyperpoint.spectral.linear_svm import LinearSVM

CLASSES = np.repeat([0, 1, 2], [4, 6, 5])
TASK = Task.of(CLASSES, 3)
NOTHING = np.zeros(0, dtype=np.int64)


def spectra_of(classes: IndexArray, seed: int = 0, noise: float = 0.05) -> FloatArray:
    """Spectra of eight bands whose class shows in three of them."""
    rng = np.random.default_rng(seed)
    return (np.eye(3, 8)[classes] + 1 + rng.normal(0, noise, (len(classes), 8))).astype(np.float32)


def world(spectra: FloatArray) -> Features:
    return Features((1, len(spectra)), {}, divided=spectra)


def test_planes_are_those_of_the_paper_s_classifier() -> None:
    spectra = spectra_of(CLASSES)
    machine = LinearSVM().fit(spectra, CLASSES.astype(np.uint8))
    planes = Machines.of(spectra, TASK).planes_without(NOTHING)
    np.testing.assert_allclose(
        spectra @ planes[:, :-1].T + planes[:, -1], machine.decision_function(spectra), atol=1e-4
    )


def test_a_point_does_not_speak_for_itself() -> None:
    labels = CLASSES.copy()
    labels[0] = 1  # a misclick
    machines = Machines.of(spectra_of(CLASSES), Task.of(labels, 3))
    assert machines.cross_validated(np.random.default_rng(0))[0].argmax() == 0


def test_the_only_point_of_a_class_is_never_left_out() -> None:
    classes = np.repeat([0, 1, 2], [1, 6, 6])
    found = Machines.of(spectra_of(classes), Task.of(classes, 3)).cross_validated(np.random.default_rng(0))
    assert (found[0] == 0).all()
    assert (found[1:].argmax(axis=1) == classes[1:]).all()


def test_it_speaks_where_planes_separate_and_is_silent_behind_better_kernels() -> None:
    features, cells = world(spectra_of(CLASSES)), np.arange(len(CLASSES))
    poor, perfect = np.zeros((len(CLASSES), 3)), np.eye(3)[CLASSES]
    linear = fit_linear(features, cells, TASK, poor, np.random.default_rng(0))
    assert linear is not None
    assert (linear.scores(slice(None)).argmax(axis=0) == CLASSES).all()
    np.testing.assert_allclose(linear.scores(np.array([3])), linear.scores(slice(None))[:, [3]], rtol=1e-5)
    mixed_up = world(np.random.default_rng(1).normal(size=(len(CLASSES), 8)).astype(np.float32))
    assert fit_linear(mixed_up, cells, TASK, perfect, np.random.default_rng(0)) is None


def test_without_a_point_to_leave_out_it_is_silent() -> None:
    classes = np.arange(3)
    features = world(spectra_of(classes))
    assert fit_linear(features, classes, Task.of(classes, 3), np.zeros((3, 3)), np.random.default_rng(0)) is None


def test_machines_that_have_not_seen_points_are_fitted_to_the_others() -> None:
    spectra, held = spectra_of(CLASSES), np.array([0, 5, 11])
    linear = fit_linear(world(spectra), np.arange(len(CLASSES)), TASK, np.zeros((15, 3)), np.random.default_rng(0))
    assert linear is not None
    rest = np.setdiff1d(np.arange(15), held)
    alone = Machines.of(spectra[rest], Task.of(CLASSES[rest], 3)).planes_without(NOTHING)
    expected = linear.share * (spectra @ alone[:, :-1].T + alone[:, -1])
    of_held, of_all = linear.without(held, np.arange(15))
    np.testing.assert_allclose(of_held, expected[held], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(of_all.T, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("num_bands", [3, 60])
def test_turned_spectra_keep_their_inner_products(num_bands: int) -> None:
    rng = np.random.default_rng(2)
    mixture = rng.random((20 * 30, 3)) @ rng.random((3, num_bands)) + 0.1
    averages = mixture.reshape(20, 30, num_bands).astype(np.float32)
    divided = mixture / mixture.max(axis=1, keepdims=True)
    guide = np.full((20, 30, 3), 128, dtype=np.uint8)
    found = compute_features(averages, np.ones((20, 30), dtype=bool), guide).divided
    np.testing.assert_allclose(found[:9] @ found.T, divided[:9] @ divided.T, rtol=1e-3)
