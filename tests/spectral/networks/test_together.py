"""Scenes trained side by side: each gets what it gets alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="the networks need PyTorch (extra deep)")

import torch

from hyperpoint.errors import PointsError
from hyperpoint.spectral import fit_together
from hyperpoint.spectral.linear_svm import LinearSVM
from hyperpoint.spectral.networks import classifier as module
from hyperpoint.spectral.networks.classifier import NetworkClassifier
from hyperpoint.spectral.networks.hybridsn import HybridSN
from hyperpoint.spectral.networks.together import train_for
from hyperpoint.spectral.networks.twocnn import TwoCNN

pytestmark = pytest.mark.usefixtures("torch_on_one_thread")


def scene(num: int, num_classes: int, num_bands: int = 20, noise: float = 0.3) -> tuple[Any, Any]:
    rng = np.random.default_rng(num)
    labels = np.arange(num) % num_classes * 2 + 1
    spectra = rng.random((255, num_bands))[labels] + noise * rng.random((num, num_bands))
    return (spectra / spectra.max(axis=1, keepdims=True)).astype(np.float32), labels


# Other numbers of points and classes; the last has one point of every class, so that none can be held out.
SCENES = [scene(40, 3), scene(61, 5, noise=2.0), scene(22, 2), scene(4, 4)]


@pytest.mark.parametrize("kind", [TwoCNN, HybridSN])
@pytest.mark.parametrize("params", [{"iterations": 6}, {"max_iterations": 40, "num_folds": 2}])
def test_a_scene_gets_what_it_gets_alone(kind: type[NetworkClassifier], params: dict[str, Any]) -> None:
    together = [kind(seed, device="cpu", **params) for seed in range(len(SCENES))]
    fit_together(together, SCENES)
    for seed, (spectra, labels) in enumerate(SCENES):
        alone = kind(seed, device="cpu", **params).fit(spectra, labels)
        assert together[seed].classes_.tolist() == alone.classes_.tolist()
        assert together[seed].iterations_ == alone.iterations_
        scores = together[seed].decision_function(spectra)
        assert scores.shape == (len(spectra), len(alone.classes_))
        assert np.allclose(scores, alone.decision_function(spectra), atol=1e-4)


def test_a_scene_that_stops_early_leaves_the_others_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first and last stop, the second goes on: what is left of the stack is its own."""
    monkeypatch.setattr("hyperpoint.spectral.networks.together.PATIENCE", 20)
    monkeypatch.setattr("hyperpoint.spectral.networks.together.MIN_GAIN", 0.01)
    together = [TwoCNN(seed, max_iterations=300, device="cpu") for seed in range(3)]
    fit_together(together, SCENES[:3])
    alone = [TwoCNN(seed, max_iterations=300, device="cpu").fit(*SCENES[seed]) for seed in range(3)]
    counts = [one.iterations_ for one in together]
    assert counts == [one.iterations_ for one in alone]
    assert len(set(counts)) > 1
    for one, other, (spectra, _) in zip(together, alone, SCENES, strict=False):
        assert np.allclose(one.decision_function(spectra), other.decision_function(spectra), atol=1e-3)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no accelerator")
@pytest.mark.parametrize("params", [{"iterations": 20}, {"max_iterations": 40, "num_folds": 2}])
def test_an_accelerator_gives_what_the_cpu_gives(params: dict[str, Any]) -> None:
    there, here = ([TwoCNN(seed, device=device, **params) for seed in range(len(SCENES))] for device in ("cuda", "cpu"))
    for classifiers in (there, here):
        fit_together(classifiers, SCENES)
    for one, other, (spectra, _) in zip(there, here, SCENES, strict=True):
        assert np.allclose(one.decision_function(spectra), other.decision_function(spectra), atol=1e-2)


def test_only_what_agrees_shares_a_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other bands, another number of iterations and another method are fitted too, in stacks of their own."""
    sizes: list[int] = []

    def spy(pupils: Any, count: int) -> Any:
        sizes.append(len(pupils))
        return train_for(pupils, count)

    monkeypatch.setattr(module, "train_for", spy)
    classifiers = [
        TwoCNN(iterations=2), LinearSVM(), TwoCNN(iterations=2), TwoCNN(iterations=3), HybridSN(iterations=2),
        TwoCNN(iterations=2),
    ]  # fmt: skip
    scenes = [scene(12, 3), scene(12, 3), scene(14, 2), scene(12, 3), scene(12, 3), scene(12, 3, num_bands=21)]
    fit_together(classifiers, scenes)
    assert sorted(sizes) == [1, 1, 1, 2]
    assert all(
        one.predict(spectra).shape == labels.shape for one, (spectra, labels) in zip(classifiers, scenes, strict=True)
    )


def test_nothing_is_learned_if_a_scene_cannot_be() -> None:
    good, bad = TwoCNN(iterations=2), TwoCNN(iterations=2)
    spectra, labels = SCENES[0]
    with pytest.raises(PointsError, match="two classes"):
        fit_together([good, bad], [(spectra, labels), (spectra, 0 * labels)])
    assert not hasattr(good, "classes_")


def test_a_group_too_large_for_the_accelerator_is_halved(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def small(pupils: Any, count: int) -> Any:
        if len(pupils) > 1:
            raise torch.OutOfMemoryError("too many")
        return train_for(pupils, count)

    monkeypatch.setattr(module, "train_for", small)
    together = [TwoCNN(seed, iterations=3, device="cpu") for seed in range(3)]
    fit_together(together, SCENES[:3])
    assert caplog.text.count("too little memory") == 2
    for seed, (spectra, labels) in enumerate(SCENES[:3]):
        alone = TwoCNN(seed, iterations=3, device="cpu").fit(spectra, labels)
        assert np.array_equal(together[seed].decision_function(spectra), alone.decision_function(spectra))


def test_a_single_scene_without_memory_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(pupils: Any, count: int) -> Any:
        raise torch.OutOfMemoryError("too many")

    monkeypatch.setattr(module, "train_for", none)
    with pytest.raises(torch.OutOfMemoryError):
        TwoCNN(iterations=3, device="cpu").fit(*SCENES[0])
