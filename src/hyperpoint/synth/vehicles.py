"""Cars and buses as solids in perspective: a rear, a side, and wheels, glass and lamps on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hyperpoint.cube import BoolArray
from hyperpoint.synth.canvas import Material
from hyperpoint.synth.city import Street
from hyperpoint.synth.draw import clipped, lookalike, vary
from hyperpoint.synth.materials import fabric, paint, plastic
from hyperpoint.synth.textures import bounds, soft

Point = tuple[float, float, float]
WAIST_M = 1.0
# Reflectance of the paint beyond 750 nm: car paints lie on a primer, bus paints on white.
INFRARED = {"car": 0.42, "bus": 0.75, "truck": 0.24}
# Outline of the body from the side: metres from the rear, metres above the road.
SALOON = [(0.0, 0.38), (0.02, 0.95), (0.42, 1.02), (0.95, 1.43), (2.35, 1.45), (3.15, 0.98), (4.3, 0.80), (4.45, 0.40)]
ESTATE = [(0.0, 0.40), (0.0, 1.0), (0.28, 1.58), (2.7, 1.62), (3.4, 1.08), (4.35, 0.92), (4.5, 0.42)]
SALOON_PANES = [(0.62, 1.02), (1.05, 1.36), (2.3, 1.38), (2.95, 1.0)]
ESTATE_PANES = [(0.3, 1.05), (0.5, 1.5), (2.65, 1.53), (3.15, 1.1)]


@dataclass(frozen=True)
class Coats:
    """What a vehicle is made of."""

    body: Material
    panes: Material
    tyre: Material
    lamp: Material
    plate: Material


def coats(street: Street, like: str, kind: str) -> Coats:
    """Return materials for a vehicle of a kind, the paint of which looks like the material `like` of the street.

    Vehicles of a street share them: so many paints are there, and so many points can be spared for cars.
    """
    rng, known = street.rng, street.known
    paint_name = f"{kind} like {like}"
    if paint_name not in known:
        known[paint_name] = lookalike(rng, known[like], INFRARED[kind] * (0.8 if like == "asphalt" else 1.0))
    if "windscreen" not in known:
        # What is seen through it: seats, the dyes of which let the infrared pass.
        known["windscreen"] = vary(rng, fabric, 0.1, 0.1, colour=[0.03, 0.03, 0.03], infrared=0.24)
        known["tyre"] = vary(rng, plastic, 0.05, 0.1, colour=[0.025, 0.025, 0.026], infrared=0.035)
        known["lamp"] = vary(rng, plastic, 0.05, 0.1, colour=[0.35, 0.02, 0.015], infrared=0.55)
        known["plate"] = vary(rng, paint, 0.02, 0.05, colour=[0.05, 0.12, 0.5], infrared=0.4)
    return Coats(known[paint_name], known["windscreen"], known["tyre"], known["lamp"], known["plate"])


def car(street: Street, x: float, z: float, like: str) -> None:
    """Draw a car seen from behind, its middle at `x` and its rear at `z` metres."""
    made = coats(street, like, "car")
    is_saloon = bool(street.rng.random() < 0.6)
    profile, panes = (SALOON, SALOON_PANES) if is_saloon else (ESTATE, ESTATE_PANES)
    half, label = 0.88, street.id("car")
    inner = x - half if x > 0 else x + half
    _shadow(street, x, z, half, 4.4)
    for outline, kind, tone, glossy in ((profile, made.body, 0.9, 0.022), (panes, made.panes, 1.0, 0.16)):
        # Above the waist the side leans inwards.
        flank = [(x + (inner - x) * (1.0 if y < WAIST_M + 0.05 else 0.72), y, z + along) for along, y in outline]
        _paint(street, street.camera.outline(flank), label, kind, tone, glossy)
    for along in (0.78, 3.55):
        _wheel(street, inner, z + along, 0.33, label, made)
    top, back = (profile[3][1], 0.95) if is_saloon else (profile[2][1], 0.28)
    roof = [(0.62, top, z + back), (0.60, top + 0.03, z + back + 1.3)]
    cabin = [(half, WAIST_M, z + 0.1), (0.62, top, z + back)]
    window = [(0.74, WAIST_M + 0.04, z + 0.1), (0.55, top - 0.07, z + back)]
    rear = [(half, 0.32, z), (half + 0.01, 0.7, z), (half - 0.03, WAIST_M, z)]
    _paint(street, _both_sides(street, x, roof), label, made.body, 1.15, glossy=0.06)
    _paint(street, _both_sides(street, x, cabin), label, made.body, 1.0)
    _paint(street, _both_sides(street, x, window), label, made.panes, 1.0, glossy=0.18)
    _paint(street, _both_sides(street, x, rear), label, made.body, 0.95)
    for lamp in (-1, 1):
        _slab(street, (x + lamp * 0.72, 0.78, z), 0.17, 0.13, label, made.lamp, 1.1)
        _slab(street, (x + lamp * 0.68, 0.18, z), 0.13, 0.18, label, made.tyre, 0.9)
    _slab(street, (x, 0.66, z), 0.22, 0.055, label, made.plate, 1.0)
    _slab(street, (x, 0.42, z), 0.86, 0.06, label, made.tyre, 1.4)


def _both_sides(street: Street, x: float, half_outline: list[Point]) -> BoolArray:
    """Return the inside of an outline given by its right half: across from `x`, up, and ahead, metres."""
    left = [(x - across, y, z) for across, y, z in half_outline]
    right = [(x + across, y, z) for across, y, z in reversed(half_outline)]
    return street.camera.outline([*left, *right])


def bus(street: Street, x: float, z: float, like: str) -> None:
    """Draw a bus, or a box truck without windows, seen from behind."""
    is_bus = street.rng.random() < 0.6
    made = coats(street, like, "bus" if is_bus else "truck")
    label = street.id("bus" if is_bus else "truck")
    half, high, long = 1.22, 3.05, 10.5 if is_bus else 6.5
    inner = x - half if x > 0 else x + half
    _shadow(street, x, z, half, long)
    side = [(inner, 0.4, z), (inner, high, z), (inner, high, z + long), (inner, 0.4, z + long)]
    _paint(street, street.camera.outline(side), label, made.body, 0.85)
    if is_bus:
        for start in np.arange(0.5, long - 1.6, 1.75):
            pane = [
                (inner, 1.45, z + start),
                (inner, 2.55, z + start),
                (inner, 2.55, z + start + 1.5),
                (inner, 1.45, z + start + 1.5),
            ]
            _paint(street, street.camera.outline(pane), label, made.panes, 1.0, glossy=0.16)
    for along in (1.9, long - 2.0):
        _wheel(street, inner, z + along, 0.48, label, made)
    rear = [(x - half, 0.4, z), (x - half + 0.06, high, z), (x + half - 0.06, high, z), (x + half, 0.4, z)]
    _paint(street, street.camera.outline(rear), label, made.body, 1.0)
    if is_bus:
        _slab(street, (x, 2.05, z), 1.0, 0.5, label, made.panes, 1.0, glossy=0.18)
        _slab(street, (x, 2.78, z), 0.7, 0.12, label, made.tyre, 1.0)
    for lamp in (-1, 1):
        _slab(street, (x + lamp * 1.02, 0.9, z), 0.10, 0.22, label, made.lamp, 1.1)
        _slab(street, (x + lamp * 0.9, 0.25, z), 0.18, 0.25, label, made.tyre, 0.9)
    _slab(street, (x, 0.55, z), 1.2, 0.08, label, made.tyre, 1.3)


def _paint(street: Street, mask: BoolArray, label: int, kind: Material, tone: float, glossy: float = 0.022) -> None:
    """Cover a part: darker and less glossy towards the road."""
    if not mask.any():
        return
    here = bounds(mask)
    part, broad = street.canvas.window(*here), street.mottle[here]
    level = np.linspace(0, 1, part.shape[0], dtype=np.float32)[:, None]
    part.paint(
        mask[here], label, kind, tone=clipped(tone * (1.06 - 0.3 * level), 0.1, 1.6),
        state=clipped(0.5 + 0.12 * broad), sun=0.55, sky=clipped(0.8 - 0.25 * level),
        gloss=clipped(glossy * (1.5 - 1.2 * level + 0.06 * broad), 0, 0.6),
        mirror=clipped(glossy * (0.2 + 0.6 * level), 0, 0.4),
    )  # fmt: skip


def _slab(
    street: Street, at: Point, half_width: float, half_height: float, label: int, kind: Material, tone: float,
    glossy: float = 0.03,
) -> None:  # fmt: skip
    """Paint an upright rectangle around a point."""
    x, y, z = at
    corners = [(x - half_width, y - half_height, z), (x - half_width, y + half_height, z),
               (x + half_width, y + half_height, z), (x + half_width, y - half_height, z)]  # fmt: skip
    _paint(street, street.camera.outline(corners), label, kind, tone, glossy)


def _wheel(street: Street, x: float, z: float, radius: float, label: int, made: Coats) -> None:
    turns = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    for share, kind, tone in ((1.0, made.tyre, 1.0), (0.58, made.panes, 4.5)):
        rim: list[Point] = [
            (x, radius + share * radius * float(np.sin(turn)), z + share * radius * float(np.cos(turn)))
            for turn in turns
        ]
        _paint(street, street.camera.outline(rim), label, kind, tone, 0.02)


def _shadow(street: Street, x: float, z: float, half: float, long: float) -> None:
    under = street.camera.outline([(x - half - 0.1, 0, z - 0.25), (x + half + 0.1, 0, z - 0.25),
                                   (x + half + 0.1, 0, z + long), (x - half - 0.1, 0, z + long)])  # fmt: skip
    lean = -street.side * 1.3
    cast = street.camera.outline([(x - half + lean, 0, z + 0.1), (x + half + lean, 0, z + 0.1),
                                  (x + half + lean, 0, z + long), (x - half + lean, 0, z + long)])  # fmt: skip
    blur = max(street.camera.scale(z) * 0.06, 0.6)
    street.canvas.shade(soft(cast, blur), sun=0.85, sky=0.1)
    street.canvas.shade(soft(under, blur), sun=0.9, sky=0.75)
