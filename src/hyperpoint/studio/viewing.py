"""What a tab shows and which tool is at hand: nothing of it changes a label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Layer = Literal["rgb", "band", "bands", "false colour"]
Overlay = Literal["labels", "confidence", "none"]
Tool = Literal["point", "brush", "correct", "erase", "rectangle", "swipe"]


@dataclass
class Viewing:
    """The choices of one tab.

    Attributes
    ----------
    layer, band, bands
        Which picture lies below; `band` and `bands` (red, green, blue) count from 0.
    stretch
        The share of pixels, in percent, that the contrast stretch clips at each end.
    overlay, opacity, is_overlay_hidden, borders
        What lies over it.
    tool, radius
        What a drag does, and how wide correction brush and eraser are, in pixels.
    normalised, show_score
        Whether the spectrum panel divides by the maximum; whether the score against a truth is shown.
    """

    layer: Layer = "rgb"
    band: int = 0
    bands: tuple[int, int, int] = (0, 0, 0)
    stretch: float = 2.0
    overlay: Overlay = "labels"
    opacity: float = 0.5
    is_overlay_hidden: bool = False
    borders: bool = False
    tool: Tool = "point"
    radius: int = 8
    normalised: bool = False
    show_score: bool = False
