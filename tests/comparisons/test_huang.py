from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="the networks need PyTorch (extra deep)")

from hyperpoint.comparisons.config import PatchConfig
from hyperpoint.comparisons.huang import draw_from_mask, pad_points, refine, refine_scenes
from hyperpoint.comparisons.model import PatchModel
from hyperpoint.comparisons.scenes import PointScene
from hyperpoint.comparisons.training import fit
from hyperpoint.errors import InputError, PointsError
from hyperpoint.io.classes import classes_from_names
from hyperpoint.io.masks import read_label_ids
from hyperpoint.metrics import ConfusionMatrix
from hyperpoint.types import IGNORE, LabelArray, PointSet, Scene

CLASSES = classes_from_names(["a", "b", "c", "d"])


def points_at(rows: list[int], cols: list[int], labels: list[int]) -> PointSet:
    return PointSet(np.array(rows), np.array(cols), np.array(labels, dtype=np.uint8))


def test_points_are_padded_with_nothing() -> None:
    mask = pad_points(points_at([0, 2, 1], [1, 3, 0], [5, 0, IGNORE]), (3, 4))
    expected = np.full((3, 4), IGNORE)
    expected[0, 1], expected[2, 3] = 5, 0
    assert mask.dtype == np.uint8
    assert np.array_equal(mask, expected)
    with pytest.raises(PointsError, match="outside the 3 x 4 pixels"):
        pad_points(points_at([3], [0], [1]), (3, 4))


def test_pixels_drawn_from_a_mask_bear_its_labels() -> None:
    mask = np.full((20, 30), IGNORE, dtype=np.uint8)
    mask[3:9, 4:20] = 2
    mask[12:, 25:] = 0
    rng = np.random.default_rng(0)
    some, everything = draw_from_mask(mask, rng, 50), draw_from_mask(mask, rng)
    assert (len(some), len(everything)) == (50, 6 * 16 + 8 * 5)
    assert np.array_equal(mask[some.rows, some.cols], some.labels)


def test_coarse_labels_stay_well_inside_their_regions_alone() -> None:
    coarse = np.full((30, 40), IGNORE, dtype=np.uint8)
    coarse[:, :20] = 1
    coarse[5:25, 20:36] = 2
    classified = np.full((30, 40), 3, dtype=np.uint8)
    refined = refine(coarse, classified)
    expected = classified.copy()
    expected[:, :16] = 1
    expected[9:21, 24:32] = 2
    assert np.array_equal(refined, expected)


def test_of_padded_points_nothing_stays() -> None:
    classified = np.random.default_rng(0).integers(0, 4, (20, 20)).astype(np.uint8)
    coarse = pad_points(points_at([3, 10], [4, 11], [1, 2]), (20, 20))
    assert np.array_equal(refine(coarse, classified), classified)
    with pytest.raises(InputError, match="equally large; got 20 x 20 and 20 x 19"):
        refine(coarse, classified[:, 1:])


@pytest.fixture
def model(training: list[PointScene]) -> PatchModel:
    return fit("cnn-hsi", training, 4, PatchConfig(iterations=40, batch_size=16))


def test_refined_labels_are_written_under_the_ids_of_the_scenes(
    model: PatchModel, training: list[PointScene], tmp_path: Path
) -> None:
    told: list[str] = []
    out = tmp_path / "refined"
    paths = refine_scenes(model, training, out, CLASSES, stride=4, progress=lambda done, total, what: told.append(what))
    assert [path.name for path in paths] == ["scene-0.png", "scene-1.png", "scene-2.png"]
    assert np.array_equal(read_label_ids(paths[1]), model.predict(training[1].open(), 4))
    assert told == ["scene-0", "scene-1", "scene-2"]
    assert sorted(out.iterdir()) == paths


def test_coarse_masks_may_be_given(model: PatchModel, training: list[PointScene], tmp_path: Path) -> None:
    def all_of_one_class(_scene: PointScene, opened: Scene) -> LabelArray:
        return np.full(opened.size, 3, dtype=np.uint8)

    (path,) = refine_scenes(model, training[:1], tmp_path, CLASSES, coarse=all_of_one_class, stride=8)
    assert (read_label_ids(path) == 3).all()


@pytest.mark.slow
def test_refinement_mends_coarse_labels(labelled: Callable[..., Any], tmp_path: Path) -> None:
    """Coarse masks that are shifted by 6 pixels: refined by the small ResNet they are right 10 points more often."""
    truths, scenes, masks = [], [], {}
    for seed in range(2):
        one = labelled(seed)
        mask = np.roll(one.labels, (6, 6), axis=(0, 1))
        points = draw_from_mask(mask, np.random.default_rng(seed), 150)
        truths.append(one.labels)
        masks[f"{seed}"] = mask
        scenes.append(PointScene(f"{seed}", points, partial(getattr, one, "scene")))
    model = fit("resnet18", scenes, 4, PatchConfig(iterations=30, batch_size=12), seed=1)
    paths = refine_scenes(model, scenes, tmp_path, CLASSES, coarse=lambda scene, _: masks[scene.id], stride=5)
    coarse, refined = ConfusionMatrix(4), ConfusionMatrix(4)
    for truth, mask, path in zip(truths, masks.values(), paths, strict=True):
        coarse.update(mask, truth)
        refined.update(read_label_ids(path), truth)
    assert refined.accuracy > coarse.accuracy + 0.1, (coarse.accuracy, refined.accuracy)
