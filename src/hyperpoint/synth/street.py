"""Compose a street seen from a car, in the classes of HSICityV2 (those of Cityscapes)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from hyperpoint.synth import city, furniture, people, roadway, vehicles
from hyperpoint.synth.camera import View
from hyperpoint.synth.canvas import Canvas
from hyperpoint.synth.city import Street
from hyperpoint.synth.draw import greens, turf
from hyperpoint.synth.illumination import daylight
from hyperpoint.synth.perspective import Camera
from hyperpoint.types import ClassTable

EYE_M = 2.4
# Distance, metres, and what draws it.
Thing = tuple[float, Callable[[], None]]


def draw_street(shape: tuple[int, int], classes: ClassTable, rng: np.random.Generator) -> View:
    """Draw a street of `shape` (H, W), in its light."""
    height, width = shape
    camera = Camera(
        shape, horizon=height * rng.uniform(0.42, 0.48), middle=width * rng.uniform(0.42, 0.58),
        focal=width * rng.uniform(0.72, 0.85), height=EYE_M,
    )  # fmt: skip
    roads = rng.uniform(3.2, 4.1), rng.uniform(3.2, 4.1)
    kerbs = roads[0] + rng.uniform(2.4, 3.2), roads[1] + rng.uniform(2.4, 3.2)
    fronts = kerbs[0] + rng.uniform(4.0, 8.0), kerbs[1] + rng.uniform(4.0, 8.0)
    street = Street(
        Canvas(shape), camera, rng, classes, side=float(rng.choice([-1.0, 1.0])), road=roads, kerb=kerbs, front=fronts
    )
    street.known["tree"], street.known["shrub"] = greens(rng, 2)
    street.known["turf"] = turf(rng)
    city.sky(street)
    roadway.ground(street)
    city.buildings(street)
    roadway.street_shadows(street)
    if rng.random() < 0.75:
        city.fence(street, float(rng.choice([-1.0, 1.0])))
    if rng.random() < 0.4:
        city.yard_wall(street, float(rng.choice([-1.0, 1.0])))
    _things(street)
    light = daylight(rng.uniform(28, 62), rng.uniform(0.08, 0.3))
    facing = street.known["facing"].mean
    around = (0.5 * facing + 0.5 * street.known["tree"].mean) * (0.25 * light.sun + 0.45 * light.sky)
    return View(street.canvas, light, around, reference=0.75 * light.sun + 0.8 * light.sky)


def _things(street: Street) -> None:
    """Draw all that stands on the ground, from far to near."""
    things = [*_plants(street), *_posts(street), *_traffic(street), *_walkers(street)]
    for _, draw in sorted(things, key=lambda thing: -thing[0]):
        draw()


def _plants(street: Street) -> list[Thing]:
    rng = street.rng
    things: list[Thing] = []
    for direction, kerb, front in zip((-1.0, 1.0), street.kerb, street.front, strict=True):
        for z in np.arange(rng.uniform(9, 13), 75, rng.uniform(9, 13)).tolist():
            species = street.known["tree" if rng.random() < 0.7 else "shrub"]
            at = direction * (kerb + rng.uniform(0.2, 0.5) * (front - kerb))
            if rng.random() < 0.72:
                things.append((z, partial(furniture.tree, street, at, z, species)))
        if rng.random() < 0.35:
            near = rng.uniform(7, 12)
            far = near + rng.uniform(8, 25)
            at = direction * (front - 0.4)
            things.append((far, partial(furniture.hedge, street, at, near, far, street.known["shrub"])))
    return things


def _posts(street: Street) -> list[Thing]:
    rng = street.rng
    things: list[Thing] = []
    coat = city.lamp_metal(street)
    for direction, edge in zip((-1.0, 1.0), street.road, strict=True):
        at = direction * (edge + 0.45)
        distances = np.arange(rng.uniform(10, 16), 60, 18.0).tolist()
        things += [(z, partial(furniture.lamp_post, street, at, z, -direction, coat)) for z in distances]
    at, z = street.road[1] + 0.5, rng.uniform(8.0, 9.5)
    things.append((z, partial(furniture.traffic_light, street, at, z, rng.uniform(0.3, 0.5) * at, coat)))
    direction = float(rng.choice([-1.0, 1.0]))
    at = direction * (street.road[0 if direction < 0 else 1] + 0.9)
    z = 2.0 * abs(at) + rng.uniform(0, 2)
    things.append((z + 0.1, partial(furniture.sign, street, at, z + 0.1, coat)))
    return things


def _traffic(street: Street) -> list[Thing]:
    """Park cars along both kerbs, and let others drive ahead: one as grey as the road, one as red as the bricks."""
    rng = street.rng
    things: list[Thing] = []
    looks = ["asphalt", "asphalt", "asphalt", *rng.choice(["brick", "facing", "tree"], 2, replace=False).tolist() * 2]
    looks = [looks[number] for number in rng.permutation(len(looks))]
    for direction, edge in zip((-1.0, 1.0), street.road, strict=True):
        z = rng.uniform(6.0, 11.0)
        while z < 45 and looks:
            if rng.random() < 0.6:
                things.append((z, partial(vehicles.car, street, direction * (edge - 1.05), z, looks.pop())))
            z += rng.uniform(5.6, 9.0)
    ahead = rng.uniform(8.5, 13.0)
    lane = float(rng.choice([-1.0, 1.0])) * rng.uniform(0.6, 1.3)
    draw = vehicles.bus if rng.random() < 0.35 else vehicles.car
    if draw is vehicles.bus:
        ahead, lane = ahead + 1.5, 0.2 * lane
    things.append((ahead, partial(draw, street, lane, ahead, "asphalt" if rng.random() < 0.5 else "facing")))
    return things


def _walkers(street: Street) -> list[Thing]:
    rng = street.rng
    things: list[Thing] = []
    for _ in range(int(rng.integers(4, 7))):
        direction = float(rng.choice([-1.0, 1.0]))
        number = 0 if direction < 0 else 1
        at = direction * rng.uniform(street.road[number] + 0.8, street.kerb[number] - 0.3)
        z = 1.6 * abs(at) + rng.uniform(0.0, 5.0)
        things.append((z, partial(people.person, street, at, z, rng.uniform(1.55, 1.82))))
    for _ in range(2):
        at, z = rng.uniform(-0.8, 0.8) * street.road[0], rng.uniform(6.3, 8.0)
        things.append((z, partial(people.person, street, at, z, rng.uniform(1.55, 1.82))))
    if rng.random() < 0.4:
        at, z = rng.choice([-1.0, 1.0]) * rng.uniform(1.6, 2.2), rng.uniform(5.2, 6.2)
        things.append((z, partial(people.cyclist, street, at, z)))
    return things
