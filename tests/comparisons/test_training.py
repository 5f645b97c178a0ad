from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="the networks need PyTorch (extra deep)")

import torch

from hyperpoint.comparisons.config import PatchConfig
from hyperpoint.comparisons.scenes import PointScene
from hyperpoint.comparisons.training import fit
from hyperpoint.errors import InputError, PointsError
from hyperpoint.metrics import ConfusionMatrix
from hyperpoint.types import IGNORE, PointSet

QUICK = PatchConfig(iterations=20, batch_size=8)
BRIEF = PatchConfig(iterations=5, batch_size=4)
SPECTRAL = PatchConfig(iterations=100, batch_size=16)
NUM_CLASSES = 4
CHANCE = 1 / NUM_CLASSES  # each class has a quarter of every scene


# How much above chance each has to be on a scene that was not learned from. The steps are so few for time's sake: these
# are floors, and no comparison.
@pytest.mark.parametrize(
    ("method", "config", "margin"),
    [
        ("cnn1d", SPECTRAL, 0.5),
        ("cnn-hsi", SPECTRAL, 0.5),
        pytest.param("twocnn", PatchConfig(iterations=80, batch_size=16), 0.2, marks=pytest.mark.slow),
        pytest.param("rssan", PatchConfig(iterations=40, batch_size=16), 0.4, marks=pytest.mark.slow),
        pytest.param("jigsawhsi", PatchConfig(iterations=30, batch_size=16), 0.3, marks=pytest.mark.slow),
        pytest.param("hybridsn", PatchConfig(iterations=100, batch_size=16), 0.25, marks=pytest.mark.slow),
        pytest.param("resnet18", PatchConfig(iterations=16, batch_size=12), 0.3, marks=pytest.mark.slow),
        pytest.param("resnet50", PatchConfig(iterations=16, batch_size=12), 0.2, marks=pytest.mark.slow),
    ],
)
def test_each_method_learns(
    training: list[PointScene], labelled: Callable[..., Any], method: str, config: PatchConfig, margin: float
) -> None:
    unseen = labelled(seed=9)
    model = fit(method, training, NUM_CLASSES, config, seed=1)
    matrix = ConfusionMatrix(NUM_CLASSES)
    matrix.update(model.predict(unseen.scene, stride=4), unseen.labels)
    assert matrix.accuracy > CHANCE + margin
    assert model.training["num_points"] == 3 * 15 * NUM_CLASSES


def weights(method: str, scenes: list[PointScene], config: PatchConfig = BRIEF, seed: int = 0) -> list[torch.Tensor]:
    model = fit(method, scenes, NUM_CLASSES, replace(config, device="cpu"), seed=seed)
    return [value.clone() for value in model.network.state_dict().values()]


def are_equal(first: list[torch.Tensor], second: list[torch.Tensor]) -> bool:
    return all(torch.equal(one, other) for one, other in zip(first, second, strict=True))


@pytest.mark.parametrize("method", ["twocnn", "cnn-hsi"])
def test_the_seed_alone_decides(training: list[PointScene], method: str) -> None:
    before = torch.random.get_rng_state()
    first = weights(method, training)
    assert torch.equal(torch.random.get_rng_state(), before)
    torch.manual_seed(99)
    assert are_equal(first, weights(method, training))
    assert not are_equal(first, weights(method, training, seed=1))


def test_unannotated_points_have_no_part(training: list[PointScene]) -> None:
    def with_unannotated(scene: PointScene) -> PointScene:
        rows, cols = np.append(scene.points.rows, 63), np.append(scene.points.cols, 79)
        labels = np.append(scene.points.labels, IGNORE).astype(np.uint8)
        return replace(scene, points=PointSet(rows, cols, labels))

    more = [with_unannotated(scene) for scene in training]
    assert not any(scene.points.is_annotated.all() for scene in more)
    assert are_equal(weights("cnn1d", training), weights("cnn1d", more))


def test_pools_too_small_for_all_scenes_are_learned_from_too(training: list[PointScene]) -> None:
    tiny = replace(SPECTRAL, memory_gb=1e-6, iterations=60)
    first, second = (weights("cnn1d", training, tiny) for _ in range(2))
    assert are_equal(first, second)


def test_progress_tells_of_scenes_and_then_of_steps(training: list[PointScene]) -> None:
    told: list[tuple[int, int, str]] = []
    fit("cnn1d", training, NUM_CLASSES, QUICK, progress=lambda done, total, what: told.append((done, total, what)))
    assert told[0] == (0, 3, "reading points of scene-0")
    assert told[-1][:2] == (20, 20)
    assert told[-1][2].startswith("loss ")


def test_what_cannot_be_trained_is_told(training: list[PointScene]) -> None:
    with pytest.raises(InputError, match="unknown method 'svm'"):
        fit("svm", training, NUM_CLASSES, QUICK)
    with pytest.raises(InputError, match="1 to 255 classes; got 0"):
        fit("cnn1d", training, 0, QUICK)
    with pytest.raises(PointsError, match="at least two classes; the 0 scenes have 0"):
        fit("cnn1d", [], NUM_CLASSES, QUICK)
    with pytest.raises(InputError, match="the loss became nan at step 20; lower learning_rate"):
        fit("cnn-hsi", training, NUM_CLASSES, replace(QUICK, learning_rate=1e37))


def test_it_computes_on_a_gpu_where_there_is_one(training: list[PointScene]) -> None:
    model = fit("cnn-hsi", training, NUM_CLASSES, QUICK)
    assert next(model.network.parameters()).is_cuda == torch.cuda.is_available()
    assert np.isfinite(model.training["loss"])
