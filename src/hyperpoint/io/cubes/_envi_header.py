"""ENVI headers: the text file beside the samples."""

from __future__ import annotations

import logging
import math
import re
import warnings
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hyperpoint.cube import Georeference
from hyperpoint.errors import CubeFormatError
from hyperpoint.io.cubes._wavelengths import from_band_names, to_nm

logger = logging.getLogger(__name__)

_LARGEST_HEADER_BYTES = 16 << 20

# ENVI's codes of sample types (NV5, "ENVI header files").
_TYPES = {1: "u1", 2: "i2", 3: "i4", 4: "f4", 5: "f8", 12: "u2", 13: "u4", 14: "i8", 15: "u8"}
_COMPLEX_TYPES = {6, 9}

_FIELD = re.compile(r"^[ \t]*([^\s={};][^={}\n]*?)[ \t]*=[ \t]*(\{[^{}]*(?:\}|\Z)|[^\n]*)", re.M)


@dataclass(frozen=True)
class EnviHeader:
    """The fields of a header, by name in lower case: a text, or the list that stands in braces."""

    path: Path
    fields: dict[str, str | list[str]]

    def text(self, key: str) -> str:
        """Return a field as one text, "" if it is missing."""
        value = self.fields.get(key, "")
        return value if isinstance(value, str) else ",".join(value)

    def texts(self, key: str) -> list[str] | None:
        """Return a list in braces, or None."""
        value = self.fields.get(key)
        return value if isinstance(value, list) else None

    def integer(self, key: str, default: int | None = None, *, least: int = 0) -> int:
        """Return a whole number.

        Raises
        ------
        CubeFormatError
            If it is missing without a default, no whole number, or below `least`.
        """
        text = self.text(key).strip()
        if not text and default is not None:
            return default
        if not text:
            raise CubeFormatError(f"the header {self.path} has no field {key!r}; add it to open the cube")
        number = _float_or_nan(text)
        if not number.is_integer() or number < least:
            raise CubeFormatError(
                f"the header {self.path} says {key} = {text[:40]}; a whole number from {least} is meant"
            )
        return int(number)

    def number(self, key: str) -> float | None:
        """Return a number, or None if the field is missing or holds none."""
        number = _float_or_nan(self.text(key))
        return None if math.isnan(number) else number

    @property
    def sizes(self) -> tuple[int, int, int]:
        """(rows, cols, bands)."""
        lines, samples, bands = (self.integer(key, least=1) for key in ("lines", "samples", "bands"))
        return lines, samples, bands

    @property
    def order(self) -> str:
        """The axes as they are stored, slowest first: BSQ is "brc", BIL "rbc", BIP "rcb"."""
        interleave = self.text("interleave").strip().lower()
        orders = {"bsq": "brc", "bil": "rbc", "bip": "rcb"}
        if interleave not in orders:
            raise CubeFormatError(f"the header {self.path} says interleave = {interleave!r}; bsq, bil or bip is meant")
        return orders[interleave]

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """Type of the samples, byte order included."""
        code = self.integer("data type")
        if code in _COMPLEX_TYPES:
            raise CubeFormatError(f"{self.path} holds complex samples (data type {code}); only real ones can be read")
        if code not in _TYPES:
            known = ", ".join(map(str, _TYPES))
            raise CubeFormatError(f"the header {self.path} says data type = {code}; known are {known}")
        if "byte order" not in self.fields and code != 1:
            _warn_of_byte_order(str(self.path))
        order = self.integer("byte order", 0)
        if order > 1:
            raise CubeFormatError(f"the header {self.path} says byte order = {order}; 0 (little-endian) or 1 is meant")
        return np.dtype(("<", ">")[order] + _TYPES[code])

    @property
    def wavelengths(self) -> NDArray[np.float64] | None:
        """Band centres in nm, from the field of that name or from the band names; or None."""
        num_bands = self.sizes[2]
        stated = self.texts("wavelength")
        if stated is not None:
            return to_nm([_float_or_nan(text) for text in stated], self.text("wavelength units"), num_bands, self.path)
        names = self.texts("band names")
        return from_band_names(names) if names is not None and len(names) == num_bands else None

    @property
    def good_bands(self) -> NDArray[np.bool_] | None:
        """(bands,) bool from the bad-band list (0 = bad), or None."""
        stated = self.texts("bbl")
        if stated is None:
            return None
        if len(stated) != self.sizes[2]:
            logger.warning("%s: its bbl is left out: %d entries for %d bands", self.path, len(stated), self.sizes[2])
            return None
        return np.array([_float_or_nan(text) != 0 for text in stated])

    @property
    def is_reflectance(self) -> bool | None:
        """Whether the header says that the samples are reflectance; None if it says nothing."""
        if self.number("reflectance scale factor"):
            return True
        said = f"{self.text('data units')} {self.text('z plot titles')}".lower()
        if "reflectance" in said:
            return True
        return False if "radiance" in said else None

    @property
    def georeference(self) -> Georeference | None:
        """Where the cube lies, from `map info` and `coordinate system string`; None if one is missing."""
        parts = [part.strip() for part in self.texts("map info") or []]
        wkt = self.text("coordinate system string").strip()
        numbers = [_float_or_nan(part) for part in parts[1:7]]
        if not wkt or len(numbers) < 6 or not all(map(math.isfinite, numbers)):
            return None
        ref_col, ref_row, east, north, wide, tall = numbers
        turn = [part.partition("=")[2] for part in parts if part.lower().startswith("rotation")]
        angle = math.radians(_float_or_nan(turn[0])) if turn else 0.0
        if not math.isfinite(angle):
            return None
        cos, sin = math.cos(angle), math.sin(angle)
        # Pixels count from 1, and (1, 1) is the upper left corner of the first one.
        corner = (east - (ref_col - 1) * wide, north + (ref_row - 1) * tall)
        return Georeference((wide * cos, wide * sin, corner[0], tall * sin, -tall * cos, corner[1]), wkt)


def read_header(path: Path) -> EnviHeader:
    """Read an ENVI header.

    Raises
    ------
    CubeFormatError
        If the file is no ENVI header.
    """
    if path.stat().st_size > _LARGEST_HEADER_BYTES:
        raise CubeFormatError(f"{path} is no ENVI header: it has {path.stat().st_size} bytes")
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    if "\0" in text or not text.lstrip().upper().startswith("ENVI"):
        raise CubeFormatError(f"{path} is no ENVI header: its first line must read ENVI")
    fields = _parse_with_spectral(path) or _parse_leniently(text)
    return EnviHeader(path, {" ".join(key.lower().split()): value for key, value in fields.items()})


def _parse_with_spectral(path: Path) -> dict[str, str | list[str]] | None:
    """Parse a well-formed header with SPy; None if it refuses."""
    from spectral.io import envi

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it lowers the case of field names, which we want
        try:
            return dict(envi.read_envi_header(str(path)))
        except (envi.EnviException, UnicodeDecodeError) as error:
            logger.debug("%s: SPy refuses the header (%s), parsed leniently", path, error)
            return None


def _parse_leniently(text: str) -> dict[str, str | list[str]]:
    """Parse what SPy refuses: blank lines before the first, a byte-order mark, odd spacing, a brace left open."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith(";")]
    fields: dict[str, str | list[str]] = {}
    for match in _FIELD.finditer("\n".join(lines)):
        key, value = match[1], match[2].strip()
        if value.startswith("{"):
            fields[key] = [part.strip() for part in value.strip("{}").split(",")]
        else:
            fields[key] = value
    return fields


@lru_cache(maxsize=1024)
def _warn_of_byte_order(path: str) -> None:
    logger.warning("%s states no byte order: taken as little-endian", path)


def _float_or_nan(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
