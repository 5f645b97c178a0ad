"""The white reference drawn on the panel, and the check that rgb image and cube lie on each other."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hyperpoint.cube import usable_pixels
from hyperpoint.errors import InputError
from hyperpoint.types import Scene, UInt8Array

MIN_PIXELS = 4  # of the cube; fewer are noise that every spectrum would be divided by
MAX_UNUSABLE, MAX_SPREAD = 0.05, 0.25


class Rectangle(NamedTuple):
    """Rows r0 to r1 and columns c0 to c1 of the rgb image, the ends not included."""

    r0: int
    c0: int
    r1: int
    c1: int

    @property
    def text(self) -> str:
        """As `hyperpoint.open_scene` and the option --white take it."""
        return ",".join(map(str, self))


class Panel(NamedTuple):
    """What lies in a rectangle: `num_pixels` of the cube, and `warnings` in words why it may be no white panel."""

    num_pixels: int
    warnings: tuple[str, ...]


def rectangle_between(start: tuple[int, int], end: tuple[int, int], size: tuple[int, int]) -> Rectangle:
    """Return the rectangle between two corners (row, col) of a drag, both included, in any order, cut to the image.

    Raises
    ------
    InputError
        If nothing of it lies on the image of `size` (H, W).
    """
    (r0, r1), (c0, c1) = (sorted(pair) for pair in zip(start, end, strict=True))
    cut = Rectangle(max(r0, 0), max(c0, 0), min(r1 + 1, size[0]), min(c1 + 1, size[1]))
    if cut.r0 >= cut.r1 or cut.c0 >= cut.c1:
        raise InputError("the rectangle lies outside the image; draw it on the white panel")
    return cut


def check_panel(scene: Scene, rectangle: Rectangle) -> Panel:
    """Look at what a rectangle encloses before the scene is calibrated by it.

    Parameters
    ----------
    scene
        As it was recorded, not calibrated by another rectangle.
    rectangle
        On the grid of its rgb image.

    Raises
    ------
    InputError
        If it covers fewer than `MIN_PIXELS` pixels of the cube, or none of them has a usable spectrum.
    """
    rows, cols = scene.to_cube(np.arange(rectangle.r0, rectangle.r1), np.arange(rectangle.c0, rectangle.c1))
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


def swipe(left: UInt8Array, right: UInt8Array, column: int) -> UInt8Array:
    """Show one picture left of a column and another from it on, both (H, W, 3) uint8; `column` is cut to 0..W.

    Raises
    ------
    InputError
        If the pictures' sizes differ.
    """
    if left.shape != right.shape:
        raise InputError(f"pictures of {left.shape} and {right.shape} cannot be swiped; they must be of one size")
    out = left.copy()
    at = min(max(column, 0), left.shape[1])
    out[:, at:] = right[:, at:]
    return out
