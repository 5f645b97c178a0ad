"""Pixels to outlines: the polygons along the edges of the pixels of a mask, the counterpart of `raster`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hyperpoint.cube import BoolArray, IndexArray


class Ring(NamedTuple):
    """A closed outline.

    corners: (n, 2) int64, (row, col) of the corners of pixels at which it turns; pixel (row, col) reaches from its own
    row and col to the next. It begins at the uppermost corner, of these the leftmost, and runs clockwise.
    is_hole: whether it runs around pixels that are not in the mask. inside: a pixel of the mask along it, (row, col).
    """

    corners: IndexArray
    is_hole: bool
    inside: tuple[int, int]


def trace_outlines(mask: BoolArray) -> list[Ring]:
    """Return the outlines of a mask, (H, W) bool: filled by the even-odd rule they give back the same pixels.

    Pixels that touch at a corner only are apart, so that every 4-connected region has one outer ring.
    """
    rows, cols, below = _corners(mask)
    vertical = _partners_in_column(rows, cols, below)
    rings: list[Ring] = []
    for members in _cycles(vertical):
        row, col = int(rows[members[0]]), int(cols[members[0]])
        is_hole = not mask[row, col]
        rings.append(Ring(np.stack([rows[members], cols[members]], axis=1), is_hole, (row - is_hole, col)))
    return rings


def _corners(mask: BoolArray) -> tuple[IndexArray, IndexArray, BoolArray]:
    """List the corners along the grid lines, row by row: where they are, and whether their vertical edge lies below.

    Two of them lie where regions touch at a corner: the first with the edge to its left, the second to its right.
    Hence the 2k-th and the one after it are the ends of one horizontal edge.
    """
    padded = np.pad(mask, 1)
    upper_left, upper_right = padded[:-1, :-1], padded[:-1, 1:]
    lower_left, lower_right = padded[1:, :-1], padded[1:, 1:]
    left, right = upper_left != lower_left, upper_right != lower_right
    above = upper_left != upper_right
    touching = left & right & above
    num_columns = left.shape[1]
    at = np.flatnonzero((left != right) | touching)
    is_double = touching.ravel()[at]
    at = np.repeat(at, 1 + is_double)
    below = ~above.ravel()[at]
    second = np.flatnonzero(np.append(False, at[1:] == at[:-1]))
    # The edge on the left goes on upwards where the pixel between the two is in the mask.
    goes_up = upper_left.ravel()[at[second]]
    below[second], below[second - 1] = goes_up, ~goes_up
    rows, cols = np.divmod(at, num_columns)
    return rows, cols, below


def _partners_in_column(rows: IndexArray, cols: IndexArray, below: BoolArray) -> IndexArray:
    """Return for each corner the other end of its vertical edge."""
    order = np.lexsort((below, rows, cols))
    partners = np.empty_like(order)
    partners[order[0::2]], partners[order[1::2]] = order[1::2], order[0::2]
    return partners


def _cycles(vertical: IndexArray) -> list[NDArray[np.int64]]:
    """Follow horizontal and vertical edges in turn until each ring closes."""
    following = vertical.tolist()
    seen = [False] * len(following)
    found = []
    for start in range(len(following)):
        if seen[start]:
            continue
        members, at = [], start
        while not seen[at]:
            beside = at ^ 1
            members += [at, beside]
            seen[at] = seen[beside] = True
            at = following[beside]
        found.append(np.array(members, dtype=np.int64))
    return found
