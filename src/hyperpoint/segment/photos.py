"""Images to be predicted, read as the network takes them: also from 16 bits, and from cubes. Needs no PyTorch."""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hyperpoint.errors import InputError, MissingExtraError
from hyperpoint.io.files import StrPath, existing_file
from hyperpoint.preprocess.rendering import render_rgb
from hyperpoint.segment.inputs import InputSpec, Standardisation, open_for_network, read_image, standardise_cube
from hyperpoint.types import UInt8Array

logger = logging.getLogger(__name__)

_TIFF_SUFFIXES = (".tif", ".tiff")
_PNG_BIT_DEPTH_OFFSET = 24
# A 16-bit picture that uses less of the range than this is from a camera of 14 bits or less.
_USUAL_RANGE = 1 << 14


@dataclass(frozen=True, eq=False)
class Photo:
    """An image as it goes into a network.

    Attributes
    ----------
    path
        Where it is from.
    values
        (H, W, 3) uint8 for rgb; (H, W, num_channels) float32, standardised, for a network that sees cubes.
    rgb
        (H, W, 3) uint8 to lay labels over; None if that was not wanted.
    """

    path: Path
    values: NDArray[Any]
    rgb: UInt8Array | None


@dataclass(frozen=True, eq=False)
class PhotoReader:
    """Reads images as one network takes them.

    Attributes
    ----------
    input, standardisation
        What the network sees.
    white_level
        Value of a 16-bit image that becomes 255; None: 65535, as in training.
    rotate
        Degrees counter-clockwise by which cubes are turned.
    wants_rgb
        Whether a picture is wanted of cubes, too, which takes time.
    """

    input: InputSpec
    standardisation: Standardisation
    white_level: int | None = None
    rotate: int = 0
    wants_rgb: bool = True

    def read(self, path: Path) -> Photo:
        """Read an image or a cube.

        Raises
        ------
        MissingFileError, InputError, CubeFormatError, MissingExtraError
            If it is missing, damaged or of another kind than the network takes.
        """
        if not self.input.needs_cube:
            image = read_photo(path, self.white_level)
            return Photo(path, image, image)
        cube = open_for_network(path, self.rotate).cube
        try:
            values = standardise_cube(cube, self.standardisation)
        except InputError as error:
            raise InputError(f"{path}: {error}") from None
        return Photo(path, values, render_rgb(cube) if self.wants_rgb else None)


def read_photo(path: StrPath, white_level: int | None = None) -> UInt8Array:
    """Read an rgb image as (H, W, 3) uint8, from 16 bits too; of GeoTIFFs with more bands the first three.

    Values of 16 bits are divided by a fixed range, not by one that depends on the image, since a network would see the
    same surface in another brightness in every image: 65535, or `white_level` if the camera does not fill the range,
    becomes 255. A warning says so where an image looks like that.

    Raises
    ------
    MissingFileError, InputError
        If it is missing or cannot be decoded, or has 32 bits a value, whose range is not known.
    MissingExtraError
        If it takes rasterio, which is not installed.
    """
    file = existing_file(path, "image")
    values = _deep_values(file)
    if values is None:
        return read_image(file)
    if values.dtype == np.uint8:
        return values
    if white_level is None and 0 < values.max() < _USUAL_RANGE:
        logger.warning(
            "the largest value of %s is %d of 65535, so the network sees it almost black; say which value is white "
            "(--white-level %d)", path, values.max(), _white_level_of(int(values.max())),
        )  # fmt: skip
    scaled = values if white_level is None else np.minimum(values, white_level).astype(np.uint32)
    # 65535 is 255 * 257, and `io.images.read_rgb`, with which networks are trained, keeps the upper byte.
    return (scaled >> 8 if white_level is None else scaled * 255 // white_level).astype(np.uint8)


def _white_level_of(largest: int) -> int:
    """Return the largest value of so many bits as `largest` needs, at least 8."""
    return (1 << max(8, largest.bit_length())) - 1


def _deep_values(file: Path) -> NDArray[Any] | None:
    """Return (H, W, 3) uint16 or uint8 of an image that `read_image` may not know; None of others."""
    suffix = file.suffix.lower()
    if suffix == ".png":
        with file.open("rb") as stream:
            head = stream.read(_PNG_BIT_DEPTH_OFFSET + 1)
        return _by_opencv(file) if len(head) > _PNG_BIT_DEPTH_OFFSET and head[-1] == 16 else None
    return _tiff_values(file) if suffix in _TIFF_SUFFIXES else None


def _by_opencv(file: Path) -> NDArray[Any] | None:
    import cv2

    image = cv2.imread(str(file), cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION)
    if image is None or image.dtype != np.uint16:
        return None
    if image.ndim == 2:
        return np.repeat(image[:, :, None], 3, axis=2)
    return np.ascontiguousarray(image[:, :, 2::-1])


def _tiff_values(file: Path) -> NDArray[Any] | None:
    """Read with rasterio what Pillow cannot: more than 8 bits, more than four bands, bands one after the other."""
    try:
        import rasterio
        from rasterio.enums import ColorInterp
    except ImportError:
        return _tiff_values_without_rasterio(file)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
            # GeoTIFF only: other drivers of GDAL follow references to other files.
            dataset = rasterio.open(file, driver="GTiff")
        with dataset:
            if set(dataset.dtypes) == {"uint8"} and (dataset.count <= 4 or ColorInterp.palette in dataset.colorinterp):
                return None
            if not set(dataset.dtypes) <= {"uint8", "uint16"}:
                raise InputError(
                    f"the image {file} holds {dataset.dtypes[0]}, whose range is not known; save it with 8 or 16 bits"
                )
            values = dataset.read([1, 2, 3] if dataset.count >= 3 else [1, 1, 1])
    except rasterio.errors.RasterioError:
        return None  # of which `read_image` will say more
    return np.ascontiguousarray(values.transpose(1, 2, 0))


def _tiff_values_without_rasterio(file: Path) -> NDArray[Any] | None:
    from PIL import Image

    try:
        with Image.open(file) as image:
            bits, num = image.tag_v2.get(258, (8,)), image.tag_v2.get(277, 1)  # type: ignore[attr-defined]
    except OSError:
        raise MissingExtraError(f"reading {file}", "rasterio", "geo") from None
    if bits[0] != 16 or num not in (1, 3, 4):
        return None
    return _by_opencv(file)
