"""Compose a facade: walls, openings, ground, plants, shadows and the white panel, in the classes of LIB-HSI."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hyperpoint.synth import fittings, openings, walls
from hyperpoint.synth.camera import View
from hyperpoint.synth.canvas import Material
from hyperpoint.synth.draw import Box, grid, lookalike, vary
from hyperpoint.synth.forecourt import draw_forecourt
from hyperpoint.synth.illumination import daylight
from hyperpoint.synth.materials import fabric, glass, metal, paint, plastic, wood
from hyperpoint.synth.plan import MARGIN, Facade, plan_facade
from hyperpoint.synth.textures import fractal, soft
from hyperpoint.types import ClassTable

# Wall classes and how they are made; the metal ones are painted to look like something else in the scene.
MASONRY: dict[str, walls.Painter] = {
    "Brick Wall": walls.bricks,
    "Block Wall": walls.blocks,
    "Concrete Wall": walls.concrete,
    "Pebble-Concrete Wall": walls.pebbles,
    "Wood/timber Wall": walls.boards,
}
SHEETS = {"Metal Profiled Sheet": True, "Metal Sheet": False}
DOORS = {
    "Wood/Timber Smooth Door": "smooth",
    "Wood/Timber Profiled Door": "panelled",
    "Metal Smooth Door": "smooth",
    "Metal Profiled Door": "profiled",
    "Door-plastic": "panelled",
}


def draw_facade(shape: tuple[int, int], classes: ClassTable, rng: np.random.Generator) -> View:
    """Draw a facade of `shape` (H, W), in its light."""
    scene = plan_facade(shape, classes, rng)
    _walls(scene)
    _beam_and_footing(scene)
    _openings(scene)
    _fittings(scene)
    _wall_shadows(scene)
    draw_forecourt(scene)
    light = daylight(rng.uniform(28, 65), rng.uniform(0.05, 0.2))
    canvas = scene.canvas.warp(_tilt(scene.canvas.shape, shape, rng), shape)
    around = 0.5 * (scene.known["plant"].mean + scene.known["beam"].mean) * (0.3 * light.sun + 0.4 * light.sky)
    return View(canvas, light, around, reference=max(scene.sunlit, 0.02) * light.sun + 0.55 * light.sky)


def _walls(scene: Facade) -> None:
    rows, cols = grid(scene.canvas.shape)
    width = scene.canvas.shape[1]
    names = [str(name) for name in scene.rng.permutation(list(MASONRY))[:2]]
    sheet = scene.pick(*SHEETS)
    split = width * scene.rng.uniform(0.45, 0.62)
    upper = rows < scene.beam
    regions = [(cols < split) & ~upper, (cols >= split) & ~upper, upper]
    if scene.rng.random() < 0.5:  # the sheet as a bay of its own rather than above the beam
        third = width * (scene.rng.uniform(0.72, 0.8) if split < 0.55 * width else scene.rng.uniform(0.2, 0.28))
        bay = cols > third if third > split else cols < third
        regions = [regions[0] & ~bay | (upper & (cols < split)), regions[1] & ~bay, bay & ~upper]
        regions[0 if scene.rng.random() < 0.5 else 1] |= upper
    below = rows < scene.foot + 0.1 * scene.scale
    for name, region in zip(names, regions, strict=False):
        on = walls.Surface(region & below, cols / scene.scale, rows / scene.scale, scene.scale)
        scene.known[name] = MASONRY[name](scene.canvas, on, scene.id(name), scene.rng)
    model = scene.known[names[int(scene.rng.integers(2))]]
    coat = lookalike(scene.rng, model, infrared=scene.rng.choice([0.22, 0.5]))
    on = walls.Surface(regions[2] & below, cols / scene.scale, rows / scene.scale, scene.scale)
    walls.sheet(scene.canvas, on, scene.id(sheet), scene.rng, coat, SHEETS[sheet])
    scene.known[sheet] = coat


def _beam_and_footing(scene: Facade) -> None:
    rows, cols = grid(scene.canvas.shape)
    plane = cols / scene.scale, rows / scene.scale, scene.scale
    deep = scene.rng.uniform(0.3, 0.45) * scene.scale
    beam = (rows >= scene.beam - deep) & (rows < scene.beam)
    is_washed = "Pebble-Concrete Wall" not in scene.known and scene.rng.random() < 0.5
    kind, painter = ("Pebble-Concrete Beam", walls.pebbles) if is_washed else ("Concrete Beam", walls.brown_cast)
    scene.known["beam"] = painter(scene.canvas, walls.Surface(beam, *plane), scene.id(kind), scene.rng)
    below = (rows >= scene.beam) & (rows < scene.beam + 0.12 * scene.scale)
    scene.canvas.shade(soft(below, 0.03 * scene.scale) * (rows >= scene.beam), sun=0.85, sky=0.2)
    if scene.rng.random() < 0.5:
        return
    footing = (rows >= scene.foot - 0.34 * scene.scale) & (rows < scene.foot + 0.1 * scene.scale)
    walls.damp(scene.canvas, walls.Surface(footing, *plane), scene.id("Concrete Footing"), scene.rng)


def _openings(scene: Facade) -> None:
    rng, scale = scene.rng, scene.scale
    dark = vary(rng, glass, 0.2, 0.2, level=0.06, tint=0.6)
    blind = vary(rng, fabric, 0.06, 0.1, colour=[0.5, 0.48, 0.43], infrared=0.6)
    glazing = openings.Glazing(dark, blind, sky=rng.uniform(0.25, 0.5), trees=rng.uniform(0.15, 0.35))
    framing, kind = _frame(scene, dark)
    sill = vary(rng, paint, 0.05, 0.1, colour=[0.5, 0.49, 0.46], infrared=0.42) if rng.random() < 0.5 else None
    thick = max(0.085 * scale, 2.0)
    top = scene.foot - scene.door_height
    for number, (left, right, what) in enumerate(scene.bays):
        middle, bay = (left + right) / 2, right - left
        if what == "door":
            half = min(0.46 * scale, 0.4 * bay)
            box = Box(top, middle - half, scene.foot + 0.04 * scale, middle + half)
            _door(scene, box, number, framing, kind, glazing, thick)
        elif what == "window":
            half = bay * rng.uniform(0.33, 0.42)
            box = Box(top, middle - half, top + scene.door_height * rng.uniform(0.5, 0.62), middle + half)
            labels = scene.id("Glass Window"), framing, scene.id("Concrete Window Sill")
            openings.window(scene.canvas, box, labels, (kind, sill), glazing, thick, scene.side, rng)


def _frame(scene: Facade, dark: Material) -> tuple[int, Material]:
    """Choose what frames are made of: white or stained wood, or metal as dark as the panes."""
    choice = scene.pick("stained", "white", "metal")
    if choice == "stained":
        return scene.id("Wood Frame"), vary(scene.rng, wood, 0.1, 0.15, level=0.42, lignin=2.2, weathered=0.05)
    if choice == "white":
        return scene.id("Wood Frame"), vary(scene.rng, paint, 0.04, 0.05, colour=[0.72, 0.71, 0.66], infrared=0.74)
    return scene.id("Metal-Frame"), lookalike(scene.rng, dark, infrared=0.10, likeness=0.2)


def _door(
    scene: Facade, box: Box, number: int, framing: int, kind: Material, glazing: openings.Glazing, thick: float
) -> None:
    """Draw a door: the first one green as the plants are, others like the wall, or of glass."""
    is_first = number == next(at for at, bay in enumerate(scene.bays) if bay[2] == "door")
    if not is_first and scene.rng.random() < 0.5:
        labels, look, leaf = (scene.id("Glass door"), framing), "glass", kind
    else:
        name = scene.pick(*DOORS)
        labels, look = (scene.id(name), framing), DOORS[name]
        model = scene.known["plant"] if is_first else scene.known["beam"]
        material = plastic if name == "Door-plastic" else paint
        infrared = {"W": 0.55, "M": 0.18, "D": 0.4}[name[0]]
        leaf = lookalike(scene.rng, model, infrared, material)
    openings.door(scene.canvas, box, labels, (leaf, kind), look, glazing, thick, scene.side, scene.rng)


def _fittings(scene: Facade) -> None:
    rng, scale = scene.rng, scene.scale
    if rng.random() < 0.5:
        _pipe(scene)
    blank = [bay for bay in scene.bays if bay[2] == "blank"]
    if blank:
        middle = (blank[0][0] + blank[0][1]) / 2
        high = scene.foot - scene.door_height * rng.uniform(0.5, 0.95)
        grey = lookalike(rng, scene.known["beam"], infrared=0.33)
        box = Box(high, middle - 0.42 * scale, high + 0.55 * scale, middle + 0.42 * scale)
        fittings.vent(scene.canvas, box, scene.id("Metal-Vent"), grey)


def _pipe(scene: Facade) -> None:
    rng, scale = scene.rng, scene.scale
    edges = [left for left, _, _ in scene.bays[1:]]
    at = edges[int(rng.integers(len(edges)))] + 0.05 * scale
    name = scene.pick("Plastic Pipe", "Metal Pipe")
    if name == "Plastic Pipe":
        kind = vary(rng, plastic, 0.05, 0.1, colour=[0.5, 0.5, 0.47], infrared=0.6)
    else:
        kind = vary(rng, metal, 0.08, 0.15, level=0.38, slope=0.1, aluminium=0.8)
    pipe = Box(scene.beam, at, scene.foot + 0.05 * scale, at + 0.14 * scale)
    fittings.pipe(scene.canvas, pipe, scene.id(name), kind, scene.side, rng)


def _wall_shadows(scene: Facade) -> None:
    """Cast the shadow of the eaves, and often that of a tree that stands behind the camera."""
    rows, cols = grid(scene.canvas.shape)
    eaves = scene.beam * scene.rng.uniform(0.15, 0.7)
    scene.canvas.shade(soft(rows < eaves, 0.03 * scene.scale), sun=0.9, sky=0.15)
    if scene.rng.random() < 0.6:
        leaves = fractal(scene.canvas.shape, 0.22 * scene.scale, scene.rng, octaves=3)
        crown = fractal(scene.canvas.shape, 1.6 * scene.scale, scene.rng, octaves=2)
        away = np.abs(cols / scene.canvas.shape[1] - (0.5 - 0.5 * scene.side))
        dapple = soft((leaves + 1.5 * crown - 3.2 * away + 0.4) > 0.3, 0.035 * scene.scale)
        scene.canvas.shade(dapple * (rows < scene.foot), sun=0.85)


def _tilt(large: tuple[int, int], shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float64]:
    """Return a homography that crops the margin and looks at the facade a little askew."""
    import cv2

    spare = (MARGIN - 1) / 2
    jitter = rng.uniform(0.15, 0.85, (4, 2)) * spare
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], dtype=np.float32)
    inward = np.where(corners == 0, 1.0, -1.0)
    source = (corners + inward * jitter) * np.array([large[1], large[0]])
    target = corners * np.array([shape[1], shape[0]])
    return np.asarray(
        cv2.getPerspectiveTransform(source.astype(np.float32), target.astype(np.float32)), dtype=np.float64
    )
