"""Colour pictures from cubes."""

from __future__ import annotations

import numpy as np

from hyperpoint.cube import ArrayCube
from hyperpoint.preprocess.rendering import colour_matching, render_rgb, rgb_weights

WAVELENGTHS = np.arange(400, 1001, 5.0)


def test_matching_functions_at_known_wavelengths() -> None:
    # CIE 1931 2-degree observer: y is 1 at 555 nm; x, y, z at 450 nm are 0.3362, 0.0380, 1.7721.
    values = colour_matching(np.array([555.0, 450.0, 900.0]))
    np.testing.assert_allclose(values[0, 1], 1.0, atol=0.02)
    np.testing.assert_allclose(values[1], [0.3362, 0.0380, 1.7721], atol=0.06)
    assert values[2].max() < 1e-3


def band_light(low: float, high: float) -> np.ndarray:
    return ((low <= WAVELENGTHS) & (high >= WAVELENGTHS)).astype(float)


def test_colours_come_out_and_grey_stays_grey() -> None:
    rows = [
        band_light(600, 700),
        band_light(500, 570),
        band_light(420, 480),
        np.ones_like(WAVELENGTHS),
        0 * WAVELENGTHS,
    ]
    cube = ArrayCube(np.array(rows)[None], wavelengths=WAVELENGTHS)
    red, green, blue, white, black = render_rgb(cube)[0].astype(int)
    assert red.argmax() == 0
    assert green.argmax() == 1
    assert blue.argmax() == 2
    assert white.max() - white.min() <= 2
    assert white.min() > black.max()


def test_infrared_only_is_a_stated_composite() -> None:
    cube = ArrayCube(np.ones((1, 1, 12)), wavelengths=np.linspace(900, 1700, 12))
    weights, words = rgb_weights(cube)
    assert "composite of bands 10, 6, 2" in words
    assert weights.sum() == 3


def test_bad_bands_are_not_seen() -> None:
    values = np.ones((1, 2, len(WAVELENGTHS)))
    values[0, 0, 30] = 1e6
    cube = ArrayCube(values, wavelengths=WAVELENGTHS)
    cube.good_bands[30] = False
    left, right = render_rgb(cube)[0]
    np.testing.assert_array_equal(left, right)


def test_no_data_is_black() -> None:
    values = np.tile(np.linspace(0.1, 1, 8)[None, :, None], (1, 1, len(WAVELENGTHS)))
    values[0, 3] = np.nan
    assert render_rgb(ArrayCube(values, wavelengths=WAVELENGTHS))[0, 3].tolist() == [0, 0, 0]
