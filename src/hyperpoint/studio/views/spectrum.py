"""The plot of spectra: under the cursor, of the points, and of their classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import panel as pn
from bokeh.models import BasicTicker, ColumnDataSource, PanTool, Range1d, ResetTool, WheelZoomTool
from bokeh.plotting import figure
from numpy.typing import NDArray

from hyperpoint.cube import BoolArray
from hyperpoint.studio.classes import color_to_hex
from hyperpoint.studio.watching import Part

if TYPE_CHECKING:
    from hyperpoint.studio.current import Current
    from hyperpoint.studio.desk import Desk

# More spectra than this are a tangle; those of the points set last are shown.
MAX_PINNED = 40
# Of the vertical axis: room above the highest value, and how much longer than needed it may be before it shrinks.
_MARGIN, _MAX_SLACK = 0.06, 1.6

_THEMES = {
    "dark": {"text": "#9ca4ae", "line": "#2b2f35", "cursor": "#ffffff", "bad": "#9ca4ae"},
    "light": {"text": "#59626d", "line": "#dfe2e6", "cursor": "#111111", "bad": "#59626d"},
}
_STYLE = ":host { background: transparent; }"


class SpectrumPlot:
    """Draws the spectra of a desk's open scene.

    Parameters
    ----------
    desk
        Whose spectra they are.

    Attributes
    ----------
    cursor
        The pixel under the cursor, or None.
    sources
        What is drawn: "bad" bands, "spread" and "means" of the classes, "pinned" of the points, under the "cursor".
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.cursor: tuple[int, int] | None = None
        self.sources = {name: ColumnDataSource() for name in ("bad", "spread", "pinned", "means", "cursor")}
        self._clear()
        self._shown = 0.0, 1.0
        self._drawn: tuple[Any, ...] = ()  # of what the spectra are drawn
        self._x, self._y = Range1d(start=0, end=1), Range1d(start=0, end=1)
        self._plot, self._cursor_line, self._bad = _figure(self._x, self._y, self.sources)
        self._pane = pn.pane.Bokeh(  # type: ignore[no-untyped-call]
            self._plot, sizing_mode="stretch_both", min_height=0, margin=0
        )
        self.set_theme("dark")

    def panel(self) -> pn.viewable.Viewable:
        """Return the Panel object, which fills its parent."""
        return self._pane

    def set_theme(self, name: str) -> None:
        """Draw for a "dark" or a "light" page."""
        colors = _THEMES["light" if name == "light" else "dark"]
        for axis in self._plot.axis:
            axis.major_label_text_color = axis.axis_label_text_color = colors["text"]
            axis.axis_line_color = axis.major_tick_line_color = colors["line"]
        for grid in self._plot.grid:
            grid.grid_line_color = colors["line"]
        self._cursor_line.glyph.line_color = colors["cursor"]
        self._bad.glyph.fill_color = colors["bad"]
        pn.io.push_notebook(self._pane)

    def update(self, parts: frozenset[Part]) -> None:
        """Draw anew what depends on the parts that changed."""
        current = self._desk.current
        if current is None:
            self._clear()
            return
        if "scene" in parts:
            self.cursor = None
            self._new_axis(current)
        if parts & {"scene", "points", "classes", "viewing"}:
            self._draw_points(current)
            self._draw_cursor(current)
            self._fit()
            pn.io.push_notebook(self._pane)

    def hover(self, row: int | None, col: int | None) -> None:
        """Show the spectrum under the cursor; None: it has left the picture."""
        self.cursor = None if row is None or col is None else (row, col)
        if self._desk.current is not None:
            self._draw_cursor(self._desk.current)
            self._fit()
            pn.io.push_notebook(self._pane)

    def describe(self, desk: Desk) -> dict[str, Any]:
        """Say what stands beside the plot."""
        return {"normalised": desk.viewing.normalised, "legend": self._legend()}

    def _legend(self) -> str:
        current = self._desk.current
        if current is None:
            return ""
        if self.cursor is None:
            return "Line: mean of a class, band: ± 1 s.d." if len(current.session.state.points) else ""
        row, col = self.cursor
        place = f"row {row}, col {col}"
        label = int(current.labels[row, col])
        if label == 255:
            return place
        sure = ""
        if current.session.state.corrections[row, col] != 255:
            sure = ", corrected"
        elif current.annotation is not None and current.annotation.labels[row, col] == label:
            sure = f" {100 * current.annotation.confidence[row, col]:.0f} %"
        return f"{place} · {current.session.state.classes[label].name}{sure}"

    def _clear(self) -> None:
        self._drawn = ()
        self.sources["bad"].data = {"left": [], "right": []}
        self.sources["spread"].data = {"xs": [], "ys": [], "color": []}
        for name in ("pinned", "means"):
            self.sources[name].data = {"xs": [], "ys": [], "color": [], "width": []}
        self.sources["cursor"].data = {"x": [], "y": []}

    def _new_axis(self, current: Current) -> None:
        spectra = current.opened.spectra
        axis = spectra.axis
        left, right = bad_ranges(axis, spectra.bad)
        self.sources["bad"].data = {"left": left, "right": right}
        self._x.update(start=float(axis[0]), end=float(max(axis[-1], axis[0] + 1)))
        self._plot.xaxis.axis_label = "wavelength / nm" if spectra.is_in_nm else "band"

    def _draw_points(self, current: Current) -> None:
        """Draw the spectra of points and classes, if they are not what is drawn already: there are many."""
        spectra, state = current.opened.spectra, current.session.state
        axis, normalise = spectra.axis, self._desk.viewing.normalised
        wanted = (current, state.points, state.classes, self._desk.edit.selected, normalise)
        if len(self._drawn) == len(wanted) and all(a is b for a, b in zip(wanted, self._drawn, strict=True)):
            return
        self._drawn = wanted
        points = state.points.annotated
        colors = {c: color_to_hex(state.classes[c].color) for c in range(len(state.classes))}
        newest = np.arange(max(0, len(points) - MAX_PINNED), len(points))
        last = points.subset(newest[np.argsort(newest % MAX_PINNED)])  # a new point takes the place of the oldest
        pinned = spectra.of_points(last, normalise)
        chosen = [self._desk.edit.selected == at for at in zip(last.rows.tolist(), last.cols.tolist(), strict=True)]
        _send(
            self.sources["pinned"],
            {
                "xs": [axis] * len(last),
                "ys": list(pinned),
                "color": [colors[c] for c in last.labels.tolist()],
                "width": [2.5 if one else 0.8 for one in chosen],
            },
        )
        found = spectra.class_statistics(points, normalise)
        ids = found.class_ids.tolist()
        of_classes = [colors[c] for c in ids]
        _send(
            self.sources["means"],
            {"xs": [axis] * len(ids), "ys": list(found.means), "color": of_classes, "width": [2.0] * len(ids)},
        )
        outlines = [outline(axis, m, d) for m, d in zip(found.means, found.deviations, strict=True)]
        _send(
            self.sources["spread"],
            {"xs": [x for x, _ in outlines], "ys": [y for _, y in outlines], "color": of_classes},
        )

    def _draw_cursor(self, current: Current) -> None:
        spectra = current.opened.spectra
        if self.cursor is None:
            self.sources["cursor"].data = {"x": [], "y": []}
            return
        spectrum = spectra.at(*self.cursor, normalise=self._desk.viewing.normalised)
        self.sources["cursor"].data = {"x": spectra.axis, "y": spectrum}

    def _fit(self) -> None:
        """Have the vertical axis hold what is drawn in good bands; it grows at once and shrinks only by much."""
        assert self._desk.current is not None
        good = ~self._desk.current.opened.spectra.bad
        drawn = [*self.sources["pinned"].data["ys"], self.sources["cursor"].data["y"]]
        values = [np.asarray(y)[good] for y in drawn if len(y)]
        finite = [y[np.isfinite(y)] for y in values]
        finite = [y for y in finite if y.size]
        if not finite:
            return
        low, high = min(float(y.min()) for y in finite), max(float(y.max()) for y in finite)
        low = min(low, 0.0)
        high = max(high, low + 1e-6)
        margin = _MARGIN * (high - low)
        bottom, top = self._shown
        if not (bottom <= low and high <= top and top - bottom < _MAX_SLACK * (high - low)):
            self._shown = low - (margin if low < 0 else 0), high + margin
            self._y.update(start=self._shown[0], end=self._shown[1])


def _send(source: ColumnDataSource, columns: dict[str, list[Any]]) -> None:
    """Give a source the lines it is to have; only those that changed go to the browser: each costs it time."""
    num_old, num_new = (len(each["color"]) for each in (source.data, columns))
    if num_new < num_old or not num_old:
        source.data = {name: list(values) for name, values in columns.items()}  # lists of its own, which it extends
        return
    changed = {
        name: [(i, values[i]) for i, old in enumerate(source.data[name]) if not np.array_equal(old, values[i])]
        for name, values in columns.items()
    }
    if any(changed.values()):
        source.patch({name: patches for name, patches in changed.items() if patches})
    if num_new > num_old:
        source.stream({name: values[num_old:] for name, values in columns.items()})


def bad_ranges(axis: NDArray[np.float64], bad: BoolArray) -> tuple[list[float], list[float]]:
    """Return where runs of bad bands begin and end on the axis, half-way to their good neighbours.

    Parameters
    ----------
    axis
        (bands,) ascending.
    bad
        (bands,) bool.
    """
    middles = np.concatenate([axis[:1], (axis[1:] + axis[:-1]) / 2, axis[-1:]])
    edges = np.diff(np.concatenate([[0], bad.astype(np.int8), [0]]))
    return middles[np.flatnonzero(edges == 1)].tolist(), middles[np.flatnonzero(edges == -1)].tolist()


def outline(
    axis: NDArray[np.float64], mean: NDArray[np.float32], deviation: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the outline of mean ± deviation, there and back again; bands without data are left out."""
    known = np.isfinite(mean) & np.isfinite(deviation)
    x, low, high = axis[known], (mean - deviation)[known], (mean + deviation)[known]
    return np.concatenate([x, x[::-1]]), np.concatenate([low, high[::-1]]).astype(np.float64)


def _figure(x: Range1d, y: Range1d, sources: dict[str, ColumnDataSource]) -> tuple[figure, Any, Any]:
    plot = figure(
        x_range=x, y_range=y, tools=[], toolbar_location=None, sizing_mode="stretch_both",
        min_border=4, min_border_right=14, stylesheets=[_STYLE],
        outline_line_color=None, background_fill_color=None, border_fill_color=None,
    )  # fmt: skip
    wheel = WheelZoomTool(dimensions="width")
    plot.add_tools(PanTool(dimensions="width"), wheel, ResetTool())
    plot.toolbar.active_scroll = wheel
    bad = plot.vstrip("left", "right", source=sources["bad"], fill_alpha=0.16, line_color=None, hatch_alpha=0)
    plot.patches("xs", "ys", source=sources["spread"], fill_color="color", fill_alpha=0.18, line_color=None)
    plot.multi_line("xs", "ys", source=sources["pinned"], line_color="color", line_width="width", line_alpha=0.45)
    plot.multi_line("xs", "ys", source=sources["means"], line_color="color", line_width="width")
    cursor = plot.line("x", "y", source=sources["cursor"], line_width=1.6)
    for axis in plot.axis:
        axis.major_label_text_font_size = axis.axis_label_text_font_size = "11px"
        axis.axis_label_text_font_style = "normal"
        axis.axis_label_text_font = axis.major_label_text_font = "system-ui, sans-serif"
        axis.minor_tick_line_color = None
        axis.major_tick_in, axis.major_tick_out = 0, 3
        axis.axis_label_standoff = 4
        axis.ticker = BasicTicker(desired_num_ticks=5)
    plot.xgrid.visible = False
    return plot, cursor, bad
