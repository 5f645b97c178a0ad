"""What a person has said about a scene so far: points, classes and corrections. Every edit gives a new state."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from hyperpoint.cube import IndexArray
from hyperpoint.studio.classes import StudioClasses
from hyperpoint.types import IGNORE, LabelArray, PointSet

ERASER = IGNORE


def no_points() -> PointSet:
    """Return a set of no points."""
    none = np.zeros(0, dtype=np.int64)
    return PointSet(none, none, none.astype(np.uint8))


@dataclass(frozen=True, eq=False)
class Stroke:
    """Pixels that were painted by hand.

    Attributes
    ----------
    pixels
        (n,) int64: row · W + col, ascending.
    label
        The class id they were given; 255 frees them again.
    """

    pixels: IndexArray
    label: int


@dataclass(frozen=True, eq=False)
class State:
    """Points, classes and corrections at one moment.

    Attributes
    ----------
    size
        (H, W) of the rgb grid.
    points
        All inside the image, each with a class in use.
    classes
        The classes.
    strokes
        The corrections by hand, in the order in which they were painted: a later one lies over an earlier one.
    """

    size: tuple[int, int]
    points: PointSet = field(default_factory=no_points)
    classes: StudioClasses = field(default_factory=StudioClasses)
    strokes: tuple[Stroke, ...] = ()

    @cached_property
    def corrections(self) -> LabelArray:
        """(H, W) uint8, read-only: the class a pixel was painted with, 255 where it was not."""
        labels = np.full(self.size[0] * self.size[1], IGNORE, dtype=np.uint8)
        for stroke in self.strokes:
            labels[stroke.pixels] = stroke.label
        return _frozen(labels.reshape(self.size))

    @cached_property
    def pixels(self) -> IndexArray:
        """(n,) int64: where the points are, as row · W + col."""
        return self.points.rows * self.size[1] + self.points.cols

    def with_points(self, points: PointSet) -> State:
        """Return the state with other points."""
        return self._keeping_corrections(replace(self, points=points))

    def with_classes(self, classes: StudioClasses) -> State:
        """Return the state with other classes."""
        return self._keeping_corrections(replace(self, classes=classes))

    def painted(self, stroke: Stroke) -> State:
        """Return the state with one more stroke."""
        state = replace(self, strokes=(*self.strokes, stroke))
        labels = self.corrections.copy()
        labels.reshape(-1)[stroke.pixels] = stroke.label
        return _remembering(state, labels)

    def relabelled(self, source: int, target: int) -> State:
        """Return the state in which all points and corrections of one class are of another."""
        points, labels = self.points, self.points.labels.copy()
        labels[labels == source] = target
        strokes = tuple(
            Stroke(stroke.pixels, target) if stroke.label == source else stroke for stroke in self.strokes
        )  # fmt: skip
        state = replace(self, points=PointSet(points.rows, points.cols, labels), strokes=strokes)
        corrections = self.corrections.copy()
        corrections[corrections == source] = target
        return _remembering(state, corrections)

    def without_pictures(self) -> State:
        """Return the state without the corrections it has computed, which are computed anew when they are asked for."""
        return replace(self)

    def _keeping_corrections(self, other: State) -> State:
        if "corrections" in self.__dict__:
            return _remembering(other, self.corrections)
        return other


def _remembering(state: State, corrections: LabelArray) -> State:
    # Where cached_property looks first: a stroke then costs a copy, not a repetition of all strokes before it.
    state.__dict__["corrections"] = _frozen(corrections)
    return state


def _frozen(labels: LabelArray) -> LabelArray:
    labels.flags.writeable = False
    return labels
