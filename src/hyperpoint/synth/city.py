"""What stands upright along a street: sky, buildings that recede, walls and fences."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import numpy as np

from hyperpoint.cube import BoolArray, FloatArray
from hyperpoint.synth.canvas import Canvas, Material
from hyperpoint.synth.draw import clipped, grid, lookalike, vary
from hyperpoint.synth.materials import cement, glass, iron_earth, metal, paint
from hyperpoint.synth.perspective import Camera
from hyperpoint.synth.spectra import GRID_NM
from hyperpoint.synth.textures import courses, fractal, hashed, soft
from hyperpoint.types import ClassTable

# Where the street ends, metres ahead.
END_M = 170.0


@dataclass
class Street:
    """One street being drawn.

    Attributes
    ----------
    canvas, camera, rng, classes
        Where to draw, from where it is seen, source of randomness, and the classes of HSICityV2.
    side
        Where the sun stands: -1 left, 1 right.
    road, kerb, front
        Distance from the middle of the picture, metres, of the edge of the road, of the far edge of the sidewalk, and
        of the buildings; (left, right).
    mottle
        (H, W) random field, mean 0 and standard deviation 1, for the unevenness of whatever is painted.
    known
        Materials that others may be made to look like.
    """

    canvas: Canvas
    camera: Camera
    rng: np.random.Generator
    classes: ClassTable
    side: float
    road: tuple[float, float]
    kerb: tuple[float, float]
    front: tuple[float, float]
    mottle: FloatArray = field(init=False)
    known: dict[str, Material] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.mottle = fractal(self.canvas.shape, 14, self.rng, octaves=4)

    @property
    def sun(self) -> tuple[float, float]:
        """Side and strength of the sun."""
        return self.side, 1.0

    def id(self, name: str) -> int:
        """Return the id of a class."""
        return self.classes.id_of(name)


def sky(street: Street) -> None:
    """Draw a sky that pales towards the horizon, with clouds."""
    canvas, rng = street.canvas, street.rng
    rows, _ = grid(canvas.shape)
    height = np.clip(1 - rows / max(street.camera.horizon, 1), 0, 1)
    flat = fractal(canvas.shape[::-1], canvas.shape[0] * 0.25, rng, octaves=5, stretch=2.2).T
    clouds = clipped(0.5 * (flat + rng.uniform(-1.0, 0.6)), 0, 1)
    white = Material(np.ones_like(GRID_NM), 0.92 * np.ones_like(GRID_NM))
    canvas.paint(
        np.ones(canvas.shape, dtype=bool), street.id("sky"), white,
        tone=1.0, sun=clipped(0.04 + 0.30 * clouds + 0.16 * (1 - height) ** 3, 0, 1),
        sky=clipped(1.15 - 0.35 * clouds - 0.25 * height, 0, 2), state=clipped(0.5 + 0.2 * flat),
    )  # fmt: skip


def buildings(street: Street) -> None:
    """Line both sides with buildings, and close the street with one far away."""
    rng, camera = street.rng, street.camera
    facings = [
        vary(rng, iron_earth, 0.1, 0.2, level=0.46, hematite=0.12, goethite=0.5),
        vary(rng, iron_earth, 0.12, 0.2, level=0.34, hematite=0.9, goethite=0.2, organic=0.1),
        vary(rng, cement, 0.1, 0.2, level=0.48, iron=1.3),
    ]
    panes = vary(rng, glass, 0.2, 0.2, level=0.06, tint=0.7)
    street.known.update(facing=facings[0], brick=facings[1], panes=panes)
    across, y = camera.facing(END_M)
    end = (np.abs(across) < 26) & (y < 20 + 9 * np.sign(np.sin(across / 7 + rng.random() * 6))) & (y > 0)
    _front(street, end, across, y, facings[2], panes, 0.2)
    for direction, distance in zip((-1.0, 1.0), street.front, strict=True):
        z, y = camera.side(direction * distance)
        here = beside(street, direction)
        ends = np.minimum(4.0 + np.cumsum(rng.uniform(11, 24, 11)), END_M)
        for first, last in reversed(list(itertools.pairwise([2.0, *ends.tolist()]))):
            if first > 20 and rng.random() < 0.2:
                continue
            high, facing = rng.uniform(7, 24), facings[int(rng.integers(len(facings)))]
            haze = float(np.clip((first + last) / 1600, 0, 0.2))
            gable, up = camera.facing(first)
            is_gable = (gable * direction > distance) & (gable * direction < distance + 14) & (up > 0) & (up < high)
            _front(street, is_gable, gable, up, facing, panes, haze, is_blind=True)
            body = here & (z >= first) & (z < last) & (y > 0) & (y < high)
            _front(street, body, z - first, y, facing, panes, haze)


def beside(street: Street, direction: float) -> BoolArray:
    """Return the half of the picture to the left (-1) or right (1) of the vanishing point."""
    _, cols = grid(street.canvas.shape)
    return np.asarray((cols - street.camera.middle) * direction > 0)


def _front(
    street: Street, mask: BoolArray, along: FloatArray, y: FloatArray, facing: Material, panes: Material, haze: float,
    is_blind: bool = False,
) -> None:  # fmt: skip
    """Cover a building with its facing, windows (unless it is blind), and shops; far ones pale into the haze."""
    if not mask.any():
        return
    canvas, rng, broad = street.canvas, street.rng, street.mottle
    if is_blind:
        canvas.paint(mask, street.id("building"), facing, tone=clipped(0.97 + 0.05 * broad, 0.4, 1.5),
                     state=clipped(0.5 + 0.3 * broad), gloss=haze * 0.5)  # fmt: skip
        return
    salt = int(rng.integers(2**31))
    storey, bay = rng.uniform(2.9, 3.6), rng.uniform(2.0, 3.4)
    floor, column = np.floor(y / storey), np.floor(along / bay)
    up, over = y / storey - floor, along / bay - column
    wide = rng.uniform(0.5, 0.72)
    is_shop = floor == 0
    opening = (up > 0.28) & (up < 0.82) & (np.abs(over - 0.5) < wide / 2) & ~is_shop
    opening |= is_shop & (up > 0.08) & (up < 0.72) & (np.abs(over - 0.5) < 0.44)
    sill = (up > 0.2) & (up <= 0.28) & ~is_shop
    value = hashed(floor.astype(np.int64), column.astype(np.int64), salt=salt)
    tone = clipped(1 + 0.05 * broad + 0.10 * sill - 0.12 * (up > 0.94), 0.4, 1.5)
    canvas.paint(mask & ~opening, street.id("building"), facing, tone=tone, state=clipped(0.5 + 0.3 * broad),
                 gloss=haze * 0.5)  # fmt: skip
    bright = (0.05 + 0.20 * value**2 + 0.05 * up) * (1 - 0.5 * is_shop) + haze * 0.5
    canvas.paint(mask & opening, street.id("building"), panes, tone=clipped(0.6 + 1.2 * value, 0, 2),
                 state=clipped(value), gloss=clipped(bright), mirror=0.25 * (1 - value))  # fmt: skip
    board = mask & is_shop & (up > 0.76) & (up < 0.97)
    coat = vary(rng, paint, 0.1, 0.3, colour=rng.dirichlet([0.7, 0.7, 0.7]) * 0.7 + 0.03, infrared=0.5)
    canvas.paint(board, street.id("building"), coat, tone=clipped(0.9 + 0.2 * value, 0, 2))


def yard_wall(street: Street, direction: float) -> None:
    """Put a wall of brick or plaster before the buildings of one side."""
    rng, camera = street.rng, street.camera
    z, y = camera.side(direction * (street.front[0 if direction < 0 else 1] - 0.3))
    mask = beside(street, direction) & (z > 2) & (z < rng.uniform(25, 60)) & (y > 0) & (y < rng.uniform(1.5, 2.1))
    if rng.random() < 0.5:
        kind = vary(rng, iron_earth, 0.12, 0.15, level=0.40, hematite=0.4, goethite=1.2, organic=0.2)
    else:
        kind = vary(rng, paint, 0.08, 0.15, colour=[0.36, 0.35, 0.33], infrared=0.62)
    value, joints = courses(z, y, (0.6, 0.3), 0.03, int(rng.integers(2**31)))
    tone = clipped(1 + 0.1 * (value - 0.5) - 0.12 * joints + 0.06 * street.mottle, 0.4, 1.4)
    street.canvas.paint(
        mask, street.id("wall"), kind, tone=tone, state=clipped(0.5 + 0.3 * street.mottle), sun=0.6, sky=0.6
    )


def fence(street: Street, direction: float) -> None:
    """Put a guard rail between road and sidewalk, painted as green as the trees, or white."""
    canvas, rng = street.canvas, street.rng
    at = street.road[0 if direction < 0 else 1] + 0.35
    z, y = street.camera.side(direction * at)
    if rng.random() < 0.6:
        coat = lookalike(rng, street.known["tree"], infrared=0.20)
    else:
        coat = vary(rng, paint, 0.05, 0.1, colour=[0.55, 0.56, 0.55], infrared=0.62)
    first, last = rng.uniform(5, 8), rng.uniform(30, 60)
    plane = beside(street, direction) & (z > first) & (z < last) & (y > 0.0) & (y < 1.0)
    rails = (y > 0.86) | ((y > 0.08) & (y < 0.2))
    posts = np.mod(z, 2.2) < 0.14
    bars = np.mod(z, 0.26) < 0.17
    shadow = soft(plane & (y < 0.1), 1.2)
    canvas.shade(shadow, sun=0.5, sky=0.2)
    canvas.paint(plane & (rails | posts | bars), street.id("fence"), coat, tone=clipped(1.0 - 0.15 * ~rails, 0, 2),
                 sun=0.75, sky=0.75, gloss=0.02)  # fmt: skip


def lamp_metal(street: Street) -> Material:
    """Return the coat of poles, as grey as the paving."""
    if street.rng.random() < 0.5:
        return vary(street.rng, metal, 0.1, 0.1, level=0.32, slope=0.8, aluminium=0.2)
    return lookalike(street.rng, street.known["paving"], infrared=0.62)
