"""Edits of points and corrections.

What belongs to a locked class stays as it is: an edit of many pixels passes over those, and is refused if nothing else
is left of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from hyperpoint.cube import BoolArray, IndexArray
from hyperpoint.errors import InputError, PointsError
from hyperpoint.studio.edit import Edit
from hyperpoint.studio.state import ERASER, State, Stroke
from hyperpoint.types import LabelArray, PointSet

Pixel = tuple[int, int]


@dataclass(frozen=True, eq=False)
class AddPoints(Edit):
    """Give pixels a label: those that bear a point take the new label, others get a point."""

    kind = "add points"
    rows: tuple[int, ...]
    cols: tuple[int, ...]
    label: int

    def __post_init__(self) -> None:
        _take_pixels(self, self.rows, self.cols)

    def apply(self, state: State) -> State:
        """Return the state after this edit."""
        state.classes.check_unlocked(self.label)
        pixels = _inside(state.size, self.rows, self.cols)
        _, at_new, at_old = np.intersect1d(pixels, state.pixels, assume_unique=True, return_indices=True)
        at_old = at_old[_unlocked(state, state.points.labels[at_old], others=len(pixels) > len(at_old))]
        points, labels = state.points, state.points.labels.copy()
        labels[at_old] = self.label
        fresh = np.delete(pixels, at_new)
        if not len(fresh) and (labels == points.labels).all():
            return state
        rows, cols = np.divmod(fresh, state.size[1])
        more = np.full(len(fresh), self.label, dtype=np.uint8)
        return state.with_points(
            PointSet(
                np.concatenate([points.rows, rows]),
                np.concatenate([points.cols, cols]),
                np.concatenate([labels, more]),
            )
        )


@dataclass(frozen=True, eq=False)
class MovePoint(Edit):
    """Move the point on the pixel `start`, (row, col), to the pixel `end`."""

    kind = "move point"
    start: Pixel
    end: Pixel

    def apply(self, state: State) -> State:
        """Return the state after this edit."""
        here, there = (int(_inside(state.size, (row,), (col,))[0]) for row, col in (self.start, self.end))
        found = np.flatnonzero(state.pixels == here)
        if not len(found):
            raise PointsError(f"there is no point on the pixel (row {self.start[0]}, col {self.start[1]})")
        points = state.points
        state.classes.check_unlocked(int(points.labels[found[0]]))
        if here == there:
            return state
        if (state.pixels == there).any():
            raise PointsError(
                f"the pixel (row {self.end[0]}, col {self.end[1]}) bears a point already; remove it first"
            )
        rows, cols = points.rows.copy(), points.cols.copy()
        rows[found], cols[found] = self.end
        return state.with_points(PointSet(rows, cols, points.labels))


@dataclass(frozen=True, eq=False)
class RemovePoints(Edit):
    """Remove the points on pixels; those without a point are passed over."""

    kind = "remove points"
    rows: tuple[int, ...]
    cols: tuple[int, ...]

    def __post_init__(self) -> None:
        _take_pixels(self, self.rows, self.cols)

    def apply(self, state: State) -> State:
        """Return the state after this edit."""
        found = np.flatnonzero(np.isin(state.pixels, _inside(state.size, self.rows, self.cols)))
        if not len(found):
            raise PointsError(f"there is no point on the pixel (row {self.rows[0]}, col {self.cols[0]})")
        found = found[_unlocked(state, state.points.labels[found])]
        keep = np.ones(len(state.points), dtype=np.bool_)
        keep[found] = False
        return state.with_points(state.points.subset(keep))


@dataclass(frozen=True, eq=False)
class Paint(Edit):
    """Correct pixels by hand: they bear `label` whatever the points say, until 255 (`ERASER`) frees them.

    pixels: row · W + col of each, any order.
    """

    kind = "paint"
    pixels: IndexArray
    label: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "pixels", np.unique(_whole_numbers(self.pixels)))

    def apply(self, state: State) -> State:
        """Return the state after this edit."""
        if self.label != ERASER:
            state.classes.check_unlocked(self.label)
        num = state.size[0] * state.size[1]
        if self.pixels[0] < 0 or self.pixels[-1] >= num:
            raise InputError(
                f"a painted pixel lies outside the image of {state.size[0]} rows x {state.size[1]} columns"
            )
        painted = state.corrections.reshape(-1)[self.pixels]
        pixels = self.pixels[_unlocked(state, painted)]
        if (state.corrections.reshape(-1)[pixels] == self.label).all():
            return state
        return state.painted(Stroke(pixels, self.label))


def _take_pixels(edit: AddPoints | RemovePoints, rows: ArrayLike, cols: ArrayLike) -> None:
    given = _whole_numbers(rows), _whole_numbers(cols)
    if len(given[0]) != len(given[1]):
        raise PointsError(f"as many rows as columns are needed; got {len(given[0])} and {len(given[1])}")
    object.__setattr__(edit, "rows", tuple(given[0].tolist()))
    object.__setattr__(edit, "cols", tuple(given[1].tolist()))


def _whole_numbers(values: ArrayLike) -> IndexArray:
    numbers = np.asarray(values).ravel()
    if not len(numbers):
        raise InputError("no pixel of the image was touched")
    if numbers.dtype.kind not in "iu":
        raise InputError(f"pixels are counted in whole numbers; got {numbers.dtype} such as {numbers[0]}")
    return numbers.astype(np.int64)


def _inside(size: Pixel, rows: ArrayLike, cols: ArrayLike) -> IndexArray:
    """Return distinct pixels as row · W + col, in order, after making sure that they lie in the image."""
    down, across = np.asarray(rows, dtype=np.int64), np.asarray(cols, dtype=np.int64)
    outside = np.flatnonzero((down < 0) | (down >= size[0]) | (across < 0) | (across >= size[1]))
    if len(outside):
        raise PointsError(
            f"the point (row {down[outside[0]]}, col {across[outside[0]]}) lies outside the image of {size[0]} rows x "
            f"{size[1]} columns, which count from 0"
        )
    pixels: IndexArray = down * size[1] + across
    return pixels[np.sort(np.unique(pixels, return_index=True)[1])]


def _unlocked(state: State, labels: LabelArray, others: bool = False) -> BoolArray:
    """Return which of some labelled pixels may change: (n,) bool; refuse if none may, and there are no `others`."""
    locked = [number for number in state.classes.live if state.classes[number].locked]
    held = np.isin(labels, locked)
    if held.any() and held.all() and not others:
        state.classes.check_unlocked(int(labels[0]))
    free: BoolArray = ~held
    return free
