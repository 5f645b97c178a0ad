"""Preparing a scene: what is heavy, needs no points, and is done once."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hyperpoint.annotation.recipe import Recipe, get_recipe
from hyperpoint.cube import ArrayCube, BoolArray, Cube, FloatArray
from hyperpoint.preprocess.bands import drop_bad_bands
from hyperpoint.preprocess.normalisation import normalise
from hyperpoint.preprocess.rendering import render_rgb
from hyperpoint.preprocess.scanning import scan_cube
from hyperpoint.regions.superpixels import slic
from hyperpoint.spectral import make_classifier
from hyperpoint.types import PointSet, Scene, Superpixels

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class PreparedScene:
    """A scene that is ready to be annotated from points, again and again.

    Attributes
    ----------
    scene
        The scene, with an rgb image.
    recipe
        What it was prepared for.
    spectra
        The cube that is classified: the scene's good bands, or its rgb image as three bands.
    usable
        (h, w) bool on the grid of `spectra`: pixels that have a spectrum to classify.
    superpixels
        Of the rgb image.
    masked
        How many pixels of the cube are left out, and why.
    """

    scene: Scene
    recipe: Recipe
    spectra: Cube
    usable: BoolArray
    superpixels: Superpixels
    masked: dict[str, int]

    @property
    def grid(self) -> Scene:
        """A scene whose cube is `spectra`: it maps pixels of the rgb image to those that are classified."""
        return Scene(self.spectra, rgb=self.scene.rgb)

    def spectra_at(self, points: PointSet) -> tuple[FloatArray, BoolArray]:
        """Return the normalised spectra at `points`, (n, bands), and which of them can be used, (n,)."""
        rows, cols = self.grid.to_cube(points.rows, points.cols)
        usable = self.usable[rows, cols]
        spectra = np.zeros((len(points), self.spectra.shape[2]), dtype=np.float32)
        spectra[usable] = normalise(self.spectra.pixels(rows[usable], cols[usable]), self.recipe.normalisation)
        return spectra, usable


def prepare(scene: Scene, recipe: str | Path | Recipe | None = None) -> PreparedScene:
    """Prepare a scene for annotation: superpixels, usable pixels, and an rgb image if it has none.

    Parameters
    ----------
    scene
        The scene.
    recipe
        Name, TOML file or `Recipe`; None is the default.

    Returns
    -------
    What `annotate` takes in place of the scene, to be quick at every further point.

    Raises
    ------
    RecipeError
        If the recipe is unknown or malformed.
    MissingExtraError
        If its classifier needs a package that is not installed.
    """
    chosen = get_recipe(recipe)
    make_classifier(chosen.classifier, **chosen.classifier_params)  # a wrong recipe fails here, before the work
    if scene.rgb is None:
        scene = scene.with_rgb(render_rgb(scene.cube))
    assert scene.rgb is not None
    with ThreadPoolExecutor(max_workers=1) as pool:  # OpenCV leaves the interpreter free meanwhile
        superpixels = pool.submit(slic, scene.rgb, chosen.region_size, chosen.ruler)
        spectra, usable, masked = _spectra_of(scene, chosen)
        return PreparedScene(scene, chosen, spectra, usable, superpixels.result(), masked)


def _spectra_of(scene: Scene, recipe: Recipe) -> tuple[Cube, BoolArray, dict[str, int]]:
    """Return the cube to classify, its usable pixels, and how many of the scene's cube are masked."""
    if recipe.modality == "rgb":
        assert scene.rgb is not None
        valid = np.ones(scene.cube.shape[:2], dtype=bool) if scene.valid is None else scene.valid
        return ArrayCube(scene.rgb), on_rgb_grid(valid, scene), {}
    cube = drop_bad_bands(scene.cube)
    scan = scan_cube(cube)
    if scan.num_masked:
        logger.warning("%s; they stay unlabelled", scan.in_words())
    usable = scan.usable if scene.valid is None else scan.usable & scene.valid
    masked = {"no_data": scan.num_no_data, "saturated": scan.num_saturated, "dead": scan.num_dead}
    return cube, usable, masked


def on_rgb_grid(mask: BoolArray, scene: Scene) -> BoolArray:
    """Spread a mask from the grid of the scene's cube, (h, w), to that of its rgb image, (H, W)."""
    if mask.shape == scene.size:
        return mask
    rows, cols = scene.to_cube(*(np.arange(num) for num in scene.size))
    return mask[np.ix_(rows, cols)]
