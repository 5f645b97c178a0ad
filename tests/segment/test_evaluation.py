from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hyperpoint.errors import InputError
from hyperpoint.io.classes import classes_from_names
from hyperpoint.io.images import write_png
from hyperpoint.io.manifest import Manifest, ManifestRow, read_manifest, write_manifest
from hyperpoint.io.masks import write_mask
from hyperpoint.segment.evaluation import evaluate
from hyperpoint.segment.predictors.averaging import AveragingPredictor
from hyperpoint.segment.predictors.inference import Inference
from hyperpoint.segment.predictors.opening import open_predictor
from hyperpoint.types import LabelArray

CLASSES = classes_from_names(["red", "green", "blue"])
COLORS = (255 * np.eye(3)).astype(np.uint8)


def add_image(folder: Path, name: str, predicted: LabelArray, truth: LabelArray) -> ManifestRow:
    """Write an image that the network of `make_onnx` labels as `predicted`."""
    write_png(folder / f"{name}.png", COLORS[predicted])
    write_mask(folder / f"{name}_mask.png", truth)
    return ManifestRow(name, "test", folder / f"{name}.png", folder / f"{name}_mask.png")


@pytest.fixture
def predictor(make_onnx: Callable[..., Path]) -> AveragingPredictor[Any]:
    return open_predictor(make_onnx(), batch_size=2)


@pytest.fixture
def pairs() -> list[tuple[LabelArray, LabelArray]]:
    """Of three sizes; the second is right everywhere, the last has no truth."""
    rng = np.random.default_rng(0)
    truths = [rng.choice(np.array([0, 1, 2, 255], np.uint8), size) for size in ((16, 20), (16, 20), (9, 31), (16, 20))]
    truths[2][truths[2] == 2] = 0
    truths.append(np.full((5, 5), 255, np.uint8))
    found = [np.where(rng.random(t.shape) < 0.7, t % 3, rng.integers(0, 3, t.shape)).astype(np.uint8) for t in truths]
    found[1] = (truths[1] % 3).astype(np.uint8)
    return list(zip(found, truths, strict=True))


@pytest.fixture
def manifest(tmp_path: Path, pairs: list[tuple[LabelArray, LabelArray]]) -> Manifest:
    rows = [add_image(tmp_path, f"i{number}", *pair) for number, pair in enumerate(pairs)]
    return read_manifest(write_manifest(tmp_path / "manifest.csv", rows, CLASSES))


def pooled(pairs: list[tuple[LabelArray, LabelArray]]) -> tuple[Any, Any]:
    return (np.concatenate([part.ravel() for part in parts]) for parts in zip(*pairs, strict=True))  # type: ignore[return-value]


def test_scores_are_pooled_over_the_images(
    predictor: AveragingPredictor[Any], manifest: Manifest, pairs: list[tuple[LabelArray, LabelArray]]
) -> None:
    steps: list[tuple[int, int]] = []
    found = evaluate(predictor, manifest, progress=lambda done, total, _what: steps.append((done, total)))
    predicted, truth = pooled(pairs)
    known = truth != 255
    ious = [
        ((predicted == c) & (truth == c))[known].sum() / ((predicted == c) | (truth == c))[known].sum()
        for c in range(3)
    ]
    scores = found.to_dict()
    assert scores["accuracy"] == pytest.approx((predicted == truth)[known].mean())
    assert scores["mean_accuracy"] == pytest.approx(np.mean([(predicted == c)[truth == c].mean() for c in range(3)]))
    assert scores["miou"] == pytest.approx(np.mean(ious))
    assert [entry["iou"] for entry in scores["per_class"]] == pytest.approx(ious)
    assert [entry["support"] for entry in scores["per_class"]] == [(truth == c).sum() for c in range(3)]
    assert (scores["num_images"], scores["coverage"], scores["split"]) == (5, 1.0, "test")
    assert steps[-1] == (5, 5)
    assert found.boundaries.counts.sum() == known.sum()


def test_the_worst_images_come_first_and_unlabelled_ones_not_at_all(
    predictor: AveragingPredictor[Any], manifest: Manifest, pairs: list[tuple[LabelArray, LabelArray]]
) -> None:
    found = evaluate(predictor, manifest, num_worst=4)
    assert [score.id for score in found.images] == ["i0", "i1", "i2", "i3", "i4"]
    assert found.images[1].miou == 1
    assert found.images[4].to_dict() == {"id": "i4", "miou": None, "accuracy": None, "num_pixels": 0}
    assert found.worst[-1].score.id == "i1"
    assert [one.score.miou for one in found.worst] == sorted(one.score.miou for one in found.worst)
    for bad in found.worst:
        np.testing.assert_array_equal(bad.labels, pairs[int(bad.score.id[1])][0])
    assert len(evaluate(predictor, manifest, num_worst=1).worst) == 1


def test_windows_and_mirror_images_score_the_same_here(
    make_onnx: Callable[..., Path], predictor: AveragingPredictor[Any], manifest: Manifest
) -> None:
    other = open_predictor(make_onnx(), inference=Inference((8, 8), flip=True))
    whole, parts = evaluate(predictor, manifest), evaluate(other, manifest)
    np.testing.assert_array_equal(whole.matrix.counts, parts.matrix.counts)


@pytest.mark.slow
def test_agreement_with_torchmetrics(
    predictor: AveragingPredictor[Any], manifest: Manifest, pairs: list[tuple[LabelArray, LabelArray]]
) -> None:
    torch = pytest.importorskip("torch")
    classification = pytest.importorskip("torchmetrics.classification")
    guess, wanted = (torch.from_numpy(part).long() for part in pooled(pairs))
    scores = evaluate(predictor, manifest).to_dict()
    for key, metric, average in (
        ("miou", classification.MulticlassJaccardIndex, "macro"),
        ("accuracy", classification.MulticlassAccuracy, "micro"),
        ("mean_accuracy", classification.MulticlassAccuracy, "macro"),
    ):
        theirs = metric(num_classes=3, average=average, ignore_index=255)(guess, wanted)
        assert scores[key] == pytest.approx(float(theirs), rel=1e-6)


def test_other_classes_are_refused(predictor: AveragingPredictor[Any], manifest: Manifest) -> None:
    other = Manifest(manifest.path, manifest.rows, classes_from_names(["red", "blue", "green"]))
    with pytest.raises(InputError, match=r"class 1 is 'green' for the network .* and 'blue' in the manifest"):
        evaluate(predictor, other)
    more = Manifest(manifest.path, manifest.rows, classes_from_names(["red", "green", "blue", "sky"]))
    with pytest.raises(InputError, match="class 3 is none for the network"):
        evaluate(predictor, more)


def test_bad_images_are_named_before_the_network_runs(
    predictor: AveragingPredictor[Any], manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(predictor, "label", lambda *_args, **_options: pytest.fail("the network ran"))
    image = manifest.rows[3].image
    image.write_bytes(image.read_bytes()[:60])
    label = manifest.rows[0].label
    assert label is not None
    write_mask(label, np.zeros((17, 20), np.uint8))
    with pytest.raises(InputError, match=r"2 of 5 images cannot be used: .*17 x 20 pixels.*i3\.png"):
        evaluate(predictor, manifest)


def test_nothing_to_score(predictor: AveragingPredictor[Any], manifest: Manifest) -> None:
    with pytest.raises(InputError, match="every pixel"):
        evaluate(predictor, Manifest(manifest.path, manifest.rows[4:], CLASSES))
    with pytest.raises(InputError, match="the split 'val'"):
        evaluate(predictor, manifest, "val")
