"""Cubes in memory, blocks, and which pixels can be used."""

from __future__ import annotations

import numpy as np
import pytest

from hyperpoint.cube import BLOCK_BYTES, ArrayCube, highest_samples, rows_per_block, usable_pixels
from hyperpoint.errors import InputError


def test_blocks_cover_an_array_once_and_read_gives_it_back() -> None:
    values = np.arange(2000 * 40 * 30, dtype=np.uint16).reshape(2000, 40, 30)
    cube = ArrayCube(values)
    seen = np.zeros((2000, 40), dtype=int)
    for rows, cols, block in cube.blocks():
        assert block.dtype == np.float32
        assert block.nbytes <= BLOCK_BYTES
        seen[rows, cols] += 1
    assert (seen == 1).all()
    np.testing.assert_array_equal(cube.read(), values)
    np.testing.assert_array_equal(cube.pixels(np.array([3, 7]), np.array([0, 39])), values[[3, 7], [0, 39]])


def test_a_block_has_at_least_one_row() -> None:
    assert rows_per_block(width=100_000, num_bands=500) == 1


@pytest.mark.parametrize("values", [np.zeros((3, 3)), np.zeros((0, 3, 3)), np.full((2, 2, 2), "a")])
def test_not_a_cube(values: np.ndarray) -> None:
    with pytest.raises(InputError, match="numeric array of shape"):
        ArrayCube(values)


def test_usable_pixels() -> None:
    nan, inf = np.nan, np.inf
    spectra = np.array([[1, 2], [nan, 2], [1, inf], [-inf, 1], [0, 0], [-1, 0], [-1, 1]], dtype=np.float32)
    assert usable_pixels(spectra).tolist() == [True, False, False, False, False, False, True]
    assert usable_pixels(np.asfortranarray(spectra)).tolist() == usable_pixels(spectra).tolist()
    assert usable_pixels(spectra[[0, 4, 6]]).tolist() == [True, False, True]
    assert usable_pixels(spectra[:0]).tolist() == []


def test_highest_samples() -> None:
    values = np.random.default_rng(0).normal(size=(3, 4, 5)).astype(np.float32)
    values[1, 2, 3] = np.nan
    expected = values.max(axis=-1)
    np.testing.assert_array_equal(highest_samples(values), expected)
    np.testing.assert_array_equal(highest_samples(np.asfortranarray(values)), expected)
