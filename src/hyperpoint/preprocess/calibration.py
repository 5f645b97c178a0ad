"""White-reference correction: from what the sensor saw to reflectance (paper, section 4.2)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hyperpoint.cube import Cube, CubeBlock, CubeWrapper, FloatArray, IndexArray, usable_pixels
from hyperpoint.errors import InputError, MissingFileError

logger = logging.getLogger(__name__)

# A reference below this share of its own maximum is noise: dividing by it would make noise the largest signal.
NEAR_ZERO = 1e-3
# A band is given up when more than this share of the sensor's columns has a near-zero reference in it.
MAX_GUARDED_COLUMNS = 0.1
_LARGEST = float(np.finfo(np.float32).max)


class CalibratedCube(CubeWrapper):
    """(value - dark) / (white - dark), each reference a spectrum or one spectrum a column of the sensor.

    Parameters
    ----------
    source
        The raw cube, as the sensor recorded it (not turned).
    white, dark
        (1, bands) or (cols, bands) float32; `dark` None is zero.

    Attributes
    ----------
    num_guarded
        How many entries of the reference were too near zero to divide by: their bands are given up, or, where only
        a few columns are affected, the band's median over the columns stands in.
    """

    def __init__(self, source: Cube, white: FloatArray, dark: FloatArray | None = None) -> None:
        super().__init__(source)
        self._dark = np.zeros_like(white) if dark is None else dark
        for name, reference in (("white", white), ("dark", self._dark)):
            if reference.shape not in {(1, source.shape[2]), source.shape[1:]}:
                raise InputError(
                    f"the {name} reference has {reference.shape[1]} bands in {reference.shape[0]} columns; the cube "
                    f"has {source.shape[2]} bands in {source.shape[1]} columns"
                )
        span, bad = _guard(white - self._dark)
        self.num_guarded = int(bad.sum())
        self._gain = (1 / span).astype(np.float32)
        self.good_bands = source.good_bands & (bad.mean(axis=0) <= MAX_GUARDED_COLUMNS)
        self.is_reflectance = True
        if self.num_guarded:
            logger.warning(
                "the white reference is missing or near zero in %d of %d entries; %d bands are left out for it",
                self.num_guarded, bad.size, int((source.good_bands & ~self.good_bands).sum()),
            )  # fmt: skip

    def blocks(self) -> Iterator[CubeBlock]:
        """Yield the source's blocks as reflectance."""
        for rows, cols, values in self.source.blocks():
            dark, gain = (part if len(part) == 1 else part[cols] for part in (self._dark, self._gain))
            yield CubeBlock(rows, cols, (values - dark) * gain)

    def pixels(self, rows: IndexArray, cols: IndexArray) -> FloatArray:
        """Return the spectra at (rows, cols) as reflectance, (n, bands) float32."""
        dark, gain = (part if len(part) == 1 else part[cols] for part in (self._dark, self._gain))
        return (self.source.pixels(rows, cols) - dark) * gain


def _guard(span: FloatArray) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Replace entries of white - dark that cannot be divided by; also say which they were."""
    finite = np.where(np.isfinite(span), span, 0)
    highest = finite.max(initial=0)
    if highest <= 0:
        raise InputError("the white reference is not above the dark one anywhere; are the two files swapped?")
    bad = finite <= NEAR_ZERO * highest
    medians = np.array(
        [np.median(column[ok]) if ok.any() else highest for column, ok in zip(finite.T, ~bad.T, strict=True)]
    )
    return np.where(bad, medians, finite).astype(np.float32), bad


def reference_from_cube(reference: Cube, num_columns: int) -> FloatArray:
    """Average a recorded reference: per column where it has the sensor's width, else over all of it.

    Parameters
    ----------
    reference
        A cube of the white panel, or of the closed shutter.
    num_columns
        Width of the cube that is to be corrected.

    Returns
    -------
    (num_columns, bands) or (1, bands) float32.
    """
    total = np.zeros(reference.shape[1:], dtype=np.float64)
    count = np.zeros(reference.shape[1:], dtype=np.int64)
    for _, cols, values in reference.blocks():
        finite = np.isfinite(values)
        total[cols] += np.where(finite, values, 0).sum(axis=0)
        count[cols] += finite.sum(axis=0)
    if reference.shape[1] != num_columns:
        total, count = total.sum(axis=0, keepdims=True), count.sum(axis=0, keepdims=True)
    if not count.any():
        raise InputError(f"the reference {reference.path} holds no valid sample")
    return np.asarray(total / np.maximum(count, 1), dtype=np.float32)


def reference_from_pixels(cube: Cube, rows: IndexArray, cols: IndexArray) -> FloatArray:
    """Average the spectra of the white panel at (rows, cols) of `cube` (paper, section 4.2), (1, bands) float32.

    Raises
    ------
    InputError
        If the panel has no pixel, or none with a usable spectrum.
    """
    spectra = cube.pixels(rows, cols) if len(rows) else np.zeros((0, cube.shape[2]), dtype=np.float32)
    usable = usable_pixels(spectra[:, cube.good_bands]) if len(rows) else np.zeros(0, dtype=bool)
    if not usable.any():
        raise InputError(
            f"the white panel has {len(rows)} pixels, of which none has a usable spectrum (saturated, or no data?)"
        )
    with np.errstate(invalid="ignore"):  # bands without data stay NaN and are guarded later
        return np.asarray(spectra[usable].mean(axis=0, dtype=np.float64, keepdims=True), dtype=np.float32)


def reference_from_csv(path: Path, cube: Cube) -> FloatArray:
    """Read a spectrum: one value a band, or lines `wavelength_nm,value` that are interpolated, (1, bands) float32.

    Raises
    ------
    MissingFileError, InputError
        If there is no such file, it is no table of numbers, or it does not fit the cube's bands.
    """
    if not path.is_file():
        raise MissingFileError(f"there is no white-reference spectrum {path}")
    table = _read_numbers(path)
    if table.shape[1] == 1:
        if len(table) != cube.shape[2]:
            raise InputError(
                f"{path} has {len(table)} values and the cube {cube.shape[2]} bands; give one a band, or "
                f"lines `wavelength_nm,value`"
            )
        return np.asarray(table.T, dtype=np.float32)
    if cube.wavelengths is None:
        raise InputError(
            f"{path} gives values by wavelength, but the cube does not state its wavelengths; give one value a band"
        )
    table = table[np.argsort(table[:, 0])]
    low, high = table[0, 0], table[-1, 0]
    if cube.wavelengths.min() > high or cube.wavelengths.max() < low:
        raise InputError(
            f"{path} covers {low:.0f}..{high:.0f} nm, the cube {cube.wavelengths.min():.0f}.."
            f"{cube.wavelengths.max():.0f} nm: they have no wavelength in common"
        )
    # A band outside has no reference, and is given up as one with a reference near zero is.
    level = np.interp(cube.wavelengths, table[:, 0], table[:, 1], left=np.nan, right=np.nan)
    return np.asarray(level[None], dtype=np.float32)


def _read_numbers(path: Path) -> NDArray[np.float64]:
    """Read the lines of one or two numbers; a first line of words is a header."""
    rows: list[list[float]] = []
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8 text; save it as a plain CSV") from None
    for number, line in enumerate(lines, start=1):
        cells = [cell for cell in line.replace(",", " ").replace(";", " ").split() if cell]
        try:
            values = [float(cell) for cell in cells]
        except ValueError:
            if rows:
                raise InputError(f"{path}, line {number}: expected numbers, got {line.strip()!r}") from None
            continue
        if any(abs(value) > _LARGEST for value in values):
            raise InputError(f"{path}, line {number}: {line.strip()!r} is beyond any reflectance or radiance")
        if values:
            rows.append(values)
    if not rows or len({len(row) for row in rows}) != 1 or len(rows[0]) > 2:
        raise InputError(f"{path} must hold one number a line, or `wavelength_nm,value`, the same on each line")
    return np.array(rows)
