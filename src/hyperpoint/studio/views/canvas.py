"""The canvas: a picture with labels over it and points on it, on which one clicks and draws."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, get_args

import numpy as np
import panel as pn
from numpy.typing import ArrayLike

from hyperpoint.cube import IndexArray
from hyperpoint.errors import InputError
from hyperpoint.studio.views import palettes
from hyperpoint.studio.views.markers import Markers
from hyperpoint.studio.views.messages import CanvasState, Commands
from hyperpoint.studio.views.picture_layers import PictureLayer, Planes
from hyperpoint.studio.views.plot import empty_figure, sync_callback
from hyperpoint.studio.views.strokes import pixels_along, pixels_under_brush
from hyperpoint.types import UInt8Array

Tool = Literal["point", "brush", "correct", "erase", "rectangle", "swipe"]

_SHARED = ("tool", "opacity", "overlay_visible", "commands", "answered", "heard")


def _ignore(*_: Any) -> None:
    """Do nothing: nobody listens."""


class Canvas:
    """A picture that keeps its place: pan by dragging, zoom by the wheel, click points, draw strokes.

    Rows and columns count pixels of the picture, from 0 at the top left. Setters return at once; what they change is
    drawn in the browser. Whoever owns the canvas sets the callbacks.

    Attributes
    ----------
    on_tap
        Called with (row, col) after a click in the tool "point" beside every point.
    on_select
        Called with (row, col) of a point that was clicked.
    on_move
        Called with (row, col) of a point that was dragged, and the (row, col) it was dropped on.
    on_stroke
        Called with (rows, cols), each (n,) int64: the pixels along a stroke of the tool "brush", in its order.
    on_paint
        Called with "correct" or "erase", and flat indices (n,) int64, ascending: the pixels under that brush.
    on_hover
        Called with (row, col) of the pixel under the cursor, or (None, None) once it has left the picture.
    on_rectangle
        Called with (r0, c0, r1, c1) of a rectangle that was drawn; r1 and c1 lie outside.
    state
        Bokeh model of what both sides share, for links in the browser: `opacity`, `overlay_visible`.
    """

    def __init__(self) -> None:
        self.on_tap: Callable[[int, int], None] = _ignore
        self.on_select: Callable[[int, int], None] = _ignore
        self.on_move: Callable[[tuple[int, int], tuple[int, int]], None] = _ignore
        self.on_stroke: Callable[[IndexArray, IndexArray], None] = _ignore
        self.on_paint: Callable[[str, IndexArray], None] = _ignore
        self.on_hover: Callable[[int | None, int | None], None] = _ignore
        self.on_rectangle: Callable[[int, int, int, int], None] = _ignore
        self.state = CanvasState()
        self._commands = Commands(self.state)
        self._plot = empty_figure()
        self._base = PictureLayer(self._plot, palettes.grey())
        self._confidence = PictureLayer(self._plot, palettes.heat())
        self._labels = PictureLayer(self._plot, palettes.classes(np.zeros((256, 3), dtype=np.uint8)))
        self._borders = PictureLayer(self._plot, palettes.lines((255, 214, 10), 0.75))
        self._left, self._right = Planes(), Planes()
        self._corrected = Planes()
        self._markers = Markers(self._plot)
        self._listen()
        self._pane = pn.pane.Bokeh(  # type: ignore[no-untyped-call]
            self._plot, sizing_mode="stretch_both", min_height=0, margin=0, css_classes=["hp-canvas"]
        )

    def panel(self) -> pn.viewable.Viewable:
        """Return the Panel object, which fills its parent."""
        return self._pane

    # --- pictures

    def set_picture(self, rgb: UInt8Array) -> None:
        """Show a picture (H, W, 3) uint8; one of another size than the last is fitted to the window."""
        _check(rgb, "a picture", ndim=3)
        self._resized((rgb.shape[0], rgb.shape[1]))
        self._base.planes.send_rgb(rgb)
        self._push()

    def set_grey(self, values: UInt8Array, palette: UInt8Array | None = None) -> None:
        """Show a single band (H, W) uint8, by a palette (256, 3) uint8; None: from black to white."""
        _check(values, "a band")
        self._resized((values.shape[0], values.shape[1]))
        self._base.set_palette(palettes.grey() if palette is None else palettes.with_opacity(palette))
        self._base.planes.send(values)
        self._push()

    def set_labels(self, labels: UInt8Array | None, palette: UInt8Array | None = None) -> None:
        """Show labels (H, W) uint8 in the colours (256, 3) uint8; 255 is transparent. None: the colours stay."""
        if palette is not None:
            self._labels.set_palette(palettes.classes(palette))
        self._overlay(self._labels, labels)

    def set_palette(self, palette: UInt8Array) -> None:
        """Show the labels in other colours, (256, 3) uint8."""
        self._labels.set_palette(palettes.classes(palette))
        self._push()

    def set_confidence(self, confidence: UInt8Array | None) -> None:
        """Show a heat map of the confidence, (H, W) uint8 from none to full; None: no heat map."""
        self._overlay(self._confidence, confidence)

    def set_borders(self, borders: UInt8Array | None) -> None:
        """Show borders of superpixels, (H, W) uint8, 1 on a border and 0 beside; None: no borders."""
        self._overlay(self._borders, borders)

    def set_corrected(self, corrected: UInt8Array | None) -> None:
        """Outline and hatch pixels that were corrected by hand, (H, W) uint8, 0 where not; None: nothing."""
        if corrected is None:
            self._corrected.send()
        else:
            _check(corrected, "corrections", size=self._size)
            self._corrected.send(corrected)
        self._push()

    def set_opacity(self, opacity: float) -> None:
        """Show the labels this opaque, 0..1; no image is sent."""
        self.state.opacity = float(opacity)
        self._push()

    def set_overlay_visible(self, visible: bool) -> None:
        """Show or hide labels, heat map, borders and corrections; no image is sent."""
        self.state.overlay_visible = visible
        self._push()

    def set_swipe(self, left: UInt8Array | None, right: UInt8Array | None = None) -> None:
        """Compare two pictures (H, W, 3) uint8 by a divider that can be dragged in the tool "swipe".

        They lie over the picture and must have its size. None ends the comparison: the picture is shown again.
        """
        if left is None or right is None:
            self._left.send()
            self._right.send()
        else:
            for picture in (left, right):
                _check(picture, "a picture to compare", ndim=3, size=self._size)
            self._left.send_rgb(left)
            self._right.send_rgb(right)
        self._push()

    # --- points

    def set_points(
        self,
        rows: ArrayLike,
        cols: ArrayLike,
        colors: Sequence[str],
        suspects: ArrayLike | None = None,
        selected: tuple[int, int] | None = None,
    ) -> None:
        """Show points.

        Parameters
        ----------
        rows, cols
            (n,) whole numbers.
        colors
            One "#rrggbb" a point.
        suspects
            (n,) bool: points that get a dashed red ring; None: none.
        selected
            (row, col) that gets a bright ring; None: none.
        """
        self._markers.set_points(rows, cols, colors, suspects, selected)
        self._push()

    def set_suggestions(self, rows: ArrayLike, cols: ArrayLike, numbers: Sequence[int]) -> None:
        """Show numbered places where a click would help most."""
        self._markers.set_suggestions(rows, cols, numbers)
        self._push()

    # --- tools and view

    def set_tool(self, tool: Tool) -> None:
        """Choose what a click and a drag do.

        Raises
        ------
        InputError
            If there is no such tool.
        """
        if tool not in get_args(Tool):
            raise InputError(f"unknown tool {tool!r}; known are: {', '.join(get_args(Tool))}")
        self.state.tool = tool
        self._push()

    def set_brush(self, radius: float, color: str) -> None:
        """Set the radius of correction brush and eraser, in pixels of the picture, and the colour of a stroke."""
        self.state.brush_radius = float(radius)
        self.state.brush_color = color
        self._push()

    def fit(self) -> None:
        """Show the whole picture."""
        self._command("fit")

    def zoom(self, factor: float) -> None:
        """Enlarge (factor above 1) or reduce (below 1) what is seen, about the middle of the window."""
        self._command("zoom", float(factor))

    def reveal(self, row: float, col: float) -> None:
        """Bring a pixel that is not well in view to the middle of the window, as large as pixels are now."""
        self._command("reveal", float(row) + 0.5, float(col) + 0.5)

    # --- inside

    @property
    def _size(self) -> tuple[int, int]:
        return self._base.planes.size or (0, 0)

    def _resized(self, size: tuple[int, int]) -> None:
        """Take away what lies over a picture of another size."""
        if size != self._size:
            for layer in (self._labels, self._confidence, self._borders):
                layer.planes.send()
            for planes in (self._left, self._right, self._corrected):
                planes.send()

    def _overlay(self, layer: PictureLayer, values: UInt8Array | None) -> None:
        if values is None:
            layer.planes.send()
        else:
            _check(values, "an overlay", size=self._size)
            layer.planes.send(values)
        self._push()

    def _command(self, name: str, *values: float) -> None:
        self._commands.send(name, *values)
        self._push()

    def _push(self) -> None:
        """Bring changes into a notebook; a server does so by itself."""
        pn.io.push_notebook(self._pane)

    def _listen(self) -> None:
        layers = {"base": self._base, "labels": self._labels, "confidence": self._confidence, "borders": self._borders}
        models: dict[str, Any] = {
            "figure": self._plot, "state": self.state, "points": self._markers.points,
            "left_planes": self._left.source, "right_planes": self._right.source,
            "corrected_planes": self._corrected.source,
        }  # fmt: skip
        for name, layer in layers.items():
            models |= layer.models(name)
        # One callback for all: the browser's side is one object, which finds out by itself what has changed.
        sync = sync_callback(models)
        for name in ("inner_width", "inner_height"):
            self._plot.js_on_change(name, sync)
        self._plot.js_on_event("mouseenter", sync)  # a view that was laid out anew at the same size
        for name in _SHARED:
            self.state.js_on_change(name, sync)
        for name, model in models.items():
            if name.endswith(("planes", "palette")) or name == "points":
                model.js_on_change("data", sync)
        self.state.on_change("event", lambda _attr, _old, new: self._heard(new))
        self.state.on_change("hover", lambda _attr, _old, new: self._hovered(new))

    def _heard(self, event: list[Any]) -> None:
        number, name, *values = event
        try:
            self._answer(name, values)
        finally:
            self.state.answered = int(number)

    def _answer(self, name: str, values: list[Any]) -> None:
        if name in ("tap", "select"):
            getattr(self, f"on_{name}")(int(values[0]), int(values[1]))
        elif name == "move":
            self.on_move((int(values[0]), int(values[1])), (int(values[2]), int(values[3])))
        elif name == "rectangle":
            self.on_rectangle(*(int(value) for value in values))
        elif name == "brush":
            self.on_stroke(*pixels_along(values[0], values[1], self._size))
        elif name in ("correct", "erase"):
            self.on_paint(name, pixels_under_brush(values[0], values[1], self.state.brush_radius, self._size))

    def _hovered(self, message: list[Any]) -> None:
        number, *pixel = message
        try:
            self.on_hover(*((int(pixel[0]), int(pixel[1])) if pixel else (None, None)))
        finally:
            self.state.heard = int(number)


def _check(values: UInt8Array, what: str, ndim: int = 2, size: tuple[int, int] | None = None) -> None:
    expected = "(H, W, 3)" if ndim == 3 else "(H, W)"
    fits = values.ndim == ndim and (ndim == 2 or values.shape[2] == 3)
    if not fits or values.dtype != np.uint8:
        raise InputError(f"{what} must be {expected} uint8; got {values.dtype} of shape {values.shape}")
    if size is not None and values.shape[:2] != size:
        raise InputError(f"{what} must be as large as the picture, {size}; got {values.shape[:2]}")
