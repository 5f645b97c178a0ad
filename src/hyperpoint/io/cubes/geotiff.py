"""GeoTIFF, through rasterio: read in the file's own tiles or strips."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hyperpoint.cube import BoolArray, Cube, Georeference
from hyperpoint.errors import CubeFormatError, MissingExtraError
from hyperpoint.io.cubes._reader import Reader
from hyperpoint.io.cubes._samples import SampleRule, full_scale
from hyperpoint.io.cubes._tiles import About, Fetch, TiledCube
from hyperpoint.io.cubes._wavelengths import from_band_names, to_nm
from hyperpoint.io.inflation import check_memory, check_ratio

logger = logging.getLogger(__name__)

_MAGICS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def open_geotiff(path: Path, variable: str | None = None, axes: str | None = None) -> Cube:
    """Open a GeoTIFF as a cube, one band of the file a band.

    The scale and offset that GDAL knows of a band are applied, since only their result is in a physical unit.

    Raises
    ------
    MissingExtraError
        If rasterio is not installed.
    CubeFormatError
        If the file is damaged.
    """
    with _dataset(path) as dataset:
        dtype = np.result_type(*dataset.dtypes)
        _check_size(path, dataset, dtype)
        scales, offsets = (np.array(part, dtype=np.float64) for part in (dataset.scales, dataset.offsets))
        rule = SampleRule(
            no_data=dataset.nodata,
            saturated_from=full_scale(dtype),
            divisor=_by_band(np.divide(1.0, scales, where=scales != 0, out=np.ones_like(scales))),
            offset=_by_band(offsets),
        )
        tags = [dataset.tags(band) for band in dataset.indexes]
        about = About(
            path, "geotiff", rule, _wavelengths(path, dataset, tags), _good_bands(tags), _georeference(dataset)
        )
        return RasterCube(about, (dataset.count, dataset.height, dataset.width), dtype, dataset.block_shapes[0])


class RasterCube(TiledCube):
    """The bands of a raster file, fetched window by window.

    Parameters
    ----------
    sizes
        (bands, rows, cols).
    block
        (rows, cols) of the file's own tiles or strips.
    """

    def __init__(self, about: About, sizes: tuple[int, int, int], dtype: np.dtype[Any], block: tuple[int, int]) -> None:
        self._file = about.path
        super().__init__(about, "brc", sizes, dtype, block)

    @contextmanager
    def _fetching(self) -> Iterator[Fetch]:
        with _dataset(self._file) as dataset:
            yield lambda rows, cols: np.asarray(
                dataset.read(window=((rows.start, rows.stop), (cols.start, cols.stop)), out_dtype=self.dtype)
            )


def _check_size(path: Path, dataset: Any, dtype: np.dtype[Any]) -> None:
    """Refuse a small file that says it is huge; of a block, all bands are read at once."""
    block = prod(dataset.block_shapes[0]) * dataset.count * dtype.itemsize
    check_ratio(path, dataset.height * dataset.width * dataset.count * dtype.itemsize, path.stat().st_size)
    check_memory(path, block)


@contextmanager
def _dataset(path: Path) -> Iterator[Any]:
    """Open with rasterio, GeoTIFF only: other drivers of GDAL follow references to other files."""
    try:
        import rasterio
    except ImportError:
        raise MissingExtraError("reading GeoTIFF", "rasterio", "geo") from None
    try:
        with warnings.catch_warnings():
            # A picture without a georeference is none the worse for annotating.
            warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
            dataset = rasterio.open(path, driver="GTiff")
        with dataset:
            yield dataset
    except rasterio.errors.RasterioError as error:
        raise CubeFormatError(f"{path} is no GeoTIFF, or a truncated or damaged one: {error}") from error


def _by_band(values: NDArray[np.float64]) -> NDArray[np.float32] | float:
    """Return one number a band in the shape of the stored order (bands, rows, cols), or a number if all agree."""
    if (values == values[0]).all():
        return float(values[0])
    return values.astype(np.float32)[:, np.newaxis, np.newaxis]


def _wavelengths(path: Path, dataset: Any, tags: list[dict[str, str]]) -> NDArray[np.float64] | None:
    """Return wavelengths (nm) from the bands' tags, else from GDAL's own (µm), else from their descriptions."""
    if all("wavelength" in tag for tag in tags):
        unit = tags[0].get("wavelength_units")
        return to_nm([tag["wavelength"] for tag in tags], unit, len(tags), path)
    imagery = [dataset.tags(band, ns="IMAGERY") for band in dataset.indexes]
    if all("CENTRAL_WAVELENGTH_UM" in tag for tag in imagery):
        return to_nm([tag["CENTRAL_WAVELENGTH_UM"] for tag in imagery], "um", len(tags), path)
    return from_band_names(dataset.descriptions)


def _good_bands(tags: list[dict[str, str]]) -> BoolArray | None:
    """Return (bands,) bool from the bands' own bad-band marks (bbl: 0 = bad), or None."""
    if not any("bbl" in tag for tag in tags):
        return None
    return np.array([tag.get("bbl", "1").strip() not in ("0", "0.0") for tag in tags])


def _georeference(dataset: Any) -> Georeference | None:
    if dataset.crs is None:
        return None
    return Georeference(tuple(dataset.transform)[:6], dataset.crs.to_wkt())


def _recognises(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) in _MAGICS


READER = Reader("geotiff", (".tif", ".tiff"), _recognises, open_geotiff)
