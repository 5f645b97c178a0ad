"""Averaging over cells while blocks go by."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from hyperpoint.annotation.mixture.grid import MAX_CELLS, AveragedCube, cell_of, grid_shape
from hyperpoint.cube import ArrayCube, CubeBlock


class Blocks(ArrayCube):
    """A cube that comes in blocks of a given size, the last first."""

    step = (3, 4)

    def blocks(self) -> Iterator[CubeBlock]:
        height, width, _ = self.shape
        for top in reversed(range(0, height, self.step[0])):
            for left in range(0, width, self.step[1]):
                rows, cols = slice(top, min(top + self.step[0], height)), slice(left, min(left + self.step[1], width))
                yield CubeBlock(rows, cols, self._values[rows, cols].astype(np.float32))


def drain(cube: AveragedCube) -> None:
    for _ in cube.blocks():
        pass


@pytest.mark.parametrize("shape", [(7, 9), (4, 5), (2, 9), (1, 1), (3, 2)])
def test_averages_are_those_of_the_cells(shape: tuple[int, int]) -> None:
    values = np.random.default_rng(0).uniform(0.1, 1, (7, 9, 4)).astype(np.float32)
    values[2, 3] = np.nan
    values[5, :4] = np.inf
    cube = AveragedCube(Blocks(values), shape)
    drain(cube)
    averages, filled = cube.averages()
    rows, cols = cell_of(np.arange(7), 7, shape[0]), cell_of(np.arange(9), 9, shape[1])
    for row in range(shape[0]):
        for col in range(shape[1]):
            inside = values[rows == row][:, cols == col].reshape(-1, 4)
            inside = inside[np.isfinite(inside).all(axis=1)]
            assert filled[row, col] == (len(inside) > 0)
            if len(inside):
                np.testing.assert_allclose(averages[row, col], inside.mean(axis=0), rtol=1e-5)


def test_an_empty_cell_takes_after_the_nearest_and_valid_decides() -> None:
    values = np.arange(1, 7, dtype=np.float32).reshape(1, 6, 1)
    valid = np.array([[True, True, False, False, False, True]])
    cube = AveragedCube(ArrayCube(values), (1, 6), valid)
    drain(cube)
    averages, filled = cube.averages()
    np.testing.assert_array_equal(filled, valid)
    np.testing.assert_array_equal(averages.ravel(), [1, 2, 2, averages[0, 3, 0], 6, 6])


def test_black_counts_only_in_an_image() -> None:
    for every_pixel, expected in ((True, 1.0), (False, 2.0)):
        cube = AveragedCube(ArrayCube(np.array([[[0.0], [2.0]]])), (1, 1), every_pixel=every_pixel)
        drain(cube)
        assert cube.averages()[0].item() == expected


@pytest.mark.parametrize(("size", "expected"), [((100, 100), (100, 100)), ((360, 480), (180, 240)), ((5, 1), (5, 1))])
def test_grid_shape(size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert grid_shape(*size) == expected
    assert grid_shape(1422, 1889)[0] * grid_shape(1422, 1889)[1] < 1.2 * MAX_CELLS
