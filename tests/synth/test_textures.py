from __future__ import annotations

import numpy as np

from hyperpoint.synth.textures import bounds, courses, fractal, hashed, polygon, scatter, shifted, soft


def test_a_fractal_is_standardised_and_smooth() -> None:
    field = fractal((60, 90), 12, np.random.default_rng(0), octaves=2)
    assert field.shape == (60, 90)
    assert abs(float(field.mean())) < 1e-4
    assert abs(float(field.std()) - 1) < 1e-3
    assert float(np.abs(np.diff(field, axis=1)).mean()) < 0.3


def test_hashes_are_even_and_belong_to_the_salt() -> None:
    ids = np.arange(20_000)
    values = hashed(ids, ids // 7, salt=3)
    assert 0 <= values.min() <= values.max() < 1
    counts = np.histogram(values, 10, (0, 1))[0]
    assert counts.min() > 1800
    assert np.array_equal(values, hashed(ids, ids // 7, salt=3))
    assert not np.array_equal(values, hashed(ids, ids // 7, salt=4))


def test_courses_are_staggered_bricks_with_joints() -> None:
    down, across = np.mgrid[:12, :24].astype(np.float32) + 0.5
    value, joints = courses(across, down, (8.0, 4.0), 1.0, salt=1)
    assert joints[0].all()  # the bed joint
    assert np.flatnonzero(joints[2]).tolist() == [0, 8, 16]
    assert np.flatnonzero(joints[6]).tolist() == [4, 12, 20]
    assert len(np.unique(value[1:4, 1:8])) == 1
    assert value[2, 2] != value[2, 10]


def test_scattered_pieces_cover_their_region_and_keep_near_it() -> None:
    where = np.zeros((50, 50), dtype=bool)
    where[20:30, 20:30] = True
    number, rows, cols = scatter(where, "leaf", 4.0, 6.0, np.random.default_rng(0))
    assert (number[where] >= 0).mean() > 0.9
    assert number.max() < len(rows) == len(cols)
    assert (number[:15] == -1).all()


def test_nothing_is_scattered_over_nothing() -> None:
    number, rows, _ = scatter(np.zeros((4, 5), dtype=bool), "chip", 3.0, 1.0, np.random.default_rng(0))
    assert (number == -1).all()
    assert len(rows) == 0


def test_masks_are_drawn_moved_blurred_and_bounded() -> None:
    mask = polygon((10, 12), [(2, 3), (2, 6), (4, 6), (4, 3)])
    assert bounds(mask) == (slice(2, 5), slice(3, 7))
    assert bounds(shifted(mask, 3, -2)) == (slice(5, 8), slice(1, 5))
    assert bounds(mask, 4) == (slice(0, 9), slice(0, 11))
    blurred = soft(mask, 1.0)
    assert 0 < blurred[1, 4] < blurred[3, 4] <= 1
