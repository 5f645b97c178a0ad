"""The line at the bottom: what there is, what is being done, what went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hyperpoint.studio.views.section import Section, Values

if TYPE_CHECKING:
    from hyperpoint.studio.desk import Desk


def describe(desk: Desk) -> dict[str, Any]:
    """Say what the line shows."""
    return {
        "status": desk.status,
        "message": desk.message,
        "work": desk.jobs.title,
        "share": desk.jobs.share,
    }


def _say_saved(desk: Desk, _values: Values) -> None:
    desk.say("Everything is saved as you go: each click is on disk before it is on the screen.")


STATUS = Section(describe, frozenset({"scene", "points", "classes", "message", "busy"}), {"save": _say_saved})
