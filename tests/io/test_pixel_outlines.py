from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hyperpoint.cube import BoolArray
from hyperpoint.io.pixel_outlines import trace_outlines
from hyperpoint.io.raster import polygon_shape

MASKS = arrays(bool, st.tuples(st.integers(1, 9), st.integers(1, 9)))


def test_a_ring_runs_around_a_hole_too() -> None:
    mask = np.ones((3, 4), dtype=bool)
    mask[1, 1] = False
    outer, hole = trace_outlines(mask)
    assert outer.corners.tolist() == [[0, 0], [0, 4], [3, 4], [3, 0]]
    assert not outer.is_hole
    assert outer.inside == (0, 0)
    assert hole.corners.tolist() == [[1, 1], [1, 2], [2, 2], [2, 1]]
    assert hole.is_hole
    assert hole.inside == (0, 1)


def test_pixels_that_touch_at_a_corner_are_apart() -> None:
    for mask in (np.eye(2, dtype=bool), np.eye(2, dtype=bool)[::-1]):
        rings = trace_outlines(mask)
        assert [len(ring.corners) for ring in rings] == [4, 4]
        assert not any(ring.is_hole for ring in rings)


@given(MASKS)
def test_filling_the_outlines_gives_back_the_mask(mask: BoolArray) -> None:
    rings = trace_outlines(mask)
    filled = np.zeros_like(mask)
    if rings:
        outlines = [ring.corners[:, ::-1].astype(float) for ring in rings]
        shape = polygon_shape([outlines], (mask.shape[0], mask.shape[1]), "", "")
        filled[shape.rows, shape.cols] = True
    np.testing.assert_array_equal(filled, mask)


@given(MASKS)
def test_every_region_has_one_outer_ring_and_rings_know_their_region(mask: BoolArray) -> None:
    import cv2

    num, region_of = cv2.connectedComponents(mask.astype(np.uint8), connectivity=4)
    rings = trace_outlines(mask)
    assert sorted(int(region_of[ring.inside]) for ring in rings if not ring.is_hole) == list(range(1, num))
    assert all(mask[ring.inside] for ring in rings)
