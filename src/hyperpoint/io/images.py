"""Colour pictures: read as (H, W, 3) uint8, written as PNG."""

from __future__ import annotations

import logging
import struct
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hyperpoint.errors import InputError
from hyperpoint.io.files import StrPath, atomic_path, existing_file
from hyperpoint.types import UInt8Array

if TYPE_CHECKING:
    from PIL import Image

logger = logging.getLogger(__name__)

_EXIF_ORIENTATION = 0x0112
# What Pillow's decoders raise when a file ends early or its content contradicts itself.
_DAMAGE = (OSError, SyntaxError, ValueError, TypeError, EOFError, IndexError, KeyError, struct.error, zlib.error)


def open_picture(path: StrPath, what: str = "picture") -> Image.Image:
    """Open and decode the first frame of a PNG, JPEG, TIFF, BMP or other picture that Pillow knows.

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
        If it is no picture, is damaged or ends early, or is so large that decoding it would fill the memory (above
        about 179 million pixels: Pillow's limit against decompression bombs).
    """
    from PIL import Image, UnidentifiedImageError

    file = existing_file(path, what)
    try:
        with file.open("rb") as stream:
            image = Image.open(stream)
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
    except _DAMAGE as error:
        raise InputError(f"the {what} {path} is damaged or incomplete ({error}); copy or export it again") from None
    return image


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
