"""The bare figure of the canvas, and the callback that is the browser's side of it."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from bokeh.models import CustomJS, Range1d
from bokeh.plotting import figure

_SCRIPTS = ("layers", "viewport", "region", "surface", "gestures", "canvas")
# Bokeh does not clear the outermost pixels of a figure; nothing is drawn there (surface.js knows the same width).
_EDGE = 1
_STYLE = (
    ":host { background: var(--hp-canvas-background, var(--panel-background-color, transparent)); overflow: hidden; }"
)


def empty_figure() -> figure:
    """Return a figure that is nothing but its frame, with rows counted downwards."""
    plot = figure(
        x_range=Range1d(start=0, end=1), y_range=Range1d(start=1, end=0), tools="", toolbar_location=None,
        sizing_mode="stretch_both",
        min_border=_EDGE, outline_line_color=None, background_fill_color=None, border_fill_color=None,
        stylesheets=[_STYLE],
    )  # fmt: skip
    plot.axis.visible = False
    plot.grid.visible = False
    return plot


def sync_callback(models: dict[str, Any]) -> CustomJS:
    """Return the callback that makes the browser show what `models` say; canvas.js knows them by these names."""
    folder = files("hyperpoint.studio.views") / "javascript"
    code = "\n".join((folder / f"{name}.js").read_text(encoding="utf-8") for name in _SCRIPTS)
    return CustomJS(args=models, code=code, module=True)
