from __future__ import annotations

import numpy as np

from hyperpoint.synth.illumination import daylight
from hyperpoint.synth.spectra import GRID_NM


def test_sun_and_sky_make_one_at_550_nm() -> None:
    light = daylight(45, 0.1)
    assert np.interp(550, GRID_NM, light.sun + light.sky) == 1
    assert light.sky.min() > 0


def test_a_shadow_is_bluer_than_the_sun() -> None:
    light = daylight(45, 0.1)
    blue, red = np.interp([450, 700], GRID_NM, light.sky / light.sun)
    assert blue > 1.5 * red


def test_oxygen_dents_the_light_at_761_nm() -> None:
    light = daylight(45, 0.1)
    before, dip, after = np.interp([745, 761, 780], GRID_NM, light.sun)
    assert dip < 0.75 * min(before, after)


def test_a_low_sun_is_redder() -> None:
    high, low = daylight(60, 0.1).sun, daylight(15, 0.1).sun
    assert np.interp(450, GRID_NM, low / high) < 0.9 * np.interp(700, GRID_NM, low / high)
