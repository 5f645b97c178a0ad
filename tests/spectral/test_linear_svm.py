from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.svm import LinearSVC

from hyperpoint.errors import RecipeError
from hyperpoint.spectral.linear_svm import LinearSVM, minimise_squared_hinge


@pytest.mark.parametrize("num_classes", [2, 5])
@pytest.mark.parametrize(("num_points", "num_bands"), [(30, 60), (120, 7), (300, 40)])
def test_agrees_with_scikit_learn(num_classes: int, num_points: int, num_bands: int) -> None:
    rng = np.random.default_rng(num_points)
    labels = np.r_[np.arange(num_classes), rng.choice(num_classes, num_points, p=_skewed(num_classes))]
    spectra = (rng.random((num_classes, num_bands))[labels] + rng.random((len(labels), num_bands))) / 2
    theirs = LinearSVC(C=0.5, class_weight="balanced", tol=1e-8, max_iter=10**6, random_state=0).fit(spectra, labels)
    scores = LinearSVM().fit(spectra, labels).decision_function(spectra.astype(np.float32))
    expected = theirs.decision_function(spectra)
    if num_classes == 2:
        expected = np.stack([-expected, expected], axis=1)
    assert np.allclose(scores, expected, atol=2e-4)


def _skewed(num_classes: int) -> list[float]:
    shares = np.arange(1, num_classes + 1) ** 2
    return list(shares / shares.sum())


def test_two_samples_have_the_known_minimum() -> None:
    # |w|²/2 + 2 c (1 - w)², the samples being +1 and -1: w = 4c / (1 + 4c)
    samples, signs = np.array([[1.0], [-1.0]]), np.array([1.0, -1.0])
    assert minimise_squared_hinge(samples, signs, np.array([0.5, 0.5])) == pytest.approx([2 / 3])


@given(st.integers(0, 2**32 - 1), st.floats(0.01, 1000))
def test_the_gradient_vanishes_at_the_minimum(seed: int, cost: float) -> None:
    rng = np.random.default_rng(seed)
    samples, signs = rng.normal(size=(25, 6)), rng.choice([-1.0, 1.0], 25)
    weights = minimise_squared_hinge(samples, signs, np.full(25, cost))
    slack = np.maximum(1 - signs * (samples @ weights), 0)
    gradient = weights - 2 * cost * (samples.T @ (signs * slack))
    assert np.abs(gradient).max() < 1e-7 * max(1, cost)


def test_scores_of_two_classes_are_opposite() -> None:
    spectra = np.array([[0.1, 1], [0.2, 1], [1, 0.3]], np.float32)
    scores = LinearSVM().fit(spectra, np.array([4, 4, 9])).decision_function(spectra)
    assert np.array_equal(scores[:, 0], -scores[:, 1])


def test_needs_no_scikit_learn() -> None:
    """Importing it would take as long as all the rest of annotating a scene."""
    code = (
        "import sys, numpy as np; from hyperpoint.spectral import make_classifier; x = np.eye(4, dtype=np.float32); "
        "make_classifier('linear-svm').fit(x, [0, 0, 1, 2]).predict(x); "
        "assert not {'sklearn', 'scipy', 'torch'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("bad", [0, -1, float("nan"), float("inf"), "1", True])
def test_a_bad_weight_is_refused(bad: float) -> None:
    with pytest.raises(RecipeError, match="C must be a number above 0"):
        LinearSVM(C=bad)
