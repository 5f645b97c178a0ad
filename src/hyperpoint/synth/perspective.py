"""The geometry of a street: a level camera, planes that run along the street, and points in space."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hyperpoint.cube import BoolArray, FloatArray
from hyperpoint.synth.draw import grid
from hyperpoint.synth.textures import polygon

FAR_M = 400.0


@dataclass(frozen=True)
class Camera:
    """A pinhole camera that looks along the street.

    Attributes
    ----------
    shape
        (H, W) of the picture.
    horizon, middle
        Row and column of the vanishing point.
    focal
        Focal length, pixels.
    height
        Of the eye above the road, metres.
    """

    shape: tuple[int, int]
    horizon: float
    middle: float
    focal: float
    height: float

    def project(self, x: float, y: float, z: float) -> tuple[float, float]:
        """Return (row, col) of a point `x` metres to the right, `y` above the road and `z` ahead."""
        return self.horizon + self.focal * (self.height - y) / z, self.middle + self.focal * x / z

    def scale(self, z: float) -> float:
        """Return pixels per metre at distance `z`."""
        return self.focal / z

    def outline(self, points: list[tuple[float, float, float]]) -> BoolArray:
        """Return the inside of a polygon of points in space, (H, W) bool."""
        return polygon(self.shape, [self.project(*point) for point in points])

    def ground(self, y: float = 0.0) -> tuple[FloatArray, FloatArray]:
        """Return `x` and `z` in metres, (H, W) each, of the plane at height `y`; `FAR_M` at and above the horizon."""
        rows, cols = grid(self.shape)
        below = np.maximum(rows - self.horizon, self.focal * self.height / FAR_M)
        z = np.minimum(self.focal * (self.height - y) / below, FAR_M).astype(np.float32)
        return ((cols - self.middle) * z / self.focal).astype(np.float32), z

    def side(self, x: float) -> tuple[FloatArray, FloatArray]:
        """Return `z` and `y` in metres, (H, W) each, of the upright plane along the street at `x`; else `FAR_M`."""
        rows, cols = grid(self.shape)
        beside = np.maximum((cols - self.middle) * np.sign(x), self.focal * abs(x) / FAR_M)
        z = np.minimum(self.focal * abs(x) / beside, FAR_M).astype(np.float32)
        return z, (self.height - (rows - self.horizon) * z / self.focal).astype(np.float32)

    def facing(self, z: float) -> tuple[FloatArray, FloatArray]:
        """Return `x` and `y` in metres, (H, W) each, of the plane across the street at distance `z`."""
        rows, cols = grid(self.shape)
        return (cols - self.middle) * z / self.focal, self.height - (rows - self.horizon) * z / self.focal
