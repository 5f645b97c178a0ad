"""Small valid cube files, one of each kind that is read."""

from __future__ import annotations

import gzip
import io
import struct
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROWS, COLS, BANDS = 3, 4, 5
NM = np.array([450.0, 500.5, 550.0, 600.0, 700.0])

ENVI_HEADER = b"""ENVI
description = { a cube
  of two lines }
samples = 4
lines = 3
bands = 5
header offset = 0
file type = ENVI Standard
data type = 12
interleave = bil
byte order = 0
data ignore value = 0
reflectance scale factor = 10000
wavelength units = Nanometers
wavelength = { 450.0, 500.5, 550.0, 600.0, 700.0 }
bbl = { 1, 1, 0, 1, 1 }
map info = { UTM, 1.000, 1.000, 300000.0, 5800000.0, 30.0, 30.0, 33, North, WGS-84, rotation=10 }
coordinate system string = { GEOGCS["WGS 84"] }
band names = { band 1 (450.0 nm), b, c, d, e }
"""
# Of a byte-order mark and a blank line our own parser is the reader, not SPy's.
LENIENT_HEADER = b"\n" + ENVI_HEADER.replace(b" = ", b"=").replace(b"{ ", b"{")
LIBRARY_HEADER = b"""ENVI
samples = 5
lines = 3
bands = 1
header offset = 0
file type = ENVI Spectral Library
data type = 4
byte order = 0
wavelength units = Nanometers
wavelength = { 450.0, 500.5, 550.0, 600.0, 700.0 }
spectra names = { asphalt 1, asphalt 2, grass }
"""


@cache
def values() -> NDArray[np.uint16]:
    """Return (rows, cols, bands) uint16."""
    found: NDArray[np.uint16] = np.random.default_rng(0).integers(1, 9000, (ROWS, COLS, BANDS)).astype(np.uint16)
    return found


def envi_data() -> bytes:
    """Return the samples that `ENVI_HEADER` describes."""
    return values().transpose(0, 2, 1).tobytes()


def envi_gzip() -> bytes:
    """Return them compressed."""
    return gzip.compress(envi_data(), mtime=0)


def library_data() -> bytes:
    """Return the spectra that `LIBRARY_HEADER` describes."""
    return np.linspace(0.1, 0.9, 15, dtype="<f4").tobytes()


def hsd(components: int = 2) -> bytes:
    """Return a `.hsd` file."""
    rng = np.random.default_rng(1)
    header = struct.pack("<5ifi", ROWS, COLS, BANDS, components, 450, 50.0, 650)
    numbers = rng.normal(size=BANDS * (1 + components) + ROWS * COLS * components)
    return header + numbers.astype("<f4").tobytes()


def pt_fields() -> dict[str, Any]:
    """Return the fields of a `.pt` file."""
    import torch

    rng = np.random.default_rng(2)
    arrays = {"average": (BANDS,), "coeff": (2, BANDS), "scoredata": (ROWS * COLS, 2)}
    tensors = {name: torch.from_numpy(rng.normal(size=shape).astype(np.float32)) for name, shape in arrays.items()}
    return {"height": ROWS, "width": COLS, "SR": BANDS, **tensors}


def pt(fields: Any = None, *, is_legacy: bool = False) -> bytes:
    """Return a `.pt` file."""
    import torch

    stream = io.BytesIO()
    torch.save(pt_fields() if fields is None else fields, stream, _use_new_zipfile_serialization=not is_legacy)
    return stream.getvalue()


def npy(array: NDArray[Any] | None = None) -> bytes:
    """Return a `.npy` file."""
    stream = io.BytesIO()
    np.save(stream, values() if array is None else array)
    return stream.getvalue()


def npz(*, is_compressed: bool, **arrays: Any) -> bytes:
    """Return an `.npz` file, of a cube and its wavelengths unless other arrays are given."""
    stream = io.BytesIO()
    save = np.savez_compressed if is_compressed else np.savez
    save(stream, **(arrays or {"cube": values(), "wavelengths": NM}))
    return stream.getvalue()


def matlab(*, is_compressed: bool, form: str = "5") -> bytes:
    """Return a `.mat` file with a matrix, its sizes and wavelengths, as the hyperspectral data sets have it."""
    from scipy.io import savemat

    stream = io.BytesIO()
    content = {"Y": values().reshape(-1, BANDS).T.astype(np.float64), "nRow": ROWS, "nCol": COLS, "wavelength": NM}
    savemat(stream, content, do_compression=is_compressed, format=form)
    return stream.getvalue()


def matlab_cube(*, is_compressed: bool) -> bytes:
    """Return a `.mat` file with three axes, and what else MATLAB keeps."""
    from scipy.io import savemat

    stream = io.BytesIO()
    cell = np.empty(2, dtype=object)
    cell[:] = [1.0, "text"]
    content = {"hsi": values(), "names": np.array(["a", "bc"]), "info": {"a": 1.0}, "cell": cell, "z": 1 + 2j}
    savemat(stream, content, do_compression=is_compressed)
    return stream.getvalue()


def hdf5(**options: Any) -> bytes:
    """Return an HDF5 file; options go to `create_dataset`."""
    import h5py

    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        file.create_dataset("group/reflectance", data=values(), **options).attrs["_FillValue"] = np.uint16(0)
        file.create_dataset("group/wavelength", data=NM)
        file["title"] = "a cube"
    return stream.getvalue()


def geotiff(**options: Any) -> bytes:
    """Return a GeoTIFF; options go to rasterio."""
    import rasterio
    from rasterio.transform import from_origin

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "c.tif"
        profile = {"driver": "GTiff", "height": ROWS, "width": COLS, "count": BANDS, "dtype": "uint16", **options}
        with rasterio.open(path, "w", transform=from_origin(3e5, 5e6, 30, 30), crs="EPSG:32633", **profile) as file:
            file.write(values().transpose(2, 0, 1))
            for band, centre in enumerate(NM, start=1):
                file.update_tags(band, wavelength=str(centre), wavelength_units="nm")
        return path.read_bytes()
