"""ENVI spectral libraries: a header, and its data (`.sli`)."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hyperpoint.errors import InputError, MissingFileError

DATA_SUFFIXES = (".sli", ".slb", ".lib", ".dat", ".img")


class EnviLibrary(NamedTuple):
    """`spectra` (n, bands) float64, NaN where a sample is missing; `wavelengths` (bands,) nm or None; n `names`."""

    spectra: NDArray[np.float64]
    wavelengths: NDArray[np.float64] | None
    names: list[str]


def read_envi_library(path: Path) -> EnviLibrary:
    """Read an ENVI spectral library, given its header or its data.

    Raises
    ------
    MissingFileError
        If the other of the two files does not exist.
    InputError
        If the header describes something else, the data are too short, or the spectra are not named.
    """
    from hyperpoint.io.cubes._envi_header import read_header
    from hyperpoint.io.cubes._wavelengths import to_nm

    header_path, data = _pair(path)
    header = read_header(header_path)
    if "library" not in header.text("file type").lower():
        raise InputError(f"{header_path} is no spectral library: its file type is {header.text('file type')!r}")
    num, num_bands = header.integer("lines", least=1), header.integer("samples", least=1)
    start, dtype = header.integer("header offset", 0), header.dtype
    expected = start + num * num_bands * dtype.itemsize
    if data.stat().st_size < expected:
        raise InputError(
            f"{data} is too short: it has {data.stat().st_size} bytes, and its header describes {expected}"
        )
    stored = np.fromfile(data, dtype, num * num_bands, offset=start).reshape(num, num_bands)
    with np.errstate(all="ignore"):  # what comes of strange numbers is left out as unusable
        spectra = stored.astype(np.float64)
        spectra[spectra == header.number("data ignore value")] = np.nan
        spectra /= header.number("reflectance scale factor") or 1.0
    stated = header.texts("wavelength")
    wavelengths = to_nm(stated, header.text("wavelength units"), num_bands, header_path) if stated else None
    names = header.texts("spectra names") or []
    if len(names) != num:
        raise InputError(f"{header_path} names {len(names)} spectra and holds {num}: their classes are their names")
    return EnviLibrary(spectra, wavelengths, [name.strip() for name in names])


def _pair(path: Path) -> tuple[Path, Path]:
    """Return header and data file of an ENVI library, given either."""
    if path.suffix.lower() == ".hdr":
        bare = path.with_suffix("")
        places = [bare, *(path.with_suffix(suffix) for suffix in DATA_SUFFIXES)]
        data = next((place for place in places if place.is_file()), None)
        if data is None:
            raise MissingFileError(f"the header {path} has no data file beside it, such as {bare.name}.sli")
        return path, data
    header = next((h for h in (path.with_suffix(".hdr"), path.with_name(f"{path.name}.hdr")) if h.is_file()), None)
    if header is None:
        raise MissingFileError(f"{path} has no ENVI header: there is neither {path.stem}.hdr nor {path.name}.hdr")
    return header, path
