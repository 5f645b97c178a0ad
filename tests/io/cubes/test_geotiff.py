"""GeoTIFF: what GDAL says of a file arrives."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from hyperpoint.errors import CubeFormatError, MissingExtraError
from hyperpoint.io.cubes import open_cube

rasterio = pytest.importorskip("rasterio")


def _write(folder: Path, values: NDArray[Any], **profile: Any) -> Path:
    rows, cols, bands = values.shape
    settings = {"driver": "GTiff", "height": rows, "width": cols, "count": bands, "dtype": values.dtype.name}
    place = {"crs": "EPSG:32633", "transform": rasterio.Affine(30, 0, 1000, 0, -30, 2000)}
    with rasterio.open(folder / "scene.tif", "w", **(settings | place | profile)) as file:
        file.write(values.transpose(2, 0, 1))
    return folder / "scene.tif"


def test_georeference(tmp_path: Path) -> None:
    place = open_cube(_write(tmp_path, np.ones((2, 3, 1), dtype="u1"))).georeference
    assert place is not None
    assert place.transform == (30, 0, 1000, 0, -30, 2000)
    assert rasterio.CRS.from_wkt(place.crs).to_epsg() == 32633


def test_a_small_file_that_claims_terabytes_is_refused(tmp_path: Path) -> None:
    settings = {"driver": "GTiff", "height": 100_000, "width": 100_000, "count": 100, "dtype": "uint8"}
    place = {"transform": rasterio.Affine(30, 0, 1000, 0, -30, 2000)}
    tiles = {"tiled": True, "blockxsize": 1024, "blockysize": 1024, "sparse_ok": True, "interleave": "pixel"}
    with rasterio.open(tmp_path / "scene.tif", "w", **settings, **place, **tiles, bigtiff="YES"):
        pass
    with pytest.raises(CubeFormatError, match="promises 1000000000000 bytes"):
        open_cube(tmp_path / "scene.tif")


@pytest.mark.parametrize(
    "profile",
    [
        {"tiled": True, "blockxsize": 16, "blockysize": 16, "interleave": "pixel", "compress": "deflate"},
        {"tiled": True, "blockxsize": 32, "blockysize": 16, "interleave": "band"},
        {"blockysize": 3, "interleave": "pixel"},
        {"blockysize": 40, "interleave": "band", "compress": "lzw"},
    ],
)
def test_tiles_and_strips(tmp_path: Path, profile: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hyperpoint.io.cubes._tiles.BLOCK_BYTES", 2000)
    monkeypatch.setattr("hyperpoint.cube.BLOCK_BYTES", 2000)
    values = np.random.default_rng(0).integers(0, 999, (40, 50, 3)).astype("i2")
    cube = open_cube(_write(tmp_path, values, **profile))
    np.testing.assert_array_equal(cube.read(), values)
    rows, cols = np.mgrid[0:40:7, 0:50:11].reshape(2, -1)
    np.testing.assert_array_equal(cube.pixels(rows, cols), values[rows, cols])
    if profile.get("tiled"):
        width, height = profile["blockxsize"], profile["blockysize"]
        assert all(block.rows.start % height == 0 and block.cols.start % width == 0 for block in cube.blocks())


def test_no_data_and_dead_bands(tmp_path: Path) -> None:
    values = np.ones((40, 5, 3), dtype="f4")
    values[..., 1] = -9999
    values[3, 4, 0] = -9999
    cube = open_cube(_write(tmp_path, values, nodata=-9999))
    assert cube.good_bands.tolist() == [True, False, True]
    assert np.argwhere(np.isnan(cube.read()[..., 0])).tolist() == [[3, 4]]


def test_scale_and_offset_of_each_band(tmp_path: Path) -> None:
    path = _write(tmp_path, np.full((2, 2, 2), 5000, dtype="u2"))
    with rasterio.open(path, "r+") as file:
        file.scales, file.offsets = (1e-4, 2e-4), (0.0, 0.25)
    np.testing.assert_allclose(open_cube(path).read()[0, 0], [0.5, 1.25])


@pytest.mark.parametrize(
    ("tags", "namespace"),
    [
        ([{"wavelength": "0.5", "wavelength_units": "Micrometers"}, {"wavelength": "0.6"}], None),
        ([{"CENTRAL_WAVELENGTH_UM": "0.500"}, {"CENTRAL_WAVELENGTH_UM": "0.600"}], "IMAGERY"),
    ],
)
def test_wavelengths_in_tags(tmp_path: Path, tags: list[dict[str, str]], namespace: str | None) -> None:
    path = _write(tmp_path, np.ones((2, 2, 2), dtype="u1"))
    with rasterio.open(path, "r+") as file:
        for band, tag in enumerate(tags, start=1):
            file.update_tags(band, ns=namespace, **tag)
    wavelengths = open_cube(path).wavelengths
    assert wavelengths is not None
    np.testing.assert_allclose(wavelengths, [500, 600])


def test_wavelengths_in_descriptions_and_bad_bands_in_tags(tmp_path: Path) -> None:
    path = _write(tmp_path, np.ones((2, 2, 2), dtype="u1"))
    with rasterio.open(path, "r+") as file:
        file.descriptions = ("band 1 (418.24 Nanometers)", "band 2 (423.874 Nanometers)")
        file.update_tags(2, bbl="0")
    cube = open_cube(path)
    assert cube.wavelengths is not None and cube.wavelengths.tolist() == [418.24, 423.874]
    assert cube.good_bands.tolist() == [True, False]


def test_without_georeference(tmp_path: Path) -> None:
    with pytest.warns(rasterio.errors.NotGeoreferencedWarning):
        path = _write(tmp_path, np.ones((2, 2, 2), dtype="u1"), crs=None, transform=None)
    cube = open_cube(path)  # in silence
    assert cube.georeference is None and cube.wavelengths is None


@pytest.mark.parametrize("content", [b"nothing of the kind", b"II*\0\xff\xff\xff\xff"])
def test_no_geotiff(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "scene.tif").write_bytes(content)
    with pytest.raises(CubeFormatError, match="no GeoTIFF"):
        open_cube(tmp_path / "scene.tif")


def test_truncated(tmp_path: Path) -> None:
    path = _write(tmp_path, np.random.default_rng(0).random((60, 60, 3), dtype=np.float32))
    path.write_bytes(path.read_bytes()[:20000])
    with pytest.raises(CubeFormatError, match="truncated or damaged"):
        open_cube(path).read()


def test_other_formats_of_gdal_are_not_opened(tmp_path: Path) -> None:
    (tmp_path / "scene.tif").write_text('<VRTDataset rasterXSize="2" rasterYSize="2"></VRTDataset>')
    with pytest.raises(CubeFormatError, match="no GeoTIFF"):
        open_cube(tmp_path / "scene.tif")


def test_missing_rasterio_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scene.tif").write_bytes(b"II*\0")
    monkeypatch.setitem(sys.modules, "rasterio", None)
    with pytest.raises(MissingExtraError, match=r"hyperpoint\[geo\]"):
        open_cube(tmp_path / "scene.tif")
