"""The keys of the page: which there are, what they do, and how the help puts it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Binding:
    """Keys that do one thing.

    Attributes
    ----------
    keys
        As the browser's script spells them: "n", "Space", "Ctrl+z", "Ctrl+Shift+z".
    action, values
        What they ask for; "help" is the page's own affair.
    shown, help
        How the list of keys puts it; empty for a key that another line speaks of.
    """

    keys: tuple[str, ...]
    action: str
    values: dict[str, Any] = field(default_factory=dict)
    shown: tuple[str, ...] = ()
    help: str = ""


BINDINGS = (
    Binding(("1",), "classes.nth", {"position": 0}, ("1", "–", "9"), "Choose a class"),
    *(Binding((str(digit),), "classes.nth", {"position": digit - 1}) for digit in range(2, 10)),
    Binding(("n",), "advice.next", {}, ("n",), "Go to the next suggested point"),
    Binding(("Space",), "overlay.hide", {}, ("Space",), "Hide or show the annotation"),
    Binding(("Delete", "Backspace"), "points.delete", {}, ("Delete",), "Remove the selected point"),
    Binding(("Ctrl+z",), "points.undo", {}, ("Ctrl", "Z"), "Undo"),
    Binding(("Ctrl+Shift+z", "Ctrl+y"), "points.redo", {}, ("Ctrl", "Shift", "Z"), "Redo"),
    Binding(("[",), "brush.resize", {"larger": False}, ("[", "]"), "Smaller or larger brush"),
    Binding(("]",), "brush.resize", {"larger": True}),
    Binding(("f",), "fit", {}, ("f",), "Fit the scene into view"),
    Binding((",", "ArrowLeft"), "scenes.step", {"by": -1}, (",", "."), "Previous or next scene"),
    Binding((".", "ArrowRight"), "scenes.step", {"by": 1}),
    Binding(("s", "Ctrl+s"), "save", {}, ("s",), "Save: all is saved already, as you go"),
    Binding(("?",), "help", {}, ("?",), "This list"),
)  # fmt: skip


def described() -> list[dict[str, Any]]:
    """Return the keys as plain data for the browser."""
    return [
        {"keys": list(b.keys), "action": b.action, "values": b.values, "shown": list(b.shown), "help": b.help}
        for b in BINDINGS
    ]
