"""Annotating from points: correct, deterministic, and blind to what it must not see."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from hyperpoint.annotation.annotate import annotate
from hyperpoint.annotation.prepare import prepare
from hyperpoint.annotation.recipe import Recipe
from hyperpoint.annotation.voting import SuperpixelScene
from hyperpoint.errors import InputError, PointsError, RecipeError
from hyperpoint.types import IGNORE, LabelArray, PointSet, Scene

FAST = Recipe(name="fast", classifier="linear-svm", region_size=10)


def test_labels_the_whole_scene(scene: Scene, points: PointSet, truth: LabelArray) -> None:
    annotation = annotate(scene, points, FAST)
    assert annotation.labels.dtype == np.uint8
    assert annotation.labels.shape == truth.shape
    assert (annotation.labels == truth).mean() > 0.97
    assert annotation.confidence.dtype == np.float32
    assert 0 <= annotation.confidence.min() <= annotation.confidence.max() <= 1


def test_prepared_or_not_is_the_same(scene: Scene, points: PointSet) -> None:
    prepared = prepare(scene, FAST)
    for _ in range(2):
        np.testing.assert_array_equal(annotate(prepared, points).labels, annotate(scene, points, FAST).labels)


def test_another_recipe_on_a_prepared_scene(scene: Scene, points: PointSet) -> None:
    with pytest.raises(RecipeError, match="prepared for the recipe 'fast'"):
        annotate(prepare(scene, FAST), points, "paper-svm")


def test_numbers_of_classes_are_kept_with_their_gaps(scene: Scene, points: PointSet, truth: LabelArray) -> None:
    wide = np.array([7, 3, 254, 100], dtype=np.uint8)
    renamed = PointSet(points.rows, points.cols, wide[points.labels])
    annotation = annotate(scene, renamed, FAST)
    assert set(np.unique(annotation.labels)) == {3, 7, 100, 254}
    assert (annotation.labels == wide[truth]).mean() > 0.97


def test_the_truth_of_unannotated_points_is_never_seen(scene: Scene, truth: LabelArray) -> None:
    """Design rule 1: sampled points come without their labels, whatever these are."""
    from hyperpoint.catalog.sampling import sample_regions
    from hyperpoint.types import Truth

    sampled = sample_regions(Truth(truth), num_regions=16, per_region=8, ratio=(1, 4), seed=5)
    shuffled = truth.copy()
    hidden = sampled.unannotated
    shuffled[hidden.rows, hidden.cols] = np.random.default_rng(0).permutation(truth[hidden.rows, hidden.cols])
    assert (shuffled != truth).any()
    again = sample_regions(Truth(shuffled), num_regions=16, per_region=8, ratio=(1, 4), seed=5)
    one, two = annotate(scene, sampled, FAST), annotate(scene, again, FAST)
    assert one.labels.tobytes() == two.labels.tobytes()
    assert one.confidence.tobytes() == two.confidence.tobytes()


def test_sampled_points_vote_and_superpixels_without_any_stay_unlabelled(
    scene: Scene, points: PointSet, truth: LabelArray
) -> None:
    rows, cols = np.append(points.rows, [11, 33]), np.append(points.cols, [12, 66])
    sampled = PointSet(rows, cols, np.append(points.labels, [IGNORE, IGNORE]))
    prepared = prepare(scene, FAST)
    assert isinstance(prepared, SuperpixelScene)
    annotation = annotate(prepared, sampled)
    voted = np.isin(prepared.superpixels.ids, prepared.superpixels.ids[rows, cols])
    assert (annotation.labels[~voted] == IGNORE).all()
    assert (annotation.confidence[~voted] == 0).all()
    assert (annotation.labels[voted] == truth[voted]).mean() > 0.9
    assert annotation.labels[11, 12] == truth[11, 12]


def test_an_annotated_point_votes_with_its_own_label(scene: Scene, points: PointSet) -> None:
    """One wrong label, against what its spectrum says, alone in its superpixel: it stands."""
    prepared = prepare(scene, FAST)
    assert isinstance(prepared, SuperpixelScene)
    ids = prepared.superpixels.ids
    free = np.setdiff1d(np.arange(prepared.superpixels.num), ids[points.rows, points.cols])[-1]
    row, col = (int(part[0]) for part in np.nonzero(ids == free))
    wrong = 3 if row < 40 and col < 40 else 0
    sampled = PointSet(
        np.append(points.rows, [row, 0]), np.append(points.cols, [col, 0]), np.append(points.labels, [wrong, IGNORE])
    )
    assert annotate(prepared, sampled).labels[row, col] == wrong


def test_masked_pixels_stay_unlabelled_and_are_told(
    scene: Scene, points: PointSet, caplog: pytest.LogCaptureFixture
) -> None:
    cube = scene.cube.read()
    cube[:5, :7] = np.nan
    broken = Scene(cube, wavelengths=scene.wavelengths, rgb=scene.rgb)
    annotation = annotate(broken, points, FAST)
    assert (annotation.labels[:5, :7] == IGNORE).all()
    assert (annotation.labels == IGNORE).sum() == 35
    assert annotation.provenance["masked_pixels"] == {"no_data": 35, "saturated": 0, "dead": 0}
    assert "35 of 6400 pixels masked (35 no data)" in caplog.text


def test_what_the_caller_masks_stays_unlabelled(scene: Scene, points: PointSet) -> None:
    valid = np.ones((80, 80), dtype=bool)
    valid[:, 70:] = False
    masked = Scene(scene.cube, rgb=scene.rgb, valid=valid)
    for recipe in (FAST, Recipe(name="fast-rgb", classifier="linear-svm", modality="rgb", region_size=10)):
        assert ((annotate(masked, points, recipe).labels == IGNORE) == ~valid).all()


def test_points_on_masked_pixels_are_not_learned_from(
    scene: Scene, points: PointSet, caplog: pytest.LogCaptureFixture
) -> None:
    cube = scene.cube.read()
    cube[points.rows[:3], points.cols[:3]] = np.nan
    annotation = annotate(Scene(cube, rgb=scene.rgb), points, FAST)
    assert annotation.provenance["num_points"] == {"annotated": 40, "unannotated": 0, "learned_from": 37}
    assert "3 of 40 annotated points lie on masked pixels" in caplog.text


def test_rgb_finer_than_the_cube(scene: Scene, points: PointSet, truth: LabelArray) -> None:
    assert scene.rgb is not None
    coarse = Scene(scene.cube.read()[::2, ::2], rgb=scene.rgb)
    assert (annotate(coarse, points, FAST).labels == truth).mean() > 0.95


def test_a_turned_cube_gives_the_same_labels(scene: Scene, points: PointSet) -> None:
    from hyperpoint.cube import ArrayCube
    from hyperpoint.preprocess.geometry import RotatedCube

    stored = ArrayCube(np.ascontiguousarray(np.rot90(scene.cube.read(), 1)))
    turned = Scene(RotatedCube(stored, 270), rgb=scene.rgb)
    np.testing.assert_array_equal(annotate(turned, points, FAST).labels, annotate(scene, points, FAST).labels)


def test_rgb_twin_is_the_same_path_with_the_image_as_cube(scene: Scene, points: PointSet) -> None:
    assert scene.rgb is not None
    as_cube = Scene(scene.rgb.astype(np.float32), rgb=scene.rgb)
    one, two = annotate(scene, points, "paper-svm-rgb"), annotate(as_cube, points, "paper-svm")
    np.testing.assert_array_equal(one.labels, two.labels)


def test_without_an_rgb_of_its_own(scene: Scene, points: PointSet, truth: LabelArray) -> None:
    bare = Scene(scene.cube, wavelengths=scene.wavelengths)
    assert (annotate(bare, points, FAST).labels == truth).mean() > 0.8


def test_bad_bands_are_left_out(scene: Scene, points: PointSet, truth: LabelArray) -> None:
    cube = scene.cube.read()
    cube[..., 5] = np.nan
    broken = Scene(cube, rgb=scene.rgb)
    broken.cube.good_bands[5] = False
    assert (annotate(broken, points, FAST).labels == truth).mean() > 0.97


def test_provenance_is_plain_data(scene: Scene, points: PointSet) -> None:
    annotation = annotate(scene, points, FAST, seed=9)
    facts = json.loads(json.dumps(annotation.provenance))
    assert facts["seed"] == 9
    assert facts["recipe"]["classifier"] == "linear-svm"
    assert sum(facts["pixels_per_class"].values()) + facts["unlabelled_pixels"] == 6400
    assert {"hyperpoint", "numpy", "opencv-contrib-python-headless"} <= set(facts["versions"])


@pytest.mark.parametrize(
    ("rows", "cols", "labels", "complaint"),
    [
        ([1, 2], [1, 2], [0, 0], "at least two classes|points of at least two classes"),
        ([], [], [], "got 0 in 0 points"),
        ([1, 2], [1, 2], [0, IGNORE], "got 1 in 2 points"),
        ([1, 80], [1, 2], [0, 1], r"point \(80, 2\) lies outside the image of 80 rows and 80 columns"),
    ],
)
def test_points_that_cannot_be_annotated_from(
    scene: Scene, rows: list[int], cols: list[int], labels: list[int], complaint: str
) -> None:
    with pytest.raises(PointsError, match=complaint):
        annotate(scene, PointSet(np.array(rows), np.array(cols), np.array(labels)), FAST)


def test_two_classes_one_of_them_masked(scene: Scene) -> None:
    cube = scene.cube.read()
    cube[1, 1] = np.nan
    with pytest.raises(PointsError, match="on a usable pixel; 2 are annotated and 1 of them"):
        annotate(Scene(cube, rgb=scene.rgb), PointSet(np.array([1, 2]), np.array([1, 2]), np.array([0, 1])), FAST)


def test_the_rgb_twin_leaves_out_the_same_pixels(scene: Scene, points: PointSet) -> None:
    cube = scene.cube.read()
    cube[:5, :7] = np.nan
    twin = replace(FAST, modality="rgb")
    assert (annotate(Scene(cube, rgb=scene.rgb), points, twin).labels == IGNORE).sum() == 35


def test_a_class_that_no_superpixel_got_is_told(
    scene: Scene, points: PointSet, caplog: pytest.LogCaptureFixture
) -> None:
    annotate(scene, points, replace(FAST, region_size=80))
    assert "no pixel but the points themselves got the class(es)" in caplog.text


@pytest.mark.parametrize("seed", [-1, 0.5, None])
def test_a_seed_is_a_whole_number(scene: Scene, points: PointSet, seed: int) -> None:
    with pytest.raises(InputError, match="whole number"):
        annotate(scene, points, FAST, seed=seed)
