"""One pass over a cube."""

from __future__ import annotations

import numpy as np

from hyperpoint.cube import ArrayCube
from hyperpoint.preprocess.scanning import scan_cube


def test_counts_each_masked_pixel_once() -> None:
    values = np.full((2, 3, 4), 0.5, dtype=np.float32)
    values[0, 0, 1] = np.nan
    values[0, 1, 2] = np.inf
    values[1, 1] = 0
    values[1, 2, 0] = 0.1
    scan = scan_cube(ArrayCube(values))
    assert (scan.num_no_data, scan.num_saturated, scan.num_dead) == (2, 0, 1)
    assert scan.usable.tolist() == [[False, False, True], [True, False, True]]
    np.testing.assert_allclose(scan.value_range, (0.1, 0.5))
    assert scan.in_words() == "3 of 6 pixels masked (2 no data, 1 dead)"


def test_infinite_samples_of_integer_files_are_saturated() -> None:
    cube = ArrayCube(np.array([[[1, np.inf], [1, 2]]], dtype=np.float32))
    cube.dtype = np.dtype(np.uint16)
    assert scan_cube(cube).num_saturated == 1


def test_bad_bands_do_not_count_and_progress_is_told() -> None:
    cube = ArrayCube(np.array([[[np.nan, 3], [np.nan, 4]]], dtype=np.float32))
    cube.good_bands = np.array([False, True])
    told: list[tuple[int, int]] = []
    scan = scan_cube(cube, lambda done, total: told.append((done, total)))
    assert scan.num_masked == 0
    assert scan.value_range == (3, 4)
    assert told[-1] == (2, 2)


def test_nothing_usable() -> None:
    scan = scan_cube(ArrayCube(np.zeros((2, 2, 2))))
    assert scan.num_dead == 4
    assert np.isnan(scan.value_range).all()
