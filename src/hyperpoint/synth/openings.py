"""Windows and doors with their frames, sills, panes and the shadows they cast into their own recess."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hyperpoint.cube import BoolArray, FloatArray
from hyperpoint.synth.canvas import Canvas, Material
from hyperpoint.synth.draw import Box, clipped, grid
from hyperpoint.synth.textures import courses, fractal, soft


@dataclass(frozen=True)
class Glazing:
    """What panes are: a dark room behind them, or a blind, and how strongly they mirror."""

    room: Material
    blind: Material
    sky: float
    trees: float


def panes(
    canvas: Canvas,
    mask: BoolArray,
    box: Box,
    label: int,
    glazing: Glazing,
    rng: np.random.Generator,
    blind: float = 0.0,
) -> None:
    """Draw glass that mirrors the sky above and dark trees below; a blind covers the share `blind` of it from above."""
    rows, cols = grid(canvas.shape)
    level = (rows - box.top) / max(box.height, 1)
    skyline = (
        0.40 + 0.16 * fractal(canvas.shape, max(box.width * 0.35, 3), rng, octaves=4) + 0.25 * (rng.random() - 0.5)
    )
    is_sky = soft(level < skyline, 1.0)
    ripple = fractal(canvas.shape, max(box.width * 0.6, 3), rng, octaves=2)
    streak = soft(np.mod((cols - box.left) / max(box.width, 1) + 0.7 * level + rng.random(), 1.0) < 0.18, 2.0)
    gloss = glazing.sky * (is_sky * (0.9 - 0.45 * level) + 0.12) * (1 + 0.10 * ripple) + 0.05 * streak * glazing.sky
    mirror = glazing.trees * (1 - is_sky) * (1 + 0.25 * ripple)
    canvas.paint(mask, label, glazing.room, tone=clipped(0.5 - 0.15 * level, 0.1, 1), state=clipped(0.5 + 0.3 * ripple),
                 gloss=clipped(gloss, 0, 0.9), mirror=clipped(mirror, 0, 0.6))  # fmt: skip
    if blind > 0:
        slats = np.mod(rows / max(box.height / 22, 2.0), 1.0) < 0.25
        low = mask & (level < blind)
        canvas.paint(low, label, glazing.blind, tone=clipped(0.36 - 0.12 * slats, 0, 1),
                     gloss=clipped(0.45 * gloss, 0, 0.5), mirror=clipped(0.45 * mirror, 0, 0.5))  # fmt: skip


def recess(canvas: Canvas, box: Box, depth: float, side: float) -> None:
    """Cast the shadow of a reveal of `depth` pixels into an opening: below the lintel and beside one jamb."""
    rows, cols = grid(canvas.shape)
    inside = box.mask(canvas.shape)
    beside = cols - box.left < depth * 0.8 if side < 0 else box.right - cols < depth * 0.8
    shadow = inside & ((rows - box.top < depth) | beside)
    canvas.shade(soft(shadow, max(depth * 0.12, 0.4)) * inside, sun=0.9, sky=0.25)
    reflecting = 1 - 0.35 * soft(shadow, 1.0) * inside
    canvas.gloss *= reflecting
    canvas.mirror *= reflecting


def frame(canvas: Canvas, box: Box, label: int, kind: Material, bars: list[Box], rng: np.random.Generator) -> None:
    """Draw a frame that fills `box`, and bars across it."""
    grain = fractal(canvas.shape, 4, rng, octaves=2)
    mask = box.mask(canvas.shape)
    for one in bars:
        mask |= one.mask(canvas.shape)
    canvas.paint(mask, label, kind, tone=clipped(1 + 0.04 * grain, 0.5, 1.5), gloss=0.02)


def window(
    canvas: Canvas, box: Box, labels: tuple[int, int, int], kinds: tuple[Material, Material | None],
    glazing: Glazing, thickness: float, side: float, rng: np.random.Generator,
) -> None:  # fmt: skip
    """Draw a window: frame, two or more panes, sill if it has one.

    Parameters
    ----------
    canvas
        Where to draw.
    box
        The opening.
    labels
        Class ids of glass, frame and sill.
    kinds
        Materials of frame and sill; None for no sill.
    glazing
        The panes.
    thickness
        Of the frame, pixels.
    side
        Where the sun stands: -1 left, 1 right.
    rng
        Source of randomness.
    """
    glass, framing, sill = labels
    frame(canvas, box, framing, kinds[0], [], rng)
    columns = 2 if box.width < 1.3 * box.height else 3
    transom = box.top + box.height * rng.choice([0.0, 0.28, 0.35])
    blind = rng.choice([0.0, 0.0, 0.35, 0.6])
    step = box.width / columns
    for column in range(columns):
        left, right = box.left + column * step, box.left + (column + 1) * step
        pane = Box(box.top, left, box.bottom, right).inset(thickness * 0.75)
        parts = [pane]
        if transom > box.top:
            parts = [Box(pane.top, pane.left, transom - thickness * 0.4, pane.right),
                     Box(transom + thickness * 0.4, pane.left, pane.bottom, pane.right)]  # fmt: skip
        for part in parts:
            panes(canvas, part.mask(canvas.shape), box, glass, glazing, rng, blind)
    recess(canvas, box, box.height * 0.07, side)
    if kinds[1] is None:
        return
    ledge = Box(box.bottom, box.left - thickness, box.bottom + 1.8 * thickness, box.right + thickness)
    under = Box(ledge.bottom, ledge.left, ledge.bottom + 1.2 * thickness, ledge.right).mask(canvas.shape)
    canvas.shade(soft(under, thickness * 0.25), sun=0.8, sky=0.25)
    blotches = fractal(canvas.shape, 5, rng, octaves=2)
    rows, _ = grid(canvas.shape)
    lit = np.where(rows < ledge.top + 0.5 * thickness, 1.12, 0.95)
    canvas.paint(ledge.mask(canvas.shape), sill, kinds[1], tone=clipped(lit + 0.05 * blotches, 0.5, 1.5),
                 sun=float(canvas.sun.max()) * 0.95)  # fmt: skip


def door(
    canvas: Canvas, box: Box, labels: tuple[int, int], kinds: tuple[Material, Material], look: str, glazing: Glazing,
    thickness: float, side: float, rng: np.random.Generator,
) -> None:  # fmt: skip
    """Draw a door in its frame; `look` is "smooth", "panelled", "profiled" or "glass".

    Parameters are those of `window`; `labels` and `kinds` are those of leaf and frame.
    """
    leaf, framing = labels
    frame(canvas, box, framing, kinds[1], [], rng)
    inner = Box(box.top + thickness, box.left + thickness, box.bottom, box.right - thickness)
    mask = inner.mask(canvas.shape)
    broad = fractal(canvas.shape, max(inner.width * 0.5, 3), rng, octaves=3)
    rows, cols = grid(canvas.shape)
    tone, gloss = 1 + 0.03 * broad, 0.03 + 0.01 * broad
    if look == "glass":
        middle = (inner.left + inner.right) / 2
        bars = [Box(inner.top, middle - thickness * 0.5, inner.bottom, middle + thickness * 0.5),
                Box(inner.bottom - 2.2 * thickness, inner.left, inner.bottom, inner.right)]  # fmt: skip
        panes(canvas, mask, inner, leaf, glazing, rng)
        frame(canvas, bars[0], framing, kinds[1], bars[1:], rng)
    else:
        if look == "profiled":
            _, grooves = courses(
                cols - inner.left, rows, (max(inner.width / 7, 4), 1e6), max(inner.width / 45, 1), 1, 0.0
            )
            tone = tone - 0.3 * grooves
        if look == "panelled":
            tone = tone + _panels(inner, rows, cols, side)
        canvas.paint(mask, leaf, kinds[0], tone=clipped(tone, 0.2, 1.6), state=clipped(0.5 + 0.25 * broad),
                     gloss=clipped(gloss, 0, 0.2))  # fmt: skip
        knob = Box(inner.top + 0.48 * inner.height, inner.left + 0.08 * inner.width, 0, 0)
        handle = Box(knob.top, knob.left, knob.top + 0.035 * inner.height, knob.left + 0.13 * inner.width)
        canvas.paint(handle.mask(canvas.shape), leaf, glazing.blind, tone=0.9, gloss=0.2)
    recess(canvas, box, box.height * 0.05, side)


def _panels(inner: Box, rows: FloatArray, cols: FloatArray, side: float) -> FloatArray:
    """Return the light and dark edges of two by three sunken panels."""
    high, wide = inner.height / 3, inner.width / 2
    down = np.mod(rows - inner.top, high) / high
    across = np.mod(cols - inner.left, wide) / wide
    inside = (down > 0.12) & (down < 0.9) & (across > 0.14) & (across < 0.86)
    core = (down > 0.17) & (down < 0.85) & (across > 0.21) & (across < 0.79)
    towards = across < 0.5 if side < 0 else across > 0.5
    edge = inside & ~core
    dark = edge & ((down < 0.17) | (towards & (down < 0.85)))
    return np.where(dark, -0.28, np.where(edge, 0.16, 0.0)).astype(np.float32)
