from __future__ import annotations

import logging
import sys
import warnings
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from hyperpoint.errors import InputError, MissingExtraError, MissingFileError
from hyperpoint.io.images import read_rgb, write_png
from hyperpoint.segment.inputs import InputSpec, imagenet_standardisation
from hyperpoint.segment.photos import PhotoReader, read_photo
from hyperpoint.segment.standardisation import Standardisation

DEEP: NDArray[np.uint16] = np.random.default_rng(0).integers(0, 65536, (20, 30, 3)).astype(np.uint16)


def write_raster(path: Path, values: NDArray[Any], **options: Any) -> Path:
    rasterio = pytest.importorskip("rasterio")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        size = {"height": values.shape[0], "width": values.shape[1], "count": values.shape[2]}
        with rasterio.open(path, "w", driver="GTiff", dtype=values.dtype, **size, **options) as dataset:
            dataset.write(values.transpose(2, 0, 1))
    return path


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_16_bits_are_scaled_as_in_training(tmp_path: Path, name: str) -> None:
    cv2.imwrite(str(tmp_path / name), DEEP[..., ::-1])
    np.testing.assert_array_equal(read_photo(tmp_path / name), DEEP >> 8)
    np.testing.assert_array_equal(read_photo(tmp_path / name), read_rgb(tmp_path / name))


def test_16_bit_grey(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.tif"), DEEP[..., 0])
    np.testing.assert_array_equal(read_photo(tmp_path / "a.tif"), np.repeat(DEEP[..., :1] >> 8, 3, axis=2))


@pytest.mark.parametrize("has_rasterio", [True, False])
def test_a_camera_of_12_bits(
    tmp_path: Path, has_rasterio: bool, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not has_rasterio:
        monkeypatch.setitem(sys.modules, "rasterio", None)
    cv2.imwrite(str(tmp_path / "a.tif"), DEEP[..., ::-1] >> 4)
    expected = ((DEEP >> 4).astype(np.int64) * 255) // 4095
    np.testing.assert_array_equal(read_photo(tmp_path / "a.tif", 4095), expected)
    assert read_photo(tmp_path / "a.tif", 2000).max() == 255
    with caplog.at_level(logging.WARNING, "hyperpoint"):
        read_photo(tmp_path / "a.tif")
    assert "--white-level 4095" in caplog.text


@pytest.mark.parametrize("num_bands", [3, 5])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("options", [{"interleave": "band"}, {"interleave": "pixel", "compress": "deflate"},
                                     {"tiled": True, "blockxsize": 16, "blockysize": 16}])  # fmt: skip
def test_geotiffs(tmp_path: Path, num_bands: int, dtype: type[np.generic], options: dict[str, Any]) -> None:
    values = np.concatenate([DEEP, DEEP[..., :2]], axis=2)[..., :num_bands]
    values = (values >> 8 if dtype is np.uint8 else values).astype(dtype)
    file = write_raster(tmp_path / "a.tif", values, **options)
    np.testing.assert_array_equal(read_photo(file), DEEP >> 8)


def test_floating_point_values_have_no_known_range(tmp_path: Path) -> None:
    file = write_raster(tmp_path / "a.tif", DEEP.astype(np.float32))
    with pytest.raises(InputError, match="float32, whose range is not known"):
        read_photo(file)


def test_what_only_rasterio_reads_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write_raster(tmp_path / "a.tif", np.concatenate([DEEP, DEEP], axis=2))
    monkeypatch.setitem(sys.modules, "rasterio", None)
    with pytest.raises(MissingExtraError, match="rasterio"):
        read_photo(file)


def test_files_that_are_no_images(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError):
        read_photo(tmp_path / "nowhere.png")
    for name in ("a.tif", "a.png", "a.jpg"):
        (tmp_path / name).write_bytes(b"nothing of the kind, at length")
        with pytest.raises(InputError, match=name):
            read_photo(tmp_path / name)


def test_a_cube(tmp_path: Path) -> None:
    cube = np.random.default_rng(0).random((12, 14, 5)).astype(np.float32)
    np.savez(tmp_path / "cube.npz", cube=cube, wavelengths=np.linspace(450, 900, 5))
    spec = Standardisation(np.full(5, 0.5, np.float32), np.full(5, 0.25, np.float32))
    reader = PhotoReader(InputSpec("cube"), spec, rotate=90)
    photo = reader.read(tmp_path / "cube.npz")
    np.testing.assert_allclose(photo.values, (np.rot90(cube) - 0.5) / 0.25, rtol=1e-5)
    assert photo.rgb is not None
    assert photo.rgb.shape == (14, 12, 3)
    other = PhotoReader(InputSpec("cube"), imagenet_standardisation(), wants_rgb=False)
    with pytest.raises(InputError, match=r"cube\.npz: the network was trained on 3 channels"):
        other.read(tmp_path / "cube.npz")


def test_an_rgb_image_is_its_own_picture(tmp_path: Path) -> None:
    write_png(tmp_path / "a.png", (DEEP >> 8).astype(np.uint8))
    photo = PhotoReader(InputSpec("rgb"), imagenet_standardisation()).read(tmp_path / "a.png")
    assert photo.rgb is photo.values
    np.testing.assert_array_equal(photo.values, DEEP >> 8)
