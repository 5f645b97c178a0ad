"""Draws a desk's open scene on the canvas, and tells the desk what is done there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hyperpoint.cube import IndexArray
from hyperpoint.studio.classes import color_to_hex
from hyperpoint.studio.layers import confidence_levels
from hyperpoint.studio.views.canvas import Canvas
from hyperpoint.studio.views.latest import Latest
from hyperpoint.studio.watching import Part
from hyperpoint.types import IGNORE, UInt8Array

if TYPE_CHECKING:
    from hyperpoint.studio.current import Current
    from hyperpoint.studio.desk import Desk


class Painter:
    """Keeps a canvas as its desk has it.

    Parameters
    ----------
    desk, canvas
        Which shows which.
    pictures
        Makes pictures that take a while.
    """

    def __init__(self, desk: Desk, canvas: Canvas, pictures: Latest) -> None:
        self._desk, self._canvas, self._pictures = desk, canvas, pictures
        canvas.on_tap, canvas.on_select, canvas.on_move = desk.edit.tap, desk.edit.select, desk.edit.move
        canvas.on_stroke = desk.edit.stroke
        canvas.on_paint = self._paint
        canvas.on_rectangle = lambda *corners: desk.draw_white(corners)
        # The scenes whose picture, borders and comparison the canvas shows, and the labels it shows.
        self._pictured: Current | None = None
        self._bordered: Current | None = None
        self._compared: Current | None = None
        self._labelled: tuple[Any, ...] = ()
        self._corrected: tuple[Any, ...] = ()

    def update(self, parts: frozenset[Part]) -> None:
        """Draw anew what depends on the parts that changed."""
        current = self._desk.current
        if current is None:
            return
        if "picture" in parts or self._pictured is not current:
            self._draw_picture(current)
        if parts & {"viewing", "classes"}:
            self._set_tools(current)
        if parts & {"labels", "viewing", "classes", "picture"}:
            self._draw_overlay(current)
            self._draw_corrected(current)
        if parts & {"viewing", "scene"}:
            self._draw_borders(current)
            self._compare(current)
        if parts & {"points", "classes"}:
            self._draw_points(current)
        if "advice" in parts:
            self._draw_suggestions()
        if "centre" in parts and self._desk.advice.centre is not None:
            self._canvas.reveal(*self._desk.advice.centre)

    def _paint(self, kind: str, pixels: IndexArray) -> None:
        self._desk.edit.paint(pixels, erase=kind == "erase")

    def _draw_picture(self, current: Current) -> None:
        viewing, layers = self._desk.viewing, current.opened.layers
        if viewing.layer == "rgb" or self._pictured is not current:  # a new scene begins with its rgb image
            self._pictures.drop("picture")
            self._canvas.set_picture(layers.rgb())
        self._pictured = current
        if viewing.layer == "rgb":
            return
        layer, band, bands, stretch = viewing.layer, viewing.band, viewing.bands, viewing.stretch

        def work() -> UInt8Array:
            if layer == "band":
                return layers.band(band, stretch)
            return layers.bands(bands, stretch) if layer == "bands" else layers.false_colour(stretch)

        def done(picture: UInt8Array) -> None:
            if self._desk.current is current:
                (self._canvas.set_grey if picture.ndim == 2 else self._canvas.set_picture)(picture)

        self._pictures.run("picture", work, done)

    def _set_tools(self, current: Current) -> None:
        viewing, active = self._desk.viewing, self._desk.edit.active
        classes = current.session.state.classes
        color = "#ffffff" if active is None or active >= len(classes) else color_to_hex(classes[active].color)
        self._canvas.set_brush(viewing.radius, color)
        self._canvas.set_tool(viewing.tool)
        self._canvas.set_opacity(viewing.opacity)
        self._canvas.set_overlay_visible(not viewing.is_overlay_hidden and viewing.tool != "swipe")

    def _draw_overlay(self, current: Current) -> None:
        """Show what lies over the picture, if it is not what is shown already: images are large."""
        overlay = self._desk.viewing.overlay
        state, annotation = current.session.state, current.annotation
        classes = state.classes
        wanted = (current, overlay, annotation, state.corrections, classes)
        if len(wanted) == len(self._labelled) and all(a is b for a, b in zip(wanted, self._labelled, strict=True)):
            return
        self._labelled = wanted
        palette = np.zeros((256, 3), dtype=np.uint8)
        palette[: len(classes)] = [entry.color for entry in classes.entries] or np.zeros((0, 3))
        self._canvas.set_labels(current.labels if overlay == "labels" else None, palette)
        if overlay == "confidence" and annotation is not None:
            self._canvas.set_confidence(confidence_levels(annotation.confidence, annotation.labels))
        else:
            self._canvas.set_confidence(None)

    def _draw_corrected(self, current: Current) -> None:
        """Show what was corrected by hand: with what lies over the picture, and always while it is being changed."""
        viewing, corrections = self._desk.viewing, current.session.state.corrections
        is_wanted = viewing.overlay != "none" or viewing.tool in ("correct", "erase")
        wanted = (current, corrections, is_wanted)
        if len(self._corrected) == 3 and all(a is b for a, b in zip(wanted, self._corrected, strict=True)):
            return
        self._corrected = wanted
        corrected = (corrections != IGNORE).view(np.uint8)
        self._canvas.set_corrected(corrected if is_wanted and corrected.any() else None)

    def _draw_borders(self, current: Current) -> None:
        if not self._desk.viewing.borders:
            self._pictures.drop("borders")
            if self._bordered is not None:
                self._canvas.set_borders(None)
            self._bordered = None
        elif self._bordered is not current:
            self._bordered = current
            self._pictures.run("borders", current.opened.layers.borders, self._canvas.set_borders)

    def _compare(self, current: Current) -> None:
        if self._desk.viewing.tool != "swipe":
            self._pictures.drop("swipe")
            if self._compared is not None:
                self._canvas.set_swipe(None)
            self._compared = None
        elif self._compared is not current:
            self._compared = current
            layers = current.opened.layers
            self._pictures.run(
                "swipe", lambda: (layers.rgb(), layers.rendered()), lambda two: self._canvas.set_swipe(*two)
            )

    def _draw_points(self, current: Current) -> None:
        state = current.session.state
        points = state.points
        colors = [color_to_hex(state.classes[c].color) if c < 255 else "#808080" for c in points.labels.tolist()]
        pixels = zip(points.rows.tolist(), points.cols.tolist(), strict=True)
        suspects = [pixel in current.suspects for pixel in pixels]
        self._canvas.set_points(points.rows, points.cols, colors, suspects, self._desk.edit.selected)

    def _draw_suggestions(self) -> None:
        found = self._desk.advice.suggestions
        if found is None:
            self._canvas.set_suggestions([], [], [])
        else:
            self._canvas.set_suggestions(found.rows, found.cols, list(range(1, len(found) + 1)))
