"""The objects that flow through hyperpoint: frozen, and checked once, where they are built."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hyperpoint.cube import ArrayCube, BoolArray, Cube, FloatArray, IndexArray, check_wavelengths
from hyperpoint.errors import ClassTableError, InputError
from hyperpoint.points import IGNORE as IGNORE
from hyperpoint.points import LabelArray as LabelArray
from hyperpoint.points import PointSet as PointSet

MAX_CLASSES = 255

UInt8Array = NDArray[np.uint8]


@dataclass(frozen=True)
class ClassTable:
    """Names and colours of classes; the id of a class is its position, `IGNORE` (255) is none.

    Parameters
    ----------
    names
        One distinct, non-empty name a class; at most 255.
    colors
        One (r, g, b) a class, each 0..255.

    Raises
    ------
    ClassTableError
        If a name is empty or stands twice, a colour is out of range, or the numbers differ.
    """

    names: tuple[str, ...]
    colors: tuple[tuple[int, int, int], ...]

    def __post_init__(self) -> None:
        if not 0 < len(self.names) <= MAX_CLASSES:
            raise ClassTableError(f"a class table has 1 to {MAX_CLASSES} classes; got {len(self.names)}")
        if len(self.names) != len(self.colors):
            raise ClassTableError(
                f"a class table needs a colour for each name; got {len(self.names)} names and "
                f"{len(self.colors)} colours"
            )
        for name, color in zip(self.names, self.colors, strict=True):
            if not isinstance(name, str) or not name.strip():
                raise ClassTableError(f"every class needs a name of at least one letter; got {name!r}")
            if len(color) != 3 or not all(0 <= value <= 255 for value in color):
                raise ClassTableError(f"the colour of class {name!r} must be three numbers 0..255; got {color}")
        if len(set(self.names)) != len(self.names):
            twice = next(name for name in self.names if self.names.count(name) > 1)
            raise ClassTableError(f"the class name {twice!r} stands twice; names must differ")

    def __len__(self) -> int:
        return len(self.names)

    def id_of(self, name: str) -> int:
        """Return the id of the class called `name`.

        Raises
        ------
        ClassTableError
            If there is no such class; the message lists those there are.
        """
        try:
            return self.names.index(name)
        except ValueError:
            raise ClassTableError(f"unknown class {name!r}; known are: {', '.join(self.names)}") from None

    def palette(self) -> UInt8Array:
        """Return the colours as (256, 3) uint8, with black from the last class on."""
        palette = np.zeros((256, 3), dtype=np.uint8)
        palette[: len(self)] = self.colors
        return palette


@dataclass(frozen=True, eq=False, init=False)
class Scene:
    """A hyperspectral image and the colour picture that goes with it.

    Parameters
    ----------
    cube
        (h, w, bands): an array, or a `Cube` that is read on demand.
    wavelengths
        Band centres in nm, (bands,); None takes the cube's own, if it has any.
    rgb
        (H, W, 3) uint8 with H/h and W/w at least 1 and within 1 % of each other; None: `hyperpoint.render_rgb`
        makes one when it is needed, on the cube's own grid.
    valid
        (h, w) bool, False where the caller wants a pixel left out; None: every pixel with a usable spectrum counts.
    provenance
        Where the scene comes from and how it was opened: JSON-serialisable.

    Raises
    ------
    InputError
        If shapes or types do not fit.
    """

    cube: Cube
    rgb: UInt8Array | None = None
    valid: BoolArray | None = None
    provenance: dict[str, Any] = field(default_factory=dict)

    def __init__(
        self,
        cube: Cube | NDArray[Any],
        wavelengths: ArrayLike | None = None,
        rgb: ArrayLike | None = None,
        valid: ArrayLike | None = None,
        provenance: dict[str, Any] | None = None,
    ) -> None:
        source = cube if isinstance(cube, Cube) else ArrayCube(np.asarray(cube))
        if wavelengths is not None:
            source = copy(source)
            source.wavelengths = check_wavelengths(wavelengths, source.shape[2])
        object.__setattr__(self, "cube", source)
        object.__setattr__(self, "rgb", None if rgb is None else _checked_rgb(rgb, source.shape))
        object.__setattr__(self, "valid", None if valid is None else _checked_valid(valid, source.shape))
        object.__setattr__(self, "provenance", provenance or {})

    @property
    def wavelengths(self) -> NDArray[np.float64] | None:
        """Band centres in nm, (bands,), or None if unknown."""
        return self.cube.wavelengths

    def with_rgb(self, rgb: UInt8Array) -> Scene:
        """Return the same scene with another rgb image."""
        return Scene(self.cube, rgb=rgb, valid=self.valid, provenance=self.provenance)

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) of the grid on which points and labels live: the rgb's if there is one, else the cube's."""
        return self.cube.shape[:2] if self.rgb is None else (self.rgb.shape[0], self.rgb.shape[1])

    def to_cube(self, rows: ArrayLike, cols: ArrayLike) -> tuple[IndexArray, IndexArray]:
        """Map pixels of the label grid to those of the cube: (row + 0.5)·h/H and (col + 0.5)·w/W, rounded down."""
        (H, W), (h, w, _) = self.size, self.cube.shape
        cube_rows = (2 * np.asarray(rows, dtype=np.int64) + 1) * h // (2 * H)
        cube_cols = (2 * np.asarray(cols, dtype=np.int64) + 1) * w // (2 * W)
        return cube_rows, cube_cols


def _checked_rgb(rgb: ArrayLike, cube_shape: tuple[int, int, int]) -> UInt8Array:
    image = np.asarray(rgb)
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        raise InputError(f"an rgb image must be (H, W, 3) uint8; got shape {image.shape} of {image.dtype}")
    down, across = image.shape[0] / cube_shape[0], image.shape[1] / cube_shape[1]
    if min(down, across) < 1 or abs(down / across - 1) > 0.01:
        raise InputError(
            f"the rgb image of {image.shape[0]} x {image.shape[1]} pixels does not fit the cube of {cube_shape[0]} x "
            f"{cube_shape[1]}: it must be as large or larger, by the same factor (within 1 %) down and across; is it "
            f"another scene, or turned (--rotate)?"
        )
    return np.ascontiguousarray(image)


def _checked_valid(valid: ArrayLike, cube_shape: tuple[int, int, int]) -> BoolArray:
    mask = np.asarray(valid)
    if mask.shape != cube_shape[:2] or mask.dtype != np.bool_:
        raise InputError(f"`valid` must be bool of shape {cube_shape[:2]}, as the cube; got {mask.dtype} {mask.shape}")
    return mask


@dataclass(frozen=True, eq=False)
class Superpixels:
    """An over-segmentation: `ids` is (H, W) int32, every number from 0 to `num` - 1 in use."""

    ids: NDArray[np.int32]
    num: int


@dataclass(frozen=True, eq=False)
class Annotation:
    """A label for every pixel of a scene.

    Attributes
    ----------
    labels
        (H, W) uint8 class ids; 255 is unlabelled.
    confidence
        (H, W) float32 in [0, 1]; 0 where unlabelled.
    provenance
        What it was made from and how: JSON-serialisable.
    suspects
        Positions among the points it was made from, ascending, of those whose label the others contradict: perhaps
        misclicks. Only some recipes look for them.
    """

    labels: LabelArray
    confidence: FloatArray
    provenance: dict[str, Any] = field(default_factory=dict)
    suspects: IndexArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def with_provenance(self, **more: Any) -> Annotation:
        """Return the same annotation with further entries in its provenance."""
        return replace(self, provenance={**self.provenance, **more})


@dataclass(frozen=True, eq=False)
class Truth:
    """Labels that are used for scoring and for simulating an annotator, never for annotating.

    labels: (H, W) uint8 class ids, 255 = unlabelled.
    """

    labels: LabelArray

    def __post_init__(self) -> None:
        if self.labels.ndim != 2 or self.labels.dtype != np.uint8:
            raise InputError(f"a truth must be (H, W) uint8; got {self.labels.dtype} {self.labels.shape}")
