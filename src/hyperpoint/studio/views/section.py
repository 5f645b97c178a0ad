"""A section of the page: what of the desk it shows, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hyperpoint.studio.watching import Part

if TYPE_CHECKING:
    from hyperpoint.studio.desk import Desk

Values = Mapping[str, Any]
Action = Callable[["Desk", Values], None]


@dataclass(frozen=True)
class Section:
    """A section of the page.

    Attributes
    ----------
    describe
        Says what the section shows, as plain data; the browser draws it.
    parts
        Parts of the desk that it depends on.
    actions
        What the browser may ask for by name: functions of the desk and of the values that came with the request.
    """

    describe: Callable[[Desk], dict[str, Any]]
    parts: frozenset[Part]
    actions: Mapping[str, Action] = field(default_factory=dict)


def do(name: str, *values: str) -> Action:
    """Return an action that calls a method of the desk, such as "edit.undo", with some of the values, in order."""

    def action(desk: Desk, given: Values) -> None:
        method: Any = desk
        for part in name.split("."):
            method = getattr(method, part)
        method(*(given[value] for value in values))

    return action
