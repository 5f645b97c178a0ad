"""Draw what lies and stands before a facade: paving, grass and beds in perspective, shrubs, a tree, the white panel."""

from __future__ import annotations

import numpy as np

from hyperpoint.cube import BoolArray, FloatArray
from hyperpoint.synth import fittings, walls
from hyperpoint.synth.draw import foliage, grass, grid, grown, vary
from hyperpoint.synth.materials import wood
from hyperpoint.synth.plan import DISTANCE_M, EYE_M, Facade
from hyperpoint.synth.textures import fractal, shifted, soft

PAVING: dict[str, walls.Painter] = {
    "Concrete Ground": walls.trodden,
    "Brick Ground": walls.bricks,
    "Tiles Ground": walls.tiles,
    "Pebble-Concrete Ground": walls.pebbles,
}
BEDS: dict[str, walls.Painter] = {"Soil": walls.soil, "Woodchip Ground": walls.chips}


def draw_forecourt(scene: Facade) -> None:
    """Draw ground, plants and white panel before the wall."""
    _ground(scene)
    _shrubs(scene)
    if scene.rng.random() < 0.5:
        _tree(scene)
    _panel(scene)


def _near(scene: Facade, rows: FloatArray) -> FloatArray:
    """Return how much larger things are on the ground at a row than on the wall."""
    eye = scene.foot - EYE_M * scene.scale
    return np.asarray(np.maximum((rows - eye) / (scene.foot - eye), 1.0), dtype=np.float32)


def _ground(scene: Facade) -> None:
    canvas, rng = scene.canvas, scene.rng
    rows, cols = grid(canvas.shape)
    below = rows >= scene.foot
    near = _near(scene, rows)
    across = (cols - canvas.shape[1] / 2) / (scene.scale * near)
    away = (DISTANCE_M * (1 - 1 / near)).astype(np.float32)
    np.copyto(canvas.sun, np.float32(0.8 * scene.sunlit), where=below)
    np.copyto(canvas.sky, np.float32(0.85), where=below)
    wobble = 0.05 * fractal(canvas.shape, 0.5 * scene.scale, rng, octaves=3)
    deepest = float(away.max())
    bed_depth, path_depth = deepest * rng.uniform(0.3, 0.4), deepest * rng.uniform(0.62, 0.74)
    door = next((left + right) / 2 for left, right, what in scene.bays if what == "door")
    way = (door - canvas.shape[1] / 2) / scene.scale
    plane = across, away, scene.scale * 1.3
    paving = scene.pick(*PAVING)
    if rng.random() < 0.5:
        paved = below & (away > bed_depth) & (away < path_depth)
    else:
        paved = below & ((across - way) * rng.choice([-1.0, 1.0]) > -0.7) & (away > bed_depth)
    to_door = below & (np.abs(across - way) < 0.7) & (away < path_depth)
    bed = below & (away + wobble < bed_depth) & ~to_door
    paved = (paved | to_door) & ~bed
    lawn = below & ~paved & ~bed
    grass(canvas, lawn, scene.id("Vegetation Ground"), scene.known["turf"], max(0.05 * scene.scale, 1.5), rng)
    bedding = scene.pick(*BEDS)
    BEDS[bedding](canvas, walls.Surface(bed, *plane), scene.id(bedding), rng)
    scene.known[paving] = PAVING[paving](canvas, walls.Surface(paved, *plane), scene.id(paving), rng)
    contact = np.exp(-np.maximum(rows - scene.foot, 0) / (0.10 * scene.scale)).astype(np.float32) * below
    canvas.shade(contact, sun=0.3, sky=0.5)


def _shrubs(scene: Facade) -> None:
    canvas, rng, scale = scene.canvas, scene.rng, scene.scale
    rows, _ = grid(canvas.shape)
    for left, right, what in scene.bays:
        for _ in range(0 if what == "door" else int(rng.integers(1, 3))):
            middle = rng.uniform(left + 0.1 * (right - left), right)
            high, wide = rng.uniform(0.26, 0.5) * scale, rng.uniform(0.25, 0.48) * scale
            base = scene.foot + rng.uniform(0.05, 0.16) * scale
            blobs = [
                (base - high * rng.uniform(0.5, 1.1), middle + wide * rng.uniform(-0.6, 0.6),
                 high * rng.uniform(0.6, 1.0), wide * rng.uniform(0.5, 0.9))
                for _ in range(4)
            ]  # fmt: skip
            blobs.append((base - 0.35 * high, middle, 0.4 * high, 0.8 * wide))
            field = grown(canvas.shape, blobs, 0.16, rng)
            field[rows > base] = -1.0
            _cast(scene, field > 0.05, 0.12 * scale, base)
            species = scene.known[scene.pick("plant", "plant 2")]
            leaf = rng.uniform(0.05, 0.09) * scale
            foliage(canvas, field, scene.id("Vegetation Plant"), species, leaf, scene.sun, rng)


def _cast(scene: Facade, mask: BoolArray, reach: float, base: float) -> None:
    """Cast the shadow of a plant on the wall behind it and on the ground below it."""
    shadow = soft(shifted(mask, 0.5 * reach, -1.2 * scene.side * reach), 0.25 * reach)
    scene.canvas.shade(shadow, sun=0.85, sky=0.25)
    rows, cols = grid(scene.canvas.shape)
    columns = np.flatnonzero(mask.any(axis=0))
    if len(columns):
        middle, half = columns.mean() - scene.side * reach, max(len(columns) * 0.55, 1.0)
        flat = ((cols - middle) / half) ** 2 + ((rows - base) / max(0.28 * half, 1.0)) ** 2 < 1
        scene.canvas.shade(soft(flat & (rows > scene.foot), 0.3 * reach), sun=0.8, sky=0.4)


def _tree(scene: Facade) -> None:
    """Let a branch hang into the picture from above, or a trunk rise at its edge."""
    canvas, rng, scale = scene.canvas, scene.rng, scene.scale
    rows, cols = grid(canvas.shape)
    left = rng.random() < 0.5
    at = canvas.shape[1] * (0.05 if left else 0.95)
    if rng.random() < 0.6:
        bark = vary(rng, wood, 0.2, 0.2, level=0.28, lignin=2.0, weathered=0.5)
        base = scene.foot + 0.5 * scale
        lean = at + (cols.mean() - at) * 0.08 * np.sin(rows / base * 2)
        half = 0.09 * scale * (1 + 0.5 * np.clip(rows / base - 0.8, 0, 1) * 4)
        place = (cols - lean) / half
        furrows = fractal(canvas.shape, 0.05 * scale, rng, octaves=3, stretch=4)
        canvas.paint(
            (np.abs(place) < 1) & (rows < base), scene.id("Vegetation Plant"), bark,
            tone=np.clip(0.9 + 0.2 * furrows, 0.3, 1.5).astype(np.float32),
            sun=(scene.sunlit * np.clip(0.55 + 0.5 * scene.side * place, 0.05, 1)).astype(np.float32),
        )  # fmt: skip
    inward = 1 if left else -1
    blobs = [
        (rng.uniform(-0.1, 0.55) * scale, at + inward * rng.uniform(-0.2, 1.3) * scale,
         rng.uniform(0.3, 0.55) * scale, rng.uniform(0.4, 0.7) * scale)
        for _ in range(5)
    ]  # fmt: skip
    field = grown(canvas.shape, blobs, 0.3, rng)
    _cast(scene, field > 0.05, 0.3 * scale, -1.0)
    foliage(canvas, field, scene.id("Vegetation Plant"), scene.known["plant"], 0.08 * scale, scene.sun, rng)


def _panel(scene: Facade) -> None:
    canvas, rng, scale = scene.canvas, scene.rng, scene.scale
    free = [bay for bay in scene.bays if bay[2] != "door"]
    left, right, _ = free[int(rng.integers(len(free)))]
    foot = min(scene.foot + rng.uniform(0.4, 0.7) * scale, canvas.shape[0] - 0.06 * canvas.shape[0])
    size = 0.44 * scale * float(_near(scene, np.array(foot)))
    at = np.clip(rng.uniform(left, right), 0.14 * canvas.shape[1], 0.86 * canvas.shape[1]) - size / 2
    labels = scene.id("Whiteboard"), scene.id("Tripod")
    light = max(scene.sunlit, 0.02), 0.55
    fittings.white_reference(canvas, foot - 2.3 * size, float(at), size, foot, labels, light)
