"""What goes between the canvas in the browser and the one in Python, pictures aside."""

from __future__ import annotations

from typing import Any as Anything

from bokeh.core.properties import Any, Bool, Float, Int, List, String
from bokeh.model import DataModel

NUM_KEPT = 16


class CanvasState(DataModel):
    """The state that both sides share; widgets may be linked to it in the browser.

    Attributes
    ----------
    tool, brush_radius, brush_color
        What a drag does; radius in pixels of the picture, colour as "#rrggbb".
    opacity, overlay_visible
        How the labels are drawn.
    commands
        The last few commands to the browser: [number, name, values...].
    event, hover
        From the browser: [number, name, values...] of what the user did; [number, row, col], or [number] alone where
        the cursor has left the picture.
    answered, heard
        Numbers of the last `event` and the last `hover` that were dealt with.
    """

    # Bokeh's properties are descriptors, which its types do not say.
    tool: str = String(default="point")  # type: ignore[assignment]
    brush_radius: float = Float(default=8)  # type: ignore[assignment]
    brush_color: str = String(default="#ffffff")  # type: ignore[assignment]
    opacity: float = Float(default=0.5)  # type: ignore[assignment]
    overlay_visible: bool = Bool(default=True)  # type: ignore[assignment]
    commands: list[list[Anything]] = List(Any, default=[])  # type: ignore[assignment]
    event: list[Anything] = List(Any, default=[])  # type: ignore[assignment]
    hover: list[Anything] = List(Any, default=[])  # type: ignore[assignment]
    answered: int = Int(default=0)  # type: ignore[assignment]
    heard: int = Int(default=0)  # type: ignore[assignment]


class Commands:
    """Numbered commands: the browser obeys each once, also when two of them arrive together."""

    def __init__(self, state: CanvasState) -> None:
        self._state = state
        self._number = 0

    def send(self, name: str, *values: Anything) -> None:
        """Have the browser's viewport do `name`."""
        self._number += 1
        self._state.commands = [*self._state.commands[1 - NUM_KEPT :], [self._number, name, *values]]
