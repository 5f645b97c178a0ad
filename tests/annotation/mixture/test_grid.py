"""Averaging over cells while blocks go by."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from hyperpoint.annotation.mixture.grid import MAX_CELLS, CellMeans, cell_of, cells_of_image, grid_shape
from hyperpoint.cube import ArrayCube, BoolArray, Cube, CubeBlock, FloatArray
from hyperpoint.preprocess.scanning import Scanner


class Blocks(ArrayCube):
    """A cube that comes in blocks of a given size, the last first."""

    step = (3, 4)

    def blocks(self) -> Iterator[CubeBlock]:
        height, width, _ = self.shape
        for top in reversed(range(0, height, self.step[0])):
            for left in range(0, width, self.step[1]):
                rows, cols = slice(top, min(top + self.step[0], height)), slice(left, min(left + self.step[1], width))
                yield CubeBlock(rows, cols, self._values[rows, cols].astype(np.float32))


def means_of(cube: Cube, shape: tuple[int, int], valid: BoolArray | None = None) -> tuple[FloatArray, BoolArray]:
    cells = CellMeans(cube, shape)
    for block, usable in Scanner(cube, valid).score_blocks():
        cells.add(block, usable)
    return cells.means()


@pytest.mark.parametrize("shape", [(7, 9), (4, 5), (2, 9), (1, 1), (3, 2)])
def test_averages_are_those_of_the_cells(shape: tuple[int, int]) -> None:
    values = np.random.default_rng(0).uniform(0.1, 1, (7, 9, 4)).astype(np.float32)
    values[2, 3] = np.nan
    values[5, :4] = np.inf
    averages, filled = means_of(Blocks(values), shape)
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
    averages, filled = means_of(ArrayCube(values), (1, 6), valid)
    np.testing.assert_array_equal(filled, valid)
    np.testing.assert_array_equal(averages.ravel(), [1, 2, 2, averages[0, 3, 0], 6, 6])


def test_black_counts_only_in_an_image() -> None:
    assert means_of(ArrayCube(np.array([[[0.0], [2.0]]])), (1, 1))[0].item() == 2
    picture = np.zeros((2, 3, 3), np.uint8)
    picture[0, 1] = 30
    valid = np.ones((2, 3), dtype=bool)
    valid[1, 2] = False
    means, filled = cells_of_image(picture, valid).means()
    np.testing.assert_array_equal(filled, valid)
    np.testing.assert_array_equal(means[valid], picture[valid])


@pytest.mark.parametrize(("size", "expected"), [((100, 100), (100, 100)), ((360, 480), (180, 240)), ((5, 1), (5, 1))])
def test_grid_shape(size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert grid_shape(*size) == expected
    assert grid_shape(1422, 1889)[0] * grid_shape(1422, 1889)[1] < 1.2 * MAX_CELLS
