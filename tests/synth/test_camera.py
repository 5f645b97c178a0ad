from __future__ import annotations

from pathlib import Path

import numpy as np

from hyperpoint.synth.camera import Sensor, View, record_cube, take_photo, to_srgb
from hyperpoint.synth.canvas import Canvas, Material
from hyperpoint.synth.illumination import daylight
from hyperpoint.synth.materials import leaves, white_panel
from hyperpoint.synth.sensors import hsicity_camera, specim_iq
from hyperpoint.synth.spectra import GRID_NM, Spectrum

LIGHT = daylight(50, 0.1)


def view_of(left: Spectrum, right: Spectrum, shape: tuple[int, int] = (20, 40)) -> View:
    canvas = Canvas(shape)
    is_left = np.zeros(shape, dtype=bool)
    is_left[:, : shape[1] // 2] = True
    canvas.paint(is_left, 0, Material(left, left))
    canvas.paint(~is_left, 1, Material(right, right))
    return View(canvas, LIGHT, LIGHT.sky, LIGHT.sun + LIGHT.sky)


def test_the_specim_iq_has_its_published_bands(shared_data: Path) -> None:
    lines = (shared_data / "specim_iq_wavelengths.txt").read_text(encoding="utf-8").strip().splitlines()
    published = [float(text) for text in lines[0].split(",")]
    np.testing.assert_allclose(specim_iq().wavelengths, published, atol=0.015)


def test_reflectance_is_that_of_the_material_in_full_light() -> None:
    sensor = specim_iq()
    cube = record_cube(view_of(white_panel(), leaves()), sensor, np.random.default_rng(0), as_reflectance=True)
    expected = sensor.bands(leaves())
    np.testing.assert_allclose(cube[:, 30:].mean(axis=(0, 1)), expected, atol=0.015)
    assert cube.shape == (20, 40, 204)
    assert cube.dtype == np.float32


def test_a_shadow_darkens_and_turns_the_spectrum_blue() -> None:
    view = view_of(white_panel(), white_panel())
    view.canvas.sun[:, 20:] = 0
    cube = record_cube(view, specim_iq(), np.random.default_rng(0), as_reflectance=True)
    ratio = cube[:, 30:].mean(axis=(0, 1)) / cube[:, :10].mean(axis=(0, 1))
    assert ratio[20] > 1.5 * ratio[150]
    assert ratio.max() < 0.8


def test_noise_grows_towards_both_ends_of_the_range() -> None:
    grey = np.full_like(GRID_NM, 0.3)
    cube = record_cube(view_of(grey, grey, (60, 60)), specim_iq(), np.random.default_rng(0), as_reflectance=True)
    noise = cube.std(axis=(0, 1))
    assert noise[:5].mean() > 2 * noise[60:90].mean()
    assert noise[-5:].mean() > 2 * noise[60:90].mean()


def test_the_optics_mix_neighbours() -> None:
    dark, bright = np.full_like(GRID_NM, 0.1), np.full_like(GRID_NM, 0.9)
    cube = record_cube(view_of(dark, bright), specim_iq(), np.random.default_rng(0), as_reflectance=True)
    columns = cube[:, :, 80].mean(axis=0)
    assert columns[10] + 0.02 < columns[19] < columns[20] < columns[30] - 0.02


def test_radiance_shows_the_oxygen_band() -> None:
    sensor = hsicity_camera()
    cube = record_cube(view_of(white_panel(), white_panel()), sensor, np.random.default_rng(0), as_reflectance=False)
    before, dip, after = np.interp([745, 761, 780], sensor.wavelengths, cube.mean(axis=(0, 1)))
    assert dip < 0.85 * min(before, after)
    assert cube.mean(axis=(0, 1)).max() < 1.05


def test_white_is_white_and_leaves_are_green_in_the_photo() -> None:
    photo = take_photo(view_of(white_panel(), leaves()), np.random.default_rng(1)).astype(float)
    white, green = photo[:, :15].mean(axis=(0, 1)), photo[:, 25:].mean(axis=(0, 1))
    assert np.ptp(white) < 15
    assert white.min() > 200
    assert green[1] > 1.15 * green[0]
    assert green[1] > 1.3 * green[2]


def test_a_narrow_band_sees_what_a_flat_spectrum_is() -> None:
    sensor = Sensor(np.array([500.0, 700.0]), 7.0, 1000.0, 1.0, 0.5)
    np.testing.assert_allclose(sensor.bands(np.full_like(GRID_NM, 0.4)), 0.4)


def test_srgb_is_monotonic_with_known_ends() -> None:
    codes = to_srgb(np.linspace(0, 2, 200, dtype=np.float32)).astype(int)
    assert (np.diff(codes) >= 0).all()
    assert codes[0] == 0
    assert to_srgb(np.array([0.2159], dtype=np.float32))[0] == 128
