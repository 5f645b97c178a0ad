"""Pictures of a scene on the grid of its rgb image."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperpoint.cube import ArrayCube, CubeBlock
from hyperpoint.errors import InputError
from hyperpoint.studio import layers as module
from hyperpoint.studio.layers import Layers, confidence_levels, limits, scaled, stretched
from hyperpoint.types import IGNORE, Scene, Superpixels


class CountingCube(ArrayCube):
    """Counts how often it is read as a whole."""

    num_passes = 0

    def blocks(self) -> Iterator[CubeBlock]:
        self.num_passes += 1
        yield from super().blocks()


@pytest.fixture
def cube() -> CountingCube:
    rng = np.random.default_rng(0)
    return CountingCube(rng.uniform(0.1, 1, (12, 10, 8)).astype(np.float32), np.linspace(450, 800, 8))


def test_a_band_is_chosen_by_number_or_wavelength(cube: CountingCube) -> None:
    layers = Layers(Scene(cube))
    np.testing.assert_array_equal(layers.band(3, 0), stretched(cube.read()[..., 3], 0))
    np.testing.assert_array_equal(layers.band(603.0), layers.band(3))
    assert layers.band_index(603.0) == 3 and layers.name_of(3) == "600 nm"
    assert layers.band(3).dtype == np.uint8


def test_a_band_that_is_not_there_is_refused(cube: CountingCube) -> None:
    with pytest.raises(InputError, match="no band 8; the cube's 8 bands"):
        Layers(Scene(cube)).band(8)
    with pytest.raises(InputError, match="states no wavelengths"):
        Layers(Scene(cube.read())).band(550.0)
    with pytest.raises(InputError, match="three bands"):
        Layers(Scene(cube)).bands((1, 2))
    with pytest.raises(InputError, match="0 to 50 percent"):
        Layers(Scene(cube)).band(1, 50)


def test_neighbouring_bands_come_with_the_first(cube: CountingCube) -> None:
    layers = Layers(Scene(cube))
    pictures = [layers.band(band) for band in range(8)]
    assert cube.num_passes == 1
    np.testing.assert_array_equal(layers.bands((2, 1, 0)), np.stack([pictures[2], pictures[1], pictures[0]], axis=2))
    assert cube.num_passes == 1


def test_memory_is_bounded_and_what_was_dropped_is_read_again(
    cube: CountingCube, monkeypatch: pytest.MonkeyPatch
) -> None:
    plane = 12 * 10 * 4
    monkeypatch.setattr(module, "KEPT_BYTES", 4 * plane)
    monkeypatch.setattr(module, "PASS_BYTES", 2 * plane)
    layers = Layers(Scene(cube))
    for band in (0, 7, 3, 0, 5):
        np.testing.assert_array_equal(layers.band(band, 0), stretched(cube.read()[..., band], 0))
        assert len(layers._planes) <= 4
    layers.bands((0, 3, 6))  # always possible, even where three are more than what is kept


def test_a_coarser_cube_is_spread_without_smoothing(cube: CountingCube) -> None:
    rgb = np.zeros((24, 20, 3), dtype=np.uint8)
    picture = Layers(Scene(cube, rgb=rgb)).band(2, 0)
    assert picture.shape == (24, 20)
    np.testing.assert_array_equal(picture, stretched(cube.read()[..., 2], 0).repeat(2, axis=0).repeat(2, axis=1))
    assert Layers(Scene(cube, rgb=rgb)).false_colour().shape == (24, 20, 3)


def test_the_rgb_image_is_given_or_rendered_once(cube: CountingCube) -> None:
    rgb = np.arange(24 * 20 * 3, dtype=np.uint32).reshape(24, 20, 3).astype(np.uint8)
    np.testing.assert_array_equal(Layers(Scene(cube, rgb=rgb)).rgb(), rgb)
    layers = Layers(Scene(cube))
    assert layers.rgb() is layers.rgb() and layers.rgb().shape == (12, 10, 3)
    assert cube.num_passes == 1


def test_stretching_the_rgb_image_treats_its_channels_alike() -> None:
    grey = np.linspace(50, 100, 100).astype(np.uint8).reshape(10, 10)
    stretched_rgb = Layers(Scene(np.ones((10, 10, 4)), rgb=np.stack([grey, grey, grey // 2], axis=2))).rgb(1.0)
    assert stretched_rgb.max() == 255 and stretched_rgb.dtype == np.uint8
    np.testing.assert_array_equal(stretched_rgb[..., 0], stretched_rgb[..., 1])
    assert (stretched_rgb[..., 2] < stretched_rgb[..., 0]).all()


def test_the_first_component_is_what_varies_most() -> None:
    rng = np.random.default_rng(1)
    amount = rng.uniform(0, 1, (20, 20))
    values = 0.5 + amount[..., None] * np.array([0, 1, 2, 0, 0]) + rng.normal(0, 0.01, (20, 20, 5))
    values[..., 4] = np.nan  # a band without data must not take the picture along
    cube = ArrayCube(values.astype(np.float32))
    cube.good_bands = np.array([True] * 4 + [False])
    red = Layers(Scene(cube)).false_colour()[..., 0]
    assert np.corrcoef(red.ravel(), amount.ravel())[0, 1] > 0.99


def test_missing_data_is_black_in_every_picture(cube: CountingCube) -> None:
    values = cube.read()
    values[0, 0] = np.nan
    layers = Layers(Scene(values))
    for picture in (layers.band(1), layers.bands((1, 2, 3)), layers.false_colour(), layers.rendered()):
        assert not picture[0, 0].any()
        assert picture.any()


@pytest.mark.parametrize("bands", [1, 2, 3])
def test_few_bands_still_make_a_picture(bands: int) -> None:
    values = np.random.default_rng(0).uniform(0.1, 1, (6, 6, bands)).astype(np.float32)
    assert Layers(Scene(values)).false_colour().shape == (6, 6, 3)
    assert len(Layers(Scene(values)).default_bands()) == 3


def test_default_bands_are_infrared_red_and_green_where_there_are_such(cube: CountingCube) -> None:
    layers = Layers(Scene(cube))
    assert layers.default_bands() == (7, layers.band_index(660.0), layers.band_index(550.0))
    assert Layers(Scene(cube.read())).default_bands() == (5, 3, 1)


def test_borders_lie_where_superpixels_meet() -> None:
    ids = np.array([[0, 0, 1], [0, 0, 1], [2, 2, 2]], dtype=np.int32)
    layers = Layers(Scene(np.ones((3, 3, 2))))
    np.testing.assert_array_equal(layers.borders(Superpixels(ids, 3)), [[0, 1, 0], [1, 1, 1], [0, 0, 0]])
    assert layers.borders().shape == (3, 3)


def test_confidence_leaves_0_to_unlabelled_pixels() -> None:
    confidence = np.array([[0, 0.001, 0.5, 1]], dtype=np.float32)
    assert confidence_levels(confidence).tolist() == [[0, 1, 128, 255]]
    labels = np.array([[3, 3, IGNORE, 3]], dtype=np.uint8)
    assert confidence_levels(confidence, labels).tolist() == [[1, 1, 0, 255]]


@given(st.lists(st.floats(width=32, allow_nan=True), min_size=4, max_size=4), st.floats(0, 49))
def test_any_values_can_be_stretched(values: list[float], percent: float) -> None:
    plane = np.array(values, dtype=np.float32).reshape(2, 2)
    with np.errstate(all="ignore"):
        picture = stretched(plane, percent)
    assert picture.dtype == np.uint8 and not picture[np.isnan(plane)].any()


def test_a_stretch_clips_and_keeps_the_order() -> None:
    plane = np.arange(100, dtype=np.float32).reshape(10, 10)
    low, high = limits(plane, 10)
    assert (low, high) == pytest.approx((9.9, 89.1))
    picture = scaled(plane, low, high)
    assert picture.min() == 0 and picture.max() == 255 and (np.diff(picture.ravel().astype(int)) >= 0).all()
    assert not picture[0].any() and (picture[9] == 255).all() and 0 < picture[5, 5] < 255
    assert scaled(np.full((2, 2), 7, dtype=np.float32), 7, 7).tolist() == [[128, 128], [128, 128]]
    assert limits(np.full((2, 2), np.nan, dtype=np.float32), 2) == (0, 1)
