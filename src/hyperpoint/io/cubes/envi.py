"""ENVI: a text header beside a file of samples, band by band (BSQ), line by line (BIL) or pixel by pixel (BIP)."""

from __future__ import annotations

import gzip
import zlib
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hyperpoint.cube import Cube
from hyperpoint.errors import CubeFormatError, MissingFileError
from hyperpoint.io.cubes._envi_header import EnviHeader, read_header
from hyperpoint.io.cubes._flat import FlatCube, read_exactly, warn_of_surplus
from hyperpoint.io.cubes._reader import Reader
from hyperpoint.io.cubes._samples import SampleRule, full_scale
from hyperpoint.io.cubes._tiles import About, MemoryCube
from hyperpoint.io.inflation import check_promise

_DATA_SUFFIXES = (".dat", ".raw", ".img", ".bsq", ".bil", ".bip")
_LEAST_SCALE = 1e-30
_GZIP_MAGIC = b"\x1f\x8b"


def open_envi(path: Path, variable: str | None = None, axes: str | None = None) -> Cube:
    """Open an ENVI cube by its header or by its data file.

    Raises
    ------
    MissingFileError
        If one of the two files is missing.
    CubeFormatError
        If the header is damaged or asks for what cannot be read, or the data file is too short.
    """
    header_path = path if path.suffix.lower() == ".hdr" else _find_header(path)
    if header_path is None:
        raise MissingFileError(f"{path} has no ENVI header: there is neither {path.stem}.hdr nor {path.name}.hdr")
    header = read_header(header_path)
    _check_kind(header)
    sizes, order = header.sizes, header.order
    stored = tuple(sizes["rcb".index(axis)] for axis in order)
    start, dtype = header.integer("header offset", 0), header.dtype
    expected = start + prod(stored) * dtype.itemsize
    data = path if path != header_path else _find_data(header_path, expected)
    about = About(
        data,
        "envi",
        _sample_rule(header, dtype),
        header.wavelengths,
        header.good_bands,
        header.georeference,
        header.is_reflectance,
    )
    if header.integer("file compression", 0) and _is_gzip(data):
        return MemoryCube(about, order, _inflate(data, stored, dtype, start))
    warn_of_surplus(data, start, stored, dtype)
    return FlatCube(about, order, stored, dtype, start)


def _check_kind(header: EnviHeader) -> None:
    kind = header.text("file type").lower()
    if "library" in kind:
        raise CubeFormatError(f"{header.path} is a spectral library, not an image; give an ENVI image")
    for key in ("major frame offsets", "minor frame offsets"):
        if any(part.strip("{} ") not in ("", "0") for part in header.text(key).split(",")):
            raise CubeFormatError(f"{header.path} states {key}, which cannot be read; export the cube without")


def _sample_rule(header: EnviHeader, dtype: np.dtype[Any]) -> SampleRule:
    scale = header.number("reflectance scale factor")
    # Beyond that, values that are float32 are lost to it.
    if scale is not None and not _LEAST_SCALE < scale < 1 / _LEAST_SCALE:
        raise CubeFormatError(f"{header.path} states a reflectance scale factor of {scale:g}; it must be above 0")
    # A `ceiling` beside a reflectance scale is the top of the display, not of the sensor.
    ceiling = None if scale else header.number("ceiling")
    return SampleRule(
        no_data=header.number("data ignore value"),
        saturated_from=(ceiling or full_scale(dtype)) if dtype.kind == "u" else None,
        divisor=scale or 1.0,
    )


def _inflate(data: Path, sizes: tuple[int, ...], dtype: np.dtype[Any], start: int) -> NDArray[Any]:
    """Unpack a gzip file piece by piece into the array that the header describes, and not a byte more."""
    needed = prod(sizes) * dtype.itemsize
    check_promise(data, start + needed, data.stat().st_size)
    out = np.empty(sizes, dtype=dtype)
    try:
        with gzip.open(data) as file:
            file.seek(start)
            read_exactly(file, out.reshape(-1).view(np.uint8).data)
            more = file.read(1)
    except (CubeFormatError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise CubeFormatError(
            f"{data} is truncated or damaged: unpacked it must have {start + needed} bytes ({error})"
        ) from error
    if more:
        raise CubeFormatError(
            f"{data} unpacks to more than the {start + needed} bytes that its header describes; do the two belong "
            f"together?"
        )
    return out


def _is_gzip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == _GZIP_MAGIC


def _find_header(data: Path) -> Path | None:
    """Return `name.hdr` or `name.dat.hdr` beside `name.dat`, in upper or lower case."""
    stems = (data.stem, data.name)
    beside = [data.with_name(stem + suffix) for stem in stems for suffix in (".hdr", ".HDR", ".Hdr")]
    return next((path for path in beside if path.is_file()), None)


def _find_data(header: Path, expected: int) -> Path:
    """Return the data file beside a header: the first that is long enough, else the first."""
    beside = {entry.suffix.lower(): entry for entry in header.parent.iterdir() if entry.stem == header.stem}
    bare = header.with_suffix("")
    candidates = [bare] if bare.is_file() else []
    candidates += [beside[suffix] for suffix in _DATA_SUFFIXES if suffix in beside and beside[suffix].is_file()]
    if not candidates:
        raise MissingFileError(
            f"the header {header} has no data file: there is none called {bare.name}, alone or with one of "
            f"{' '.join(_DATA_SUFFIXES)}"
        )
    return next((path for path in candidates if path.stat().st_size >= expected), candidates[0])


def _recognises(path: Path) -> bool:
    return path.is_file() and (path.suffix.lower() == ".hdr" or _find_header(path) is not None)


READER = Reader("envi", (".hdr", *_DATA_SUFFIXES), _recognises, open_envi)
