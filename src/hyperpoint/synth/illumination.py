"""Daylight: the sun's direct beam and the light of the sky, which is all that reaches a shadow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hyperpoint.synth.spectra import GRID_NM, Spectrum, band

SUN_KELVIN = 5778.0
PLANCK_NM_KELVIN = 1.4387769e7
# Sunlight that comes off the surroundings and fills shadows as the sky does, relative to the direct beam.
BOUNCED = 0.18


@dataclass(frozen=True)
class Light:
    """Spectral irradiance on `GRID_NM`, relative to that of sun and sky together at 550 nm.

    sun: on a surface that faces the sun. sky: on one that sees all of the sky and of the surroundings.
    """

    sun: Spectrum
    sky: Spectrum


def daylight(elevation_deg: float, haze: float) -> Light:
    """Model clear-sky daylight: a black-body sun, Rayleigh and aerosol scattering, and the gases that absorb.

    Rayleigh optical depth 0.008735 λ^-4.08 (Leckner, "The spectral distribution of solar radiation at the earth's
    surface", Solar Energy 20, 1978), aerosol depth `haze` λ^-1.3 (Ångström), λ in µm; oxygen at 687 and 761 nm, water
    vapour at 720, 820 and 940 nm with depths typical of the sea level.

    Parameters
    ----------
    elevation_deg
        Height of the sun above the horizon, degrees.
    haze
        Ångström's turbidity coefficient: 0.05 clear, 0.3 hazy.
    """
    micrometres = GRID_NM / 1000.0
    air_mass = 1.0 / np.sin(np.deg2rad(max(elevation_deg, 5.0)))
    above = (550.0 / GRID_NM) ** 5 / np.expm1(PLANCK_NM_KELVIN / (GRID_NM * SUN_KELVIN))
    rayleigh = 0.008735 * micrometres**-4.08
    aerosol = haze * micrometres**-1.3
    gases = 0.55 * band(761, 3.2) + 0.14 * band(688, 3.5) + 0.06 * band(722, 8) + 0.08 * band(820, 9)
    gases = gases + 0.42 * band(940, 15)
    absorbed = np.exp(-np.sqrt(air_mass) * gases)
    sun = above * np.exp(-air_mass * (rayleigh + aerosol)) * absorbed
    scattered = 0.5 * (1 - np.exp(-air_mass * rayleigh)) + 0.8 * (1 - np.exp(-air_mass * aerosol))
    sky = above * scattered * absorbed * np.sin(np.deg2rad(elevation_deg)) ** 0.5
    sky = sky + BOUNCED * sun
    total = float(np.interp(550.0, GRID_NM, sun + sky))
    return Light(sun / total, sky / total)
