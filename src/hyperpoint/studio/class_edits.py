"""Edits of classes, and the import of points, which may bring classes along."""

from __future__ import annotations

from dataclasses import dataclass

from hyperpoint.errors import InputError, PointsError
from hyperpoint.studio.classes import StudioClasses
from hyperpoint.studio.edit import Edit
from hyperpoint.studio.palette import Color
from hyperpoint.studio.point_edits import AddPoints
from hyperpoint.studio.state import ERASER, State
from hyperpoint.types import ClassTable, PointSet


@dataclass(frozen=True, eq=False)
class AddClass(Edit):
    """Add a class; name and colour None: the next that are free."""

    kind = "add class"
    name: str | None = None
    color: Color | None = None

    def apply(self, state: State) -> State:
        """Return the state after this edit."""
        return state.with_classes(state.classes.add(self.name, self.color))


@dataclass(frozen=True, eq=False)
class RenameClass(Edit):
    """Give a class another name."""

    kind = "rename class"
    class_id: int
    name: str

    def apply(self, state: State) -> State:
        """Return the state after this edit."""
        return _with_classes(state, state.classes.rename(self.class_id, self.name))


@dataclass(frozen=True, eq=False)
class RecolourClass(Edit):
    """Give a class another colour, (r, g, b), each 0..255."""

    kind = "recolour class"
    class_id: int
    color: Color

    def apply(self, state: State) -> State:
        """Return the state after this edit."""
        return _with_classes(state, state.classes.recolour(self.class_id, self.color))


@dataclass(frozen=True, eq=False)
class LockClass(Edit):
    """Keep the points and corrections of a class from changes, or let them change again."""

    kind = "lock class"
    class_id: int
    locked: bool

    def apply(self, state: State) -> State:
        """Return the state after this edit."""
        return _with_classes(state, state.classes.lock(self.class_id, self.locked))


@dataclass(frozen=True, eq=False)
class MergeClasses(Edit):
    """Give all points and corrections of `source` to `target`; `source` is retired, no id changes."""

    kind = "merge classes"
    source: int
    target: int

    def apply(self, state: State) -> State:
        """Return the state after this edit."""
        classes = state.classes.merge(self.source, self.target)
        return state.relabelled(self.source, self.target).with_classes(classes)


@dataclass(frozen=True, eq=False)
class TakeClasses(Edit):
    """Take a preset, or the classes of another scene with their ids, in place of those there are.

    Only while there are no points and no corrections, for those bear ids.
    """

    kind = "take classes"
    classes: StudioClasses | ClassTable

    def __post_init__(self) -> None:
        if isinstance(self.classes, ClassTable):
            object.__setattr__(self, "classes", StudioClasses.from_table(self.classes))

    def apply(self, state: State) -> State:
        """Return the state after this edit."""
        if len(state.points) or (state.corrections != ERASER).any():
            raise InputError(
                "other classes can be taken only before the first point: ids would change their meaning; add or rename "
                "classes, or remove all points and corrections first"
            )
        assert isinstance(self.classes, StudioClasses)
        return _with_classes(state, self.classes)


@dataclass(frozen=True, eq=False)
class TakePoints(Edit):
    """Add the points of a file: on pixels that bear a point, the file's label counts.

    points: from `hyperpoint.io.points.read_points`; those that nobody annotated are left out.
    table: their classes, or None if they are plain ids. Classes are found by name; what is missing is added.
    """

    kind = "take points"
    points: PointSet
    table: ClassTable | None = None

    def apply(self, state: State) -> State:
        """Return the state after this edit."""
        points = self.points.annotated
        if not len(points):
            raise PointsError("the file holds no annotated points; choose another")
        used = points.class_ids.tolist()
        classes, ids = state.classes, {}
        if not len(classes) and self.table is not None:
            classes = StudioClasses.from_table(self.table)
        for label in used:
            classes, ids[label] = _class_for(classes, label, self.table)
        state = _with_classes(state, classes)
        for label in used:
            chosen = points.labels == label
            state = AddPoints(tuple(points.rows[chosen]), tuple(points.cols[chosen]), ids[label]).apply(state)
        return state


def _class_for(classes: StudioClasses, label: int, table: ClassTable | None) -> tuple[StudioClasses, int]:
    """Return the class that a label of a file stands for, and the classes with it added if it was missing."""
    known = classes.table().names[label] if label < len(classes) else None
    if table is None:
        while len(classes) <= label:
            classes = classes.add()
        return classes, classes.resolve(label)
    if label >= len(table):
        raise PointsError(f"the points bear class {label}, but their class table ends with class {len(table) - 1}")
    if table.names[label] == known:
        return classes, classes.resolve(label)
    found = classes.find(table.names[label])
    if found is not None:
        return classes, found
    return classes.add(table.names[label], table.colors[label]), len(classes)


def _with_classes(state: State, classes: StudioClasses) -> State:
    return state if classes == state.classes else state.with_classes(classes)
