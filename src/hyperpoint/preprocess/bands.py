"""Choosing bands: a range of wavelengths, and only those that hold measurements."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hyperpoint.cube import BoolArray, Cube, CubeBlock, CubeWrapper, FloatArray, IndexArray
from hyperpoint.errors import InputError


class SelectedBands(CubeWrapper):
    """A cube with only some of its bands, in their order."""

    def __init__(self, source: Cube, keep: BoolArray) -> None:
        super().__init__(source)
        index = np.flatnonzero(keep)
        if len(index) == 0:
            raise InputError(
                f"none of the {source.shape[2]} bands is left; widen --bands or check the cube's bad bands"
            )
        self.shape = (*source.shape[:2], len(index))
        self.wavelengths = None if source.wavelengths is None else source.wavelengths[index]
        self.good_bands = source.good_bands[index]
        adjacent = index[-1] - index[0] + 1 == len(index)
        self._pick: slice | NDArray[np.intp] = slice(index[0], index[-1] + 1) if adjacent else index

    def blocks(self) -> Iterator[CubeBlock]:
        """Yield the source's blocks with the chosen bands (a view where they are adjacent)."""
        for rows, cols, values in self.source.blocks():
            yield CubeBlock(rows, cols, values[..., self._pick])

    def pixels(self, rows: IndexArray, cols: IndexArray) -> FloatArray:
        """Return the chosen bands of the spectra at (rows, cols), (n, bands) float32."""
        return self.source.pixels(rows, cols)[:, self._pick]


def drop_bad_bands(cube: Cube) -> Cube:
    """Return `cube` without the bands that are marked as bad or hold no data."""
    return cube if cube.good_bands.all() else SelectedBands(cube, cube.good_bands)


def select_range(cube: Cube, low: float, high: float) -> Cube:
    """Return the bands of `cube` whose centre lies in low..high nm, both included.

    Raises
    ------
    InputError
        If the cube has no wavelengths, or no band lies in the range.
    """
    if cube.wavelengths is None:
        raise InputError("a band range in nm needs a cube that states its wavelengths, and this one does not")
    keep = (cube.wavelengths >= low) & (cube.wavelengths <= high)
    if not keep.any():
        raise InputError(
            f"no band lies in {low:g}..{high:g} nm; this cube covers {cube.wavelengths.min():.0f}.."
            f"{cube.wavelengths.max():.0f} nm"
        )
    return SelectedBands(cube, keep)


def parse_range(text: str) -> tuple[float, float]:
    """Read "420:940" as (420.0, 940.0).

    Raises
    ------
    InputError
        If it is not two numbers in ascending order.
    """
    try:
        low, high = (float(part) for part in text.split(":"))
    except ValueError:
        raise InputError(f"a band range is written LOW:HIGH in nm, such as 420:940; got {text!r}") from None
    if not low < high:
        raise InputError(f"a band range runs from the lower to the higher wavelength; got {text!r}")
    return low, high
