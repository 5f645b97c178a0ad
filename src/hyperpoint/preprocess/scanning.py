"""One pass over a cube that learns which pixels can be used, and why the others cannot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hyperpoint.cube import BoolArray, Cube, usable_pixels

Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Scan:
    """What a pass over the cube found.

    Attributes
    ----------
    usable
        (h, w) bool: pixels whose spectrum is complete, not saturated and not zero throughout.
    num_no_data, num_saturated, num_dead
        How many pixels are masked because a sample is missing (NaN, Inf, no-data value), because one is saturated,
        and because none is above zero. Each masked pixel is counted once, in this order.
    value_range
        Lowest and highest sample of the usable pixels; (nan, nan) if there is none.
    """

    usable: BoolArray
    num_no_data: int
    num_saturated: int
    num_dead: int
    value_range: tuple[float, float]

    @property
    def num_masked(self) -> int:
        """How many pixels cannot be used."""
        return self.num_no_data + self.num_saturated + self.num_dead

    def in_words(self) -> str:
        """Say how many pixels are masked and why: "12 of 400 pixels masked (10 no data, 2 saturated)"."""
        reasons = {"no data": self.num_no_data, "saturated": self.num_saturated, "dead": self.num_dead}
        listed = ", ".join(f"{num} {why}" for why, num in reasons.items() if num)
        return f"{self.num_masked} of {self.usable.size} pixels masked ({listed})"


def scan_cube(cube: Cube, progress: Progress | None = None) -> Scan:
    """Read `cube` once and find its usable pixels; `progress` is told (pixels read, pixels in all).

    A pixel is judged by the bands that are marked good; integer cubes mark saturation as +inf (see
    `hyperpoint.cube`), in float files an infinite sample is no data.
    """
    usable = np.zeros(cube.shape[:2], dtype=bool)
    saturated = dead = 0
    low, high = np.inf, -np.inf
    done, total = 0, usable.size
    good = slice(None) if cube.good_bands.all() else np.flatnonzero(cube.good_bands)
    inf_is_saturated = cube.dtype.kind in "iu"
    for rows, cols, block in cube.blocks():
        values = block[..., good]
        fine = usable_pixels(values)
        usable[rows, cols] = fine
        if fine.all():
            low, high = min(low, values.min()), max(high, values.max())
        else:
            spectra, broken = values[fine], values[~fine]
            missing = np.isnan(broken).any(axis=-1)
            infinite = np.isinf(broken).any(axis=-1) & ~missing
            saturated += int(infinite.sum()) if inf_is_saturated else 0
            dead += int((~missing & ~infinite).sum())
            if spectra.size:
                low, high = min(low, spectra.min()), max(high, spectra.max())
        done += fine.size
        if progress:
            progress(done, total)
    value_range = (float(low), float(high)) if high >= low else (float("nan"), float("nan"))
    num_no_data = int(total - usable.sum()) - saturated - dead
    return Scan(usable, num_no_data, saturated, dead, value_range)
