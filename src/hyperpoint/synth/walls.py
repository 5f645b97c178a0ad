"""Surfaces of buildings: what a wall, a beam or a paved ground of each class is made of and looks like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hyperpoint.cube import BoolArray, FloatArray
from hyperpoint.synth.canvas import Canvas, Material
from hyperpoint.synth.draw import clipped, vary
from hyperpoint.synth.materials import cement, iron_earth, wood
from hyperpoint.synth.textures import courses, fractal, scatter


@dataclass(frozen=True)
class Surface:
    """A plane to be covered.

    mask: (H, W) bool. across, down: (H, W) metres on the plane. scale: pixels per metre where it is nearest.
    """

    mask: BoolArray
    across: FloatArray
    down: FloatArray
    scale: float


Painter = Callable[[Canvas, Surface, int, np.random.Generator], Material]


def _at_least(metres: float, pixels: float, surface: Surface) -> float:
    """Keep a pattern wide enough to be seen in small pictures."""
    return max(metres, pixels / surface.scale)


def bricks(canvas: Canvas, on: Surface, label: int, rng: np.random.Generator) -> Material:
    """Lay bricks of two firings, with mortar between; return the more frequent brick."""
    kinds = [
        vary(rng, iron_earth, 0.16, 0.15, level=0.36, hematite=rng.uniform(0.7, 1.3), goethite=0.15, organic=0.05),
        vary(rng, iron_earth, 0.16, 0.15, level=0.30, hematite=rng.uniform(0.5, 1.0), goethite=0.5, organic=0.35),
    ]
    mortar = vary(rng, cement, 0.1, 0.15, level=0.36, iron=0.5, biofilm=0.1)
    unit = (_at_least(0.24, 9, on), _at_least(0.086, 3.5, on))
    joint = _at_least(0.012, 0.9, on)
    value, joints = courses(on.across, on.down, unit, joint, salt=int(rng.integers(2**31)))
    _lay(canvas, on, label, kinds, mortar, value, joints, rng, spread=0.16)
    return kinds[0]


def blocks(canvas: Canvas, on: Surface, label: int, rng: np.random.Generator) -> Material:
    """Lay large blocks of cast stone."""
    kinds = [
        vary(rng, cement, 0.12, 0.1, level=0.44, iron=0.9, biofilm=0.03),
        vary(rng, iron_earth, 0.12, 0.1, level=0.40, hematite=0.06, goethite=0.30, organic=0.12),
    ]
    mortar = vary(rng, cement, 0.1, 0.15, level=0.34, iron=0.3, biofilm=0.1)
    unit = (_at_least(0.40, 12, on), _at_least(0.20, 6, on))
    value, joints = courses(on.across, on.down, unit, _at_least(0.014, 0.9, on), salt=int(rng.integers(2**31)))
    _lay(canvas, on, label, kinds, mortar, value, joints, rng, spread=0.07)
    return kinds[0]


def tiles(canvas: Canvas, on: Surface, label: int, rng: np.random.Generator) -> Material:
    """Lay square tiles of fired clay or stone."""
    hue = rng.uniform(0.05, 0.5)
    kinds = [
        vary(rng, iron_earth, 0.08, 0.15, level=0.46, hematite=hue, goethite=0.45, organic=0.05),
        vary(rng, iron_earth, 0.08, 0.15, level=0.40, hematite=0.6 * hue, goethite=0.7, organic=0.12),
    ]
    grout = vary(rng, cement, 0.1, 0.15, level=0.30, iron=0.3, biofilm=0.2)
    side = _at_least(rng.uniform(0.28, 0.42), 12, on)
    value, joints = courses(
        on.across, on.down, (side, side), _at_least(0.012, 0.9, on), salt=int(rng.integers(2**31)), offset=0.0
    )
    _lay(canvas, on, label, kinds, grout, value, joints, rng, spread=0.05)
    return kinds[0]


def _lay(
    canvas: Canvas, on: Surface, label: int, kinds: list[Material], joint: Material, value: FloatArray,
    joints: BoolArray, rng: np.random.Generator, spread: float,
) -> None:  # fmt: skip
    fine = fractal(canvas.shape, 3, rng, octaves=2)
    broad = fractal(canvas.shape, max(on.scale * 0.9, 4), rng, octaves=4)
    other = (value * 97.0) % 1.0
    tone = clipped(1 + spread * (2 * other - 1) + 0.035 * fine + 0.05 * broad, 0.4, 1.5)
    state = clipped(0.5 + 0.9 * (value - 0.5) + 0.12 * broad)
    second = other < 0.3
    for kind, where in ((kinds[0], ~second), (kinds[1], second)):
        canvas.paint(on.mask & where & ~joints, label, kind, tone=tone, state=state)
    canvas.paint(on.mask & joints, label, joint, tone=clipped(0.86 + 0.05 * fine + 0.06 * broad, 0.4, 1.4), state=state)


def concrete(canvas: Canvas, on: Surface, label: int, rng: np.random.Generator) -> Material:
    """Cast concrete, fair-faced."""
    return cast(canvas, on, label, rng, vary(rng, cement, 0.12, 0.12, level=0.45, iron=0.25, biofilm=0.04, water=0.1))


def trodden(canvas: Canvas, on: Surface, label: int, rng: np.random.Generator) -> Material:
    """Cast concrete that is walked on."""
    kind = vary(rng, cement, 0.12, 0.12, level=0.42, iron=0.45, biofilm=0.1, water=0.2, soot=0.8)
    return cast(canvas, on, label, rng, kind)


def damp(canvas: Canvas, on: Surface, label: int, rng: np.random.Generator) -> Material:
    """Cast concrete near the ground, damp and with algae on it."""
    kind = vary(rng, cement, 0.12, 0.12, level=0.34, iron=0.3, biofilm=1.1, water=1.0)
    return cast(canvas, on, label, rng, kind)


def brown_cast(canvas: Canvas, on: Surface, label: int, rng: np.random.Generator) -> Material:
    """Cast concrete of brown cement."""
    return cast(canvas, on, label, rng, vary(rng, cement, 0.12, 0.12, level=0.46, iron=1.3, water=0.1))


def cast(canvas: Canvas, on: Surface, label: int, rng: np.random.Generator, kind: Material) -> Material:
    """Cast concrete of a given kind: blotchy, with stains that run down and the joints of its formwork."""
    fine = fractal(canvas.shape, 2.5, rng, octaves=2)
    broad = fractal(canvas.shape, max(on.scale * 0.6, 4), rng, octaves=5)
    runs = fractal(canvas.shape, max(on.scale * 0.10, 2), rng, octaves=3, stretch=9)
    panel = (_at_least(1.9, 30, on), _at_least(1.2, 20, on))
    value, joints = courses(on.across, on.down, panel, _at_least(0.012, 0.8, on), int(rng.integers(2**31)), offset=0.0)
    tone = clipped(1 + 0.05 * broad + 0.035 * runs + 0.03 * fine + 0.06 * (value - 0.5) - 0.16 * joints, 0.4, 1.5)
    canvas.paint(on.mask, label, kind, tone=tone, state=clipped(0.5 + 0.25 * broad + 0.12 * runs))
    return kind


def pebbles(canvas: Canvas, on: Surface, label: int, rng: np.random.Generator) -> Material:
    """Washed concrete: pebbles of three stones in cement."""
    bed = vary(rng, cement, 0.1, 0.15, level=0.33, iron=1.2, biofilm=0.05)
    red = rng.uniform(0.1, 0.5)
    stones = [
        vary(rng, iron_earth, 0.12, 0.12, level=0.42, hematite=red, goethite=0.6, organic=0.05),
        vary(rng, iron_earth, 0.12, 0.12, level=0.32, hematite=1.6 * red, goethite=0.5, organic=0.25),
        vary(rng, iron_earth, 0.12, 0.12, level=0.52, hematite=0.5 * red, goethite=0.35),
    ]
    broad = fractal(canvas.shape, max(on.scale * 0.8, 4), rng, octaves=4)
    canvas.paint(on.mask, label, bed, tone=clipped(0.75 + 0.05 * broad, 0.3, 1.3), state=clipped(0.5 + 0.2 * broad))
    number, _, _ = scatter(on.mask, "pebble", max(0.024 * on.scale, 2.0), 1.0, rng)
    piece = rng.random(int(number.max()) + 2)
    value = piece[number]
    for kind, low, high in zip(stones, (0.0, 0.5, 0.75), (0.5, 0.75, 1.0), strict=True):
        where = on.mask & (number >= 0) & (value >= low) & (value < high)
        shade = clipped(0.82 + 0.36 * ((value * 31) % 1) + 0.05 * broad, 0.4, 1.5)
        canvas.paint(where, label, kind, tone=shade, state=clipped((value * 71) % 1))
    return stones[0]


def boards(
    canvas: Canvas,
    on: Surface,
    label: int,
    rng: np.random.Generator,
    kind: Material | None = None,
    upright: bool = False,
) -> Material:
    """Timber boards with grain, each of its own shade, and dark gaps between them."""
    kind = kind or vary(
        rng, wood, 0.14, 0.15, level=0.5, lignin=rng.uniform(0.7, 1.6), weathered=rng.choice([0.05, 0.15, 0.6])
    )
    along, over = (on.down, on.across) if upright else (on.across, on.down)
    unit = (_at_least(2.6, 40, on), _at_least(0.13, 5, on))
    value, joints = courses(along, over, unit, _at_least(0.010, 0.9, on), salt=int(rng.integers(2**31)), offset=0.37)
    if upright:
        grain = fractal(canvas.shape, max(on.scale * 0.02, 1.2), rng, octaves=2, stretch=12)
    else:
        grain = fractal(canvas.shape[::-1], max(on.scale * 0.02, 1.2), rng, octaves=2, stretch=12).T
    tone = clipped(1 + 0.22 * (value - 0.5) + 0.07 * grain - 0.62 * joints, 0.15, 1.5)
    canvas.paint(on.mask, label, kind, tone=tone, state=clipped(0.5 + 0.7 * (value - 0.5) + 0.12 * grain))
    return kind


def sheet(
    canvas: Canvas, on: Surface, label: int, rng: np.random.Generator, kind: Material, profiled: bool
) -> Material:
    """Sheet metal: profiled (upright ribs with a lit and a shaded flank) or flat panels, slightly glossy."""
    broad = fractal(canvas.shape, max(on.scale * 0.8, 4), rng, octaves=3)
    if profiled:
        phase = on.across / _at_least(0.11, 6, on)
        ribs = np.sin(2 * np.pi * phase)
        tone = 0.92 + 0.20 * np.clip(1.6 * ribs, -1, 1) + 0.03 * broad
        gloss = 0.02 + 0.02 * ribs
    else:
        panel = (_at_least(rng.uniform(0.8, 1.3), 20, on), _at_least(rng.uniform(0.6, 1.0), 16, on))
        value, joints = courses(
            on.across, on.down, panel, _at_least(0.012, 0.9, on), int(rng.integers(2**31)), offset=0.0
        )
        tone = 1 + 0.05 * (value - 0.5) + 0.03 * broad - 0.4 * joints
        gloss = 0.025 + 0.02 * (value - 0.5) + 0.012 * broad
    canvas.paint(
        on.mask,
        label,
        kind,
        tone=clipped(tone, 0.2, 1.5),
        state=clipped(0.5 + 0.25 * broad),
        gloss=clipped(gloss, 0, 0.2),
    )
    return kind


def chips(canvas: Canvas, on: Surface, label: int, rng: np.random.Generator) -> Material:
    """Wood chips strewn over the ground."""
    kind = vary(rng, wood, 0.18, 0.12, level=0.46, lignin=1.6, weathered=0.25)
    canvas.paint(on.mask, label, kind, tone=0.35, state=0.8, sky=0.4)
    number, _, _ = scatter(on.mask, "chip", max(0.07 * on.scale, 2.0), 2.2, rng)
    value = rng.random(int(number.max()) + 2)[number]
    tone = clipped(0.62 + 0.75 * value, 0.3, 1.5)
    canvas.paint(on.mask & (number >= 0), label, kind, tone=tone, state=clipped((value * 53) % 1), sky=0.7)
    return kind


def soil(canvas: Canvas, on: Surface, label: int, rng: np.random.Generator) -> Material:
    """Bare earth: crumbs, stones, and damp and dry patches."""
    kind = vary(rng, iron_earth, 0.18, 0.12, level=0.30, hematite=0.12, goethite=0.6, organic=0.8, water=0.4)
    crumbs = fractal(canvas.shape, max(on.scale * 0.03, 1.5), rng, octaves=2)
    patches = fractal(canvas.shape, max(on.scale * 0.4, 4), rng, octaves=4)
    tone = clipped(0.9 + 0.16 * crumbs + 0.08 * patches, 0.3, 1.5)
    canvas.paint(on.mask, label, kind, tone=tone, state=clipped(0.5 + 0.3 * patches), sky=clipped(0.8 + 0.1 * crumbs))
    return kind
