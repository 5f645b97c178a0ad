"""Colour pictures: read as (H, W, 3) uint8, written as PNG."""

from __future__ import annotations

import logging
import struct
import zlib
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from hyperpoint.errors import HyperpointError, InputError
from hyperpoint.io.bounded import open_bounded
from hyperpoint.io.files import StrPath, atomic_path, existing_file
from hyperpoint.io.inflation import BEST_RATIO
from hyperpoint.types import UInt8Array

if TYPE_CHECKING:
    from PIL import Image

logger = logging.getLogger(__name__)

_EXIF_ORIENTATION = 0x0112
# Of what else Pillow knows, some hands the file to other programs (EPS), and none is what a camera or we write.
_FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP", "PPM", "JPEG2000")
_PLUGINS = ("Png", "Jpeg", "Tiff", "Bmp", "Gif", "WebP", "Ppm", "Jpeg2K")
_ORDINARY_PIXELS = 1 << 24  # that many are decoded whatever the size of the file
_MOST_PIXELS_A_BYTE = 8  # of black and white
# What Pillow's decoders raise when a file ends early or its content contradicts itself.
_DAMAGE = (
    ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, OSError, RuntimeError, SyntaxError,
    TypeError, ValueError, struct.error, zlib.error,
)  # fmt: skip


def open_picture(path: StrPath, what: str = "picture") -> Image.Image:
    """Open and decode the first frame of a PNG, JPEG, TIFF, BMP, GIF, WebP, PPM or JPEG 2000 picture.

    Parameters
    ----------
    path
        The file.
    what
        What it should be, for messages ("mask").

    Raises
    ------
    MissingFileError
        If it does not exist.
    InputError
        If it is no picture, is damaged or ends early, or is so large that decoding it would fill the memory: above
        about 179 million pixels (Pillow's limit against decompression bombs), or more than its bytes can hold.
    """
    from PIL import Image, UnidentifiedImageError

    file = existing_file(path, what)
    try:
        with open_bounded(file) as stream:
            image = Image.open(cast(BinaryIO, stream), formats=_formats())
            _check_promise(image, file, what)
            image.load()
    except Image.DecompressionBombError:
        raise InputError(
            f"the {what} {path} has more than {2 * (Image.MAX_IMAGE_PIXELS or 0):,} pixels, too many to be decoded "
            f"safely; cut it or make it smaller"
        ) from None
    except UnidentifiedImageError:
        raise InputError(f"the {what} {path} is no picture that can be read; expected PNG, JPEG, TIFF or BMP") from None
    except PermissionError:
        raise InputError(f"the {what} {path} may not be read; change its permissions") from None
    except HyperpointError:
        raise
    except _DAMAGE as error:
        raise InputError(f"the {what} {path} is damaged or incomplete ({error}); copy or export it again") from None
    return image


@cache
def _formats() -> tuple[str, ...]:
    for name in _PLUGINS:  # Pillow loads them all by itself only where all are allowed
        import_module(f"PIL.{name}ImagePlugin")
    return _FORMATS


def _check_promise(image: Image.Image, file: Path, what: str) -> None:
    """Refuse a small file that says it is a huge picture, before memory is taken for that."""
    num_pixels, size = image.width * image.height, file.stat().st_size
    if num_pixels > max(_ORDINARY_PIXELS, size * BEST_RATIO * _MOST_PIXELS_A_BYTE):
        raise InputError(
            f"the {what} {file} says that it has {image.height} x {image.width} pixels, more than its {size} bytes can "
            f"hold; it is damaged, or no picture to be trusted"
        )


def picture_size(path: StrPath) -> tuple[int, int]:
    """Return (H, W) of a picture as its header states it; nothing is decoded.

    Raises
    ------
    MissingFileError
        If it does not exist.
    InputError
        If it is no picture, may not be read, or is too large to be decoded safely.
    """
    from PIL import Image

    file = existing_file(path, "picture")
    try:
        with Image.open(file, formats=_formats()) as image:
            _check_promise(image, file, "picture")
            return image.height, image.width
    except HyperpointError:
        raise
    except _DAMAGE as error:
        raise InputError(f"{path} is no picture that can be read ({error}); expected PNG, JPEG, TIFF or BMP") from None
    except Image.DecompressionBombError as error:
        raise InputError(f"the picture {path} is too large: {error}") from None


def is_in_colours(path: StrPath) -> bool:
    """Say whether a file is a picture in colours, by its header; one with a palette or greys is more likely a mask."""
    from PIL import Image

    try:
        with Image.open(path, formats=_formats()) as image:
            return image.mode in ("RGB", "RGBA")
    except (*_DAMAGE, Image.DecompressionBombError) as error:
        logger.debug("%s is no picture: %s", path, error)
        return False


def read_rgb(path: StrPath) -> UInt8Array:
    """Read a colour picture as (H, W, 3) uint8 in 0..255.

    Grey becomes three equal channels, a palette is looked up, transparency is dropped, and 16 bits are scaled to 8 by
    their full range (65535 becomes 255). An EXIF orientation is *not* applied, since cube, labels and points count
    rows and columns as the picture is stored; if there is one, a warning says so.

    Raises
    ------
    MissingFileError, InputError
        As `open_picture`; and for pictures of floating-point or 32-bit values, whose range is not known.
    """
    image = open_picture(path, "rgb image")
    orientation = image.getexif().get(_EXIF_ORIENTATION, 1)
    if orientation != 1:
        logger.warning(
            "%s bears EXIF orientation %s, which is not applied: rows and columns count as the picture is stored",
            path,
            orientation,
        )
    if image.mode.startswith("I;16") or (image.mode == "I" and image.format == "PNG"):
        grey = (np.asarray(image) >> 8).astype(np.uint8)
        return np.repeat(grey[:, :, None], 3, axis=2)
    if image.mode in ("I", "F"):
        raise InputError(f"the rgb image {path} has 32 bits a value, of unknown range; save it with 8 or 16 bits")
    # Through RGBA, because Pillow warns when a palette with transparency is made RGB at once.
    rgb = image.convert("RGBA").convert("RGB") if image.mode in ("P", "PA", "LA") else image.convert("RGB")
    return np.array(rgb)


def write_png(path: StrPath, image: NDArray[np.uint8] | NDArray[np.uint16]) -> None:
    """Write a picture as PNG, atomically.

    Parameters
    ----------
    path
        The file, whatever its suffix.
    image
        (H, W, 3) uint8 colours, or (H, W) uint8 or uint16 greys.

    Raises
    ------
    InputError
        If the array is none of these, or the file cannot be written.
    """
    is_colour = image.ndim == 3 and image.shape[2] == 3 and image.dtype == np.uint8
    is_grey = image.ndim == 2 and image.dtype in (np.uint8, np.uint16)
    if not (is_colour or is_grey) or 0 in image.shape:
        raise InputError(
            f"a PNG is written from (H, W, 3) uint8 or (H, W) uint8 or uint16; got {image.dtype} {image.shape}"
        )
    from PIL import Image

    save_png(path, Image.fromarray(np.ascontiguousarray(image)))


def save_png(path: StrPath, image: Image.Image, **options: Any) -> None:
    """Write a Pillow image as PNG, atomically; `options` go to Pillow's writer."""
    with atomic_path(path) as temporary, temporary.open("wb") as stream:
        image.save(stream, format="PNG", **options)
