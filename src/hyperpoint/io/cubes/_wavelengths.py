"""Wavelengths as files state them, turned into nm."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

logger = logging.getLogger(__name__)

Wavelengths = NDArray[np.float64]

_NANOMETRES = {"nm", "nanometer", "nanometers", "nanometre", "nanometres"}
_MICROMETRES = {"um", "µm", "μm", "micrometer", "micrometers", "micrometre", "micrometres", "micron", "microns"}
_NOT_A_WAVELENGTH = {"index", "ghz", "mhz", "hz", "wavenumber", "cm-1", "1/cm"}
# Optical sensors end near 14 µm and begin near 200 nm: in between, the size of the number tells the unit.
_LARGEST_MICROMETRES = 50.0

_NUMBER = r"(\d+(?:\.\d+)?|\.\d+)"
_WITH_UNIT = re.compile(rf"{_NUMBER}\s*({'|'.join(sorted(_NANOMETRES | _MICROMETRES, key=len, reverse=True))})\b", re.I)
_IN_BRACKETS = re.compile(rf"[(\[]\s*{_NUMBER}\s*[)\]]")
_ALONE = re.compile(rf"\s*{_NUMBER}\s*")


def to_nm(values: Any, unit: str | None, num_bands: int, source: object) -> Wavelengths | None:
    """Return wavelengths in nm, (num_bands,) float64, or None where the file states none that can be used.

    Parameters
    ----------
    values
        Numbers, one a band.
    unit
        As the file words it; None or an unknown word: guessed from the size of the numbers. A unit that the
        numbers contradict (500 "micrometres") is not believed either.
    num_bands
        How many there must be; otherwise they are left out, with a warning that names `source`.
    """
    try:
        numbers = np.asarray(values, dtype=np.float64).ravel()
    except (TypeError, ValueError):
        numbers = np.zeros(0)
    if len(numbers) != num_bands or not (np.isfinite(numbers).all() and (numbers > 0).all()):
        logger.warning("%s: its wavelengths are left out: not %d positive numbers", source, num_bands)
        return None
    word = (unit or "").strip().lower()
    if word in _NOT_A_WAVELENGTH:
        return None
    if word.startswith("angstr"):
        return numbers / 10
    return numbers * 1000 if np.median(numbers) < _LARGEST_MICROMETRES else numbers


def from_band_names(names: Sequence[str | None]) -> Wavelengths | None:
    """Return the wavelengths (nm) that band names bear, (bands,), or None unless every name bears one.

    "band 12 (550.3 nm)", "0.55 Micrometers", "band 3 (660.5)" and "660.5" do; "band 12" does not.
    """
    found = [_in_name(name or "") for name in names]
    values = np.array([value for value in found if value is not None])
    if not len(values) or len(values) != len(names) or not (values > 0).all():
        return None
    return values


def _in_name(name: str) -> float | None:
    if match := _WITH_UNIT.search(name):
        return float(match[1]) * (1000 if match[2].lower() in _MICROMETRES else 1)
    match = _IN_BRACKETS.search(name) or _ALONE.fullmatch(name)
    # A whole number below 100 is the number of a band.
    if match is None or ("." not in match[1] and float(match[1]) < 100):
        return None
    value = float(match[1])
    return value * 1000 if value < _LARGEST_MICROMETRES else value
