"""People on foot and on bicycles: simple figures, dressed in dyed cotton."""

from __future__ import annotations

import numpy as np

from hyperpoint.synth.canvas import Material
from hyperpoint.synth.city import Street
from hyperpoint.synth.draw import clipped, lookalike, vary
from hyperpoint.synth.materials import fabric, plastic, skin
from hyperpoint.synth.textures import bounds, soft

Outline = list[tuple[float, float]]
# Outlines of a figure of height 1: across, up.
TORSO: Outline = [
    (-0.115, 0.80),
    (-0.05, 0.845),
    (0.05, 0.845),
    (0.115, 0.80),
    (0.105, 0.62),
    (0.10, 0.47),
    (-0.10, 0.47),
    (-0.105, 0.62),
]
ARM: Outline = [(0.10, 0.80), (0.135, 0.78), (0.16, 0.62), (0.145, 0.46), (0.115, 0.46), (0.115, 0.62)]
LEG: Outline = [(0.005, 0.50), (0.10, 0.50), (0.085, 0.26), (0.075, 0.02), (0.03, 0.02), (0.025, 0.26)]
SHOE: Outline = [(0.02, 0.035), (0.085, 0.035), (0.10, 0.0), (0.015, 0.0)]


def _oval(across: float, up: float, wide: float, high: float) -> Outline:
    turns = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    return [(across + wide * float(np.cos(turn)), up + high * float(np.sin(turn))) for turn in turns]


def _dress(street: Street) -> tuple[Material, Material]:
    """Return the cloth of shirt and trousers: now and then as green as a tree, else dark or of any colour."""
    rng = street.rng
    top = rng.dirichlet([0.6, 0.6, 0.6]) * rng.choice([0.2, 0.7]) + rng.choice([0.02, 0.15])
    like = street.known["asphalt" if rng.random() < 0.6 else "tree"]
    shirt = vary(rng, fabric, 0.08, 0.1, colour=np.clip(top, 0.012, 0.8), infrared=0.6)
    return shirt, lookalike(rng, like, 0.55, fabric)


def person(street: Street, x: float, z: float, stature: float = 1.7, label: str = "person", lift: float = 0.0) -> None:
    """Draw somebody who stands or walks at `x`, `z` metres; `lift` raises the feet off the ground."""
    rng = street.rng
    shirt, trousers = _dress(street)
    face = vary(rng, skin, 0.05, 0.15, level=0.55, melanin=0.3)
    hair = vary(rng, plastic, 0.1, 0.2, colour=[0.025, 0.02, 0.016], infrared=0.10)
    stride = rng.uniform(-0.06, 0.06)
    mirrored = [(-across, up) for across, up in ARM]
    parts: list[tuple[Outline, Material, float]] = [
        ([(across + stride * (0.5 - up) * 2, up) for across, up in LEG], trousers, 0.95),
        ([(-across - stride * (0.5 - up) * 2, up) for across, up in LEG], trousers, 0.82),
        ([(across + stride, up) for across, up in SHOE], hair, 1.0),
        ([(-across - stride, up) for across, up in SHOE], hair, 1.0),
        (_oval(0.14, 0.44, 0.02, 0.035), face, 0.9),
        (_oval(-0.14, 0.44, 0.02, 0.035), face, 0.9),
        (ARM, shirt, 0.9), (mirrored, shirt, 0.85), (TORSO, shirt, 1.0),
        ([(-0.028, 0.83), (0.028, 0.83), (0.028, 0.89), (-0.028, 0.89)], face, 0.8),
        (_oval(0, 0.925, 0.052, 0.068), face, 1.0),
        (_oval(0, 0.955, 0.056, 0.046), hair, 1.0),
    ]  # fmt: skip
    _shade_below(street, x, z, 0.35 * stature)
    _figure(street, x, z, stature, lift, parts, street.id(label))


def cyclist(street: Street, x: float, z: float) -> None:
    """Draw a rider on a bicycle, seen from behind at an angle."""
    rng = street.rng
    dark = vary(rng, plastic, 0.05, 0.1, colour=[0.03, 0.03, 0.03], infrared=0.05)
    coat = vary(rng, plastic, 0.05, 0.1, colour=rng.dirichlet([0.5, 0.5, 0.5]) * 0.4 + 0.02, infrared=0.5)
    wheel, wide = 0.36, 0.13
    parts: list[tuple[Outline, Material, float]] = []
    for at in (0.17, -0.13):
        parts.append((_oval(at, wheel, wide, wheel), dark, 1.0))
        parts.append((_oval(at, wheel, 0.55 * wide, 0.62 * wheel), coat, 0.7))
    parts.append(([(-0.16, 0.62), (0.18, 0.76), (0.20, 0.58), (0.04, 0.34), (-0.08, 0.34)], coat, 1.0))
    parts.append(([(-0.26, 1.02), (0.30, 1.02), (0.30, 0.97), (-0.26, 0.97)], dark, 1.0))
    _shade_below(street, x, z, 0.8)
    _figure(street, x, z, 1.0, 0.0, parts, street.id("bicycle"))
    person(street, x - 0.03, z - 0.01, 1.45, "rider", lift=0.30)


def _figure(
    street: Street,
    x: float,
    z: float,
    size: float,
    lift: float,
    parts: list[tuple[Outline, Material, float]],
    label: int,
) -> None:
    for outline, kind, tone in parts:
        mask = street.camera.outline([(x + across * size, lift + up * size, z) for across, up in outline])
        if not mask.any():
            continue
        here = bounds(mask)
        folds = street.mottle[here]
        street.canvas.window(*here).paint(
            mask[here], label, kind, tone=clipped(tone * (1 + 0.06 * folds), 0.3, 1.5),
            state=clipped(0.5 + 0.15 * folds), sun=clipped(0.55 + 0.06 * folds), sky=0.7,
        )  # fmt: skip


def _shade_below(street: Street, x: float, z: float, wide: float) -> None:
    lean = -street.side * 2.2 * wide
    cast = street.camera.outline(
        [(x - 0.12, 0, z), (x + 0.12, 0, z), (x + lean + 0.3, 0, z + 0.9), (x + lean - 0.3, 0, z + 0.9)]
    )
    street.canvas.shade(soft(cast, 1.0), sun=0.8, sky=0.1)
