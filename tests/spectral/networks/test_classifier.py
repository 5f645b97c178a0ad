from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="the networks need PyTorch (extra deep)")

import torch

from hyperpoint.cube import FloatArray
from hyperpoint.errors import RecipeError
from hyperpoint.spectral.networks import classifier as module
from hyperpoint.spectral.networks import together
from hyperpoint.spectral.networks.classifier import NetworkClassifier
from hyperpoint.spectral.networks.cross_validation import HeldOutLoss
from hyperpoint.spectral.networks.hybridsn import HybridSN
from hyperpoint.spectral.networks.twocnn import TwoCNN

pytestmark = pytest.mark.usefixtures("torch_on_one_thread")


def hard_spectra(num: int = 60, num_bands: int = 20, num_classes: int = 3) -> tuple[Any, Any]:
    """Classes that overlap, so that the held-out loss has a lowest point."""
    rng = np.random.default_rng(0)
    labels = np.arange(num) % num_classes
    spectra = rng.random((num_classes, num_bands))[labels] + 3 * rng.random((num, num_bands))
    return (spectra / spectra.max(axis=1, keepdims=True)).astype(np.float32), labels


@pytest.mark.parametrize("kind", [TwoCNN, HybridSN])
@pytest.mark.parametrize(
    "bad",
    [
        {"iterations": 0},
        {"iterations": "auto"},
        {"iterations": 2.5},
        {"max_iterations": 0},
        {"num_folds": 1},
        {"device": "tpu"},
    ],
)
def test_bad_parameters_are_refused(kind: type[NetworkClassifier], bad: dict[str, Any]) -> None:
    with pytest.raises(RecipeError, match=next(iter(bad))):
        kind(**bad)


@pytest.mark.skipif(torch.cuda.is_available(), reason="an accelerator is there")
def test_cuda_without_an_accelerator_is_refused_and_auto_is_the_cpu() -> None:
    with pytest.raises(RecipeError, match="cuda"):
        TwoCNN(device="cuda", iterations=1).fit(*hard_spectra())
    assert TwoCNN(iterations=1).fit(*hard_spectra()).device_ == torch.device("cpu")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no accelerator")
def test_an_accelerator_gives_what_the_cpu_gives() -> None:
    spectra, labels = hard_spectra()
    there, here = (TwoCNN(iterations=20, device=device).fit(spectra, labels) for device in ("cuda", "cpu"))
    assert np.allclose(there.decision_function(spectra), here.decision_function(spectra), atol=1e-2)


def test_scores_are_probabilities() -> None:
    spectra, labels = hard_spectra()
    scores = TwoCNN(iterations=3, device="cpu").fit(spectra, labels).decision_function(spectra)
    assert np.allclose(scores.sum(axis=1), 1, atol=1e-5)
    assert scores.min() >= 0


def test_a_fixed_number_of_iterations_is_kept() -> None:
    assert TwoCNN(iterations=7, device="cpu").fit(*hard_spectra()).iterations_ == 7


def test_cross_validation_stops_at_the_lowest_held_out_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    losses: list[float] = []

    class Spy(HeldOutLoss):
        def __call__(self, stack: Any) -> FloatArray:
            found = super().__call__(stack)
            losses.append(float(found[0]))
            return found

    monkeypatch.setattr(together, "HeldOutLoss", Spy)
    classifier = TwoCNN(max_iterations=1000, device="cpu").fit(*hard_spectra())
    best = classifier.iterations_ // together.EVALUATE_EVERY - 1
    assert losses[best] <= min(losses) + together.MIN_GAIN
    assert len(losses) * together.EVALUATE_EVERY == classifier.iterations_ + together.PATIENCE


def test_cross_validation_trains_on_all_points_for_that_count() -> None:
    """The network of all points, trained beside those of the folds, is the one trained alone as long."""
    spectra, labels = hard_spectra()
    chosen = TwoCNN(max_iterations=100, device="cpu").fit(spectra, labels)
    assert 0 < chosen.iterations_ <= 100
    alone = TwoCNN(iterations=chosen.iterations_, device="cpu").fit(spectra, labels)
    assert np.allclose(alone.decision_function(spectra), chosen.decision_function(spectra), atol=2e-2)


def test_where_nothing_can_be_held_out_all_iterations_are_done() -> None:
    spectra, labels = hard_spectra(num=3)
    assert TwoCNN(max_iterations=30, device="cpu").fit(spectra, labels).iterations_ == 30


def test_more_folds_than_points_of_any_class() -> None:
    spectra, labels = hard_spectra(num=5, num_classes=2)
    classifier = TwoCNN(max_iterations=20, num_folds=10, device="cpu").fit(spectra, labels)
    assert classifier.predict(spectra).shape == (5,)


def test_batches_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    spectra, labels = hard_spectra()
    classifier = TwoCNN(iterations=3, device="cpu").fit(spectra, labels)
    whole = classifier.decision_function(spectra)
    monkeypatch.setitem(module.CHUNK, "cpu", 7)
    assert np.allclose(classifier.decision_function(spectra), whole, atol=1e-5)


def test_another_seed_gives_another_network() -> None:
    spectra, labels = hard_spectra()
    first, second = (TwoCNN(seed, iterations=3, device="cpu").fit(spectra, labels) for seed in (0, 1))
    assert not np.allclose(first.decision_function(spectra), second.decision_function(spectra))
