from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hyperpoint.cube import BoolArray
from hyperpoint.errors import PointsError
from hyperpoint.io.raster import (
    Outline,
    Shape,
    disc_shape,
    line_shape,
    outline,
    points_shape,
    polygon_shape,
    thin,
)

SIZE = (10, 12)


def painted(shape: Shape, size: tuple[int, int] = SIZE) -> BoolArray:
    canvas = np.zeros(size, dtype=bool)
    canvas[shape.rows, shape.cols] = True
    assert canvas.sum() == len(shape.rows)
    return canvas


def ring(*points: tuple[float, float]) -> Outline:
    return np.array(points, dtype=np.float64)


def box(x0: float, y0: float, x1: float, y1: float) -> Outline:
    return ring((x0, y0), (x1, y0), (x1, y1), (x0, y1))


def polygon(*rings: Outline, size: tuple[int, int] | None = SIZE) -> Shape:
    return polygon_shape([rings], size, "p.json, shape 0", "wall")


def test_a_box_holds_the_pixels_whose_centres_it_holds() -> None:
    expected = np.zeros(SIZE, dtype=bool)
    expected[2:5, 1:4] = True
    for corners in ((1, 2, 4, 5), (0.6, 1.6, 4.4, 5.4), (4, 5, 1, 2)):
        np.testing.assert_array_equal(painted(polygon(box(*corners))), expected)
    np.testing.assert_array_equal(painted(polygon(box(1, 2, 4, 5)[::-1])), expected)


def test_a_hole_is_not_part_of_a_polygon() -> None:
    expected = np.zeros(SIZE, dtype=bool)
    expected[0:6, 0:6] = True
    expected[2:4, 2:4] = False
    np.testing.assert_array_equal(painted(polygon(box(0, 0, 6, 6), box(2, 2, 4, 4))), expected)


def test_parts_of_a_multipolygon_are_joined_where_they_overlap() -> None:
    shape = polygon_shape([[box(0, 0, 4, 4)], [box(2, 2, 6, 6)]], SIZE, "", "")
    assert painted(shape).sum() == 16 + 16 - 4


@example([(0.0, 0.0), (-1.7067742070192222, -1.7067742070192222), (9.5, 9.5)])
@given(st.lists(st.tuples(st.floats(-3, 15), st.floats(-3, 13)), min_size=3, max_size=8))
def test_polygons_agree_with_a_test_of_every_pixel_centre(points: list[tuple[float, float]]) -> None:
    vertices = np.array(points)
    try:
        got = painted(polygon(vertices))
    except PointsError:
        got = np.zeros(SIZE, dtype=bool)
    following = np.roll(vertices, -1, axis=0)
    for row, col in np.ndindex(SIZE):
        x, y = col + 0.5, row + 0.5
        edges = [edge for edge in zip(vertices, following, strict=True) if (edge[0][1] <= y) != (edge[1][1] <= y)]
        to_the_left = [x - (x0 + (y - y0) * (x1 - x0) / (y1 - y0)) for (x0, y0), (x1, y1) in edges]
        # a centre that lies on an edge may fall to either side of it in floating point
        if all(abs(distance) > 1e-9 for distance in to_the_left):
            assert got[row, col] == sum(distance > 0 for distance in to_the_left) % 2


@given(st.floats(1, 11), st.floats(1, 11))
@example(
    11.0, 1.0000000000000018
)  # a centre lies all but on the edge, which the two polygons pass in opposite directions
def test_neighbours_with_a_common_edge_share_no_pixel_and_leave_none(top: float, bottom: float) -> None:
    left = ring((0, 0), (top, 0), (bottom, 10), (0, 10))
    right = ring((top, 0), (12, 0), (12, 10), (bottom, 10))
    assert (painted(polygon(left)) ^ painted(polygon(right))).all()


def test_polygons_are_cut_at_the_edge_of_the_picture() -> None:
    assert painted(polygon(box(-5, -5, 3, 2))).sum() == 6
    assert painted(polygon(box(10, 8, 100, 100))).sum() == 4
    assert painted(polygon(box(-5, -5, 100, 100))).all()
    with pytest.raises(PointsError, match=r"shape 0: the shape lies outside the picture of 10 rows x 12 columns"):
        polygon(box(20, 20, 30, 30))


def test_a_sliver_is_empty_and_a_giant_is_refused() -> None:
    assert len(polygon(box(1.1, 1, 1.3, 9)).rows) == 0
    with pytest.raises(PointsError, match="too many for a picture"):
        polygon(box(0, 0, 1e6, 1e6), size=None)


def test_lines_are_one_pixel_wide_and_connected() -> None:
    shape = line_shape([ring((1.5, 1.5), (1.2, 4.9), (6.0, 4.0))], SIZE, "", "")
    expected = np.zeros(SIZE, dtype=bool)
    expected[1:5, 1] = expected[4, 1:7] = True
    np.testing.assert_array_equal(painted(shape), expected)


def test_lines_are_cut_at_the_edge_and_may_start_anywhere() -> None:
    shape = line_shape([ring((-100, 3), (100, 3)), ring((5, 7), (5, 7))], SIZE, "", "")
    expected = np.zeros(SIZE, dtype=bool)
    expected[3, :] = expected[7, 5] = True
    np.testing.assert_array_equal(painted(shape), expected)
    with pytest.raises(PointsError, match="lies outside"):
        line_shape([ring((20, 3), (30, 3))], SIZE, "", "")


@pytest.mark.parametrize(("radius", "num"), [(0, 1), (1, 5), (1.5, 9), (2, 13)])
def test_discs_hold_the_pixels_within_the_radius(radius: float, num: int) -> None:
    canvas = painted(disc_shape(np.array([5.2, 4.9]), radius, SIZE, "", ""))
    assert canvas.sum() == num
    assert canvas[4, 5]
    np.testing.assert_array_equal(canvas[4 - 2 : 4 + 3, 3:8], canvas[4 - 2 : 4 + 3, 3:8][::-1, ::-1])


def test_discs_are_cut_at_the_edge_and_need_a_radius() -> None:
    assert painted(disc_shape(np.array([0.0, 0.0]), 1, SIZE, "", "")).sum() == 3
    for bad in (-1.0, float("nan"), float("inf")):
        with pytest.raises(PointsError, match="the radius must be"):
            disc_shape(np.array([0.0, 0.0]), bad, SIZE, "", "")


def test_points_lie_in_the_pixel_that_holds_them() -> None:
    shape = points_shape(ring((0, 0), (11.9, 9.9)), SIZE, "", "wall")
    assert shape.rows.tolist() == [0, 9]
    assert shape.cols.tolist() == [0, 11]
    for outside in ((12, 0), (0, 10), (-0.1, 0)):
        with pytest.raises(PointsError, match="lies outside the picture of 10 rows x 12 columns"):
            points_shape(ring(outside), SIZE, "", "")


@pytest.mark.parametrize("bad", [None, 3, [1, 2], [[1]], [["a", 2]], [], [[float("nan"), 1]], [[1e9, 1]], {"a": 1}])
def test_coordinates_that_are_none_are_refused(bad: object) -> None:
    with pytest.raises(PointsError, match="f 1: coordinates must be"):
        outline(bad, "f 1")


def test_coordinates_may_have_heights() -> None:
    assert outline([[1, 2, 300], (3, 4)], "").tolist() == [[1, 2], [3, 4]]


@given(st.integers(1, 60), st.integers(1, 12), st.integers(1, 40), st.integers(0, 99))
def test_thinning_takes_the_number_asked_for_without_repeats(height: int, width: int, num: int, seed: int) -> None:
    rows, cols = np.divmod(np.arange(height * width), width)
    chosen = thin(rows, cols, num, np.random.default_rng(seed))
    assert len(chosen) == len(set(chosen.tolist())) == min(num, height * width)
    assert chosen.tolist() == sorted(chosen.tolist())
    np.testing.assert_array_equal(chosen, thin(rows, cols, num, np.random.default_rng(seed)))


def test_thinning_spreads_over_the_shape() -> None:
    rows, cols = np.divmod(np.arange(64 * 64), 64)
    for seed in range(5):
        chosen = thin(rows, cols, 16, np.random.default_rng(seed))
        cells = set(zip((rows[chosen] // 16).tolist(), (cols[chosen] // 16).tolist(), strict=True))
        assert len(cells) == 16
