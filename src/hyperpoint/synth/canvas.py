"""What a scene looks like before there are spectra: for every pixel its class, material, texture and light."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hyperpoint.cube import BoolArray, FloatArray
from hyperpoint.synth.spectra import Spectrum
from hyperpoint.types import IGNORE

Field = FloatArray | float
LAYERS = ("labels", "material", "tone", "state", "sun", "sky", "gloss", "mirror")


@dataclass(frozen=True, eq=False)
class Material:
    """A material between two states, such as fresh and weathered; both reflectances are on `GRID_NM`."""

    fresh: Spectrum
    worn: Spectrum

    @property
    def mean(self) -> Spectrum:
        """Reflectance halfway between the two states."""
        return 0.5 * (self.fresh + self.worn)


class Canvas:
    """A scene being drawn, from back to front.

    Attributes
    ----------
    shape
        (H, W).
    labels
        (H, W) uint8 class ids.
    material
        (H, W) int16 index into `materials`.
    tone
        (H, W) float32 factor on the reflectance: texture and shading.
    state
        (H, W) float32, 0 where the material is fresh and 1 where it is worn.
    sun, sky
        (H, W) float32, how much of the direct beam and of the sky's light arrives, 0..1.
    gloss, mirror
        (H, W) float32, how strongly the sky, and what stands around, are mirrored.
    materials
        Those drawn so far.
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self.shape = shape
        self.labels = np.full(shape, IGNORE, dtype=np.uint8)
        self.material = np.zeros(shape, dtype=np.int16)
        self.tone = np.ones(shape, dtype=np.float32)
        self.state = np.full(shape, 0.5, dtype=np.float32)
        self.sun = np.ones(shape, dtype=np.float32)
        self.sky = np.ones(shape, dtype=np.float32)
        self.gloss = np.zeros(shape, dtype=np.float32)
        self.mirror = np.zeros(shape, dtype=np.float32)
        self.materials: list[Material] = []

    def paint(
        self,
        mask: BoolArray,
        label: int,
        material: Material,
        *,
        tone: Field = 1.0,
        state: Field = 0.5,
        sun: Field | None = None,
        sky: Field | None = None,
        gloss: Field = 0.0,
        mirror: Field = 0.0,
    ) -> None:
        """Cover `mask`, (H, W) bool, with a material; light of None stays that of what lay there before.

        The fields are (H, W) or one number, as described for the class.
        """
        if material not in self.materials:
            self.materials.append(material)
        self.labels[mask] = label
        self.material[mask] = self.materials.index(material)
        fields = (self.tone, tone), (self.state, state), (self.gloss, gloss), (self.mirror, mirror)
        for target, value in (*fields, (self.sun, sun), (self.sky, sky)):
            if value is not None:
                np.copyto(target, np.asarray(value, dtype=np.float32), where=mask)

    def shade(self, shadow: FloatArray, sun: float = 0.92, sky: float = 0.0) -> None:
        """Cast a shadow, (H, W) in 0..1, that takes away up to these shares of the beam and of the sky's light."""
        self.sun *= 1 - sun * shadow
        self.sky *= 1 - sky * shadow

    def window(self, rows: slice, cols: slice) -> Canvas:
        """Return a part of the canvas; what is drawn there is drawn here."""
        part = Canvas.__new__(Canvas)
        part.materials = self.materials
        for name in LAYERS:
            setattr(part, name, getattr(self, name)[rows, cols])
        part.shape = part.labels.shape
        return part

    def warp(self, homography: NDArray[np.float64], shape: tuple[int, int]) -> Canvas:
        """Return the canvas as seen through a homography, (3, 3), that takes its (col, row) to those of the result."""
        import cv2

        seen = Canvas(shape)
        seen.materials = self.materials
        size = (shape[1], shape[0])
        for name in LAYERS:
            layer = cv2.warpPerspective(
                getattr(self, name), homography, size, flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE
            )
            setattr(seen, name, layer)
        return seen
