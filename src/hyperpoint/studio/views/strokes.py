"""From the pixels that the pointer passed to those that a stroke covers."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from hyperpoint.cube import IndexArray


def pixels_along(rows: ArrayLike, cols: ArrayLike, size: tuple[int, int]) -> tuple[IndexArray, IndexArray]:
    """Return the pixels along straight lines from position to position, each once, in the order of the stroke.

    Parameters
    ----------
    rows, cols
        (n,) whole numbers: where the pointer was. They may lie outside the image; what is outside is left out.
    size
        (H, W) of the image.
    """
    path = np.stack([np.asarray(rows, dtype=np.int64), np.asarray(cols, dtype=np.int64)], axis=1)
    if len(path) == 0:
        return path[:, 0], path[:, 1]
    steps = np.abs(np.diff(path, axis=0)).max(axis=1, initial=0)
    pieces = [path[:1]]
    for start, end, num in zip(path[:-1], path[1:], steps, strict=True):
        share = np.arange(1, num + 1)[:, None] / max(num, 1)
        pieces.append(np.floor(start + share * (end - start) + 0.5).astype(np.int64))
    line = np.concatenate(pieces)
    line = line[((line >= 0) & (line < size)).all(axis=1)]
    _, first = np.unique(line, axis=0, return_index=True)
    line = line[np.sort(first)]
    return line[:, 0], line[:, 1]


def pixels_under_brush(rows: ArrayLike, cols: ArrayLike, radius: float, size: tuple[int, int]) -> IndexArray:
    """Return the flat indices, ascending, of the pixels within `radius` pixels of the line of a stroke.

    Parameters
    ----------
    rows, cols
        (n,) whole numbers: where the pointer was.
    radius
        From centre to centre of pixels, 0 or more; 0 covers the line alone.
    size
        (H, W) of the image.
    """
    import cv2

    margin = int(np.ceil(radius)) + 1
    wide = (size[0] + 2 * margin, size[1] + 2 * margin)  # a stroke just outside still covers pixels inside
    line_rows, line_cols = pixels_along(np.asarray(rows) + margin, np.asarray(cols) + margin, wide)
    if len(line_rows) == 0:
        return np.zeros(0, dtype=np.int64)
    top, left = line_rows.min() - margin, line_cols.min() - margin
    away = np.ones((line_rows.max() - top + margin + 1, line_cols.max() - left + margin + 1), dtype=np.uint8)
    away[line_rows - top, line_cols - left] = 0
    distance = cv2.distanceTransform(away, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    covered_rows, covered_cols = np.nonzero(distance <= radius + 1e-3)
    covered_rows, covered_cols = covered_rows + top - margin, covered_cols + left - margin
    inside = (covered_rows >= 0) & (covered_rows < size[0]) & (covered_cols >= 0) & (covered_cols < size[1])
    flat: IndexArray = (covered_rows * size[1] + covered_cols)[inside].astype(np.int64)
    return flat
