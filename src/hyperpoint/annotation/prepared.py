"""What every method of annotation makes of a scene: prepared once, labelled from points again and again."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from hyperpoint.annotation.recipe import Recipe
from hyperpoint.annotation.survey import Survey, central_pixels
from hyperpoint.cube import ArrayCube, BoolArray, Cube, CubeBlock, FloatArray, IndexArray
from hyperpoint.library import SpectralLibrary
from hyperpoint.preprocess.bands import drop_bad_bands
from hyperpoint.preprocess.rendering import Projection, render_rgb, rgb_weights, to_picture
from hyperpoint.preprocess.scanning import Scanner
from hyperpoint.types import LabelArray, PointSet, Scene

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Request:
    """What a prepared scene is to be labelled from.

    Attributes
    ----------
    points
        All points, unannotated ones among them.
    training
        The annotated points on usable pixels, of at least two classes.
    seed
        Seeds every random draw.
    library
        Labelled spectra of earlier scenes, with the points' class ids; only for a scene that `takes_library`.
    reject
        Whether to tell the pixels that are like nothing labelled; only for a scene that `can_reject`.
    """

    points: PointSet
    training: PointSet
    seed: int
    library: SpectralLibrary | None = None
    reject: bool = False

    def learns_like(self, other: Request) -> bool:
        """Say whether the other request has the same training points and seed."""
        return self.seed == other.seed and all(
            np.array_equal(getattr(self.training, part), getattr(other.training, part))
            for part in ("rows", "cols", "labels")
        )

    def is_like(self, other: Request) -> bool:
        """Say whether the other request has the same points, unannotated ones included, seed and library."""
        return (self.seed == other.seed and self.library is other.library) and all(
            np.array_equal(getattr(mine, part), getattr(theirs, part))
            for mine, theirs in ((self.points, other.points), (self.training, other.training))
            for part in ("rows", "cols", "labels")
        )


class Labelling(NamedTuple):
    """What a method makes of a request.

    `labels` (H, W) uint8 and `confidence` (H, W) float32 in [0, 1], of masked pixels too; `suspects` are positions
    among the training points, ascending, whose label the other points contradict; `library_weight` is how much of the
    library's evidence was used, 0..1, None where the request has none; `rejected`, (H, W) bool, are the pixels that are
    like nothing labelled, None where the request did not ask; `num_learned_from` is how many of the training points
    were learned from, None for all.
    """

    labels: LabelArray
    confidence: FloatArray
    suspects: IndexArray = np.zeros(0, dtype=np.int64)
    library_weight: float | None = None
    rejected: BoolArray | None = None
    num_learned_from: int | None = None


@dataclass(frozen=True, eq=False)
class PreparedScene(ABC):
    """A scene that is ready to be annotated from points, again and again.

    Attributes
    ----------
    scene
        The scene, with an rgb image.
    recipe
        What it was prepared for.
    spectra
        The cube that is classified: the scene's good bands, or its rgb image as three bands.
    scanner
        Knows which pixels of the scene's good bands can be used, or learns it when these are read.
    """

    scene: Scene
    recipe: Recipe
    spectra: Cube
    scanner: Scanner

    @cached_property
    def usable(self) -> BoolArray:
        """(h, w) bool on the grid of `spectra`: pixels that have a spectrum to classify.

        A recipe that looks at the rgb image leaves out the same pixels, so that twins are compared on equal ground.
        """
        scan, scene = self.scanner.scan(), self.scene
        if scan.num_masked:
            logger.warning("%s; they stay unlabelled", scan.in_words())
        usable = scan.usable if scene.valid is None else scan.usable & scene.valid
        return on_rgb_grid(usable, scene) if self.recipe.modality == "rgb" else usable

    @property
    def masked(self) -> dict[str, int]:
        """How many pixels of the cube are left out, and why."""
        scan = self.scanner.scan()
        return {"no_data": scan.num_no_data, "saturated": scan.num_saturated, "dead": scan.num_dead}

    @property
    def takes_library(self) -> bool:
        """Whether the method can use a spectral library beside the points."""
        return False

    @property
    def can_reject(self) -> bool:
        """Whether the method can tell pixels that are like nothing labelled."""
        return False

    @property
    def grid(self) -> Scene:
        """A scene whose cube is `spectra`: it maps pixels of the rgb image to those that are classified."""
        return Scene(self.spectra, rgb=self.scene.rgb)

    def usable_on(self, shape: tuple[int, int]) -> BoolArray:
        """Return which cells of a coarser grid over the rgb image have a usable pixel in their middle, (rows, cols)."""
        rows, cols = self.grid.to_cube(*central_pixels(shape, self.scene.size))
        return self.usable[np.ix_(rows, cols)]

    def usable_at(self, points: PointSet) -> BoolArray:
        """Return which of `points` lie on a pixel that has a spectrum to classify, (n,)."""
        return self.usable[self.grid.to_cube(points.rows, points.cols)]

    @property
    @abstractmethod
    def facts(self) -> dict[str, Any]:
        """What the method adds to the provenance: plain data."""

    @abstractmethod
    def label(self, request: Request) -> Labelling:
        """Label every pixel of the rgb image."""

    @abstractmethod
    def survey(self, request: Request) -> Survey:
        """Say what is thought of each small region of the scene; quick after `label` with the same request."""


def with_rgb(scene: Scene) -> Scene:
    """Return `scene` itself, or with an rgb image rendered from its cube if it has none."""
    return scene if scene.rgb is not None else scene.with_rgb(render_rgb(scene.cube))


def scanner_of(scene: Scene) -> Scanner:
    """Return what learns which pixels of the scene's good bands can be used."""
    return Scanner(drop_bad_bands(scene.cube), scene.valid)


def classified_cube(scene: Scene, recipe: Recipe, scanner: Scanner) -> Cube:
    """Return the cube that `recipe` classifies: the scanned one, or the scene's rgb image as three bands."""
    if recipe.modality == "hsi":
        return scanner.cube
    assert scene.rgb is not None
    return ArrayCube(scene.rgb)


def read_once(scene: Scene, scanner: Scanner, take: Callable[[CubeBlock, BoolArray], None] | None = None) -> Scene:
    """Read the cube once for all who need it, and not at all if nobody does.

    Parameters
    ----------
    scene
        If it has no rgb image, one is rendered in passing.
    scanner
        Of the scene's good bands.
    take
        Takes each of the cube's `score_blocks` and which of its pixels can be used.

    Returns
    -------
    The scene, with an rgb image.
    """
    if scene.rgb is not None and take is None:
        return scene
    picture = None
    if scene.rgb is None:
        weights, words = rgb_weights(scene.cube)
        logger.info("rgb rendered from the cube: %s", words)
        picture = Projection(scanner.cube, weights[scene.cube.good_bands])
    for block, usable in scanner.score_blocks():
        if take is not None:
            take(block, usable)
        if picture is not None:
            picture.add(block)
    return scene if picture is None else scene.with_rgb(to_picture(picture.values))


def on_rgb_grid(mask: BoolArray, scene: Scene) -> BoolArray:
    """Spread a mask from the grid of the scene's cube, (h, w), to that of its rgb image, (H, W)."""
    if mask.shape == scene.size:
        return mask
    rows, cols = scene.to_cube(*(np.arange(num) for num in scene.size))
    return mask[np.ix_(rows, cols)]
