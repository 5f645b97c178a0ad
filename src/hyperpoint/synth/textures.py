"""Patterns that surfaces are made of: random fields, courses of bricks, boards and tiles, scattered leaves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hyperpoint.cube import BoolArray, FloatArray

# Outlines of unit size (length 1 along the first axis) of what is scattered.
OUTLINES = {
    "leaf": ((-0.5, 0.0), (-0.2, 0.24), (0.15, 0.2), (0.5, 0.0), (0.15, -0.2), (-0.2, -0.24)),
    "chip": ((-0.5, -0.16), (-0.42, 0.2), (0.5, 0.14), (0.44, -0.2)),
    "pebble": (
        (-0.5, 0.0),
        (-0.36, 0.33),
        (0.0, 0.44),
        (0.36, 0.3),
        (0.5, 0.0),
        (0.34, -0.36),
        (0.0, -0.42),
        (-0.38, -0.3),
    ),
}


def fractal(
    shape: tuple[int, int], cell: float, rng: np.random.Generator, octaves: int = 4, stretch: float = 1.0
) -> FloatArray:
    """Return a smooth random field, (H, W) float32, mean 0 and standard deviation 1.

    Parameters
    ----------
    shape
        (H, W).
    cell
        Size of the coarsest features across, pixels; each further octave has half of it, and 0.6 of its weight.
    rng
        Source of randomness.
    octaves
        How many sizes of features are added up, down to about a pixel.
    stretch
        How much longer features are down than across.
    """
    import cv2

    height, width = shape
    field = np.zeros(shape, dtype=np.float32)
    weight = 1.0
    for _ in range(octaves):
        across, down = max(cell, 1.0), max(cell * stretch, 1.0)
        coarse = (int(np.ceil(height / down)) + 3, int(np.ceil(width / across)) + 3)
        grid = rng.standard_normal(coarse, dtype=np.float32)
        size = (round(coarse[1] * across), round(coarse[0] * down))
        fine = cv2.resize(grid, size, interpolation=cv2.INTER_CUBIC)
        top, left = (fine.shape[0] - height) // 2, (fine.shape[1] - width) // 2
        field += weight * fine[top : top + height, left : left + width]
        weight *= 0.6
        cell *= 0.5
    return np.asarray((field - field.mean()) / (field.std() + 1e-6), dtype=np.float32)


def hashed(*ids: NDArray[np.int64], salt: int) -> FloatArray:
    """Return a number in [0, 1) for every tuple of whole numbers: the same tuple gets the same number."""
    mixed = np.full(ids[0].shape, salt & 0xFFFFFFFF, dtype=np.uint32)
    for part in ids:
        mixed = (mixed ^ part.astype(np.uint32)) * np.uint32(0x9E3779B1)
        mixed ^= mixed >> np.uint32(15)
    mixed *= np.uint32(0x85EBCA77)
    mixed ^= mixed >> np.uint32(13)
    return (mixed >> np.uint32(8)).astype(np.float32) * np.float32(2.0**-24)


def courses(
    across: FloatArray, down: FloatArray, unit: tuple[float, float], joint: float, salt: int, offset: float = 0.5
) -> tuple[FloatArray, BoolArray]:
    """Lay bricks, blocks, planks or tiles over a plane.

    Parameters
    ----------
    across, down
        (H, W) coordinates on the plane.
    unit
        Length and height of a unit, joint included, in the same coordinates.
    joint
        Width of the joints.
    salt
        Tells one surface from another.
    offset
        How far every other course is shifted, in lengths of a unit.

    Returns
    -------
    A random number in [0, 1) for every unit, (H, W) float32; and where the joints are, (H, W) bool.
    """
    length, height = unit
    course = np.floor(down / height)
    along = across / length + offset * (course % 2)
    column = np.floor(along)
    joints = (down / height - course < joint / height) | (along - column < joint / length)
    return hashed(course.astype(np.int64), column.astype(np.int64), salt=salt), joints


def scatter(
    where: BoolArray, outline: str, size: float, cover: float, rng: np.random.Generator, depth: FloatArray | None = None
) -> tuple[NDArray[np.int64], FloatArray, FloatArray]:
    """Strew leaves, chips or pebbles over a region, each covering those before it.

    Parameters
    ----------
    where
        (H, W) bool: where their centres may lie.
    outline
        A key of `OUTLINES`.
    size
        Length, pixels.
    cover
        How often the region would be covered if none overlapped.
    rng
        Source of randomness.
    depth
        (H, W): those with a lower value are laid first; None for any order.

    Returns
    -------
    (H, W) int64 number of the piece that lies on top, -1 where there is none; and the rows and columns of the centres.
    """
    import cv2

    number = np.full(where.shape, -1.0, dtype=np.float32)
    inside = np.flatnonzero(where)
    if len(inside) == 0:
        return number.astype(np.int64), np.zeros(0, np.float32), np.zeros(0, np.float32)
    shape = np.array(OUTLINES[outline])
    count = max(1, round(cover * len(inside) / (0.3 * size * size + 0.5)))
    picked = inside[rng.integers(len(inside), size=count)]
    if depth is not None:
        picked = picked[np.argsort(depth.ravel()[picked] + 0.05 * rng.standard_normal(count), kind="stable")]
    rows, cols = np.divmod(picked, where.shape[1])
    rows, cols = rows + rng.random(count), cols + rng.random(count)
    angle, scale = rng.random(count) * 2 * np.pi, size * (0.65 + 0.7 * rng.random(count))
    cos, sin = (np.cos(angle) * scale)[:, None], (np.sin(angle) * scale)[:, None]
    xs = cols[:, None] + cos * shape[:, 0] - sin * shape[:, 1]
    ys = rows[:, None] + sin * shape[:, 0] + cos * shape[:, 1]
    corners = np.rint(np.stack([xs, ys], axis=-1) * 8).astype(np.int32)
    for piece, polygon in enumerate(corners):
        cv2.fillConvexPoly(number, polygon, float(piece), lineType=cv2.LINE_4, shift=3)
    return number.astype(np.int64), rows.astype(np.float32), cols.astype(np.float32)


def polygon(shape: tuple[int, int], corners: Sequence[tuple[float, float]]) -> BoolArray:
    """Return the inside of a polygon given by (row, col) corners, (H, W) bool."""
    import cv2

    mask = np.zeros(shape, dtype=np.uint8)
    points = np.array([(round(col * 8), round(row * 8)) for row, col in corners], dtype=np.int32)
    cv2.fillPoly(mask, [points], 1, lineType=cv2.LINE_8, shift=3)
    return mask.astype(bool)


def bounds(mask: BoolArray, margin: float = 0.0) -> tuple[slice, slice]:
    """Return the rows and columns that hold all of a mask, which must not be empty, and `margin` pixels around it."""
    rows, cols = (
        (int(used[0] - margin), int(used[-1] + margin) + 1)
        for used in (np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0)))
    )
    return slice(max(rows[0], 0), rows[1]), slice(max(cols[0], 0), cols[1])


def soft(mask: BoolArray | FloatArray, sigma: float) -> FloatArray:
    """Blur a mask: a shadow's edge, (H, W) float32 in 0..1."""
    import cv2

    if sigma < 0.3:
        return mask.astype(np.float32)
    return np.asarray(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), sigma), dtype=np.float32)


def shifted(mask: BoolArray, down: float, across: float) -> BoolArray:
    """Move a mask by whole pixels; what comes in from outside is False."""
    import cv2

    move = np.array([[1, 0, round(across)], [0, 1, round(down)]], dtype=np.float32)
    size = (mask.shape[1], mask.shape[0])
    return np.asarray(cv2.warpAffine(mask.astype(np.uint8), move, size, flags=cv2.INTER_NEAREST), dtype=bool)
