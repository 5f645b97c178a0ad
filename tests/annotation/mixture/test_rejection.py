"""What is like nothing labelled is rejected, and of what is labelled about as much as the level says."""

from __future__ import annotations

import numpy as np
import pytest

from hyperpoint.annotation.mixture.features import Features
from hyperpoint.annotation.mixture.leave_one_out import Float64Array
from hyperpoint.annotation.mixture.rejection import (
    LEVEL,
    REACH,
    _beside,
    _leave_classes_out,
    _left_out,
    _log_distances,
    _threshold,
    _units,
    reject,
)
from hyperpoint.cube import IndexArray

NUM = 1000  # cells of each of three classes, in this order


def world(seed: int = 0, noise: float = 0.3) -> Features:
    """Cells of three classes that differ in "l2:sp"; "raw:pow" is noise."""
    rng = np.random.default_rng(seed)
    centres = np.repeat([[0.0, 0, 0, 0], [5, 0, 0, 0], [0, 5, 0, 0]], NUM, axis=0)
    values = (centres + rng.normal(0, noise, (3 * NUM, 4))).astype(np.float32)
    noise_alone = rng.normal(size=(3 * NUM, 4)).astype(np.float32)
    return Features((3, NUM), {("l2:sp", 1.0): values, ("raw:pow", 1.0): noise_alone}, divided=values)


def rejected(per_class: int, labelled: tuple[int, ...], seed: int = 0) -> Float64Array:
    """Return the share of each class's cells that is rejected if points are drawn of the classes `labelled`."""
    rng = np.random.default_rng(seed + 1)
    cells: IndexArray = np.concatenate([c * NUM + rng.permutation(NUM)[:per_class] for c in labelled])
    classes = np.repeat(np.arange(len(labelled)), per_class)
    found = reject(world(seed), cells, classes, np.full(len(labelled), 1 / len(labelled)))
    return np.asarray(found.reshape(3, NUM).mean(axis=1))


@pytest.mark.parametrize("per_class", [5, 20, 60])
def test_a_class_without_points_is_rejected(per_class: int) -> None:
    shares = np.mean([rejected(per_class, (0, 1), seed) for seed in range(8)], axis=0)
    assert shares[2] > 0.98
    assert shares[:2].max() < 2 * LEVEL


def test_where_every_class_has_points_as_much_is_rejected_as_promised() -> None:
    shares = np.mean([rejected(20, (0, 1, 2), seed) for seed in range(8)], axis=0)
    assert 0.2 * LEVEL < shares.mean() < 1.5 * LEVEL


def test_too_few_points_reject_nothing() -> None:
    assert not reject(world(), np.array([0, NUM]), np.array([0, 1]), np.full(2, 0.5)).any()


def test_points_that_share_a_cell_count_as_one() -> None:
    """Two clicks in a cell are at no distance: as neighbours they would make everything else look far."""
    cells = np.concatenate([c * NUM + np.arange(0, NUM, 170) for c in (0, 1)])
    classes, shares = np.repeat([0, 1], 6), np.full(2, 0.5)  # so few that thrice as many would be judged otherwise
    once = reject(world(), cells, classes, shares)
    thrice = reject(world(), np.tile(cells, 3), np.tile(classes, 3), shares)
    np.testing.assert_array_equal(once, thrice)
    uneven = reject(world(), np.append(cells, cells[:5]), np.append(classes, classes[:5]), shares)
    np.testing.assert_array_equal(once, uneven)
    assert once.reshape(3, NUM)[:2].mean() < 3 * LEVEL


def test_points_of_several_classes_in_a_cell_do_not_make_everything_look_far() -> None:
    cells = np.tile(np.arange(0, NUM, 50), 2)
    found = reject(world(), cells, np.repeat([0, 1], 20), np.full(2, 0.5)).reshape(3, NUM)
    assert found[0].mean() < 3 * LEVEL


@pytest.mark.parametrize("num", [1, 2])
def test_many_points_in_few_cells_are_too_few(num: int) -> None:
    cells, classes = np.arange(12) % num * NUM, np.arange(12) % 3
    assert not reject(world(), cells, classes, np.full(3, 1 / 3)).any()


@pytest.mark.parametrize("offsets", [(0,), (0, 1), (0, 1, 2)])
def test_clicks_side_by_side_reject_no_more_than_clicks_apart(offsets: tuple[int, ...]) -> None:
    """Neighbouring cells share their noise, as those of a smoothed representation do."""
    features = world()
    shared = features.blocks[("l2:sp", 1.0)].reshape(3, NUM // 5, 5, 4)
    shared += 0.9 * (shared[:, :, :1] - shared)  # in runs of five
    starts = np.concatenate([c * NUM + np.arange(0, NUM, 50) for c in (0, 1)])
    cells = np.concatenate([starts + offset for offset in offsets])
    found = reject(features, cells, (cells // NUM), np.full(2, 0.5)).reshape(3, NUM)
    assert found[:2].mean() < 3 * LEVEL
    assert found[2].mean() > 0.9


def test_points_beside_each_other_are_left_out_together_unless_the_class_has_no_other() -> None:
    cells = np.array([0, REACH, 50, 101, 102])  # in rows of 100
    beside = _beside(cells, np.array([0, 0, 0, 1, 1]), 100)
    expected = np.eye(5, dtype=bool)
    expected[:2, [0, 1, 3, 4]] = True  # their class has the point at 50; class 1 lies all in one place
    np.testing.assert_array_equal(beside, expected)


def test_cells_without_noise_are_not_rejected() -> None:
    centres = np.random.default_rng(0).normal(0, 3, (3, 30)).astype(np.float32)
    cells_of_three = centres.repeat(NUM, axis=0)
    features = Features((3, NUM), {("l2:sp", 1.0): cells_of_three}, divided=cells_of_three)
    cells = np.concatenate([c * NUM + np.arange(0, NUM, 100) for c in (0, 1)])
    found = reject(features, cells, np.repeat([0, 1], 10), np.full(2, 0.5)).reshape(3, NUM)
    assert not found[:2].any()
    assert found[2].all()


def test_leaving_classes_out_tells_a_telling_representation() -> None:
    features = world()
    cells = np.concatenate([c * NUM + np.arange(10) for c in range(3)])
    classes = np.repeat(np.arange(3), 10)
    areas = [
        _leave_classes_out(_log_distances(block[cells], block[cells]), classes, False)
        for block in features.blocks.values()
    ]
    assert areas[0] == 1.0
    assert abs(areas[1] - 0.5) < 0.2


def test_units_are_the_classes_own_drawn_towards_the_others() -> None:
    places = np.array([[0.0], [1], [2], [100], [108], [116]], dtype=np.float32)
    between, classes = _log_distances(places, places), np.repeat([0, 1], 3)
    assert (_units(between, classes, False) == 0).all()
    tight, wide = _units(between, classes, True)[[0, 5]]
    assert 0 < tight < np.log(8) / 2 < wide < np.log(8)
    np.testing.assert_allclose(_left_out(between, np.zeros(6)), np.log([1, 1, 1, 8, 8, 8]), atol=1e-6)


def test_threshold_is_the_quantile_if_there_are_points_enough() -> None:
    many = np.arange(200.0)
    assert _threshold(many, np.ones(200)) == pytest.approx(190, abs=2)
    weights = np.where(many < 100, 1.0, 1e-6)  # the upper half is of a class that hardly occurs
    assert _threshold(many, weights) == pytest.approx(95, abs=2)
    few = np.array([0.0, 1.0, 2.0])
    assert _threshold(few, np.ones(3)) == pytest.approx(1 + 2.92 * np.sqrt(4 / 3), abs=0.01)  # Student, 2 degrees
