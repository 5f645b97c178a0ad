"""The ground of a street: road and markings, sidewalks, strips of grass, and the shadows that fall on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hyperpoint.cube import BoolArray, FloatArray
from hyperpoint.synth.city import Street, beside
from hyperpoint.synth.draw import clipped, grass, grid, vary
from hyperpoint.synth.materials import asphalt, cement, paint
from hyperpoint.synth.perspective import FAR_M
from hyperpoint.synth.textures import courses, fractal, soft


@dataclass(frozen=True, eq=False)
class _Plane:
    """The ground, per pixel, (H, W): metres to the right and ahead, to either side, and where it is in sight.

    road and kerb are `Street`'s for the side that a pixel lies on.
    """

    x: FloatArray
    z: FloatArray
    aside: FloatArray
    inside: BoolArray
    road: FloatArray
    kerb: FloatArray


def ground(street: Street) -> None:
    """Draw road with its markings, sidewalks with kerbs, and grass beyond."""
    camera = street.camera
    rows, _ = grid(street.canvas.shape)
    x, z = camera.ground()
    widths = (np.where(x < 0, left, right).astype(np.float32) for left, right in (street.road, street.kerb))
    plane = _Plane(x, z, np.abs(x), (rows > camera.horizon) & (z < FAR_M * 0.6), *widths)
    broad = fractal(street.canvas.shape, 30, street.rng, octaves=4)
    _road(street, plane, broad)
    _sidewalks(street, plane, broad)
    strip = plane.inside & (plane.aside >= plane.kerb)
    grass(street.canvas, strip, street.id("terrain"), street.known["turf"], camera.scale(9.0) * 0.09, street.rng)
    street.canvas.sun[strip] = 0.72


def _road(street: Street, plane: _Plane, broad: FloatArray) -> None:
    canvas, rng = street.canvas, street.rng
    fine = fractal(canvas.shape, 1.6, rng, octaves=1)
    kinds = [
        vary(rng, asphalt, 0.12, 0.15, level=0.085, aged=0.5, iron=0.12),
        vary(rng, asphalt, 0.12, 0.15, level=0.062, aged=0.2, iron=0.05),
    ]
    street.known["asphalt"] = kinds[0]
    patches, _ = courses(plane.x + 0.9, plane.z, (1.75, 6.0), 0.0, int(rng.integers(2**31)), offset=0.4)
    road = plane.inside & (plane.aside < plane.road)
    wear = 0.05 * np.cos(plane.x * 2 * np.pi / 1.75)
    tone, state = clipped(1 + 0.06 * fine + 0.05 * broad + wear, 0.4, 1.5), clipped(0.5 + 0.25 * broad)
    for kind, where in ((kinds[0], patches <= 0.86), (kinds[1], patches > 0.86)):
        canvas.paint(road & where, street.id("road"), kind, tone=tone, state=state, sun=0.72, sky=0.9)
    line = vary(rng, paint, 0.03, 0.05, colour=[0.62, 0.62, 0.6], infrared=0.6)
    lanes = (np.abs(np.mod(plane.x + 1.75, 3.5) - 1.75) < 0.085) & (np.mod(plane.z, 7.5) < 3.2)
    edges = np.abs(plane.aside - plane.road + 0.35) < 0.09
    is_left = fine + broad > -1.0  # the rest is worn off
    marked = road & (lanes & (plane.aside < plane.road - 1) | edges) & is_left
    canvas.paint(marked, street.id("road"), line, tone=0.9)


def _sidewalks(street: Street, plane: _Plane, broad: FloatArray) -> None:
    canvas, rng = street.canvas, street.rng
    kinds = [
        vary(rng, cement, 0.10, 0.12, level=0.44, iron=0.3, biofilm=0.25, soot=0.9),
        vary(rng, cement, 0.10, 0.12, level=0.40, iron=1.0, biofilm=0.25, soot=1.0),
    ]
    street.known["paving"] = kinds[0]
    walk = plane.inside & (plane.aside >= plane.road) & (plane.aside < plane.kerb)
    value, joints = courses(plane.x, plane.z, (0.6, 0.6), 0.035, int(rng.integers(2**31)), offset=0.0)
    tone = clipped(1 + 0.09 * (value - 0.5) - 0.16 * (joints & (plane.z < 25)) + 0.05 * broad, 0.4, 1.5)
    band = np.abs(plane.aside - (plane.road + plane.kerb) / 2) < 0.45
    for kind, where in ((kinds[0], ~band), (kinds[1], band)):
        canvas.paint(walk & where, street.id("sidewalk"), kind, tone=tone, state=clipped(value), sun=0.74, sky=0.85)
    kerbstone = walk & (plane.aside < plane.road + 0.28)
    canvas.tone[kerbstone] *= (0.78 + 0.3 * (plane.aside - plane.road) / 0.28)[kerbstone]


def street_shadows(street: Street) -> None:
    """Cast the shadow of the buildings that the sun stands behind over the road, and shade their fronts."""
    canvas, rng, camera = street.canvas, street.rng, street.camera
    rows, _ = grid(canvas.shape)
    x, z = camera.ground()
    reach = rng.uniform(0.1, 0.75) * (street.road[0] + street.road[1])
    edge = street.front[0 if street.side < 0 else 1] - reach
    ragged = edge + 2.2 * np.sign(np.sin(z / 6.5 + rng.random() * 6)) * (z < 80)
    shadow = (x * street.side > ragged) & (rows > camera.horizon)
    canvas.shade(soft(shadow, 0.9) * (rows > camera.horizon), sun=0.9, sky=0.08)
    faces = canvas.labels == street.id("building")
    away = faces & beside(street, street.side)
    canvas.sun[away] = 0.06
    canvas.sun[faces & ~away] = 0.75
    canvas.sky[faces] = 0.55
