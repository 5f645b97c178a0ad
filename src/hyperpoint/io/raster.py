"""Outlines to pixels: lines, discs and polygons as they stand in annotation files, and their thinning to a few points.

Coordinates in those files are (x, y), x to the right and y down, continuous: pixel (row, col) reaches from col to
col + 1 and from row to row + 1. Here they become rows and columns; (x, y) goes no further than this module's callers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hyperpoint.cube import BoolArray, IndexArray
from hyperpoint.errors import PointsError

Outline = NDArray[np.float64]
Size = tuple[int, int]

# Beyond these something else than pixels of one picture was meant, and the memory would not do. Where the picture is
# known, its own size is the bound.
_MAX_COORDINATE = 1 << 20
MAX_PIXELS = 1 << 25
_CROSSINGS_AT_ONCE = 1 << 20


class Shape(NamedTuple):
    """A labelled set of pixels: `is_area` for strokes, discs and polygons, which are thinned; points are not.

    where: file and place in it, for messages. label: as it stands there; "" if there is none. rows, cols: (n,).
    """

    where: str
    label: str
    rows: IndexArray
    cols: IndexArray
    is_area: bool


def outline(coordinates: Any, where: str) -> Outline:
    """Check a list of [x, y] (more numbers a point are passed over) and return it as (n, 2) float64.

    Raises
    ------
    PointsError
        If it is no such list, or a number is not finite or beyond any picture.
    """
    try:
        pairs = np.array([(point[0], point[1]) for point in coordinates], dtype=np.float64).reshape(-1, 2)
    except (TypeError, ValueError, IndexError, KeyError, OverflowError):
        raise PointsError(f"{where}: coordinates must be a list of [x, y]; got {str(coordinates)[:60]}") from None
    if not len(pairs) or not (np.abs(pairs) <= _MAX_COORDINATE).all():  # NaN fails this too
        raise PointsError(
            f"{where}: coordinates must be pixels of the picture, [x, y] from its upper left corner; got "
            f"{str(coordinates)[:60]}"
        )
    return pairs


def points_shape(points: Outline, size: Size | None, where: str, label: str) -> Shape:
    """Return the pixels that the points (n, 2) lie in.

    Raises
    ------
    PointsError
        If one lies outside the picture of `size` (H, W).
    """
    cols, rows = np.floor(points).astype(np.int64).T
    height, width = size or (_MAX_COORDINATE, _MAX_COORDINATE)
    outside = (rows < 0) | (cols < 0) | (rows >= height) | (cols >= width)
    if outside.any():
        x, y = points[outside][0].tolist()
        raise PointsError(f"{where}: the point [x {x:g}, y {y:g}] lies outside the picture{_extent(size)}")
    return Shape(where, label, rows, cols, is_area=False)


def line_shape(lines: Sequence[Outline], size: Size | None, where: str, label: str) -> Shape:
    """Return the pixels along polylines, one pixel wide; what lies outside the picture is cut off.

    Raises
    ------
    PointsError
        If it lies outside the picture of `size`.
    """
    import cv2

    corner, (height, width) = _window(np.concatenate(lines), size, where)
    canvas = np.zeros((height, width), dtype=np.uint8)
    pixels = [np.floor(line).astype(np.int32) - corner.astype(np.int32) for line in lines]
    cv2.polylines(canvas, pixels, isClosed=False, color=1)
    return _area(canvas.view(bool), corner, where, label)


def disc_shape(centre: Outline, radius: float, size: Size | None, where: str, label: str) -> Shape:
    """Return the pixels whose centres lie within `radius` of the centre of the pixel that `centre` (2,) lies in.

    Raises
    ------
    PointsError
        If it lies outside the picture of `size`, or the radius is negative or not finite.
    """
    if not 0 <= radius <= _MAX_COORDINATE:
        raise PointsError(f"{where}: the radius must be a number of pixels from 0 up; got {radius}")
    middle = np.floor(centre)
    corner, (height, width) = _window(np.array([middle - radius, middle + radius]), size, where)
    down = np.arange(height)[:, None] + corner[1] - middle[1]
    right = np.arange(width)[None, :] + corner[0] - middle[0]
    return _area(down**2 <= radius**2 - right**2, corner, where, label)


def polygon_shape(polygons: Sequence[Sequence[Outline]], size: Size | None, where: str, label: str) -> Shape:
    """Return the pixels whose centres lie in one of the polygons; what lies outside the picture is cut off.

    A polygon is its rings, the outer one and those of its holes; the even-odd rule tells inside from outside, so
    neighbours that share an edge share no pixel. A sliver that holds the centre of no pixel gives an empty shape.

    Raises
    ------
    PointsError
        If it lies outside the picture of `size`.
    """
    every_ring = np.concatenate([ring for rings in polygons for ring in rings])
    corner, window = _window(every_ring, size, where)
    inside = np.zeros(window, dtype=bool)
    for rings in polygons:
        inside |= _fill(rings, corner, window)
    return _area(inside, corner, where, label)


def _fill(rings: Sequence[Outline], corner: Outline, window: Size) -> BoolArray:
    """Fill by crossings: a pixel is inside if an odd number of edges lies to the left of its centre.

    An edge is computed from its upper end and in the picture's own coordinates, whichever polygon it belongs to, so
    that two that share it round alike.
    """
    height, width = window
    left, top = corner.astype(np.int64)
    crossings = np.zeros((height, width + 1), dtype=bool)
    for ring in rings:
        following = np.roll(ring, -1, axis=0)
        is_falling = (ring[:, 1] > following[:, 1])[:, None]
        (x0, y0), (x1, y1) = np.where(is_falling, following, ring).T, np.where(is_falling, ring, following).T
        first, last = (np.clip(np.ceil(y - 0.5), top, top + height).astype(np.int64) for y in (y0, y1))
        for some in _parts(last - first):
            num_rows = (last - first)[some]
            edges = np.repeat(some, num_rows)  # once for each row whose centre the edge passes
            nth = np.arange(len(edges)) - np.repeat(np.cumsum(num_rows) - num_rows, num_rows)
            rows = first[edges] + nth
            slopes = (x1 - x0)[edges] / (y1 - y0)[edges]
            at = x0[edges] + (rows + 0.5 - y0[edges]) * slopes
            cols = np.clip(np.ceil(at - 0.5) - left, 0, width).astype(np.int64)
            np.logical_xor.at(crossings, (rows - top, cols), True)
    return np.logical_xor.accumulate(crossings, axis=1)[:, :width]


def _parts(num_rows: IndexArray) -> list[IndexArray]:
    """Split the edges of a ring, which pass so many rows each, into parts that fit into memory at once."""
    part = np.cumsum(num_rows) // _CROSSINGS_AT_ONCE
    return np.split(np.arange(len(num_rows)), np.flatnonzero(np.diff(part)) + 1)


def _window(corners: Outline, size: Size | None, where: str) -> tuple[Outline, Size]:
    """Return the (x, y) of the pixel at which the shape's part of the picture begins, and its (height, width)."""
    height, width = size or (_MAX_COORDINATE, _MAX_COORDINATE)
    start = np.maximum(np.floor(corners.min(axis=0)), 0)
    stop = np.minimum(np.floor(corners.max(axis=0)) + 1, (width, height))
    across, down = (stop - start).astype(int).tolist()
    if across <= 0 or down <= 0:
        raise PointsError(f"{where}: the shape lies outside the picture{_extent(size)}")
    if size is None and across * down > MAX_PIXELS:
        raise PointsError(f"{where}: the shape reaches over {across} x {down} pixels, too many for a picture")
    return start, (down, across)


def _area(inside: BoolArray, corner: Outline, where: str, label: str) -> Shape:
    rows, cols = np.nonzero(inside)
    rows += int(corner[1])
    cols += int(corner[0])
    return Shape(where, label, rows, cols, is_area=True)


def _extent(size: Size | None) -> str:
    return "" if size is None else f" of {size[0]} rows x {size[1]} columns"


def thin(rows: IndexArray, cols: IndexArray, num: int, rng: np.random.Generator) -> IndexArray:
    """Choose at most `num` of the pixels (rows, cols), both (n,), at random but evenly spread over them.

    The pixels are halved across their longer side, and the halves again, into `num` parts of equal size up to one
    pixel; each part gives one.

    Returns
    -------
    (min(n, num),) indices, ascending.
    """
    if len(rows) <= num:
        return np.arange(len(rows))
    positions = np.stack([rows, cols])
    parts = [(np.arange(len(rows)), num)]
    chosen = []
    while parts:
        members, share = parts.pop()
        if share == 1:
            chosen.append(members[rng.integers(len(members))])
            continue
        here = positions[:, members]
        across = here[int(np.ptp(here, axis=1).argmax())]
        left = share // 2
        cut = len(members) * left // share
        members = members[np.argpartition(across, cut)]
        parts += [(members[:cut], left), (members[cut:], share - left)]
    return np.sort(np.array(chosen, dtype=np.int64))
