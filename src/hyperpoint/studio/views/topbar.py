"""The bar at the top: which scene is open, undo and redo; and what to do first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hyperpoint.studio.views.section import Section, do

if TYPE_CHECKING:
    from hyperpoint.studio.desk import Desk


def describe(desk: Desk) -> dict[str, Any]:
    """Say what the bar shows."""
    entries, current = desk.workspace.entries, desk.current
    if current is None:
        return {
            "hasScene": False, "editable": False, "scene": "", "position": 0, "total": len(entries), "done": False,
            "canUndo": False, "canRedo": False, "saved": "", "hint": "",
        }  # fmt: skip
    can_edit = desk.can_edit
    return {
        "hasScene": True,
        "editable": can_edit,
        "scene": current.entry.key,
        "position": entries.index(current.entry) + 1,
        "total": len(entries),
        "done": current.store.progress == "done",
        "canUndo": current.session.can_undo,
        "canRedo": current.session.can_redo,
        "saved": "Saved" if can_edit else "Read only",
        "hint": desk.hint,
    }


TOP = Section(
    describe,
    frozenset({"scene", "scenes", "points", "classes", "busy"}),
    {"points.undo": do("edit.undo"), "points.redo": do("edit.redo"), "points.delete": do("edit.delete_selected")},
)
