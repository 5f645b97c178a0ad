"""The white reference drawn on the panel: whether it is one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hyperpoint.cube import usable_pixels
from hyperpoint.errors import InputError
from hyperpoint.studio.choices import Rectangle
from hyperpoint.types import Scene

MIN_PIXELS = 4  # of the cube; fewer are noise that every spectrum would be divided by
MAX_UNUSABLE, MAX_SPREAD = 0.05, 0.25


class Panel(NamedTuple):
    """What lies in a rectangle: `num_pixels` of the cube, and `warnings` in words why it may be no white panel."""

    num_pixels: int
    warnings: tuple[str, ...]


def check_panel(scene: Scene, rectangle: Rectangle) -> Panel:
    """Look at what a rectangle encloses before the scene is calibrated by it.

    Parameters
    ----------
    scene
        As it was recorded, not calibrated by another rectangle.
    rectangle
        (r0, c0, r1, c1) on the grid of its rgb image, the end not included; what lies outside of it does not count.

    Raises
    ------
    InputError
        If it covers fewer than `MIN_PIXELS` pixels of the cube, or none of them has a usable spectrum.
    """
    r0, c0, r1, c1 = rectangle
    height, width = scene.size
    rows, cols = scene.to_cube(np.arange(max(r0, 0), min(r1, height)), np.arange(max(c0, 0), min(c1, width)))
    at_rows, at_cols = (each.ravel() for each in np.meshgrid(np.unique(rows), np.unique(cols), indexing="ij"))
    if len(at_rows) < MIN_PIXELS:
        raise InputError(
            f"the rectangle covers {len(at_rows)} pixel(s) of the cube, too few for a white reference; draw it over "
            f"most of the panel"
        )
    spectra = scene.cube.pixels(at_rows, at_cols)[:, scene.cube.good_bands]
    usable = usable_pixels(spectra)
    if not usable.any():
        raise InputError(
            "no pixel in the rectangle has a usable spectrum (saturated, or no data?); draw it elsewhere on the panel"
        )
    warnings = []
    if (lost := 1 - usable.mean()) > MAX_UNUSABLE:
        warnings.append(f"{lost:.0%} of the pixels in the rectangle are saturated or hold no data, and are left out.")
    brightness = spectra[usable].mean(axis=1, dtype=np.float64)
    if (spread := float(brightness.std() / max(brightness.mean(), 1e-12))) > MAX_SPREAD:
        warnings.append(f"Brightness in the rectangle varies by {spread:.0%}: it may reach beyond the panel.")
    return Panel(len(at_rows), tuple(warnings))
