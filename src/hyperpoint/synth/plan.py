"""Plan a facade: what is where, before anything is drawn."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from hyperpoint.synth.canvas import Canvas, Material
from hyperpoint.synth.draw import greens, turf
from hyperpoint.types import ClassTable

# The wall meets the ground this far down; the eye is this high above the ground, and this far from the wall.
FOOT, EYE_M, DISTANCE_M = 0.72, 1.5, 6.0
# How many metres of wall the picture shows across.
WIDTHS_M = (3.9, 5.0)
# Drawn larger than seen, so that the camera may be tilted.
MARGIN = 1.08


@dataclass
class Facade:
    """One facade being drawn.

    Attributes
    ----------
    canvas
        Larger than the picture by `MARGIN`.
    rng
        Source of randomness.
    classes
        The classes of LIB-HSI.
    scale
        Pixels per metre on the wall.
    foot, beam
        Rows where the wall meets the ground, and where the beam above the openings ends.
    door_height
        Pixels.
    bays
        Left and right column, and "door", "window" or "blank", from left to right.
    side
        Where the sun stands: -1 left, 1 right.
    sunlit
        How much of the direct beam falls on the wall, 0..1.
    known
        Materials that others may be made to look like, by the name of their class.
    """

    canvas: Canvas
    rng: np.random.Generator
    classes: ClassTable
    scale: float
    foot: float
    beam: float
    door_height: float
    bays: list[tuple[float, float, str]]
    side: float
    sunlit: float
    known: dict[str, Material] = field(default_factory=dict)

    def id(self, name: str) -> int:
        """Return the id of a class."""
        return self.classes.id_of(name)

    @property
    def sun(self) -> tuple[float, float]:
        """Side and strength of the sun."""
        return self.side, self.sunlit

    def pick(self, *choices: str) -> str:
        """Return one of several words."""
        return choices[int(self.rng.integers(len(choices)))]


def plan_facade(shape: tuple[int, int], classes: ClassTable, rng: np.random.Generator) -> Facade:
    """Decide on the proportions, openings, plants and light of a facade of `shape` (H, W)."""
    large = (round(shape[0] * MARGIN), round(shape[1] * MARGIN))
    scale = large[1] / rng.uniform(*WIDTHS_M)
    foot = FOOT * large[0] * rng.uniform(0.97, 1.03)
    door_height = min(2.1 * scale, 0.6 * foot)
    whats = [["door", "window", "window"], ["window", "door", "blank"], ["door", "window", "door"]]
    what = whats[int(rng.integers(len(whats)))]
    what = [what[number] for number in rng.permutation(len(what))]
    edges = np.linspace(0.02, 0.98, len(what) + 1) * large[1]
    scene = Facade(
        canvas=Canvas(large),
        rng=rng,
        classes=classes,
        scale=scale,
        foot=foot,
        beam=max(foot - door_height - rng.uniform(0.32, 0.5) * scale, 0.1 * large[0]),
        door_height=door_height,
        bays=list(zip(edges[:-1].tolist(), edges[1:].tolist(), what, strict=True)),
        side=float(rng.choice([-1.0, 1.0])),
        sunlit=0.85 * float(rng.choice([1.0, 1.0, 1.0, 0.0])),
    )
    scene.canvas.sun[:] = scene.sunlit
    scene.canvas.sky[:] = 0.55
    scene.known["plant"], scene.known["plant 2"] = greens(rng, 2)
    scene.known["turf"] = turf(rng)
    return scene
