"""Pictures for people to look at: labels laid over the rgb image, and points drawn on it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from hyperpoint.cube import IndexArray
from hyperpoint.errors import InputError
from hyperpoint.io.classes import default_classes
from hyperpoint.io.masks import used_ids
from hyperpoint.types import IGNORE, ClassTable, LabelArray, PointSet, UInt8Array

# One pixel of dot radius for so many of the picture's shorter side: visible when the whole picture is on a screen.
_PIXELS_PER_RADIUS = 160
_HALO = (255, 255, 255)
_OUTLINE = (0, 0, 0)
_UNANNOTATED = (160, 160, 160)
_DOUBT = (220, 0, 0)


def overlay(rgb: UInt8Array, labels: LabelArray, classes: ClassTable | None = None, opacity: float = 0.5) -> UInt8Array:
    """Lay the colours of the classes over the rgb image; unlabelled pixels stay as they are.

    Parameters
    ----------
    rgb
        (H, W, 3) uint8.
    labels
        (H, W) uint8, 255 = unlabelled.
    classes
        Gives the colours; None takes those of `default_classes`.
    opacity
        0 (the picture alone) to 1 (the colours alone).

    Returns
    -------
    (H, W, 3) uint8, a new array.

    Raises
    ------
    InputError
        If the sizes differ or the opacity is not in [0, 1].
    """
    if rgb.shape[:2] != labels.shape:
        raise InputError(f"labels of {labels.shape} do not lie on a picture of {rgb.shape[:2]}; their sizes must agree")
    if not 0 <= opacity <= 1:
        raise InputError(f"the opacity must lie in [0, 1]; got {opacity}")
    ids = used_ids(labels)
    if not ids:
        return rgb.copy()
    import cv2

    palette = (classes or default_classes(ids)).palette()
    blended = cv2.addWeighted(rgb, 1 - opacity, palette[labels], opacity, 0)
    return np.where((labels == IGNORE)[:, :, None], rgb, blended).astype(np.uint8)


def draw_points(
    image: UInt8Array, points: PointSet, classes: ClassTable | None = None, suspects: IndexArray | None = None
) -> UInt8Array:
    """Draw points in the colours of their classes, with a halo that stands out from any ground.

    Parameters
    ----------
    image
        (H, W, 3) uint8.
    points
        Points on the same grid. Those that nobody annotated are drawn smaller, in grey, beneath the others.
    classes
        Gives the colours; None takes those of `default_classes`.
    suspects
        Positions among the points of those to be marked as doubtful, with a red ring.

    Returns
    -------
    (H, W, 3) uint8, a new array.
    """
    import cv2

    picture = image.copy()
    radius = max(2, round(min(image.shape[:2]) / _PIXELS_PER_RADIUS))
    for row, col, _ in _plain(points.unannotated):
        cv2.circle(picture, (col, row), max(1, radius // 2), _UNANNOTATED, cv2.FILLED, cv2.LINE_AA)
    annotated = points.annotated
    if not len(annotated):
        return picture
    palette = (classes or default_classes(annotated.class_ids.tolist())).palette().tolist()
    for row, col, label in _plain(annotated):
        for size, color in ((radius + 2, _OUTLINE), (radius + 1, _HALO), (radius, palette[label])):
            cv2.circle(picture, (col, row), size, color, cv2.FILLED, cv2.LINE_AA)
    for row, col, _ in _plain(points.subset(np.zeros(0, dtype=np.int64) if suspects is None else suspects)):
        for width, color in ((4, _HALO), (2, _DOUBT)):
            cv2.circle(picture, (col, row), 3 * radius + 2, color, width, cv2.LINE_AA)
    return picture


def draw_numbers(image: UInt8Array, rows: IndexArray, cols: IndexArray) -> UInt8Array:
    """Draw a ring around each position and its number beside it, from 1.

    Parameters
    ----------
    image
        (H, W, 3) uint8.
    rows, cols
        (n,) pixels of the image.

    Returns
    -------
    (H, W, 3) uint8, a new array.
    """
    import cv2

    picture = image.copy()
    height, width = image.shape[:2]
    radius = max(3, round(min(height, width) / _PIXELS_PER_RADIUS * 2))
    scale, line = radius / 14, max(1, radius // 4)
    places = zip(rows.tolist(), cols.tolist(), strict=True)
    for number, (row, col) in enumerate(places, start=1):
        text = str(number)
        (wide, high), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, line)
        # Beside the ring, on the side that has room.
        left = col + radius + line if col + radius + line + wide < width else col - radius - line - wide
        place = (left, min(max(row + high // 2, high), height - 1))
        for color, thick in ((_OUTLINE, line + 2), (_HALO, line)):
            cv2.circle(picture, (col, row), radius, color, thick, cv2.LINE_AA)
            cv2.putText(picture, text, place, cv2.FONT_HERSHEY_SIMPLEX, scale, color, thick, cv2.LINE_AA)
    return picture


def _plain(points: PointSet) -> Iterable[tuple[int, int, int]]:
    return zip(points.rows.tolist(), points.cols.tolist(), points.labels.tolist(), strict=True)
