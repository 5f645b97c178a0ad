"""The classes of a scene that is being annotated: they can be added, renamed and merged, but an id never changes."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from hyperpoint.errors import InputError
from hyperpoint.studio.palette import Color, next_color
from hyperpoint.types import MAX_CLASSES, ClassTable

MAX_NAME = 80

_HEX = re.compile(r"#?([0-9a-fA-F]{6})")


@dataclass(frozen=True)
class StudioClass:
    """One class.

    Attributes
    ----------
    name
        What it is called.
    color
        (r, g, b), each 0..255.
    locked
        Whether its points and corrections are kept from changes.
    merged_into
        The id of the class that took everything of this one, which is retired since; None: it is in use.
    """

    name: str
    color: Color
    locked: bool = False
    merged_into: int | None = None


@dataclass(frozen=True)
class StudioClasses:
    """All classes that there are or were; the id of a class is its position. Every change gives new classes.

    Attributes
    ----------
    entries
        The classes by id, retired ones included.

    Raises
    ------
    InputError
        If there are more than 255, two in use have one name, or merges lead nowhere.
    """

    entries: tuple[StudioClass, ...] = ()

    def __post_init__(self) -> None:
        if len(self.entries) > MAX_CLASSES:
            raise InputError(f"a mask can hold {MAX_CLASSES} classes; got {len(self.entries)}")
        names = [self.entries[number].name for number in self.live]
        if len(set(names)) != len(names):
            raise InputError(f"two classes bear the same name; the names are: {', '.join(names)}")
        self._check_merges()

    @classmethod
    def from_table(cls, table: ClassTable) -> StudioClasses:
        """Return the classes of a table, with the same ids."""
        pairs = zip(table.names, table.colors, strict=True)
        return cls(tuple(StudioClass(name, _checked_color(color)) for name, color in pairs))

    def __len__(self) -> int:
        return len(self.entries)

    def __getitem__(self, class_id: int) -> StudioClass:
        return self.entries[class_id]

    @property
    def live(self) -> tuple[int, ...]:
        """The ids that are in use, ascending: all but those merged into others."""
        return tuple(number for number, entry in enumerate(self.entries) if entry.merged_into is None)

    def check(self, class_id: int) -> StudioClass:
        """Return the class with an id after making sure that it is in use.

        Raises
        ------
        InputError
            If there is no such class, or it was merged into another.
        """
        if not 0 <= class_id < len(self.entries):
            known = ", ".join(f"{number} ({self.entries[number].name})" for number in self.live) or "none yet"
            raise InputError(f"there is no class {class_id}; the classes are: {known}")
        entry = self.entries[class_id]
        if entry.merged_into is not None:
            into = self.entries[self.resolve(class_id)].name
            raise InputError(f"the class {entry.name!r} was merged into {into!r}; use that one")
        return entry

    def check_unlocked(self, class_id: int) -> StudioClass:
        """Return the class with an id after making sure that it is in use and not locked; raises as `check`."""
        entry = self.check(class_id)
        if entry.locked:
            raise InputError(f"the class {entry.name!r} is locked; unlock it to change what belongs to it")
        return entry

    def resolve(self, class_id: int) -> int:
        """Follow merges: return the id of the class that has everything of `class_id` now."""
        while (into := self.entries[class_id].merged_into) is not None:
            class_id = into
        return class_id

    def find(self, name: str) -> int | None:
        """Return the id of the class in use that bears a name, or took over one that bore it; None if there is none."""
        live = self.live
        found = [number for number, entry in enumerate(self.entries) if entry.name == name]
        found.sort(key=lambda number: number not in live)
        return self.resolve(found[0]) if found else None

    def add(self, name: str | None = None, color: Color | None = None) -> StudioClasses:
        """Add a class: called "class 3" (or the next number that is free) and coloured unlike the others if not said.

        Raises
        ------
        InputError
            If the name is empty, too long or in use, the colour is out of range, or there are 255 classes already.
        """
        if len(self.entries) >= MAX_CLASSES:
            raise InputError(f"there are {MAX_CLASSES} classes already, the most that a mask can hold")
        name = self._default_name() if name is None else self._checked_name(name)
        used = [self.entries[number].color for number in self.live]
        color = next_color(used) if color is None else _checked_color(color)
        return StudioClasses((*self.entries, StudioClass(name, color)))

    def rename(self, class_id: int, name: str) -> StudioClasses:
        """Give a class another name; raises InputError as `check`, and as `add` for the name."""
        self.check(class_id)
        return self._changed(class_id, name=self._checked_name(name, class_id))

    def recolour(self, class_id: int, color: Color) -> StudioClasses:
        """Give a class another colour; raises InputError as `check`, and if the colour is out of range."""
        self.check(class_id)
        return self._changed(class_id, color=_checked_color(color))

    def lock(self, class_id: int, locked: bool) -> StudioClasses:
        """Lock or unlock a class; raises InputError as `check`."""
        self.check(class_id)
        return self._changed(class_id, locked=locked)

    def unlocked(self) -> StudioClasses:
        """Return the classes with none of them locked."""
        return StudioClasses(tuple(replace(entry, locked=False) for entry in self.entries))

    def merge(self, source: int, target: int) -> StudioClasses:
        """Retire the class `source`, of which `target` has everything from now on.

        Raises
        ------
        InputError
            If they are the same, or one of them is unknown, retired or locked.
        """
        self.check_unlocked(source)
        self.check_unlocked(target)
        if source == target:
            raise InputError(f"the class {self.entries[source].name!r} cannot be merged into itself; choose another")
        return self._changed(source, merged_into=target)

    def table(self) -> ClassTable:
        """Return names and colours by id; a retired class is called "window (merged into wall)" and keeps its place.

        Raises
        ------
        InputError
            If there are no classes.
        """
        if not self.entries:
            raise InputError("there are no classes yet; add one, or choose a preset")
        names = {number: self.entries[number].name for number in self.live}
        taken = set(names.values())
        for number, entry in enumerate(self.entries):
            if entry.merged_into is None:
                continue
            into = self.entries[self.resolve(number)].name
            names[number] = _free_name(f"{entry.name} (merged into {into})", taken)
            taken.add(names[number])
        ids = range(len(self.entries))
        return ClassTable(tuple(names[number] for number in ids), tuple(entry.color for entry in self.entries))

    def _check_merges(self) -> None:
        for number, entry in enumerate(self.entries):
            steps, at = 0, entry.merged_into
            while at is not None:
                steps += 1
                if not 0 <= at < len(self.entries) or steps > len(self.entries):
                    raise InputError(f"the class {number} ({entry.name}) is merged into one that is not in use")
                at = self.entries[at].merged_into

    def _changed(self, class_id: int, **changes: Any) -> StudioClasses:
        changed = replace(self.entries[class_id], **changes)
        if changed == self.entries[class_id]:
            return self
        return StudioClasses((*self.entries[:class_id], changed, *self.entries[class_id + 1 :]))

    def _default_name(self) -> str:
        number = len(self.entries) + 1
        while self._bearer(f"class {number}") is not None:
            number += 1
        return f"class {number}"

    def _checked_name(self, name: str, bearer: int | None = None) -> str:
        name = name.strip()
        if not name:
            raise InputError("a class needs a name; got an empty one")
        if len(name) > MAX_NAME or not name.isprintable():
            raise InputError(f"a class name has at most {MAX_NAME} characters on one line; got {name[:MAX_NAME]!r}...")
        if self._bearer(name) not in (None, bearer):
            raise InputError(f"there is a class {name!r} already; choose another name, or merge the two")
        return name

    def _bearer(self, name: str) -> int | None:
        return next((number for number in self.live if self.entries[number].name == name), None)


def _free_name(name: str, taken: set[str]) -> str:
    candidate, number = name, 2
    while candidate in taken:
        candidate, number = f"{name} ({number})", number + 1
    return candidate


def _checked_color(color: Color) -> Color:
    if len(color) != 3 or not all(0 <= value <= 255 for value in color):
        raise InputError(f"a colour is three whole numbers 0..255; got {color}")
    r, g, b = (int(value) for value in color)
    return r, g, b


def color_to_hex(color: Color) -> str:
    """Return a colour (r, g, b), each 0..255, as "#rrggbb"."""
    return "#{:02x}{:02x}{:02x}".format(*color)


def color_from_hex(text: str) -> Color:
    """Return the colour that "#rrggbb" (or "rrggbb") says as (r, g, b), each 0..255.

    Raises
    ------
    InputError
        If it says none.
    """
    match = _HEX.fullmatch(text.strip())
    if match is None:
        raise InputError(f'a colour must be written as "#rrggbb", such as "#e69f00"; got {text!r}')
    r, g, b = bytes.fromhex(match[1])
    return r, g, b
