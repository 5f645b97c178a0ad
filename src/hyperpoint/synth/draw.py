"""Draw what both facades and streets consist of: materials of random parameters, rectangles, foliage, grass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hyperpoint.cube import BoolArray, FloatArray
from hyperpoint.synth.canvas import Canvas, Material
from hyperpoint.synth.materials import leaves, paint
from hyperpoint.synth.spectra import Spectrum, linear_rgb
from hyperpoint.synth.textures import bounds, fractal, scatter, soft

Model = Callable[..., Spectrum]


def vary(
    rng: np.random.Generator, model: Model, spread: float = 0.12, between: float = 0.2, **typical: Any
) -> Material:
    """Return a material of a model: parameters drawn once for the scene, and twice around that for its two states.

    Parameters
    ----------
    rng
        Source of randomness.
    model
        A function of `hyperpoint.synth.materials`.
    spread, between
        Standard deviation of the logarithm of every parameter within the scene, and from scene to scene.
    typical
        Typical parameters, numbers or colours.
    """
    centre = {name: np.asarray(value) * np.exp(between * rng.standard_normal()) for name, value in typical.items()}

    def state() -> Spectrum:
        drawn = {name: value * np.exp(spread * rng.standard_normal(value.shape)) for name, value in centre.items()}
        return np.clip(model(**drawn), 0.005, 0.97)

    return Material(state(), state())


def lookalike(
    rng: np.random.Generator, of: Material, infrared: float, model: Model = paint, likeness: float = 0.08
) -> Material:
    """Return a painted material that has the colour of another one, and another spectrum.

    Parameters
    ----------
    rng
        Source of randomness.
    of
        The material to be taken for.
    infrared
        Typical reflectance of the paint beyond 750 nm.
    model
        `paint`, `plastic` or `fabric`.
    likeness
        Standard deviation of the logarithm by which colour and lightness differ.
    """
    brighter = np.exp(likeness * rng.standard_normal())
    level = infrared * np.exp(0.2 * rng.standard_normal())

    def state(spectrum: Spectrum) -> Spectrum:
        colour = linear_rgb(spectrum) * brighter * np.exp(0.4 * likeness * rng.standard_normal(3))
        return np.clip(model(np.clip(colour, 0.012, 0.9), min(level, 0.9)), 0.005, 0.97)

    return Material(state(of.fresh), state(of.worn))


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels: rows `top` to `bottom`, columns `left` to `right`, ends excluded."""

    top: float
    left: float
    bottom: float
    right: float

    def mask(self, shape: tuple[int, int]) -> BoolArray:
        """Return its inside, (H, W) bool; at least one pixel wide and high."""
        inside = np.zeros(shape, dtype=bool)
        top, left = max(round(self.top), 0), max(round(self.left), 0)
        inside[top : max(round(self.bottom), top + 1), left : max(round(self.right), left + 1)] = True
        return inside

    def inset(self, by: float) -> Box:
        """Return the rectangle that lies `by` pixels inside this one."""
        return Box(self.top + by, self.left + by, self.bottom - by, self.right - by)

    @property
    def height(self) -> float:
        """Rows."""
        return self.bottom - self.top

    @property
    def width(self) -> float:
        """Columns."""
        return self.right - self.left


@lru_cache(maxsize=4)
def grid(shape: tuple[int, int]) -> tuple[FloatArray, FloatArray]:
    """Return the row and the column of the centre of every pixel, (H, W) float32 each, not to be written to."""
    rows, cols = np.mgrid[: shape[0], : shape[1]].astype(np.float32) + np.float32(0.5)
    rows.flags.writeable = cols.flags.writeable = False
    return rows, cols


def grown(
    shape: tuple[int, int], blobs: list[tuple[float, float, float, float]], rough: float, rng: np.random.Generator
) -> FloatArray:
    """Return a lumpy height field of a plant: above 0 inside, up to about 1 in the middle, (H, W) float32.

    Parameters
    ----------
    shape
        (H, W).
    blobs
        Row, column, half height and half width of each lump, pixels.
    rough
        How strongly the outline is frayed.
    rng
        Source of randomness.
    """
    rows, cols = grid(shape)
    field = np.full(shape, -1.0, dtype=np.float32)
    for row, col, high, wide in blobs:
        # Beyond twice its size a lump is below -1 anyway.
        near = (slice(max(int(row - 2 * high), 0), max(int(row + 2 * high) + 1, 0)),
                slice(max(int(col - 2 * wide), 0), max(int(col + 2 * wide) + 1, 0)))  # fmt: skip
        far = np.sqrt(((rows[near] - row) / high) ** 2 + ((cols[near] - col) / wide) ** 2)
        np.maximum(field[near], 1 - far, out=field[near])
    around = field > -0.5
    if not around.any():
        return field
    part = field[bounds(around)]
    size = float(np.mean([blob[2] for blob in blobs]))
    frayed = part + rough * fractal(part.shape, max(size * 0.5, 2), rng, octaves=4)
    np.copyto(part, frayed, where=part > -0.5)
    return field


def foliage(
    canvas: Canvas, field: FloatArray, label: int, species: Material, leaf: float, sun: tuple[float, float],
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """Draw a leafy plant, lit from above and from one side.

    Parameters
    ----------
    canvas
        Where to draw.
    field
        As `grown` returns it.
    label
        Class id.
    species
        Leaves from young to old.
    leaf
        Length of a leaf, pixels.
    sun
        Where the sun stands, -1 left and 1 right, and how much of its beam arrives.
    rng
        Source of randomness.
    """
    core = field > 0.08
    if not core.any():
        return
    around = bounds(core, 2 * leaf)
    canvas, field, core = canvas.window(*around), field[around], core[around]
    clumps = fractal(canvas.shape, max(4 * leaf, 4), rng, octaves=3)
    relief = soft(field + 0.22 * clumps, max(leaf * 0.8, 1.0))
    down, across = np.gradient(relief)
    lit = clipped(0.52 + 1.6 * leaf * (down - sun[0] * across) + 0.20 * clumps, 0.04, 1.0)
    canvas.paint(core, label, species, tone=0.55, state=0.7, sun=0.12 * sun[1] * lit, sky=0.45)
    depth = lit + 0.6 * rng.random(lit.shape, dtype=np.float32)
    number, rows, cols = scatter(core, "leaf", max(leaf, 1.6), 2.4, rng, depth)
    at, count = (rows.astype(int), cols.astype(int)), len(rows)
    # One value for every leaf, spread to its pixels.
    canvas.paint(
        number >= 0,
        label,
        species,
        tone=clipped(rng.normal(1.0, 0.14, count), 0.5, 1.5)[number],
        state=clipped(0.5 + rng.normal(0.0, 0.22, count) + 0.15 * clumps[at])[number],
        sun=clipped(sun[1] * lit[at] * (0.55 + 0.6 * rng.random(count)))[number],
        sky=(0.35 + 0.5 * lit[at])[number],
        gloss=(np.where(rng.random(count) < 0.08, 0.10, 0.012) * lit[at]).astype(np.float32)[number],
    )


def greens(rng: np.random.Generator, count: int) -> list[Material]:
    """Return `count` species of shrubs and trees, from fresh to dark and reddish greens."""
    kinds = [
        {"chlorophyll": 0.8, "water": 1.0, "brown": 0.05, "red": 0.0, "plateau": 0.52},
        {"chlorophyll": 1.5, "water": 0.8, "brown": 0.10, "red": 0.02, "plateau": 0.42},
        {"chlorophyll": 0.55, "water": 1.2, "brown": 0.12, "red": 0.03, "plateau": 0.55},
        {"chlorophyll": 1.0, "water": 0.9, "brown": 0.35, "red": 0.15, "plateau": 0.40},
    ]
    picked = rng.permutation(len(kinds))[:count]
    return [vary(rng, leaves, 0.16, 0.12, **kinds[number]) for number in picked]


def turf(rng: np.random.Generator) -> Material:
    """Return grass: paler and drier than shrubs, with dead blades among the green ones."""
    fresh = leaves(chlorophyll=0.65 * np.exp(0.15 * rng.standard_normal()), water=0.6, brown=0.3, plateau=0.42)
    dry = leaves(chlorophyll=0.16, water=0.25, brown=0.55, plateau=0.46)
    share = rng.uniform(0.25, 0.5)
    return Material(fresh, (1 - share) * fresh + share * dry)


def grass(
    canvas: Canvas, mask: BoolArray, label: int, species: Material, blade: float, rng: np.random.Generator
) -> None:
    """Draw grass: upright streaks in patches; `blade` is the height of a blade, pixels."""
    streaks = fractal(canvas.shape, max(blade * 0.35, 1.0), rng, octaves=2, stretch=3.0)
    patches = fractal(canvas.shape, max(blade * 9, 6), rng, octaves=3)
    canvas.paint(
        mask, label, species,
        tone=np.clip(0.82 + 0.17 * streaks + 0.07 * patches, 0.35, 1.4),
        state=np.clip(0.45 + 0.22 * patches + 0.12 * streaks, 0, 1),
        sky=np.clip(0.72 + 0.12 * streaks, 0.3, 1.0),
    )  # fmt: skip


def clipped(values: FloatArray | NDArray[np.float64], low: float = 0.0, high: float = 1.0) -> FloatArray:
    """Return float32 values limited to `low`..`high`."""
    return np.clip(values, low, high).astype(np.float32)
