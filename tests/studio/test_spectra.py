"""Spectra under the cursor, of points and of classes."""

from __future__ import annotations

import numpy as np
import pytest

from hyperpoint.cube import ArrayCube, FloatArray, IndexArray
from hyperpoint.errors import InputError
from hyperpoint.studio import spectra as module
from hyperpoint.studio.spectra import Spectra, normalised
from hyperpoint.types import IGNORE, PointSet, Scene


class CountingCube(ArrayCube):
    """Counts the spectra that are read."""

    num_read = 0

    def pixels(self, rows: IndexArray, cols: IndexArray) -> FloatArray:
        self.num_read += len(rows)
        return super().pixels(rows, cols)


@pytest.fixture
def cube() -> CountingCube:
    rng = np.random.default_rng(0)
    return CountingCube(rng.uniform(0.1, 1, (6, 5, 4)).astype(np.float32), [500, 600, 700, 800])


NOTHING = PointSet(np.zeros(0, int), np.zeros(0, int), np.zeros(0, np.uint8))


def points(*triples: tuple[int, int, int]) -> PointSet:
    rows, cols, labels = np.array(triples).T
    return PointSet(rows, cols, labels.astype(np.uint8))


def test_the_spectrum_under_a_pixel_of_a_finer_rgb_image(cube: CountingCube) -> None:
    spectra = Spectra(Scene(cube, rgb=np.zeros((12, 10, 3), dtype=np.uint8)))
    np.testing.assert_array_equal(spectra.at(7, 9), cube.read()[3, 4])
    assert spectra.at(0, 0, normalise=True).max() == 1


@pytest.mark.parametrize("pixel", [(6, 0), (0, 5), (-1, 0)])
def test_outside_the_image_there_is_none(cube: CountingCube, pixel: tuple[int, int]) -> None:
    with pytest.raises(InputError, match="outside the image of 6 rows and 5 columns"):
        Spectra(Scene(cube)).at(*pixel)


def test_the_axis_is_in_nm_where_it_is_known(cube: CountingCube) -> None:
    assert Spectra(Scene(cube)).is_in_nm and Spectra(Scene(cube)).axis.tolist() == [500, 600, 700, 800]
    unknown = Spectra(Scene(cube.read()))
    assert not unknown.is_in_nm and unknown.axis.tolist() == [1, 2, 3, 4]


def test_only_spectra_of_new_points_are_read(cube: CountingCube, monkeypatch: pytest.MonkeyPatch) -> None:
    spectra = Spectra(Scene(cube))
    spectra.of_points(points((0, 0, 0), (1, 1, 1)))
    found = spectra.of_points(points((2, 2, 1), (1, 1, 0), (0, 0, 0)))
    np.testing.assert_array_equal(found, cube.read()[[2, 1, 0], [2, 1, 0]])
    assert cube.num_read == 3
    monkeypatch.setattr(module, "MAX_KEPT", 3)
    np.testing.assert_array_equal(spectra.of_points(points((3, 3, 0), (1, 1, 0))), cube.read()[[3, 1], [3, 1]])
    assert cube.num_read == 4 and len(spectra._kept) == 2
    assert spectra.of_points(NOTHING).shape == (0, 4)


def test_class_means_and_deviations(cube: CountingCube) -> None:
    statistics = Spectra(Scene(cube)).class_statistics(
        points((0, 0, 5), (1, 1, 2), (2, 2, 2), (3, 3, 2), (4, 4, IGNORE))
    )
    own = cube.read()[[1, 2, 3], [1, 2, 3]]
    assert statistics.class_ids.tolist() == [2, 5] and statistics.counts.tolist() == [3, 1]
    np.testing.assert_allclose(statistics.means, [own.mean(axis=0), cube.read()[0, 0]], rtol=1e-5)
    np.testing.assert_allclose(statistics.deviations, [own.std(axis=0, ddof=1), np.zeros(4)], rtol=1e-4)


def test_missing_samples_do_not_count_in_the_means() -> None:
    values = np.ones((2, 2, 3), dtype=np.float32)
    values[0, 0] = [np.nan, 2, np.inf]
    values[0, 1] = [3, 4, np.nan]
    spectra = Spectra(Scene(values))
    assert np.isnan(spectra.at(0, 0)).tolist() == [True, False, True]  # a saturated sample is no value to draw
    statistics = spectra.class_statistics(points((0, 0, 0), (0, 1, 0)))
    np.testing.assert_array_equal(statistics.means, [[3, 3, np.nan]])
    np.testing.assert_allclose(statistics.deviations, [[0, np.sqrt(2), np.nan]], rtol=1e-6)


def test_without_points_there_are_no_classes(cube: CountingCube) -> None:
    statistics = Spectra(Scene(cube)).class_statistics(NOTHING)
    assert statistics.means.shape == (0, 4) and len(statistics.class_ids) == 0


def test_a_bad_band_does_not_set_the_scale() -> None:
    spectra = np.array([[1, 2, 100], [0, 0, 5]], dtype=np.float32)
    bad = np.array([False, False, True])
    np.testing.assert_array_equal(normalised(spectra, bad), [[0.5, 1, 50], [0, 0, 5]])
