"""What stands along a street: trees, lamp posts, traffic lights and signs."""

from __future__ import annotations

import numpy as np

from hyperpoint.synth.canvas import Material
from hyperpoint.synth.city import Street
from hyperpoint.synth.draw import clipped, foliage, grid, grown, lookalike, vary
from hyperpoint.synth.materials import paint, plastic, wood
from hyperpoint.synth.textures import fractal, soft

SIGN_COLOURS = {"blue": [0.02, 0.08, 0.40], "red": [0.45, 0.02, 0.02], "yellow": [0.65, 0.42, 0.02]}


def tree(street: Street, x: float, z: float, species: Material) -> None:
    """Plant a tree: trunk, leafy crown, and their shadow on the ground."""
    canvas, camera, rng = street.canvas, street.camera, street.rng
    scale = camera.scale(z)
    bark = vary(rng, wood, 0.15, 0.2, level=0.26, lignin=2.0, weathered=0.5)
    radius, stem = rng.uniform(1.5, 2.3), rng.uniform(2.2, 3.0)
    half = rng.uniform(0.09, 0.15)
    x_ground, z_ground = camera.ground()
    spot = ((x_ground - x + street.side * 2.0) / (1.2 * radius)) ** 2 + ((z_ground - z) / (1.2 * radius)) ** 2
    leafy = fractal(canvas.shape, max(scale * 0.4, 2), rng, octaves=3)
    rows, cols = grid(canvas.shape)
    shadow = (spot + 0.25 * leafy < 1) & (rows > camera.horizon)
    canvas.shade(soft(shadow, max(scale * 0.05, 0.7)) * (rows > camera.horizon), sun=0.75, sky=0.1)
    trunk = camera.outline(
        [(x - half * 1.3, 0, z), (x - half * 0.8, stem + 1, z), (x + half * 0.8, stem + 1, z), (x + half * 1.3, 0, z)]
    )
    furrows = fractal(canvas.shape, max(scale * 0.06, 1.2), rng, octaves=2, stretch=4)
    place = (cols - camera.project(x, 0, z)[1]) / max(half * scale, 0.5)
    canvas.paint(trunk, street.id("vegetation"), bark, tone=clipped(0.9 + 0.2 * furrows, 0.3, 1.5),
                 sun=clipped(0.35 + 0.3 * street.side * place, 0.05, 1), sky=0.6)  # fmt: skip
    blobs = []
    for _ in range(6):
        row, col = camera.project(x + rng.uniform(-0.6, 0.6) * radius, stem + radius * rng.uniform(0.3, 1.5), z)
        blobs.append((row, col, radius * scale * rng.uniform(0.45, 0.7), radius * scale * rng.uniform(0.5, 0.75)))
    field = grown(canvas.shape, blobs, 0.26, rng)
    foliage(canvas, field, street.id("vegetation"), species, max(scale * 0.16, 2.2), street.sun, rng)


def hedge(street: Street, x: float, near: float, far: float, species: Material) -> None:
    """Grow a low hedge along the street."""
    camera, rng = street.camera, street.rng
    face = camera.outline([(x, 0.0, near), (x, 0.85, near), (x, 0.85, far), (x, 0.0, far)])
    rough = fractal(street.canvas.shape, 6, rng, octaves=3)
    field = (soft(face, 1.5) - 0.45 + 0.10 * rough).astype(np.float32)
    foliage(street.canvas, field, street.id("vegetation"), species, 2.6, street.sun, rng)


def lamp_post(street: Street, x: float, z: float, arm: float, kind: Material) -> None:
    """Put up a lamp post with an arm towards the road."""
    _post(street, x, z, 7.0, 0.10, kind)
    canvas, camera = street.canvas, street.camera
    beam = camera.outline([(x, 6.9, z), (x + arm, 7.3, z), (x + arm, 7.2, z), (x, 6.75, z)])
    canvas.paint(beam, street.id("pole"), kind, sun=0.5, sky=0.7)
    head = camera.outline([(x + arm, 7.35, z), (x + 1.5 * arm, 7.35, z), (x + 1.5 * arm, 7.2, z), (x + arm, 7.15, z)])
    canvas.paint(head, street.id("pole"), kind, tone=0.9, sun=0.4, sky=0.7)


def traffic_light(street: Street, x: float, z: float, over: float, kind: Material) -> None:
    """Put up a traffic light that hangs from an arm over the road, at `over` metres: three lamps, one of them lit."""
    canvas, camera, rng = street.canvas, street.camera, street.rng
    _post(street, x, z, 5.2, 0.10, kind)
    arm = camera.outline([(x, 5.2, z), (over - 0.3, 5.25, z), (over - 0.3, 5.1, z), (x, 5.0, z)])
    canvas.paint(arm, street.id("pole"), kind, sun=0.5, sky=0.7, gloss=0.02)
    box = lookalike(rng, street.known["panes"], 0.35, plastic, likeness=0.15)
    housing = camera.outline(
        [(over - 0.32, 3.6, z), (over - 0.32, 5.35, z), (over + 0.32, 5.35, z), (over + 0.32, 3.6, z)]
    )
    canvas.paint(housing, street.id("traffic light"), box, tone=0.9, sun=0.4, sky=0.7, gloss=0.02)
    lit = int(rng.integers(3))
    turns = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    for lamp, colour in enumerate(([0.75, 0.03, 0.02], [0.8, 0.45, 0.02], [0.03, 0.7, 0.25])):
        lens = vary(rng, plastic, 0.03, 0.05, colour=np.clip(np.array(colour), 0.02, 0.9), infrared=0.5)
        rim = [
            (over + 0.22 * float(np.cos(turn)), 5.04 - 0.55 * lamp + 0.22 * float(np.sin(turn)), z) for turn in turns
        ]
        bright = 2.2 if lamp == lit else 0.3
        canvas.paint(camera.outline(rim), street.id("traffic light"), lens, tone=bright, sun=0.5, sky=0.7)


def sign(street: Street, x: float, z: float, kind: Material) -> None:
    """Put up a sign: a disc or a board, one of which is as green as the trees."""
    canvas, camera, rng = street.canvas, street.camera, street.rng
    _post(street, x, z, 2.9, 0.06, kind)
    if rng.random() < 0.4:
        face = lookalike(rng, street.known["tree"], 0.3)
    else:
        colour = SIGN_COLOURS[list(SIGN_COLOURS)[int(rng.integers(len(SIGN_COLOURS)))]]
        face = vary(rng, paint, 0.04, 0.08, colour=colour, infrared=0.6)
    white = vary(rng, paint, 0.03, 0.05, colour=[0.7, 0.7, 0.69], infrared=0.72)
    turns = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    if rng.random() < 0.5:
        outlines = [[(x + r * float(np.cos(t)), 2.85 + r * float(np.sin(t)), z) for t in turns] for r in (0.62, 0.54)]
        bar = [(x - 0.38, 2.78, z), (x - 0.38, 2.94, z), (x + 0.38, 2.94, z), (x + 0.38, 2.78, z)]
    else:
        outlines = [
            [(x - r, 2.3, z), (x - r, 2.3 + 1.5 * r, z), (x + r, 2.3 + 1.5 * r, z), (x + r, 2.3, z)]
            for r in (0.86, 0.80)
        ]
        bar = [(x - 0.6, 2.6, z), (x - 0.6, 2.75, z), (x + 0.5, 2.75, z), (x + 0.5, 2.6, z)]
    for outline, cover in ((outlines[0], white), (outlines[1], face), (bar, white)):
        canvas.paint(camera.outline(outline), street.id("traffic sign"), cover, tone=1.0, sun=0.55, sky=0.7, gloss=0.02)


def _post(street: Street, x: float, z: float, high: float, half: float, kind: Material) -> None:
    canvas, camera = street.canvas, street.camera
    _, cols = grid(canvas.shape)
    half = max(half, 0.9 / camera.scale(z))
    lean = -street.side * 2.5
    cast = camera.outline(
        [(x - half, 0, z), (x + half, 0, z), (x + lean + half, 0, z + 1.0), (x + lean - half, 0, z + 1.0)]
    )
    canvas.shade(soft(cast, 0.7), sun=0.7)
    place = (cols - camera.project(x, 0, z)[1]) / (half * camera.scale(z))
    mask = camera.outline([(x - half, 0, z), (x - 0.8 * half, high, z), (x + 0.8 * half, high, z), (x + half, 0, z)])
    canvas.paint(
        mask, street.id("pole"), kind, sun=clipped(0.5 + 0.35 * street.side * place, 0.05, 1), sky=0.7, gloss=0.02
    )
