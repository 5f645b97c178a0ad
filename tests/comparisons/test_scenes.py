"""From a data set on disk to a score: synthetic facades in the layout of LIB-HSI, and a set of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the networks need PyTorch (extra deep)")

from hyperpoint.catalog.dataset import Dataset, load_dataset
from hyperpoint.catalog.sampling import sample_per_class
from hyperpoint.catalog.sources import dataset_rows
from hyperpoint.comparisons.config import PatchConfig
from hyperpoint.comparisons.scenes import open_row, training_scenes, truth_of, without_classes
from hyperpoint.comparisons.scoring import evaluate
from hyperpoint.comparisons.training import fit
from hyperpoint.errors import InputError
from hyperpoint.io.manifest import ManifestRow
from hyperpoint.preprocess.calibration import CalibratedCube
from hyperpoint.preprocess.geometry import RotatedCube
from hyperpoint.synth import synthesise
from hyperpoint.types import PointSet

SIZE = (48, 48)


def points_at(rows: list[int], cols: list[int], labels: list[int]) -> PointSet:
    return PointSet(np.array(rows), np.array(cols), np.array(labels, dtype=np.uint8))


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two facades to train on, one to validate and one to test."""
    root = tmp_path_factory.mktemp("facades")
    synthesise(root, "lib-hsi", 4, SIZE, seed=3)
    return root


@pytest.fixture
def dataset() -> Dataset:
    return load_dataset("lib-hsi")


@pytest.fixture
def rows(copy: Path, dataset: Dataset) -> Iterator[list[ManifestRow]]:
    yield dataset_rows(dataset, copy)


def of_split(rows: list[ManifestRow], split: str) -> list[ManifestRow]:
    return [row for row in rows if row.split == split]


def test_points_depend_on_the_seed_and_the_scene_alone(rows: list[ManifestRow], dataset: Dataset) -> None:
    first, second = training_scenes(of_split(rows, "train"), dataset, seed=1)
    (again,) = training_scenes(of_split(rows, "train")[1:], dataset, seed=1)
    other, _ = training_scenes(of_split(rows, "train"), dataset, seed=2)
    assert np.array_equal(again.points.rows, second.points.rows)
    assert not np.array_equal(first.points.rows, second.points.rows)
    assert not np.array_equal(first.points.rows, other.points.rows)


def test_points_bear_the_truth_and_no_class_that_is_not_scored(rows: list[ManifestRow], dataset: Dataset) -> None:
    for row, scene in zip(of_split(rows, "train"), training_scenes(of_split(rows, "train"), dataset), strict=True):
        truth, points = truth_of(row, dataset), scene.points.annotated
        assert np.array_equal(truth.labels[points.rows, points.cols], points.labels)
        assert not set(points.class_ids.tolist()) & set(dataset.unscored)
        assert set(np.unique(truth.labels).tolist()) & set(dataset.unscored)  # there are some that might have been
        assert 100 < len(points) < 200


def test_points_may_be_drawn_otherwise(rows: list[ManifestRow], dataset: Dataset) -> None:
    (scene,) = training_scenes(rows[:1], dataset, draw=lambda truth, rng: sample_per_class(truth, 3, rng))
    assert np.unique(scene.points.labels, return_counts=True)[1].max() == 3


def test_classes_are_left_out() -> None:
    points = without_classes(points_at([0, 1, 2], [0, 1, 2], [4, 255, 7]), [7, 8])
    assert points.labels.tolist() == [4, 255]


def test_a_scene_is_opened_turned_and_calibrated_by_its_panel(rows: list[ManifestRow], dataset: Dataset) -> None:
    truth = truth_of(rows[0], dataset)
    scene = open_row(rows[0], dataset)
    assert scene.size == truth.labels.shape == SIZE
    assert isinstance(scene.cube, RotatedCube)
    assert isinstance(scene.cube.source, CalibratedCube)
    panel = truth.labels == dataset.white_reference
    assert np.allclose(scene.cube.read()[panel].mean(axis=0), 1, atol=1e-3)


def test_a_row_without_cube_or_labels_is_told(rows: list[ManifestRow], dataset: Dataset) -> None:
    row = ManifestRow("x", "test", rows[0].image, None, None)
    with pytest.raises(InputError, match="'x' has no cube"):
        open_row(row, dataset)
    with pytest.raises(InputError, match="'x' has no labels"):
        truth_of(row, dataset)


def test_training_needs_no_other_split_and_the_score_on_the_test_split_is_above_chance(tmp_path: Path) -> None:
    """Chance is the best constant guess, which knows the commonest class of the test scene; the margin is 10 points."""
    streets = load_dataset("hsicity2")
    synthesise(tmp_path, "hsicity2", 4, (48, 64), seed=1)
    rows = dataset_rows(streets, tmp_path)
    (tmp_path / "test").rename(tmp_path / "elsewhere")
    scenes = training_scenes(of_split(rows, "train"), streets)
    model = fit("cnn1d", scenes, len(streets.classes), PatchConfig(iterations=150, batch_size=32))
    (tmp_path / "elsewhere").rename(tmp_path / "test")
    matrix = evaluate(model, of_split(rows, "test"), streets, stride=2)
    assert matrix.num_pixels > 0
    assert matrix.coverage == 1
    assert matrix.accuracy > matrix.support.max() / matrix.support.sum() + 0.1


def test_classes_that_are_not_scored_are_not_counted(rows: list[ManifestRow], dataset: Dataset) -> None:
    scenes = training_scenes(of_split(rows, "train"), dataset)
    model = fit("cnn1d", scenes, len(dataset.classes), PatchConfig(iterations=5, batch_size=8))
    told: list[tuple[int, int, str]] = []
    test = of_split(rows, "test")
    matrix = evaluate(model, test, dataset, 8, lambda done, total, what: told.append((done, total, what)))
    labels = truth_of(test[0], dataset).labels
    assert matrix.num_pixels == (~np.isin(labels, [*dataset.unscored, 255])).sum()
    assert told == [(0, 1, test[0].id)]


def test_labels_of_another_size_are_told(rows: list[ManifestRow], dataset: Dataset, tmp_path: Path) -> None:
    from hyperpoint.comparisons.model import PatchModel
    from hyperpoint.io.images import read_rgb, write_png

    assert rows[0].label is not None
    write_png(tmp_path / "cut.png", read_rgb(rows[0].label)[:-1])
    wrong = ManifestRow("cut", "test", rows[0].image, tmp_path / "cut.png", rows[0].cube, rotate=270)
    scenes = training_scenes(rows[:1], dataset)
    model: PatchModel = fit("cnn1d", scenes, len(dataset.classes), PatchConfig(iterations=2, batch_size=4))
    with pytest.raises(InputError, match="must agree"):
        evaluate(model, [wrong], dataset)
