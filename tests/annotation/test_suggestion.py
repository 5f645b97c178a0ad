"""Suggestions: where they lie, what they avoid, and that following them helps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import hyperpoint as hp
from hyperpoint.annotation.annotate import make_request
from hyperpoint.annotation.suggestion import (
    NOISE,
    _choose,
    cell_to_ask,
    class_weights,
    expected_mistakes,
    remaining_covariance,
)
from hyperpoint.annotation.survey import MAX_REGIONS, NUM_REGIONS, Regions, Survey, find_regions, scaled
from hyperpoint.annotation.voting import SuperpixelScene
from hyperpoint.cube import FloatArray
from hyperpoint.types import IGNORE, LabelArray

RECIPES = ("best", "paper-svm", "best-rgb", "paper-svm-rgb")


def _points(rows: list[int], cols: list[int], labels: list[int]) -> hp.PointSet:
    return hp.PointSet(np.array(rows), np.array(cols), np.array(labels, dtype=np.uint8))


def _pixels(found: hp.Suggestions) -> set[tuple[int, int]]:
    return set(zip(found.rows.tolist(), found.cols.tolist(), strict=True))


@pytest.mark.parametrize("recipe", RECIPES)
def test_suggestions_are_new_usable_pixels_and_the_same_each_time(
    scene: hp.Scene, points: hp.PointSet, recipe: str
) -> None:
    valid = np.ones(scene.size, dtype=bool)
    valid[:, 50:] = False
    masked = hp.Scene(scene.cube, rgb=scene.rgb, valid=valid)
    prepared = hp.prepare(masked, recipe)
    found = hp.suggest(prepared, points, num=12)
    assert len(found) == len(found.reasons) == len(_pixels(found)) == 12
    assert found.cols.max() < 50
    assert not _pixels(found) & set(zip(points.rows.tolist(), points.cols.tolist(), strict=True))
    again = hp.suggest(hp.prepare(masked, recipe), points, num=12)
    np.testing.assert_array_equal(again.rows, found.rows)
    np.testing.assert_array_equal(again.cols, found.cols)
    assert again.reasons == found.reasons


@pytest.mark.parametrize("recipe", ("best", "paper-svm"))
def test_the_first_of_many_are_those_of_few(scene: hp.Scene, points: hp.PointSet, recipe: str) -> None:
    prepared = hp.prepare(scene, recipe)
    few, many = hp.suggest(prepared, points, num=2), hp.suggest(prepared, points, num=6)
    np.testing.assert_array_equal(few.rows, many.rows[:2])
    np.testing.assert_array_equal(few.cols, many.cols[:2])


@pytest.mark.parametrize("recipe", ("best", "paper-svm"))
def test_unlabelled_materials_are_found(scene: hp.Scene, truth: LabelArray, recipe: str) -> None:
    """Two of four quarters have a point: the first suggestions lie in the two others, and in both of them."""
    start = _points([10, 20, 10, 30], [10, 30, 60, 70], [0, 0, 1, 1])
    found = hp.suggest(hp.prepare(scene, recipe), start, num=4)
    labels = truth[found.rows, found.cols]
    assert {2, 3} <= set(labels.tolist())


def test_somebody_who_could_not_tell_is_not_asked_the_like_again(scene: hp.Scene, truth: LabelArray) -> None:
    prepared = hp.prepare(scene, "best")
    start = _points([10, 20, 10, 30, 60], [10, 30, 60, 70, 20], [0, 0, 1, 1, IGNORE])
    found = hp.suggest(prepared, start, num=1)
    assert truth[found.rows[0], found.cols[0]] == 3
    assert (60, 20) not in _pixels(found)


def test_unannotated_points_do_not_turn_a_vote_into_the_sampled_points(
    scene: hp.Scene, points: hp.PointSet, truth: LabelArray
) -> None:
    """To the paper's recipes unannotated points mean that only points vote; to a suggestion they do not."""
    prepared = hp.prepare(scene, "paper-svm")
    with_one_more = hp.PointSet(
        np.append(points.rows, 79), np.append(points.cols, 79), np.append(points.labels, np.uint8(IGNORE))
    )
    request = hp.annotate(prepared, points)
    assert (request.labels != IGNORE).all()
    assert len(hp.suggest(prepared, with_one_more, num=3)) == 3


def test_votes_of_the_points_as_they_are_and_of_the_annotated_alone_are_both_kept(
    scene: hp.Scene, points: hp.PointSet
) -> None:
    prepared = hp.prepare(scene, "paper-svm")
    assert isinstance(prepared, SuperpixelScene)
    some = hp.PointSet(
        np.append(points.rows, 79), np.append(points.cols, 79), np.append(points.labels, np.uint8(IGNORE))
    )
    request = make_request(prepared, some, 0, None)[0]
    first = prepared.label(request)
    prepared.survey(request)
    assert prepared.label(request) is first
    kept = len(prepared._last)
    prepared.survey(request)
    assert len(prepared._last) == kept == 2
    for seed in range(1, 4):
        prepared.label(make_request(prepared, some, seed, None)[0])
    assert len(prepared._last) == 2
    assert prepared.label(request) is not first


def test_suggesting_leaves_the_annotation_as_it_is(scene: hp.Scene, points: hp.PointSet) -> None:
    for recipe in ("best", "paper-svm"):
        prepared = hp.prepare(scene, recipe)
        before = hp.annotate(prepared, points)
        hp.suggest(prepared, points)
        after = hp.annotate(prepared, points)
        np.testing.assert_array_equal(before.labels, after.labels)
        np.testing.assert_array_equal(before.confidence, after.confidence)


def test_fewer_where_nothing_is_left(scene: hp.Scene) -> None:
    small = hp.Scene(scene.cube.read()[36:44, 36:44])
    points = _points([1, 1, 6], [1, 6, 1], [0, 1, 2])
    found = hp.suggest(hp.prepare(small, "best"), points, num=500)
    assert len(found) == len(_pixels(found)) == 8 * 8 - 3


def test_points_map_to_regions_where_the_cube_is_coarser_than_the_image(scene: hp.Scene, points: hp.PointSet) -> None:
    coarse = hp.Scene(scene.cube.read()[::4, ::4], rgb=scene.rgb)
    found = hp.suggest(hp.prepare(coarse, "best"), points, num=5)
    assert (found.rows < 80).all()
    seen = {(int(row) // 4, int(col) // 4) for row, col in zip(points.rows, points.cols, strict=True)}
    assert not {(row // 4, col // 4) for row, col in _pixels(found)} & seen


def test_reasons_name_classes(scene: hp.Scene, points: hp.PointSet) -> None:
    table = hp.ClassTable(("brick", "glass", "grass", "sky"), ((0, 0, 0), (9, 0, 0), (0, 9, 0), (0, 0, 9)))
    prepared = hp.prepare(scene, "best")
    assert any(name in hp.suggest(prepared, points, classes=table).reasons[0] for name in table.names)
    assert "class " in hp.suggest(prepared, points).reasons[0]


@pytest.mark.parametrize("num", (0, -1, 1.5))
def test_a_wrong_number_is_refused(scene: hp.Scene, points: hp.PointSet, num: float) -> None:
    with pytest.raises(hp.HyperpointError, match="number of suggestions"):
        hp.suggest(hp.prepare(scene, "best"), points, num=num)  # type: ignore[arg-type]


def test_one_class_is_refused(scene: hp.Scene) -> None:
    with pytest.raises(hp.HyperpointError, match="two classes"):
        hp.suggest(hp.prepare(scene, "best"), _points([1, 2], [1, 2], [0, 0]))


def test_mistakes_in_small_classes_and_in_classes_of_few_points_cost_more() -> None:
    areas = np.array([10.0, 80.0, 5.0, 5.0])
    unsure = np.array([[1, 0, 0], [0, 1, 0], [0.5, 0.5, 0], [0, 0.5, 0.5]])
    costs = expected_mistakes(unsure, class_weights(unsure, areas, np.array([4, 4, 4])))
    np.testing.assert_allclose(costs[:2], 0)
    assert costs[3] > costs[2] > 0  # class 2 is the smallest
    fewer = expected_mistakes(unsure, class_weights(unsure, areas, np.array([1, 4, 4])))
    assert fewer[2] / fewer[3] > costs[2] / costs[3]


def test_a_familiar_region_is_asked_about_at_its_most_doubtful_usable_cell() -> None:
    ids = np.zeros((1, 4), dtype=np.int64)
    usable = np.array([[True, True, True, False]])
    regions = Regions(ids, (2, 8), usable, np.array([3.0]), np.array([0]), np.zeros((1, 1), dtype=np.float32))
    planes = np.array([[[0.9, 0.9, 0.6, 0.5]], [[0.1, 0.1, 0.4, 0.5]]], dtype=np.float32)
    survey = Survey(regions, np.array([0, 1], dtype=np.uint8), np.array([[0.8, 0.2]]), planes)
    assert cell_to_ask(survey, 0, left=0.2, weights=np.ones(2)) == 2
    assert cell_to_ask(survey, 0, left=0.95, weights=np.ones(2)) == 0  # unlike all points: where it is typical
    even = survey._replace(planes=np.full_like(planes, 0.5))
    assert cell_to_ask(even, 0, left=0.2, weights=np.ones(2)) == 0


def test_what_is_like_a_seen_region_is_settled() -> None:
    features = np.array([[0.0], [0.01], [5.0]], dtype=np.float32)
    each = np.arange(3)
    regions = Regions(each[None], (1, 3), np.ones((1, 3), dtype=bool), np.ones(3), each, features)
    before = remaining_covariance(regions, np.zeros(0, dtype=np.int64))
    np.testing.assert_allclose(before.diagonal(), 1)
    left = remaining_covariance(regions, np.array([0])).diagonal()
    assert left[0] == pytest.approx(1 - 1 / 1.3, abs=1e-4)  # k - k² / (k + noise)
    assert left[1] == pytest.approx(left[0], abs=0.01)
    assert left[2] == pytest.approx(1, abs=1e-4)


def test_regions_follow_edges_and_their_pixels_lie_inside() -> None:
    image = np.zeros((120, 120, 3), dtype=np.uint8)
    image[:, 60:] = 255
    usable = np.ones((120, 120), dtype=bool)
    usable[:30] = False
    regions = find_regions(image, image.reshape(-1, 3).astype(np.float32), usable, (240, 240))
    assert 600 < len(regions.areas) < 2400
    assert regions.areas.sum() == usable.sum()
    rows, cols = regions.pixels(regions.typical)
    np.testing.assert_array_equal(regions.at(rows, cols), np.arange(len(regions.areas)))
    seen = regions.areas > 0
    assert usable[rows[seen] // 2, cols[seen] // 2].all()
    assert len(np.intersect1d(regions.ids[:, :59], regions.ids[:, 61:])) == 0


def _regions(features: FloatArray | NDArray[np.float64]) -> Regions:
    values = np.asarray(features, dtype=np.float32)
    each = np.arange(len(values))
    return Regions(each[None], (1, len(each)), np.ones((1, len(each)), dtype=bool), np.ones(len(each)), each, values)


def test_each_choice_is_the_best_after_those_before_it() -> None:
    rng = np.random.default_rng(0)
    centres = rng.normal(0, 0.4, (12, 4))[rng.integers(0, 12, 150)]
    regions, mistakes = _regions(centres + rng.normal(0, 0.1, (150, 4))), rng.random(150)
    seen = np.array([3, 5])
    chosen, left = _choose(regions, mistakes, seen, 100, np.random.default_rng(0))
    assert len(set(chosen.tolist()) | set(seen.tolist())) == 102
    covariance = remaining_covariance(regions, seen).astype(np.float64)
    np.testing.assert_allclose(left, covariance.diagonal())
    free = ~np.isin(np.arange(150), seen)
    for best in chosen.tolist():
        variance = covariance.diagonal() + NOISE
        saved = np.where(free, mistakes @ covariance**2 / variance, 0)
        assert saved[best] >= 0.999 * saved.max()
        free[best] = False
        covariance -= np.outer(covariance[best], covariance[best]) / variance[best]


def test_of_equally_good_regions_not_the_topmost_are_chosen() -> None:
    same = _regions(np.zeros((500, 2), dtype=np.float32))
    chosen, _ = _choose(same, np.ones(500), np.array([7]), 5, np.random.default_rng(0))
    assert len(set(chosen.tolist())) == 5
    assert chosen.max() > 100
    again, _ = _choose(same, np.ones(500), np.array([7]), 5, np.random.default_rng(0))
    np.testing.assert_array_equal(chosen, again)


@pytest.mark.parametrize("recipe", ("best", "paper-svm"))
@pytest.mark.filterwarnings("error")
def test_a_scene_of_one_spectrum_gives_suggestions(recipe: str) -> None:
    prepared = hp.prepare(hp.Scene(np.full((80, 80, 6), 0.5, dtype=np.float32)), recipe)
    points = _points([5, 5, 60, 70], [5, 60, 5, 70], [0, 1, 0, 1])
    found = hp.suggest(prepared, points, num=5)
    assert len(_pixels(found)) == 5
    assert np.isfinite(prepared.survey(make_request(prepared, points, 0, None)[0]).regions.features).all()


@pytest.mark.parametrize("offset", (0.0, 0.1, 1e6))
def test_equal_features_scale_to_nothing_and_others_to_a_mean_squared_distance_of_one(offset: float) -> None:
    equal = np.full((50, 3), offset, dtype=np.float32)
    assert (scaled(equal) == 0).all()
    values = scaled(equal + np.random.default_rng(0).normal(0, 5, (50, 3)).astype(np.float32)).astype(np.float64)
    apart = ((values[:, None] - values) ** 2).sum(axis=2)
    assert apart.mean() == pytest.approx(1, rel=1e-3)
    assert (scaled(scaled(equal)) == 0).all()


def test_noise_does_not_tear_a_scene_into_ever_more_regions() -> None:
    image = np.random.default_rng(0).integers(0, 256, (250, 250, 3)).astype(np.uint8)
    regions = find_regions(image, image.reshape(-1, 3).astype(np.float32), np.ones((250, 250), dtype=bool), (250, 250))
    assert NUM_REGIONS / 4 < len(regions.areas) <= MAX_REGIONS
    assert (regions.areas > 0).all()


@pytest.mark.parametrize("shape", ((1, 60_000), (60_000, 1), (2, 30_000), (30_000, 3), (40, 1500)))
def test_narrow_scenes_have_no_more_regions_than_others(shape: tuple[int, int]) -> None:
    image = np.random.default_rng(0).integers(0, 256, (*shape, 3)).astype(np.uint8)
    regions = find_regions(image, image.reshape(-1, 3).astype(np.float32), np.ones(shape, dtype=bool), shape)
    assert NUM_REGIONS / 4 < len(regions.areas) <= MAX_REGIONS
    assert (regions.areas > 0).all()
    np.testing.assert_array_equal(regions.at(*regions.pixels(regions.typical)), np.arange(len(regions.areas)))


def test_the_typical_cell_is_the_inner_one_nearest_to_the_mean() -> None:
    rng = np.random.default_rng(1)
    image = np.repeat(np.repeat(rng.integers(0, 256, (8, 8, 3)).astype(np.uint8), 10, axis=0), 10, axis=1)
    features, usable = rng.normal(size=(6400, 5)).astype(np.float32), rng.random((80, 80)) > 0.1
    regions = find_regions(image, features, usable, (80, 80))
    flat, padded = regions.ids.ravel(), np.pad(regions.ids, 1, mode="edge")
    inner = (padded[:-2, 1:-1] == regions.ids) & (padded[2:, 1:-1] == regions.ids)
    inner &= (padded[1:-1, :-2] == regions.ids) & (padded[1:-1, 2:] == regions.ids)
    for region, typical in list(enumerate(regions.typical.tolist()))[::50]:
        cells = np.flatnonzero(flat == region)
        distances = ((features[cells] - features[cells].mean(axis=0)) ** 2).sum(axis=1)
        best = min(zip(~usable.ravel()[cells], ~inner.ravel()[cells], distances, cells, strict=True))
        assert typical == best[-1]


def test_a_great_many_suggestions_begin_with_the_few(scene: hp.Scene, points: hp.PointSet) -> None:
    prepared = hp.prepare(scene, "best")
    few, many = hp.suggest(prepared, points), hp.suggest(prepared, points, num=1000)
    assert len(many) > 900
    np.testing.assert_array_equal(many.rows[: len(few)], few.rows)
    np.testing.assert_array_equal(many.cols[: len(few)], few.cols)


def test_following_suggestions_beats_random_clicks_on_a_real_scene(shared_data: Path) -> None:
    with np.load(shared_data / "jasper_ridge.npz") as data:
        cube, truth = data["hsi"].astype(np.float32), (data["label"].astype(np.int16) - 1).astype(np.uint8)
    prepared = hp.prepare(hp.Scene(cube), "best")
    scores: dict[str, list[float]] = {"suggested": [], "random": []}
    for seed in range(3):
        rng = np.random.default_rng(seed)
        ones = np.array([rng.choice(np.flatnonzero(truth == c)) for c in range(4)])
        for way, accuracies in scores.items():
            cells = ones
            while len(cells) < 40:
                rows, cols = np.divmod(cells, truth.shape[1])
                if way == "suggested":
                    found = hp.suggest(prepared, hp.PointSet(rows, cols, truth[rows, cols]), num=6)
                    cells = np.append(cells, found.rows * truth.shape[1] + found.cols)
                else:
                    cells = np.unique(np.append(cells, rng.choice(truth.size, 6)))
            rows, cols = np.divmod(cells, truth.shape[1])
            labels = hp.annotate(prepared, hp.PointSet(rows, cols, truth[rows, cols])).labels
            wrong = [((labels != c) & (truth == c)).sum() / (truth == c).sum() for c in range(4)]
            accuracies.append(1 - float(np.mean(wrong)))
    assert np.mean(scores["suggested"]) > np.mean(scores["random"])
