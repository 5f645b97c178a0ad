"""Images of the canvas: bytes go to the browser, which looks their colours up and draws them."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource
from bokeh.models.renderers import GlyphRenderer
from bokeh.plotting import figure

from hyperpoint.types import UInt8Array


class Planes:
    """Planes of bytes that travel to the browser: none, one (of which a palette makes colours) or three (r, g, b)."""

    def __init__(self) -> None:
        self.source = ColumnDataSource(data={"plane": []})

    @property
    def size(self) -> tuple[int, int] | None:
        """(H, W) of what was sent, or None."""
        planes = self.source.data["plane"]
        return planes[0].shape if len(planes) else None

    def send(self, *planes: UInt8Array) -> None:
        """Replace what is shown by these planes, each (H, W) uint8; by nothing, if there are none.

        What the browser has already is not sent again.
        """
        known = self.source.data["plane"]
        if len(known) != len(planes) or not all(map(np.array_equal, known, planes)):
            self.source.data = {"plane": [plane.copy(order="C") for plane in planes]}

    def send_rgb(self, rgb: UInt8Array) -> None:
        """Replace what is shown by a picture (H, W, 3) uint8."""
        self.send(*(rgb[:, :, channel] for channel in range(3)))


class PictureLayer:
    """One image of the figure, and the bytes that it is made from.

    Parameters
    ----------
    plot
        The figure that it is added to.
    palette
        (256, 4) uint8.
    """

    def __init__(self, plot: figure, palette: UInt8Array) -> None:
        self.planes = Planes()
        self.palette = Planes()
        self.set_palette(palette)
        # Filled by the browser; what is sent is one transparent pixel.
        blank = {"image": [np.zeros((1, 1), dtype=np.uint32)], "width": [1.0], "height": [1.0]}
        self.image = ColumnDataSource(data=blank)
        self.renderer: GlyphRenderer[Any] = plot.image_rgba(
            image="image", x=0, y=0, dw="width", dh="height", source=self.image
        )

    def set_palette(self, palette: UInt8Array) -> None:
        """Replace the (256, 4) uint8 palette."""
        self.palette.send(palette)

    def models(self, name: str) -> dict[str, Any]:
        """Return the models that the browser's side works with, by the names it knows them by."""
        return {
            f"{name}_planes": self.planes.source,
            f"{name}_palette": self.palette.source,
            f"{name}_image": self.image,
            f"{name}_renderer": self.renderer,
        }
