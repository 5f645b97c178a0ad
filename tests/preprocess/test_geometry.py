"""Turning and shifting cubes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperpoint.cube import ArrayCube, Cube
from hyperpoint.errors import InputError
from hyperpoint.preprocess.geometry import RotatedCube, ShiftedCube


def numbered(height: int, width: int, bands: int = 2) -> ArrayCube:
    return ArrayCube(np.arange(height * width * bands, dtype=np.float32).reshape(height, width, bands) + 1)


def all_pixels(cube: Cube) -> np.ndarray:
    rows, cols = (part.ravel() for part in np.mgrid[: cube.shape[0], : cube.shape[1]])
    return cube.pixels(rows, cols).reshape(cube.shape)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_turned_as_rot90(degrees: int) -> None:
    source = numbered(3, 5)
    turned = RotatedCube(source, degrees)
    expected = np.rot90(source.read(), degrees // 90)
    assert turned.shape == expected.shape
    np.testing.assert_array_equal(turned.read(), expected)
    np.testing.assert_array_equal(all_pixels(turned), expected)


def test_other_angles_are_refused() -> None:
    with pytest.raises(InputError, match="90, 180 or 270"):
        RotatedCube(numbered(2, 2), 45)


@given(st.integers(-6, 6), st.integers(-6, 6))
def test_shifted(down: int, right: int) -> None:
    source = numbered(4, 5)
    moved = ShiftedCube(source, down, right).read()
    np.testing.assert_array_equal(moved, all_pixels(ShiftedCube(source, down, right)))
    for row in range(4):
        for col in range(5):
            if 0 <= row - down < 4 and 0 <= col - right < 5:
                np.testing.assert_array_equal(moved[row, col], source.read()[row - down, col - right])
            else:
                assert np.isnan(moved[row, col]).all()
