"""Points, suspects, the selected point and suggestions: of constant size on the screen, seen on any background."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from bokeh.models import ColumnDataSource
from bokeh.plotting import figure
from numpy.typing import ArrayLike

from hyperpoint.errors import InputError

_SUSPECT = "#ff3b30"
_SUGGESTION = "#0a84ff"


class Markers:
    """What is marked on the canvas.

    Parameters
    ----------
    plot
        The figure that the markers are added to, above everything that it shows already.
    """

    def __init__(self, plot: figure) -> None:
        self.points = ColumnDataSource(data={"x": [], "y": [], "color": []})
        self.suspects = ColumnDataSource(data={"x": [], "y": []})
        self.selected = ColumnDataSource(data={"x": [], "y": []})
        self.suggestions = ColumnDataSource(data={"x": [], "y": [], "text": []})
        # A dark ring round a light one round the colour: one of them always shows.
        for size, color, alpha in ((17, "#000000", 0.75), (14, "#ffffff", 1.0)):
            plot.scatter("x", "y", source=self.points, size=size, color=color, alpha=alpha, line_color=None)
        plot.scatter("x", "y", source=self.points, size=10, fill_color="color", line_color=None)
        for width, color in ((4.5, "#000000"), (2.5, _SUSPECT)):
            plot.scatter(
                "x", "y", source=self.suspects, size=25, fill_color=None, line_color=color, line_width=width,
                line_dash="solid" if color == "#000000" else [5, 3],
            )  # fmt: skip
        for width, color in ((5, "#000000"), (2.5, "#ffffff")):
            plot.scatter("x", "y", source=self.selected, size=24, fill_color=None, line_color=color, line_width=width)
        for size, color in ((27, "#000000"), (25, "#ffffff"), (22, _SUGGESTION)):
            plot.scatter("x", "y", source=self.suggestions, size=size, color=color, line_color=None)
        plot.text(
            "x", "y", text="text", source=self.suggestions, text_align="center", text_baseline="middle",
            text_color="#ffffff", text_font_size="13px", text_font_style="bold", text_font={"value": "sans-serif"},
        )  # fmt: skip

    def set_points(
        self,
        rows: ArrayLike,
        cols: ArrayLike,
        colors: Sequence[str],
        suspects: ArrayLike | None = None,
        selected: tuple[int, int] | None = None,
    ) -> None:
        """Show points; see `Canvas.set_points`."""
        y, x = _centres(rows), _centres(cols)
        if not len(y) == len(x) == len(colors):
            raise InputError(f"points need a row, a column and a colour each; got {len(y)}, {len(x)} and {len(colors)}")
        _replace(self.points, x=x, y=y, color=list(colors))
        doubted = np.zeros(len(x), dtype=bool) if suspects is None else np.asarray(suspects, dtype=bool)
        _replace(self.suspects, x=x[doubted], y=y[doubted])
        row, col = ([], []) if selected is None else ([selected[0]], [selected[1]])
        _replace(self.selected, x=_centres(col), y=_centres(row))

    def set_suggestions(self, rows: ArrayLike, cols: ArrayLike, numbers: Sequence[int]) -> None:
        """Show numbered suggestions."""
        _replace(self.suggestions, x=_centres(cols), y=_centres(rows), text=[str(number) for number in numbers])


def _centres(pixels: ArrayLike) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.asarray(pixels, dtype=np.float64).ravel() + 0.5


def _replace(source: ColumnDataSource, **columns: object) -> None:
    """Send columns to the browser unless they are there already."""
    if any(list(source.data[name]) != list(values) for name, values in columns.items()):  # type: ignore[call-overload]
        source.data = columns
