"""Finding the cube, and what belongs to it, among the arrays of a file that holds several."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hyperpoint.errors import CubeFormatError, InputError
from hyperpoint.io.cubes._axes import Axes, parse_axes
from hyperpoint.io.cubes._wavelengths import to_nm

logger = logging.getLogger(__name__)

_CUBE_WORDS = {"cube", "datacube", "hsi", "hypercube", "hyperspectral"}
_WAVELENGTH_WORDS = {"wavelength", "wavelengths", "wl", "wls", "wave", "waves", "lambda", "lambdas"}
_BAND_WORDS = {"band", "bands"}
_UNIT_WORDS = {"nm", "um", "nanometers", "micrometers"}
_SIZE_WORDS = {
    "r": {"nrow", "nrows", "numrows", "rows", "height", "lines"},
    "c": {"ncol", "ncols", "numcols", "cols", "columns", "width", "samples"},
}
_MOST_LISTED = 20


@dataclass(frozen=True)
class Variable:
    """An array of a file: `dtype` is None for what is not made of real numbers, `kind` says what it is instead."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any] | None
    kind: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({' x '.join(map(str, self.shape))} {self.dtype or self.kind})"


# Loads a small array by name.
Load = Callable[[str], NDArray[Any]]


def find_cube(
    path: Path,
    variables: Sequence[Variable],
    load: Load,
    variable: str | None,
    axes: str | None,
    pixel_order: str,
) -> tuple[Variable, Axes]:
    """Find the cube among the variables of a file, and the order of its axes.

    Parameters
    ----------
    load
        Reads the small ones: sizes and wavelengths.
    variable, axes
        What the user said, or None. Unsaid, the cube is the array with three axes that is called one, else the
        largest; else the matrix of bands and pixels whose size the file states in variables such as nRow, nCol.
    pixel_order
        How the pixels of a matrix run where the user does not say: "c r" (down the columns) or "r c".

    Raises
    ------
    CubeFormatError
        If there is no cube; the message lists what there is.
    InputError
        If `variable` is not there or `axes` does not fit.
    """
    sizes = _stated_sizes(variables, load)
    if variable is not None:
        cube = _named(path, variables, variable)
    else:
        found = _best(variables, sizes, axes)
        if found is None:
            raise CubeFormatError(
                f"{path} holds no array that is clearly a cube (three axes, or a matrix with its size in nRow and "
                f"nCol); choose one with `variable` and, for a matrix, `axes`. There are: {_listing(variables)}"
            )
        cube = found
    pattern = axes or _default_pattern(path, variables, cube, sizes, pixel_order)
    return cube, parse_axes(pattern, cube.shape, sizes)


def find_wavelengths(
    path: Path, variables: Sequence[Variable], load: Load, num_bands: int
) -> NDArray[np.float64] | None:
    """Return the wavelengths (nm) of a file, (num_bands,), from a variable with such a name and length, or None."""
    for found in variables:
        if _is_wavelengths(found) and prod(found.shape) == num_bands:
            return to_nm(load(found.name), None, num_bands, path)
    return None


def _words(name: str) -> list[str]:
    """Split "nRow", "bands_nm" or "/group/r_cube" into the words of its last part, in lower case."""
    return re.findall(r"[a-z]+", name.rpartition("/")[2].lower())


def _is_wavelengths(variable: Variable) -> bool:
    words = set(_words(variable.name))
    is_named = bool(words & _WAVELENGTH_WORDS) or bool(words & _BAND_WORDS and words & _UNIT_WORDS)
    return is_named and variable.dtype is not None and prod(variable.shape) == max(variable.shape, default=0) > 1


def _stated_sizes(variables: Sequence[Variable], load: Load) -> dict[str, int]:
    """Return the numbers of rows and columns that a file states in variables of their own."""
    sizes = {}
    for axis, words in _SIZE_WORDS.items():
        for found in variables:
            if found.dtype is not None and prod(found.shape) == 1 and "".join(_words(found.name)) in words:
                value = float(load(found.name).ravel()[0])
                if value.is_integer() and value > 0:
                    sizes[axis] = int(value)
    return sizes


def _named(path: Path, variables: Sequence[Variable], name: str) -> Variable:
    for found in variables:
        if found.name == name.strip("/"):
            if found.dtype is None:
                raise InputError(f"the variable {name!r} of {path} is no array of numbers but {found.kind}")
            return found
    raise InputError(f"{path} has no variable {name!r}; it has {_listing(variables)}")


def _best(variables: Sequence[Variable], sizes: Mapping[str, int], axes: str | None) -> Variable | None:
    numeric = [found for found in variables if found.dtype is not None and min(found.shape, default=0) > 0]
    cubes = [found for found in numeric if len(found.shape) == 3]
    num_pixels = sizes.get("r", 0) * sizes.get("c", 0)
    matrices = [found for found in numeric if len(found.shape) == 2 and (num_pixels in found.shape or axes)]
    if axes:
        cubes, matrices = (matrices, []) if "(" in axes else (cubes, [])
    candidates = cubes or matrices
    ranks = [(bool(_CUBE_WORDS & set(_words(found.name))), prod(found.shape)) for found in candidates]
    best = [found for found, rank in zip(candidates, ranks, strict=True) if rank == max(ranks)]
    if len(best) > 1:
        logger.warning("%s could each be the cube: %s is taken (--variable)", _listing(best), best[0].name)
    return best[0] if best else None


def _default_pattern(
    path: Path, variables: Sequence[Variable], cube: Variable, sizes: Mapping[str, int], pixel_order: str
) -> str:
    if len(cube.shape) == 2 and (num_pixels := sizes.get("r", 0) * sizes.get("c", 0)) in cube.shape:
        return f"b ({pixel_order})" if cube.shape[1] == num_pixels else f"({pixel_order}) b"
    if len(cube.shape) != 3:
        raise InputError(
            f"the variable {cube} of {path} has {len(cube.shape)} axes; a cube has three, or two of which one is split "
            f'by `axes`, as in "b (c=100 r=100)"'
        )
    # The axis that is as long as the list of wavelengths is that of the bands.
    lengths = {prod(found.shape) for found in variables if _is_wavelengths(found)}
    bands = next((axis for axis in (2, 0, 1) if cube.shape[axis] in lengths), 2)
    return {2: "r c b", 0: "b r c", 1: "r b c"}[bands]


def _listing(variables: Sequence[Variable]) -> str:
    names = [str(found) for found in variables[:_MOST_LISTED]]
    more = len(variables) - len(names)
    return (", ".join(names) or "none") + (f" and {more} more" if more else "")
