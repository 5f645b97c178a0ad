"""The wavelength grid on which light and matter are modelled, and the curves they are built from."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from hyperpoint.preprocess.rendering import colour_matching

Spectrum = NDArray[np.float64]

# Fine enough for the oxygen band at 761 nm; both data sets lie inside it.
GRID_NM: Spectrum = np.arange(380.0, 1017.6, 2.5)
# IEC 61966-2-1: XYZ (D65) to linear sRGB.
XYZ_TO_SRGB = np.array([[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]])


def band(centre: float, width: float) -> Spectrum:
    """Return a Gaussian of height 1 at `centre` with standard deviation `width` (nm), on the grid."""
    return np.asarray(np.exp(-0.5 * ((GRID_NM - centre) / width) ** 2))


def step(centre: float, width: float) -> Spectrum:
    """Return a logistic step from 0 to 1 at `centre`, `width` (nm) being its steepness, on the grid."""
    return np.asarray(1.0 / (1.0 + np.exp(-(GRID_NM - centre) / width)))


def decay(width: float) -> Spectrum:
    """Return exp(-(wavelength - 380 nm) / width), on the grid: absorption that wanes towards the red."""
    return np.asarray(np.exp(-(GRID_NM - GRID_NM[0]) / width))


def kubelka_munk(absorption: Spectrum) -> Spectrum:
    """Return the reflectance of a thick scattering layer from its ratio of absorption to scattering, K/S.

    P. Kubelka and F. Munk, "Ein Beitrag zur Optik der Farbanstriche", Zeitschrift für technische Physik 12, 1931:
    R = 1 + K/S - sqrt((K/S)^2 + 2 K/S). K/S of a mixture is the weighted sum over its parts.
    """
    return np.asarray(1.0 + absorption - np.sqrt(absorption**2 + 2.0 * absorption))


def absorption_of(reflectance: float) -> float:
    """Return the K/S that `kubelka_munk` turns into `reflectance`, (1 - R)^2 / (2 R)."""
    return (1.0 - reflectance) ** 2 / (2.0 * reflectance)


@lru_cache(maxsize=1)
def rgb_response() -> NDArray[np.float64]:
    """Return the weights (num_grid, 3) that take a spectrum on the grid to linear sRGB; a flat 1 becomes (1, 1, 1)."""
    response = colour_matching(GRID_NM) @ XYZ_TO_SRGB.T
    return np.asarray(response / response.sum(axis=0))


def linear_rgb(spectrum: Spectrum) -> NDArray[np.float64]:
    """Return linear sRGB, (..., 3), of spectra (..., num_grid): the colour under light that is equal at all bands."""
    return np.asarray(spectrum @ rgb_response())
