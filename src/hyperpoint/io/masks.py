"""Masks: a class id for every pixel, as PNG or TIFF; and confidence as 16-bit PNG."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hyperpoint.cube import FloatArray
from hyperpoint.errors import ClassTableError, InputError
from hyperpoint.io.classes import default_classes
from hyperpoint.io.files import StrPath
from hyperpoint.io.images import open_picture, save_png, write_png
from hyperpoint.types import IGNORE, ClassTable, LabelArray, UInt8Array

if TYPE_CHECKING:
    from PIL import Image

MASK_SUFFIXES = (".png", ".tif", ".tiff", ".bmp")

_BITS_PER_SAMPLE = 258  # TIFF tag
_PNG_BIT_DEPTH_OFFSET = 24
_FULL_CONFIDENCE = 65535


def read_mask(path: StrPath, classes: ClassTable | None = None) -> LabelArray:
    """Read a mask of ids (palette or grey), or of the colours of `classes`, as (H, W) uint8 with 255 = unlabelled.

    Raises
    ------
    MissingFileError, InputError, ClassTableError
        As `read_label_ids` and `colors_to_ids`; and if the mask is in colours but there is no class table.
    """
    image = open_picture(path, "mask")
    if image.mode not in ("RGB", "RGBA"):
        return _ids(image, path)
    if classes is None:
        raise InputError(f"the mask {path} is in colours; give the class table that says what they mean (--classes)")
    try:
        return colors_to_ids(np.asarray(image)[:, :, :3], classes)
    except ClassTableError as error:
        raise ClassTableError(f"the mask {path}: {error}") from None


def read_label_ids(path: StrPath) -> LabelArray:
    """Read a palette or grey PNG, TIFF or BMP that holds class ids as (H, W) uint8; 255 = unlabelled.

    Of a palette the numbers count, not the colours. Values of 16 or 32 bits, also floating-point, are taken if all of
    them are whole numbers 0..255.

    Raises
    ------
    MissingFileError
        If the file does not exist.
    InputError
        If it cannot be decoded, is in colours, was compressed with loss (JPEG) or holds other values.
    """
    return _ids(open_picture(path, "mask"), path)


def colors_to_ids(image: UInt8Array, classes: ClassTable) -> LabelArray:
    """Turn a mask in the exact colours of `classes` into ids.

    Parameters
    ----------
    image
        (H, W, 3) uint8.
    classes
        Colours must differ. Black is unlabelled unless it is the colour of a class.

    Returns
    -------
    (H, W) uint8, 255 = unlabelled.

    Raises
    ------
    ClassTableError
        If two classes have one colour, or a pixel has a colour that is in no class.
    """
    codes = [(r << 16) | (g << 8) | b for r, g, b in classes.colors]
    if len(set(codes)) < len(codes):
        twice = next(number for number, code in enumerate(codes) if code in codes[:number])
        raise ClassTableError(
            f"the classes {classes.names[codes.index(codes[twice])]!r} and {classes.names[twice]!r} have the same "
            f"colour {classes.colors[twice]}, so a mask in colours cannot tell them apart"
        )
    unknown = IGNORE + 1
    table = np.full(1 << 24, unknown, dtype=np.uint16)
    table[0] = IGNORE
    table[codes] = np.arange(len(codes), dtype=np.uint16)
    parts = image.astype(np.uint32)
    ids: NDArray[np.uint16] = table[(parts[..., 0] << 16) | (parts[..., 1] << 8) | parts[..., 2]]
    if (ids == unknown).any():
        row, col = np.argwhere(ids == unknown)[0].tolist()
        raise ClassTableError(
            f"{int((ids == unknown).sum())} pixels have a colour that is in no class, the first of them "
            f"{tuple(image[row, col].tolist())} at row {row}, column {col}; is it another class table, or was the mask "
            f"saved with loss?"
        )
    return ids.astype(np.uint8)


def write_mask(path: StrPath, labels: LabelArray, classes: ClassTable | None = None) -> None:
    """Write labels as an 8-bit palette PNG, atomically: the values are the ids, 255 is unlabelled and shown black.

    Parameters
    ----------
    path
        The file, whatever its suffix.
    labels
        (H, W) uint8.
    classes
        Gives the palette; None takes the colours of `hyperpoint.io.classes.default_classes`.

    Raises
    ------
    InputError
        If `labels` is not (H, W) uint8, holds an id that `classes` lacks, or the file cannot be written.
    """
    if labels.ndim != 2 or labels.dtype != np.uint8 or 0 in labels.shape:
        raise InputError(f"a mask is written from (H, W) uint8; got {labels.dtype} {labels.shape}")
    ids = used_ids(labels)
    if classes is None and ids:
        classes = default_classes(ids)
    if classes is not None and ids and ids[-1] >= len(classes):
        raise InputError(f"the mask holds class {ids[-1]}, but the class table ends with class {len(classes) - 1}")
    from PIL import Image

    image = Image.fromarray(np.ascontiguousarray(labels))
    # All 256 entries, so that the PNG has 8 bits however few the classes are.
    image.putpalette(bytes(768) if classes is None else classes.palette().tobytes())
    save_png(path, image)


def used_ids(labels: LabelArray) -> list[int]:
    """Return the class ids that occur in `labels` (uint8, any shape), ascending, without 255."""
    counts = np.bincount(labels.ravel(), minlength=IGNORE + 1)
    return [int(one) for one in np.flatnonzero(counts[:IGNORE])]


def write_confidence(path: StrPath, confidence: FloatArray) -> None:
    """Write confidence, (H, W) floats in [0, 1], as a 16-bit grey PNG in which 65535 is 1, atomically.

    Raises
    ------
    InputError
        If a value is out of range or NaN, or the file cannot be written.
    """
    if not ((confidence >= 0) & (confidence <= 1)).all():
        raise InputError("a confidence must lie in [0, 1]; at least one does not")
    write_png(path, np.rint(confidence * np.float32(_FULL_CONFIDENCE)).astype(np.uint16))


def read_confidence(path: StrPath) -> FloatArray:
    """Read a 16-bit grey PNG, in which 65535 is 1, as (H, W) float32 in [0, 1].

    Raises
    ------
    MissingFileError, InputError
        If it does not exist, cannot be decoded or is not 16-bit grey.
    """
    image = open_picture(path, "confidence picture")
    if image.mode not in ("I;16", "I;16B", "I"):
        raise InputError(f"the confidence picture {path} must be grey with 16 bits; got Pillow mode {image.mode}")
    return np.asarray(image).astype(np.float32) / np.float32(_FULL_CONFIDENCE)


def _ids(image: Image.Image, path: StrPath) -> LabelArray:
    if image.format == "JPEG":
        raise InputError(f"the mask {path} is a JPEG, whose compression changes ids; save masks as PNG")
    if image.mode not in ("P", "L", "1") and not image.mode.startswith(("I", "F")):
        raise InputError(
            f"the mask {path} must hold ids, as a palette or grey picture; got a picture in colours or with "
            f"transparency (Pillow mode {image.mode})"
        )
    values: NDArray[Any] = np.asarray(image)
    bits = _stored_bits(image, path) if image.mode == "L" else 8
    if bits < 8:
        # Pillow spreads grey values of 2 and 4 bits over 0..255; the ids are the values as they are stored.
        values = values // (255 // ((1 << bits) - 1))
    if values.dtype == np.uint8 or values.dtype == np.bool_:
        return values.astype(np.uint8)
    if not ((values >= 0) & (values <= IGNORE) & (values == np.floor(values))).all():
        raise InputError(
            f"the mask {path} must hold whole numbers 0..254, and 255 for unlabelled; got values from {values.min()} "
            f"to {values.max()}"
        )
    return values.astype(np.uint8)


def _stored_bits(image: Image.Image, path: StrPath) -> int:
    if image.format == "PNG":
        with open(path, "rb") as stream:  # noqa: PTH123
            return stream.read(_PNG_BIT_DEPTH_OFFSET + 1)[_PNG_BIT_DEPTH_OFFSET]
    bits = getattr(image, "tag_v2", {}).get(_BITS_PER_SAMPLE, (8,))
    return int(bits[0])
