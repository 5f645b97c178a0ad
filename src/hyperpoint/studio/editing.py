"""What a user does with points and classes, as edits of the session."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from hyperpoint.cube import IndexArray
from hyperpoint.errors import HyperpointError
from hyperpoint.io.points import read_points
from hyperpoint.studio.classes import StudioClasses
from hyperpoint.studio.edits import (
    AddClass,
    AddPoints,
    Edit,
    LockClass,
    MergeClasses,
    MovePoint,
    Paint,
    RecolourClass,
    RemovePoints,
    RenameClass,
    TakeClasses,
    TakePoints,
)
from hyperpoint.types import IGNORE, ClassTable

if TYPE_CHECKING:
    from hyperpoint.studio.desk import Desk

Pixel = tuple[int, int]
Color = tuple[int, int, int]

# Points of a brush stroke lie this far apart, in pixels: neighbours say the same, and each one costs time.
BRUSH_SPACING = 6


class Editor:
    """Changes the open scene's points, classes and corrections; what cannot be done is a message, not an exception.

    Parameters
    ----------
    desk
        Whose scene it is.

    Attributes
    ----------
    active
        The class that a click gives, or None while there is none.
    selected
        The pixel of the selected point, or None.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.active: int | None = None
        self.selected: Pixel | None = None

    def tap(self, row: int, col: int) -> None:
        """Label a pixel with the active class."""
        if self.active is None:
            self._desk.say("Add a class first: a click gives the active class to a pixel.")
            return
        self.selected = None
        self.apply(AddPoints((row,), (col,), self.active))

    def select(self, row: int, col: int) -> None:
        """Select the point on a pixel."""
        self.selected = (row, col)
        self._desk.changed("points")

    def move(self, start: Pixel, end: Pixel) -> None:
        """Move the point on the pixel `start` to `end`."""
        was_selected = self.selected == start
        if self.apply(MovePoint(start, end)) and was_selected:
            self.select(*end)

    def delete_selected(self) -> None:
        """Remove the selected point."""
        if self.selected is None:
            self._desk.say("Click a point to select it, then press Delete.")
            return
        row, col = self.selected
        self.selected = None
        self.apply(RemovePoints((row,), (col,)))

    def stroke(self, rows: ArrayLike, cols: ArrayLike) -> None:
        """Label the pixels along a brush stroke with the active class, some way apart."""
        if self.active is None:
            self._desk.say("Add a class first: a stroke gives the active class to its pixels.")
            return
        kept = spaced(np.asarray(rows), np.asarray(cols), BRUSH_SPACING)
        points = np.asarray(rows)[kept].tolist(), np.asarray(cols)[kept].tolist()
        self.apply(AddPoints(tuple(points[0]), tuple(points[1]), self.active))

    def paint(self, pixels: IndexArray, erase: bool = False) -> None:
        """Correct pixels, flat indices, to the active class, whatever the points say; or free them again."""
        if self.active is None and not erase:
            self._desk.say("Add a class first: the correction brush paints the active class.")
            return
        current = self._desk.current
        before = None if current is None else current.session.revision
        done = self.apply(Paint(pixels, IGNORE if erase or self.active is None else self.active))
        if erase and done and current is not None and current.session.revision == before:
            self._desk.say("Nothing is corrected there: corrections are outlined and hatched.")

    def undo(self) -> None:
        """Take the last edit back."""
        self._back_or_forth("undo")

    def redo(self) -> None:
        """Do again what was taken back."""
        self._back_or_forth("redo")

    def choose(self, class_id: int) -> None:
        """Make a class the active one."""
        if (current := self._desk.current) and class_id in current.session.state.classes.live:
            self.active = class_id
            self._desk.changed("classes")

    def choose_nth(self, position: int) -> None:
        """Make the class at a position of the list, from 0, the active one (keys 1 to 9)."""
        if (current := self._desk.current) and position < len(live := current.session.state.classes.live):
            self.choose(live[position])

    def add_class(self, name: str | None = None, color: Color | None = None) -> None:
        """Add a class and make it the active one."""
        if self.apply(AddClass(name, color)) and (current := self._desk.current):
            self.choose(current.session.state.classes.live[-1])

    def rename_class(self, class_id: int, name: str) -> None:
        """Give a class another name."""
        self.apply(RenameClass(class_id, name))

    def recolour_class(self, class_id: int, color: Color) -> None:
        """Give a class another colour."""
        self.apply(RecolourClass(class_id, color))

    def lock_class(self, class_id: int, locked: bool) -> None:
        """Keep the points and corrections of a class from changes, or let them change again."""
        self.apply(LockClass(class_id, locked))

    def merge_classes(self, source: int, target: int) -> None:
        """Give everything of one class to another."""
        if self.apply(MergeClasses(source, target)) and self.active == source:
            self.choose(target)

    def take_classes(self, classes: ClassTable | StudioClasses) -> None:
        """Take the classes of a preset or of another scene."""
        if self.apply(TakeClasses(classes)):
            self.choose_nth(0)

    def import_points(self, path: Path) -> None:
        """Take the points of a file of any kind that hyperpoint reads."""
        if self._desk.current is None:
            return
        try:
            self._desk.workspace.check_path(path)
            table = self._desk.current.session.state.classes
            points, classes = read_points(path, table.table() if table.live else None, self._desk.current.session.size)
        except (HyperpointError, OSError) as error:
            self._desk.say_error(error)
            return
        self.apply(TakePoints(points, classes))

    def apply(self, edit: Edit) -> bool:
        """Apply an edit; where that cannot be, say why and return False."""
        if (current := self._desk.current) is None:
            self._desk.say("Open a scene first.")
            return False
        try:
            current.session.apply(edit)
        except (HyperpointError, OSError) as error:
            self._desk.say_error(error)
            return False
        self.after_change()
        return True

    def after_change(self) -> None:
        """See to it that active class and selection still exist, and have everything drawn and labelled anew."""
        assert self._desk.current is not None
        state = self._desk.current.session.state
        if self.active not in state.classes.live:
            self.active = state.classes.live[0] if state.classes.live else None
        at = set(zip(state.points.rows.tolist(), state.points.cols.tolist(), strict=True))
        self.selected = self.selected if self.selected in at else None
        self._desk.edited()

    def _back_or_forth(self, which: str) -> None:
        if (current := self._desk.current) is None:
            return
        try:
            if not (current.session.undo() if which == "undo" else current.session.redo()):
                self._desk.say(f"There is nothing to {which}.")
                return
        except (HyperpointError, OSError) as error:
            self._desk.say_error(error)
            return
        self.after_change()


def spaced(rows: IndexArray, cols: IndexArray, spacing: int) -> IndexArray:
    """Return which pixels of a line to keep so that they lie about `spacing` apart, its ends among them."""
    steps = np.hypot(np.diff(rows), np.diff(cols)) if len(rows) > 1 else np.zeros(0)
    length = np.concatenate([[0.0], np.cumsum(steps)])
    num = max(2, int(length[-1] // spacing) + 1) if length[-1] >= spacing else 1
    return np.unique(np.searchsorted(length, np.linspace(0, length[-1], num)))
