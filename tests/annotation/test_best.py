"""The recipe `best`: good labels from few points, of every kind of scene and point set there is."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from hyperpoint.annotation.annotate import annotate
from hyperpoint.annotation.mixture.scene import MixtureScene
from hyperpoint.annotation.prepare import PreparedScene, prepare
from hyperpoint.cube import ArrayCube, FloatArray
from hyperpoint.preprocess.geometry import RotatedCube
from hyperpoint.types import IGNORE, LabelArray, PointSet, Scene


def materials(num: int, bands: int, seed: int = 0) -> FloatArray:
    """Smooth spectra, (num, bands), in 0.1..0.9."""
    knots = np.random.default_rng(seed).uniform(0.1, 0.9, (num, 6))
    at = np.linspace(0, 5, bands)
    return np.array([np.interp(at, np.arange(6), row) for row in knots], dtype=np.float32)


def stripes(num: int, height: int, width: int) -> LabelArray:
    """Equally wide columns of `num` classes."""
    return np.broadcast_to(np.arange(width) * num // width, (height, width)).astype(np.uint8)


def scene_of(truth: LabelArray, bands: int = 20, noise: float = 0.02, seed: int = 1, rgb: bool = True) -> Scene:
    """A scene whose pixels have their class's spectrum, under a light that varies, with noise."""
    rng = np.random.default_rng(seed)
    spectra = materials(int(truth.max()) + 1, bands)
    cube = spectra[truth] * rng.uniform(0.8, 1.2, (*truth.shape, 1)) + rng.normal(0, noise, (*truth.shape, bands))
    colours = rng.integers(30, 225, (len(spectra), 3)).repeat(2, axis=0)  # two classes each: spectra are needed
    image = (colours[truth] + rng.integers(-9, 10, (*truth.shape, 3))).clip(0, 255).astype(np.uint8)
    return Scene(cube.astype(np.float32), rgb=image if rgb else None)


def draw(truth: LabelArray, counts: list[int], seed: int = 2) -> PointSet:
    """Draw that many points of each class."""
    rng = np.random.default_rng(seed)
    picked = [rng.permutation(np.argwhere(truth == c))[:num] for c, num in enumerate(counts)]
    rows, cols = np.concatenate(picked).T
    return PointSet(rows, cols, truth[rows, cols])


def test_is_a_prepared_scene_that_is_annotated_again_and_again() -> None:
    truth = stripes(3, 24, 30)
    prepared = prepare(scene_of(truth), "best")
    assert isinstance(prepared, PreparedScene)
    assert isinstance(prepared, MixtureScene)
    annotation = annotate(prepared, draw(truth, [4, 4, 4]))
    assert annotation.labels.dtype == np.uint8
    assert annotation.confidence.dtype == np.float32
    assert annotation.labels.shape == annotation.confidence.shape == truth.shape
    assert 0 < annotation.confidence.min() <= annotation.confidence.max() <= 1
    facts = annotation.provenance
    assert facts["recipe"]["method"] == "kernel-mixture"
    assert set(facts["recipe"]) == {"name", "description", "modality", "method"}
    assert facts["working_grid"] == [24, 30]
    assert facts["num_points"] == {"annotated": 12, "unannotated": 0, "learned_from": 12}


@pytest.mark.parametrize(
    ("num_classes", "counts", "bands", "floor"),
    [
        pytest.param(4, [1] * 4, 20, 0.9, id="one point a class"),
        pytest.param(2, [5] * 2, 20, 0.98, id="two classes"),
        pytest.param(2, [1] * 2, 20, 0.95, id="two classes, one point each"),
        pytest.param(40, [3] * 40, 60, 0.75, id="forty classes"),
        pytest.param(4, [120, 30, 5, 1], 20, 0.95, id="very unequal numbers"),
        pytest.param(4, [5] * 4, 4, 0.93, id="four bands"),
        pytest.param(4, [5] * 4, 3, 0.93, id="three bands"),
        pytest.param(4, [5] * 4, 400, 0.98, id="four hundred bands"),
    ],
)
def test_accuracy_on_stripes(num_classes: int, counts: list[int], bands: int, floor: float) -> None:
    truth = stripes(num_classes, 48, 120)
    labels = annotate(scene_of(truth, bands), draw(truth, counts), "best").labels
    assert (labels == truth).mean() >= floor


def test_a_rare_class_of_one_point_is_not_drowned() -> None:
    truth = stripes(2, 48, 60).copy()
    truth[20:26, 40:46] = 2  # 36 of 2880 pixels
    labels = annotate(scene_of(truth), draw(truth, [40, 40, 1]), "best").labels
    rare = truth == 2
    assert (labels[rare] == 2).mean() > 0.9
    assert (labels[~rare] == truth[~rare]).mean() > 0.97


def test_without_an_rgb_of_its_own() -> None:
    truth = stripes(4, 24, 40)
    assert (annotate(scene_of(truth, rgb=False), draw(truth, [5] * 4), "best").labels == truth).mean() > 0.95


@pytest.mark.parametrize("factor", [2, 5])
def test_cube_coarser_than_the_rgb(factor: int) -> None:
    truth = stripes(4, 60, 120)
    fine = scene_of(truth)
    coarse = fine.cube.read().reshape(60 // factor, factor, 120 // factor, factor, -1).mean(axis=(1, 3))
    annotation = annotate(Scene(coarse, rgb=fine.rgb), draw(truth, [5] * 4), "best")
    assert annotation.labels.shape == truth.shape
    assert (annotation.labels == truth).mean() > 0.93


def test_rgb_twin_learns_from_the_image_alone() -> None:
    truth = stripes(4, 24, 40)
    scene = scene_of(truth)
    assert scene.rgb is not None
    told_by_colour = (truth // 2).astype(np.uint8)
    other = Scene(np.random.default_rng(0).random(scene.cube.shape, dtype=np.float32), rgb=scene.rgb)
    points = draw(told_by_colour, [5] * 2)
    one, two = (annotate(each, points, "best-rgb").labels for each in (scene, other))
    np.testing.assert_array_equal(one, two)
    assert (one == told_by_colour).mean() > 0.95


def test_rgb_twin_takes_black_for_a_colour() -> None:
    truth = stripes(2, 24, 40)
    image = np.where(truth[..., None] == 0, 0, [200, 40, 40]).astype(np.uint8)
    scene = Scene(np.ones((24, 40, 5), dtype=np.float32), rgb=image)
    np.testing.assert_array_equal(annotate(scene, draw(truth, [3, 3]), "best-rgb").labels, truth)


def test_same_seed_same_bytes() -> None:
    truth = stripes(5, 48, 60)
    scene, points = scene_of(truth, noise=0.2), draw(truth, [40] * 5)  # more points than judge the candidates
    one, two = (annotate(scene, points, "best", seed=3) for _ in range(2))
    assert one.labels.tobytes() == two.labels.tobytes()
    assert one.confidence.tobytes() == two.confidence.tobytes()


def test_the_number_of_cores_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from hyperpoint.annotation.mixture import cores

    truth = stripes(4, 60, 120)
    found = []
    for num in (1, 3):
        monkeypatch.setattr(cores, "num_workers", lambda num=num: num)
        found.append(annotate(scene_of(truth, noise=0.2), draw(truth, [6] * 4), "best"))
    assert found[0].labels.tobytes() == found[1].labels.tobytes()
    assert found[0].confidence.tobytes() == found[1].confidence.tobytes()


def test_unannotated_points_do_not_matter() -> None:
    truth = stripes(4, 24, 40)
    prepared, points = prepare(scene_of(truth), "best"), draw(truth, [5] * 4)
    free = np.setdiff1d(np.arange(24 * 40), points.rows * 40 + points.cols)[::17]
    joined = PointSet(
        np.append(points.rows, free // 40), np.append(points.cols, free % 40),
        np.append(points.labels, np.full(len(free), IGNORE)),
    )  # fmt: skip
    one, two = annotate(prepared, points), annotate(prepared, joined)
    assert one.labels.tobytes() == two.labels.tobytes()
    assert one.confidence.tobytes() == two.confidence.tobytes()
    assert two.provenance["num_points"]["unannotated"] == len(free)


def test_order_of_classes_and_gaps_between_their_numbers_do_not_matter() -> None:
    truth = stripes(4, 24, 40)
    prepared, points = prepare(scene_of(truth), "best"), draw(truth, [5] * 4)
    wide = np.array([3, 90, 91, 254], dtype=np.uint8)
    renamed = annotate(prepared, PointSet(points.rows, points.cols, wide[points.labels]))
    np.testing.assert_array_equal(renamed.labels, wide[annotate(prepared, points).labels])


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0])
def test_masked_pixels_stay_unlabelled_and_spoil_nothing(value: float) -> None:
    truth = stripes(4, 48, 60)
    scene, points = scene_of(truth), draw(truth, [6] * 4)
    cube = scene.cube.read().copy()
    cube[10:20, :] = value
    hit = (points.rows >= 10) & (points.rows < 20)
    annotation = annotate(Scene(cube, rgb=scene.rgb), points, "best")
    masked = np.zeros(truth.shape, dtype=bool)
    masked[10:20] = True
    assert (annotation.labels[masked] == IGNORE).all()
    assert (annotation.confidence[masked] == 0).all()
    assert (annotation.labels[~masked] == truth[~masked]).mean() > 0.97
    assert annotation.provenance["num_points"]["learned_from"] == int((~hit).sum())
    assert hit.any()


def test_what_the_caller_masks_is_not_looked_at() -> None:
    """Whatever stands in pixels that `valid` leaves out, the rest of the labels is the same."""
    truth = stripes(4, 48, 60)
    scene = scene_of(truth)
    valid = np.ones(truth.shape, dtype=bool)
    valid[30:, 10:22] = False
    points = draw(truth, [8] * 4)
    points = points.subset(valid[points.rows, points.cols])
    found = []
    for content in (0.5, 1000.0):
        cube = scene.cube.read().copy()
        cube[~valid] = content
        found.append(annotate(Scene(cube, rgb=scene.rgb, valid=valid), points, "best"))
    np.testing.assert_array_equal(found[0].labels, found[1].labels)
    np.testing.assert_array_equal(found[0].labels == IGNORE, ~valid)


def test_a_turned_cube_gives_the_same_labels() -> None:
    truth = stripes(4, 48, 60)
    scene, points = scene_of(truth), draw(truth, [5] * 4)
    stored = ArrayCube(np.ascontiguousarray(np.rot90(scene.cube.read(), 1)))
    turned = Scene(RotatedCube(stored, 270), rgb=scene.rgb)
    np.testing.assert_array_equal(annotate(turned, points, "best").labels, annotate(scene, points, "best").labels)


def test_larger_than_the_working_grid() -> None:
    """Averaged to cells, labelled, and brought back: 365 does not divide by the cells' side."""
    truth = np.kron(stripes(4, 5, 8).repeat(1, axis=0), np.ones((73, 73), dtype=np.uint8))
    scene, points = scene_of(truth, bands=6), draw(truth, [5] * 4)
    prepared = prepare(scene, "best")
    assert isinstance(prepared, MixtureScene)
    assert prepared.features.shape == (183, 292)
    assert (annotate(prepared, points).labels == truth).mean() > 0.99


def test_a_scene_without_contrast_is_labelled_all_the_same() -> None:
    scene = Scene(np.ones((10, 12, 5), dtype=np.float32), rgb=np.full((10, 12, 3), 7, dtype=np.uint8))
    annotation = annotate(scene, PointSet(np.array([0, 9]), np.array([0, 9]), np.array([0, 1])), "best")
    assert set(np.unique(annotation.labels)) <= {0, 1}
    assert np.isfinite(annotation.confidence).all()


@pytest.mark.parametrize("size", [(1, 12), (2, 2), (3, 1)])
def test_tiny_images(size: tuple[int, int]) -> None:
    cube = np.random.default_rng(0).random((*size, 5), dtype=np.float32)
    last = np.array(size) - 1
    points = PointSet(np.array([0, last[0]]), np.array([0, last[1]]), np.array([4, 9]))
    assert set(np.unique(annotate(Scene(cube), points, "best").labels)) <= {4, 9}


def test_confidence_tells_right_from_wrong() -> None:
    truth = np.random.default_rng(7).integers(0, 4, (48, 60)).astype(np.uint8)  # nothing to smooth over
    clear, noisy = (annotate(scene_of(truth, 6, n, rgb=False), draw(truth, [8] * 4), "best") for n in (0.01, 0.2))
    assert (clear.labels == truth).mean() > (noisy.labels == truth).mean() + 0.1
    assert clear.confidence.mean() > noisy.confidence.mean() + 0.1
    wrong = noisy.labels != truth
    assert noisy.confidence[wrong].mean() < noisy.confidence[~wrong].mean() - 0.1


def test_one_warning_for_masked_pixels(caplog: pytest.LogCaptureFixture) -> None:
    truth = stripes(2, 24, 30)
    cube = scene_of(truth).cube.read().copy()
    cube[:2] = np.nan
    with caplog.at_level(logging.WARNING):
        annotate(Scene(cube), draw(truth[2:], [3, 3]), "best")
    assert "60 of 720 pixels masked (60 no data)" in caplog.text


@pytest.mark.parametrize(
    ("name", "floor"), [("jasper_ridge", 0.92), ("berlin_enmap30m", 0.5)]
)  # measured with seed 0: 0.94 and 0.62
def test_real_scene_at_twenty_points_a_class(shared_data: Path, name: str, floor: float) -> None:
    with np.load(shared_data / f"{name}.npz") as data:
        cube, truth = data["hsi"].astype(np.float32), data["label"].astype(np.int16) - 1
    truth = np.where(truth < 0, IGNORE, truth).astype(np.uint8)
    rng = np.random.default_rng(0)
    picked = [rng.permutation(np.argwhere(truth == c))[:20] for c in np.unique(truth[truth != IGNORE])]
    rows, cols = np.concatenate(picked).T
    labels = annotate(Scene(cube), PointSet(rows, cols, truth[rows, cols]), "best").labels
    scored = truth != IGNORE
    assert (labels[scored] == truth[scored]).mean() > floor


def test_what_was_said_of_a_pixel_stands() -> None:
    truth = stripes(3, 24, 30)
    points = draw(truth, [6] * 3)
    wrong = PointSet(points.rows, points.cols, np.where(np.arange(18) == 3, 2, points.labels))
    found = annotate(scene_of(truth), wrong, "best", min_confidence=1.0, reject=True)
    np.testing.assert_array_equal(found.labels[wrong.rows, wrong.cols], wrong.labels)
    np.testing.assert_array_equal(found.confidence[wrong.rows, wrong.cols], 1)


def test_a_thousand_points() -> None:
    truth = stripes(4, 48, 60)
    found = annotate(scene_of(truth), draw(truth, [250] * 4), "best")
    assert np.isfinite(found.confidence).all()
    assert (found.labels == truth).mean() > 0.99


@pytest.mark.parametrize("unit", [1e-12, 1e4, 1e20])
def test_the_unit_of_the_cube_does_not_matter(unit: float) -> None:
    truth = stripes(4, 24, 40)
    scene = scene_of(truth, noise=0.1)
    points = draw(truth, [5] * 4)
    other = Scene(scene.cube.read() * np.float32(unit), rgb=scene.rgb)
    one, two = (annotate(each, points, "best") for each in (scene, other))
    np.testing.assert_array_equal(one.labels, two.labels)
    np.testing.assert_allclose(one.confidence, two.confidence, atol=1e-3)


def test_many_threads_get_their_own_answers() -> None:
    truth = stripes(3, 24, 30)
    prepared = prepare(scene_of(truth, noise=0.2), "best")
    sets = [draw(truth, [4] * 3, seed) for seed in range(4)]
    alone = [annotate(prepared, points).labels for points in sets]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda k: annotate(prepared, sets[k % 4]).labels, range(24)))
    for k, labels in enumerate(together):
        np.testing.assert_array_equal(labels, alone[k % 4])
