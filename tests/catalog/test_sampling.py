from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hyperpoint.catalog.sampling import grid_cells, sample_per_class, sample_regions
from hyperpoint.errors import InputError, PointsError
from hyperpoint.types import LabelArray, PointSet, Truth

TRUTHS = arrays(
    np.uint8, st.tuples(st.integers(6, 20), st.integers(6, 20)), elements=st.sampled_from([0, 1, 7, 255])
).filter(lambda labels: bool((labels != 255).any()))


def positions(points: PointSet) -> list[tuple[int, int]]:
    return list(zip(points.rows.tolist(), points.cols.tolist(), strict=True))


@pytest.mark.parametrize(
    ("shape", "num", "cell"),
    [
        ((100, 100), 100, (10, 10)),
        ((512, 512), 16, (128, 128)),
        ((100, 200), 8, (50, 50)),
        ((200, 100), 8, (50, 50)),
        ((100, 100), 7, (100, 14)),
        ((100, 140), 7, (100, 20)),
        ((140, 100), 7, (20, 100)),
        ((9, 9), 1, (9, 9)),
    ],
)
def test_the_grid_is_the_most_nearly_square_of_exactly_n_cells(
    shape: tuple[int, int], num: int, cell: tuple[int, int]
) -> None:
    cells = grid_cells(shape, num)
    assert len(cells) == num
    if num != 7 or shape != (100, 100):  # 7 strips of a square are as good in either direction
        assert (cells[0][0].stop, cells[0][1].stop) == cell


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 40))
def test_grids_cover_the_image_once(height: int, width: int, num: int) -> None:
    count = np.zeros((height, width), dtype=int)
    try:
        cells = grid_cells((height, width), num)
    except InputError:
        assert not any(num % down == 0 and down <= height and num // down <= width for down in range(1, num + 1))
        return
    assert len(cells) == num
    for rows, cols in cells:
        assert count[rows, cols].size > 0
        count[rows, cols] += 1
    assert (count == 1).all()


@settings(deadline=None)
@given(labels=TRUTHS, num=st.sampled_from([1, 2, 4, 6, 9]), k=st.integers(1, 8), seed=st.integers(0, 99))
def test_each_region_gives_k_valid_points_or_all_it_has(labels: LabelArray, num: int, k: int, seed: int) -> None:
    points = sample_regions(Truth(labels), num, k, (1, 4), seed)
    drawn = np.zeros(labels.shape, dtype=int)
    np.add.at(drawn, (points.rows, points.cols), 1)
    assert drawn.max() == 1
    assert not drawn[labels == 255].any()
    for rows, cols in grid_cells(labels.shape, num):
        assert drawn[rows, cols].sum() == min(k, (labels[rows, cols] != 255).sum())
    annotated = points.annotated
    assert len(annotated) == round(len(points) / 5)
    np.testing.assert_array_equal(annotated.labels, labels[annotated.rows, annotated.cols])


@settings(deadline=None)
@given(labels=TRUTHS, seed=st.integers(0, 99))
def test_what_is_drawn_and_annotated_does_not_depend_on_what_the_truth_says(labels: LabelArray, seed: int) -> None:
    points = sample_regions(Truth(labels), 4, 5, (1, 2), seed)
    other = labels.copy()
    other[other != 255] = np.random.default_rng(seed).integers(0, 9, int((labels != 255).sum()))
    others = sample_regions(Truth(other), 4, 5, (1, 2), seed)
    assert positions(points) == positions(others)
    np.testing.assert_array_equal(points.is_annotated, others.is_annotated)
    unannotated = labels.copy()
    unannotated[points.unannotated.rows, points.unannotated.cols] = 8
    np.testing.assert_array_equal(points.labels, sample_regions(Truth(unannotated), 4, 5, (1, 2), seed).labels)


def test_the_seed_decides_and_the_truth_stays_as_it_is() -> None:
    labels = np.random.default_rng(0).integers(0, 4, (50, 60)).astype(np.uint8)
    before = labels.copy()
    truth = Truth(labels)
    assert positions(sample_regions(truth, seed=3)) == positions(sample_regions(truth, seed=3))
    assert positions(sample_regions(truth, seed=3)) != positions(sample_regions(truth, seed=4))
    assert positions(sample_per_class(truth, 5, seed=3)) == positions(sample_per_class(truth, 5, seed=3))
    assert positions(sample_per_class(truth, 5, seed=3)) != positions(sample_per_class(truth, 5, seed=4))
    np.testing.assert_array_equal(labels, before)


def test_the_defaults_make_a_thousand_points_a_fifth_of_them_annotated() -> None:
    points = sample_regions(Truth(np.zeros((200, 300), np.uint8)))
    assert (len(points), len(points.annotated)) == (1000, 200)


@pytest.mark.parametrize(("ratio", "num"), [((1, 0), 90), ((1, 1), 45), ((2, 1), 60), ((1, 32), 3), ((0.5, 1), 30)])
def test_the_ratio_is_annotated_to_unannotated(ratio: tuple[float, float], num: int) -> None:
    assert len(sample_regions(Truth(np.zeros((30, 30), np.uint8)), 9, 10, ratio).annotated) == num


@given(labels=TRUTHS, k=st.integers(1, 30), seed=st.integers(0, 99))
def test_each_class_gives_k_points_or_all_it_has(labels: LabelArray, k: int, seed: int) -> None:
    points = sample_per_class(Truth(labels), k, seed)
    np.testing.assert_array_equal(points.labels, labels[points.rows, points.cols])
    assert len(set(positions(points))) == len(points)
    for one in np.unique(labels[labels != 255]):
        assert (points.labels == one).sum() == min(k, (labels == one).sum())


def test_what_cannot_be_drawn_is_refused() -> None:
    truth, nothing = Truth(np.zeros((5, 5), np.uint8)), Truth(np.full((5, 5), 255, np.uint8))
    with pytest.raises(InputError, match="an image of 5 x 5 pixels cannot be divided into a grid of 7 regions"):
        sample_regions(truth, 7)
    for ratio in ((0, 1), (1, -1), (float("nan"), 1), (float("inf"), 1)):
        with pytest.raises(InputError, match="the ratio of annotated to unannotated"):
            sample_regions(truth, 1, 1, ratio)
    with pytest.raises(InputError, match="at least 1 point"):
        sample_regions(truth, 1, 0)
    with pytest.raises(InputError, match="at least 1 point"):
        sample_per_class(truth, 0)
    with pytest.raises(PointsError, match="no pixel of the truth is labelled"):
        sample_regions(nothing, 1)
    with pytest.raises(PointsError, match="no pixel of the truth is labelled"):
        sample_per_class(nothing, 1)
