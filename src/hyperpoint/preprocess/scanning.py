"""A pass over a cube that learns which pixels can be used, and why the others cannot."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from hyperpoint.cube import BoolArray, Cube, CubeBlock, FloatArray, rows_per_block, usable_pixels
from hyperpoint.preprocess.bands import drop_bad_bands

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
        Lowest and highest sample of the usable pixels; (nan, nan) if there is none, or nobody asked.
    """

    usable: BoolArray
    num_no_data: int
    num_saturated: int
    num_dead: int
    value_range: tuple[float, float] = (float("nan"), float("nan"))

    @property
    def num_masked(self) -> int:
        """How many pixels cannot be used."""
        return self.num_no_data + self.num_saturated + self.num_dead

    def in_words(self) -> str:
        """Say how many pixels are masked and why: "12 of 400 pixels masked (10 no data, 2 saturated)"."""
        reasons = {"no data": self.num_no_data, "saturated": self.num_saturated, "dead": self.num_dead}
        listed = ", ".join(f"{num} {why}" for why, num in reasons.items() if num)
        return f"{self.num_masked} of {self.usable.size} pixels masked ({listed})"


class Scanner:
    """Finds a cube's usable pixels while its blocks go by, whatever they are read for.

    Parameters
    ----------
    cube
        The cube, all of whose bands count. Integer cubes mark saturation as +inf (see `hyperpoint.cube`); in float
        files an infinite sample is no data.
    valid
        (h, w) bool: pixels the caller does not want left out; None is all. It has no share in the counts.
    """

    def __init__(self, cube: Cube, valid: BoolArray | None = None) -> None:
        self.cube, self._valid = cube, valid
        self._scan: Scan | None = None

    def blocks(self) -> Iterator[tuple[CubeBlock, BoolArray]]:
        """Yield the cube's blocks, each with which of its pixels can be used, (rows, cols) bool."""
        return self._judged(self.cube.blocks(), usable_pixels, lambda values: values)

    def score_blocks(self) -> Iterator[tuple[CubeBlock, BoolArray]]:
        """Yield the same in the numbers that the cube is kept in (see `Cube.score_blocks`)."""
        return self._judged(self.cube.score_blocks(), self.cube.usable_scores, self.cube.from_scores)

    def scan(self) -> Scan:
        """Return what was found; this reads the cube if nothing has yet."""
        if self._scan is None:
            deque(self.score_blocks(), maxlen=0)
        assert self._scan is not None
        return self._scan

    def _judged(
        self, blocks: Iterator[CubeBlock], judge: Callable[[FloatArray], BoolArray], spectra: Callable[..., FloatArray]
    ) -> Iterator[tuple[CubeBlock, BoolArray]]:
        known, found = self._scan, np.zeros(self.cube.shape[:2], dtype=bool)
        saturated = dead = 0
        for block in blocks:
            place = block.rows, block.cols
            fine = judge(block.values) if known is None else known.usable[place]
            if known is None:
                found[place] = fine
                broken, step = np.argwhere(~fine), rows_per_block(1, self.cube.shape[2])
                for start in range(0, len(broken), step):  # a block of scores makes several of spectra
                    more = self._broken(spectra(block.values[tuple(broken[start : start + step].T)]))
                    saturated, dead = saturated + more[0], dead + more[1]
            yield block, fine if self._valid is None else fine & self._valid[place]
        if known is None:
            self._scan = Scan(found, int(found.size - found.sum()) - saturated - dead, saturated, dead)

    def _broken(self, spectra: FloatArray) -> tuple[int, int]:
        """Return how many of the spectra (n, bands), none of them usable, are saturated and how many are dead."""
        missing = np.isnan(spectra).any(axis=-1)
        infinite = np.isinf(spectra).any(axis=-1) & ~missing
        saturated = int(infinite.sum()) if self.cube.dtype.kind in "iu" else 0
        return saturated, int((~missing & ~infinite).sum())


def scan_cube(cube: Cube, progress: Progress | None = None) -> Scan:
    """Read `cube` once and find its usable pixels and the range of their samples.

    Pixels are judged by the bands that are marked good; `progress` is told (pixels read, pixels in all).
    """
    scanner = Scanner(drop_bad_bands(cube))
    low, high = np.inf, -np.inf
    done, total = 0, cube.shape[0] * cube.shape[1]
    for (_, _, values), usable in scanner.blocks():
        spectra = values if usable.all() else values[usable]
        if spectra.size:
            low, high = min(low, spectra.min()), max(high, spectra.max())
        done += usable.size
        if progress:
            progress(done, total)
    value_range = (float(low), float(high)) if high >= low else (float("nan"), float("nan"))
    return replace(scanner.scan(), value_range=value_range)
