"""Reflectance models of materials, 380 to 1017 nm: parametric, made of the absorptions that each material is known for.

Positions of bands are those of the field's reviews: pigments and water of leaves (Jacquemoud and Ustin, "Leaf Optical
Properties", 2019, chapters 3 and 4), iron oxides (Hunt, "Spectral signatures of particulate minerals", Geophysics
42(3), 1977), urban surfaces (Herold et al., "Spectrometry for urban area remote sensing", Remote Sensing of
Environment 91, 2004). Strengths are chosen so that levels agree with these. Every function returns reflectance on
`GRID_NM`, in 0..1.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hyperpoint.synth.spectra import (
    GRID_NM,
    Spectrum,
    absorption_of,
    band,
    decay,
    kubelka_munk,
    rgb_response,
    step,
)


def leaves(
    chlorophyll: float = 1.0, water: float = 1.0, brown: float = 0.0, red: float = 0.0, plateau: float = 0.5
) -> Spectrum:
    """Model green plants: blue and red chlorophyll bands, green peak, red edge at 700 to 740 nm, water dip at 970 nm.

    Parameters
    ----------
    chlorophyll
        Relative content; 1 is a healthy leaf. More of it moves the red edge to longer wavelengths.
    water
        Relative strength of the 970 nm band.
    brown
        Brown pigments of dry leaves and twigs.
    red
        Anthocyanins, which fill the green peak.
    plateau
        Reflectance between the red edge and the water band.
    """
    pigments = 8.0 * band(432, 30) + 6.5 * band(474, 28) + 3.6 * band(622, 30) + 6.5 * band(674, 17)
    pigments += 2.0 * (1.0 - step(697, 9))
    extra = brown * 3.0 * decay(130) + red * 5.0 * band(540, 38)
    return kubelka_munk(absorption_of(plateau) + chlorophyll * pigments + water * 0.07 * band(972, 24) + extra)


def iron_earth(
    level: float, hematite: float = 0.0, goethite: float = 0.0, organic: float = 0.0, water: float = 0.0
) -> Spectrum:
    """Model fired clay, soil and stone: iron edges at 560 (hematite) and 500 nm (goethite), bands near 870 and 920 nm.

    Parameters
    ----------
    level
        Reflectance where nothing else absorbs.
    hematite, goethite
        Relative iron-oxide content; 1 is a red brick, or an ochre soil.
    organic
        Humus, which darkens the visible.
    water
        Moisture: darkens everything a little, with a band at 970 nm.
    """
    absorption = absorption_of(level)
    total = absorption * (1.0 + 0.8 * water) + water * 0.15 * band(975, 28)
    total = total + hematite * (3.6 * (1 - step(562, 16)) + 0.55 * (1 - step(630, 28)) + 0.30 * band(868, 52))
    total = total + goethite * (2.6 * (1 - step(508, 22)) + 0.35 * band(648, 45) + 0.26 * band(922, 50))
    return kubelka_munk(total + organic * (1.2 * decay(210) + 0.5 * (1 - step(800, 90))))


def cement(level: float, iron: float = 0.2, biofilm: float = 0.0, water: float = 0.0, soot: float = 0.0) -> Spectrum:
    """Model concrete and mortar: flat, falling off in the blue, with traces of iron, algae, moisture and soot.

    Parameters
    ----------
    level
        Reflectance in the red and beyond.
    iron
        Relative content of brown cement minerals.
    biofilm
        Algae on the surface: a chlorophyll band and a faint red edge.
    water
        Moisture.
    soot
        Rubber and soot of trodden ground: darker in the visible, so that it rises towards the infrared.
    """
    total = absorption_of(level) * (1 + 0.5 * water) + 0.25 * decay(120) + iron * 0.55 * (1 - step(520, 45))
    total = total + iron * 0.16 * band(900, 75) + water * 0.07 * band(972, 26) + soot * 0.5 * (1 - step(790, 110))
    return kubelka_munk(total + biofilm * (0.45 * band(674, 18) + 0.3 * band(440, 40) + 0.2 * (1 - step(700, 12))))


def wood(level: float, lignin: float = 1.0, weathered: float = 0.0) -> Spectrum:
    """Model timber and chips: lignin absorbs towards the blue, cellulose faintly at 920 and 980 nm; grey when old.

    Parameters
    ----------
    level
        Reflectance in the near infrared.
    lignin
        Relative strength of the blue absorption; high for dark woods.
    weathered
        0..1: how far the surface has turned grey.
    """
    total = absorption_of(level) + (1 - 0.75 * weathered) * lignin * 5.0 * decay(85)
    total = total + weathered * (0.9 - 0.35 * step(760, 80)) + 0.02 * band(920, 16) + 0.03 * band(980, 22)
    return kubelka_munk(total)


def asphalt(level: float = 0.08, aged: float = 0.5, iron: float = 0.0) -> Spectrum:
    """Model asphalt: dark and rising slowly; older asphalt is brighter and steeper as the stones show.

    Parameters
    ----------
    level
        Reflectance near 400 nm.
    aged
        0..1.
    iron
        Brown minerals in the stones.
    """
    rise = (GRID_NM - 400.0) / 600.0
    return level * (1.0 + (0.35 + 0.7 * aged) * rise) * (1 - 0.25 * iron * (1 - step(560, 40)) - 0.04 * band(930, 30))


def paint(colour: Sequence[float] | NDArray[np.float64], infrared: float, edge: float = 745.0) -> Spectrum:
    """Model a paint, plastic or dye of a given colour: sigmoid edges between plateaus, and a binder's CH band.

    Parameters
    ----------
    colour
        Linear sRGB in 0..1 that the material shows in flat light.
    infrared
        Reflectance beyond the edge: high for organic pigments and dyes, low for carbon black.
    edge
        Where the visible colour gives way to the infrared, nm: later and gentler than a leaf's red edge.
    """
    blue, red = 1 - step(492, 9), step(588, 8)
    lobes = np.stack([blue, (1 - blue) * (1 - red), red])
    heights = np.clip(np.linalg.solve((lobes @ rgb_response()).T, np.asarray(colour, dtype=float)), 0.012, 0.95)
    visible = heights @ lobes
    beyond = step(edge, 24)
    return (visible * (1 - beyond) + infrared * beyond) * (1 - 0.035 * band(928, 15))


def plastic(colour: Sequence[float] | NDArray[np.float64], infrared: float) -> Spectrum:
    """Model bulk plastic: as `paint`, with stronger CH bands at 875 and 930 nm."""
    return paint(colour, infrared) * (1 - 0.10 * band(932, 13) - 0.03 * band(876, 10))


def fabric(colour: Sequence[float] | NDArray[np.float64], infrared: float = 0.6) -> Spectrum:
    """Model dyed cotton: bright in the near infrared whatever the dye, with the OH band of damp cellulose."""
    return paint(colour, infrared, edge=725.0) * (1 - 0.04 * band(975, 24))


def metal(level: float = 0.45, slope: float = 0.0, aluminium: float = 0.0) -> Spectrum:
    """Model bare metal: flat, aluminium with its interband dip near 825 nm.

    Parameters
    ----------
    level
        Reflectance at 700 nm.
    slope
        Relative rise over 600 nm; positive for steel and zinc.
    aluminium
        0..1: strength of the dip.
    """
    return level * (1 + slope * (GRID_NM - 700.0) / 600.0) * (1 - 0.16 * aluminium * band(828, 45))


def glass(level: float = 0.05, tint: float = 0.5) -> Spectrum:
    """Model a dark room behind a pane: iron in the glass absorbs beyond 800 nm and a little in the blue."""
    return level * (1 - 0.5 * tint * step(880, 80)) * (1 - 0.25 * tint * decay(70))


def skin(level: float = 0.55, melanin: float = 0.3) -> Spectrum:
    """Model skin: haemoglobin at 415, 542 and 577 nm, melanin falling towards the red, water at 970 nm."""
    blood = 1.2 * band(418, 22) + 0.55 * band(542, 14) + 0.55 * band(577, 11) + 0.35 * (1 - step(592, 8))
    return kubelka_munk(absorption_of(level) + blood + melanin * 7.0 * decay(95) + 0.10 * band(972, 26))


def white_panel() -> Spectrum:
    """Model a diffuse white reference panel."""
    return 0.965 - 0.02 * decay(40)
