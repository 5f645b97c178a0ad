"""What hangs on a facade or stands before it: pipes, vents, and the white panel on its tripod."""

from __future__ import annotations

import numpy as np

from hyperpoint.synth.canvas import Canvas, Material
from hyperpoint.synth.draw import Box, clipped, grid
from hyperpoint.synth.materials import metal, white_panel
from hyperpoint.synth.textures import fractal, polygon, soft


def pipe(canvas: Canvas, box: Box, label: int, kind: Material, side: float, rng: np.random.Generator) -> None:
    """Draw a downpipe, shaded as a cylinder, with brackets; it casts a shadow on the wall."""
    _, cols = grid(canvas.shape)
    width = max(box.width, 2.0)
    moved = Box(box.top, box.left - side * 0.7 * width, box.bottom, box.right - side * 0.7 * width)
    canvas.shade(soft(moved.mask(canvas.shape), width * 0.2), sun=0.75, sky=0.2)
    place = np.clip((cols - box.left) / width, 0, 1) * 2 - 1
    round_shade = 0.62 + 0.5 * np.sqrt(np.clip(1 - (place - 0.35 * side) ** 2, 0, 1))
    dirt = fractal(canvas.shape, 4, rng, octaves=2, stretch=5)
    canvas.paint(box.mask(canvas.shape), label, kind, tone=clipped(round_shade + 0.04 * dirt, 0.3, 1.4),
                 state=clipped(0.5 + 0.2 * dirt), sun=float(np.median(canvas.sun)), gloss=0.02)  # fmt: skip


def vent(canvas: Canvas, box: Box, label: int, kind: Material) -> None:
    """Draw a louvred vent."""
    rows, _ = grid(canvas.shape)
    slat = np.mod((rows - box.top) / max(box.height / 8, 2.0), 1.0)
    inner = box.inset(max(box.height * 0.05, 1.0)).mask(canvas.shape)
    tone = np.where(inner, 1.1 - 0.75 * slat, 1.0)
    canvas.paint(box.mask(canvas.shape), label, kind, tone=clipped(tone, 0.2, 1.3), gloss=0.02)


def white_reference(
    canvas: Canvas,
    top: float,
    left: float,
    size: float,
    foot: float,
    labels: tuple[int, int],
    light: tuple[float, float],
) -> None:
    """Stand the white panel on its tripod.

    Parameters
    ----------
    canvas
        Where to draw.
    top, left, size
        Of the panel, pixels.
    foot
        Row where the tripod stands.
    labels
        Class ids of panel and tripod.
    light
        How much of sun and sky the panel gets.
    """
    shape = canvas.shape
    panel = Material(white_panel(), 0.97 * white_panel())
    # Black anodised aluminium is bright in the infrared.
    legs = Material(metal(0.10, 1.3), metal(0.07, 1.1))
    middle, low, thick = left + size / 2, top + size, max(size * 0.10, 1.6)
    hub = low + 0.25 * size
    ground = soft(polygon(shape, [(foot - thick, middle - 0.6 * size), (foot + 2 * thick, middle - 0.4 * size),
                                  (foot + 2 * thick, middle + 1.1 * size), (foot - thick, middle + 0.8 * size)]),
                  max(size * 0.12, 1))  # fmt: skip
    canvas.shade(ground * 0.5)
    for spread, end in ((-0.55, foot), (0.08, foot - 0.1 * size), (0.62, foot + 0.03 * size)):
        leg = [(hub, middle - thick / 2), (hub, middle + thick / 2),
               (end, middle + spread * size + thick / 2), (end, middle + spread * size - thick / 2)]  # fmt: skip
        canvas.paint(polygon(shape, leg), labels[1], legs, tone=1.0, sun=light[0], sky=light[1], gloss=0.02)
    stem = Box(low - 1, middle - 0.7 * thick, hub + thick, middle + 0.7 * thick)
    canvas.paint(stem.mask(shape), labels[1], legs, tone=1.1, sun=light[0], sky=light[1], gloss=0.02)
    board = [
        (top, left),
        (top + 0.03 * size, left + size),
        (low, left + 0.98 * size),
        (low - 0.03 * size, left - 0.02 * size),
    ]
    canvas.paint(polygon(shape, board), labels[0], panel, tone=1.0, sun=light[0], sky=light[1])
