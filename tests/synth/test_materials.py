from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperpoint.synth import materials
from hyperpoint.synth.canvas import Material
from hyperpoint.synth.draw import greens, lookalike, turf
from hyperpoint.synth.spectra import GRID_NM, Spectrum, absorption_of, kubelka_munk, linear_rgb


def at(spectrum: Spectrum, *wavelengths: float) -> list[float]:
    return [float(np.interp(one, GRID_NM, spectrum)) for one in wavelengths]


def test_leaves_have_green_peak_red_edge_and_water_dip() -> None:
    blue, green, red, infrared, water, beyond = at(materials.leaves(), 450, 550, 670, 800, 970, 1010)
    assert green > 1.5 * red
    assert green > 1.5 * blue
    assert infrared > 7 * red
    assert water < 0.95 * infrared
    assert beyond > water


def test_the_red_edge_lies_at_700_to_740_nm_and_moves_with_chlorophyll() -> None:
    edges = [float(GRID_NM[np.gradient(materials.leaves(chlorophyll=content)).argmax()]) for content in (0.4, 1.0, 1.6)]
    assert edges == sorted(edges)
    assert 695 <= edges[0] < edges[2] <= 740


def test_green_paint_has_the_colour_of_leaves_but_no_red_edge() -> None:
    leaf = materials.leaves()
    paint = materials.paint(linear_rgb(leaf), infrared=0.12)
    np.testing.assert_allclose(linear_rgb(paint), linear_rgb(leaf), atol=0.015)
    red, infrared = at(paint, 670, 800)
    assert infrared < 3 * red


def test_red_brick_has_an_iron_edge_and_a_band_near_870_nm() -> None:
    blue, green, orange, red, before, band, after = at(
        materials.iron_earth(0.36, hematite=1.0), 450, 540, 600, 650, 770, 870, 990
    )
    assert green < 1.5 * blue
    assert orange > 1.6 * green
    assert red > orange
    assert band < 0.95 * min(before, after)


def test_goethite_absorbs_at_shorter_waves_than_hematite() -> None:
    ochre, red = materials.iron_earth(0.36, goethite=1.0), materials.iron_earth(0.36, hematite=1.0)
    assert at(ochre, 550)[0] > 1.5 * at(red, 550)[0]


def test_concrete_is_flat_and_asphalt_dark_and_rising() -> None:
    green, infrared = at(materials.cement(0.42), 550, 850)
    assert infrared / green < 1.12
    low, high = at(materials.asphalt(), 450, 900)
    assert high < 0.2
    assert high > 1.2 * low


def test_cotton_is_bright_in_the_infrared_whatever_the_dye() -> None:
    for colour in ([0.02, 0.02, 0.02], [0.02, 0.03, 0.4], [0.5, 0.02, 0.02]):
        assert at(materials.fabric(colour), 850)[0] > 0.5


def test_plastic_shows_the_ch_band_and_aluminium_its_dip() -> None:
    before, band, after = at(materials.plastic([0.4, 0.4, 0.4], 0.6), 905, 932, 960)
    assert band < 0.97 * min(before, after)
    before, dip, after = at(materials.metal(0.5, aluminium=1.0), 720, 828, 950)
    assert dip < 0.92 * min(before, after)


def test_wood_absorbs_towards_the_blue_and_greys_with_age() -> None:
    new, old = materials.wood(0.5), materials.wood(0.5, weathered=0.9)
    assert at(new, 650)[0] / at(new, 450)[0] > 1.3 * at(old, 650)[0] / at(old, 450)[0]


@given(st.floats(0.01, 0.98))
def test_kubelka_munk_and_its_inverse_agree(reflectance: float) -> None:
    assert kubelka_munk(np.full(3, absorption_of(reflectance))) == pytest.approx(reflectance)


@given(st.integers(0, 2**32 - 1))
def test_drawn_materials_are_physical_and_confusers_are_confusing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    plants = [*greens(rng, 3), turf(rng)]
    for plant in plants:
        coat = lookalike(rng, plant, infrared=0.18)
        assert isinstance(coat, Material)
        for state in (plant.fresh, plant.worn, coat.fresh, coat.worn):
            assert state.min() > 0
            assert state.max() < 1
        # Alike in colour to within a shade, apart at the red edge.
        ratio = linear_rgb(coat.mean) / linear_rgb(plant.mean)
        assert ratio.max() / ratio.min() < 2.5
        (red, edge), (coat_red, coat_edge) = at(plant.mean, 670, 740), at(coat.mean, 670, 740)
        assert edge / red > 1.3 * coat_edge / coat_red
