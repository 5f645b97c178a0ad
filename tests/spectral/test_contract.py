"""What every classifier promises, whatever is inside."""

from __future__ import annotations

import importlib.util
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
        request.getfixturevalue("torch_on_one_thread")
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


@pytest.mark.parametrize("num_bands", [3, 9, 200])
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


@pytest.mark.parametrize("axes", [(0, 1, 2), (0, 2, 1), (2, 0, 1)])
def test_spectra_may_be_scaled_later_and_lie_in_any_order(make: Make, axes: tuple[int, int, int]) -> None:
    spectra, labels = toy(9, (1, 2, 4), 4)
    model = make().fit(spectra, labels)
    block = spectra.reshape(3, 4, 9)
    strided = np.ascontiguousarray(block.transpose(axes)).transpose(np.argsort(axes))
    factors = np.random.default_rng(0).uniform(0.5, 2, (3, 4)).astype(np.float32)
    found = model.score_scaled(strided / factors[..., None], factors)
    np.testing.assert_allclose(found.reshape(12, 3), model.decision_function(spectra), atol=2e-3)
    with pytest.raises(InputError, match="not fitted"):
        make().score_scaled(strided, factors)


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
    """Nothing but what `fit` is given has a say: neither global random states nor other fits."""
    spectra, labels = toy(12, (0, 1, 2), 6)
    np.random.seed(1)  # noqa: NPY002 - the global state is what must not matter
    _seed_torch(1)
    first = make(3).fit(spectra, labels).decision_function(spectra)
    np.random.seed(2)  # noqa: NPY002
    _seed_torch(2)
    make(4).fit(*toy(12, (0, 1, 2), 9, seed=5))
    assert np.array_equal(first, make(3).fit(spectra, labels).decision_function(spectra))


def _seed_torch(seed: int) -> None:
    if importlib.util.find_spec("torch") is not None:
        import torch

        torch.manual_seed(seed)


def test_fit_leaves_its_input_and_the_global_random_states_alone(make: Make) -> None:
    spectra, labels = toy(12, (0, 1, 2), 6)
    kept = spectra.copy(), labels.copy()
    before = _numpy_state()
    make().fit(spectra, labels).decision_function(spectra)
    assert np.array_equal(spectra, kept[0])
    assert np.array_equal(labels, kept[1])
    assert _numpy_state() == before


def _numpy_state() -> str:
    with np.printoptions(threshold=1000):
        return repr(np.random.get_state())  # noqa: NPY002


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        (lambda x, y: (x[:5], y), InputError, "5 spectra needs one label"),
        (lambda x, y: (x[0], y), InputError, "must be \\(n, bands\\)"),
        (lambda x, y: (np.where(np.eye(*x.shape) > 0, np.nan, x), y), InputError, "12 of 18 spectra .* NaN"),
        (lambda x, y: (np.where(np.eye(*x.shape) > 0, np.inf, x), y), InputError, "infinity"),
        (lambda x, y: (x, 0 * y), PointsError, "at least two classes"),
        (lambda x, y: (x[:0], y[:0]), PointsError, "at least two classes"),
        (lambda x, y: (x, y + 253), PointsError, "0..254; got 253..255"),
        (lambda x, y: (x, y - 1), PointsError, "0..254; got -1..1"),
        (lambda x, y: (x, y + 0.5), PointsError, "integer"),
    ],
)
def test_bad_training_data_is_refused(
    make: Make, change: Callable[..., tuple[Any, Any]], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        make().fit(*change(*toy(12, (0, 1, 2), 6)))


def test_scoring_before_fit_or_with_other_bands_is_refused(make: Make) -> None:
    spectra, labels = toy(12, (0, 1, 2), 6)
    classifier = make()
    with pytest.raises(InputError, match="not fitted"):
        classifier.predict(spectra)
    classifier.fit(spectra, labels)
    with pytest.raises(InputError, match="fitted on 12 bands"):
        classifier.predict(spectra[:, :11])
    with pytest.raises(InputError, match="fitted on 12 bands"):
        classifier.decision_function(spectra[0])


def test_a_refused_fit_leaves_the_last_one_in_force(make: Make) -> None:
    spectra, labels = toy(12, (0, 1, 2), 6)
    classifier = make().fit(spectra, labels)
    scores = classifier.decision_function(spectra)
    with pytest.raises(PointsError):
        classifier.fit(spectra, 0 * labels)
    assert np.array_equal(classifier.decision_function(spectra), scores)
