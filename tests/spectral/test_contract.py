"""What every classifier promises, whatever is inside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from hyperpoint.errors import InputError, PointsError
from hyperpoint.spectral import SpectralClassifier, classifier_names, make_classifier

# Few steps, so that the networks take tenths of a second.
QUICK: dict[str, dict[str, Any]] = {
    "twocnn": {"max_iterations": 60, "num_folds": 2, "device": "cpu"},
    "hybridsn": {"max_iterations": 60, "num_folds": 2, "device": "cpu"},
}
Make = Callable[..., SpectralClassifier]


@pytest.fixture(params=classifier_names())
def make(request: pytest.FixtureRequest) -> Make:
    """Return a function of the seed that makes one of the classifiers."""
    name: str = request.param
    if name in QUICK:
        torch = pytest.importorskip("torch", reason=f"{name} needs PyTorch (extra deep)")
        torch.set_num_threads(1)  # several test processes would get in each other's way
    return lambda seed=0: make_classifier(name, seed, **QUICK.get(name, {}))


def toy(
    num_bands: int, ids: tuple[int, ...], per_class: int, seed: int = 0
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Max-normalised spectra of classes whose reflectance peaks at different bands."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(ids, per_class)
    at = (np.arange(num_bands) + 0.5) / num_bands
    peaks = (np.arange(len(ids)) + 0.5) / len(ids)
    shapes = 0.1 + np.exp(-(((at - peaks[:, None]) * len(ids)) ** 2))
    spectra = np.repeat(shapes, per_class, axis=0) + rng.normal(0, 0.02, (len(labels), num_bands))
    spectra /= spectra.max(axis=1, keepdims=True)
    return spectra.astype(np.float32), labels


@pytest.mark.parametrize("num_bands", [3, 4, 9, 200])
@pytest.mark.parametrize("ids", [(0, 1), (3, 7, 200)])
def test_separable_spectra_are_learned_and_ids_kept(make: Make, num_bands: int, ids: tuple[int, ...]) -> None:
    spectra, labels = toy(num_bands, ids, 12)
    fresh, truth = toy(num_bands, ids, 30, seed=1)
    classifier = make().fit(spectra, labels)
    predicted = classifier.predict(fresh)
    assert classifier.classes_.tolist() == list(ids)
    assert predicted.dtype == np.uint8
    assert (predicted == truth).mean() > 0.95


@pytest.mark.parametrize("ids", [(0, 1), (2, 5, 9, 11)])
def test_the_best_column_is_the_prediction(make: Make, ids: tuple[int, ...]) -> None:
    spectra, labels = toy(20, ids, 6)
    classifier = make().fit(spectra, labels)
    mixed = np.random.default_rng(2).random((50, 20), dtype=np.float32)
    scores = classifier.decision_function(mixed)
    assert scores.shape == (50, len(ids))
    assert scores.dtype == np.float32
    assert np.isfinite(scores).all()
    assert np.array_equal(classifier.classes_[scores.argmax(axis=1)], classifier.predict(mixed))


def test_a_spectrum_scores_alike_in_any_block(make: Make) -> None:
    spectra, labels = toy(20, (0, 1, 2), 6)
    classifier = make().fit(spectra, labels)
    many = np.random.default_rng(2).random((700, 20), dtype=np.float32)
    whole = classifier.decision_function(many)
    parts = np.concatenate([classifier.decision_function(many[:1]), classifier.decision_function(many[1:])])
    assert np.allclose(whole, parts, atol=1e-4)
    assert classifier.decision_function(many[:0]).shape == (0, 3)


def test_one_point_of_each_class_is_enough(make: Make) -> None:
    spectra, labels = toy(30, (1, 4, 6), 1)
    assert make().fit(spectra, labels).predict(spectra).tolist() == [1, 4, 6]


def test_a_class_of_one_point_survives_beside_larger_ones(make: Make) -> None:
    spectra, labels = toy(30, (1, 4, 6), 10)
    chosen = np.r_[0:20, 20]
    predicted = make().fit(spectra[chosen], labels[chosen]).predict(spectra)
    assert (predicted == labels).mean() > 0.9


def test_equal_spectra_do_not_crash(make: Make) -> None:
    classifier = make().fit(np.ones((4, 8), np.float32), np.array([0, 0, 1, 1]))
    assert np.isfinite(classifier.decision_function(np.ones((2, 8), np.float32))).all()


def test_a_second_fit_forgets_the_first(make: Make) -> None:
    spectra, labels = toy(12, (0, 1, 2), 6)
    classifier = make().fit(*toy(25, (7, 9), 8, seed=3))
    again, once = classifier.fit(spectra, labels), make().fit(spectra, labels)
    assert again is classifier
    assert again.classes_.tolist() == [0, 1, 2]
    assert np.array_equal(again.decision_function(spectra), once.decision_function(spectra))


def test_the_same_seed_gives_the_same_scores_whatever_is_drawn_elsewhere(make: Make) -> None:
    spectra, labels = toy(12, (0, 1, 2), 6)
    first = make(3).fit(spectra, labels).decision_function(spectra)
    np.random.seed(99)  # noqa: NPY002 - the global state is what must not matter
    if "torch" in make.__closure__[0].cell_contents if False else False:
        pass
    assert np.array_equal(first, make(3).fit(spectra, labels).decision_function(spectra))
