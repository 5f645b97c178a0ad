"""Annotating a prepared scene from points: what is light, and done at every click."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np

from hyperpoint.annotation.prepare import prepare
from hyperpoint.annotation.prepared import PreparedScene, Request, on_rgb_grid
from hyperpoint.annotation.provenance import describe
from hyperpoint.annotation.recipe import Recipe, get_recipe
from hyperpoint.cube import IndexArray
from hyperpoint.errors import InputError, PointsError, RecipeError
from hyperpoint.types import IGNORE, Annotation, LabelArray, PointSet, Scene

logger = logging.getLogger(__name__)


def annotate(
    scene: Scene | PreparedScene,
    points: PointSet,
    recipe: str | Path | Recipe | None = None,
    seed: int = 0,
) -> Annotation:
    """Label every pixel of a scene from a few labelled points of this scene alone.

    The method "superpixel-vote" trains a classifier of spectra on the annotated points. If the point set has
    unannotated points too, these and the annotated ones vote in their superpixels (the paper's protocol, sections 3.3
    and 4.2); otherwise every usable pixel votes. An annotated point votes with its own label.

    The method "kernel-mixture" weighs representations of the spectra by how well they predict each annotated point
    from the others, and smooths along the edges of the rgb image as far as that helps. It takes no notice of
    unannotated points.

    Parameters
    ----------
    scene
        A scene, or one that `prepare` made ready.
    points
        At least one point in each of two classes, in pixels of the rgb image.
    recipe
        Name, TOML file or `Recipe`. None: the prepared scene's, else the default.
    seed
        Seeds every random draw of the recipe.

    Returns
    -------
    Labels (H, W) uint8 and confidence (H, W) float32: the share of the superpixel's votes that its label has, or the
    probability that the mixture gives to the label.

    Raises
    ------
    PointsError
        If fewer than two classes are annotated, or a point lies outside the image.
    RecipeError
        If the recipe is unknown, or not the one the scene was prepared for.
    InputError
        If the seed is no whole number, 0 or more.
    """
    if not isinstance(seed, int | np.integer) or seed < 0:
        raise InputError(f"a seed must be a whole number, 0 or more; got {seed!r}")
    prepared = _prepared(scene, recipe)
    training = _training(prepared, points)
    labels, confidence, suspects = prepared.label(Request(points, points.subset(training), int(seed)))
    usable = on_rgb_grid(prepared.usable, prepared.grid)
    _warn_of_lost_classes(points.subset(training), labels[usable])
    return Annotation(
        labels=np.where(usable, labels, IGNORE).astype(np.uint8),
        confidence=np.where(usable, confidence, 0).astype(np.float32),
        suspects=training[suspects],
    ).with_provenance(**describe(prepared, points, len(training), int(seed), labels[usable]))


def _prepared(scene: Scene | PreparedScene, recipe: str | Path | Recipe | None) -> PreparedScene:
    if isinstance(scene, Scene):
        return prepare(scene, recipe)
    if recipe is not None and get_recipe(recipe) != scene.recipe:
        raise RecipeError(
            f"the scene was prepared for the recipe {scene.recipe.name!r} and cannot be annotated with "
            f"{get_recipe(recipe).name!r}; prepare it for that one, or leave the recipe out"
        )
    return scene


def _training(prepared: PreparedScene, points: PointSet) -> IndexArray:
    """Return which points are learned from, ascending: the annotated ones that have a usable spectrum."""
    _check(points, prepared.scene)
    annotated = np.flatnonzero(points.is_annotated)
    usable = prepared.usable_at(points.subset(annotated))
    if not usable.all():
        logger.warning(
            "%d of %d annotated points lie on masked pixels and are not learned from", (~usable).sum(), len(usable)
        )
    num_classes = len(points.subset(annotated[usable]).class_ids)
    if num_classes < 2:
        raise PointsError(
            f"at least two classes must have a point on a usable pixel; {len(points.class_ids)} are annotated and "
            f"{num_classes} of them have one"
        )
    return annotated[usable]


def _warn_of_lost_classes(training: PointSet, labels: LabelArray) -> None:
    lost = np.setdiff1d(training.class_ids, labels)
    if len(lost):
        logger.warning(
            "no pixel got the class(es) %s, though points bear them: superpixels may be too large for the scene (a "
            "recipe's region_size)",
            ", ".join(map(str, lost)),
        )


def _check(points: PointSet, scene: Scene) -> None:
    height, width = scene.size
    outside = (points.rows >= height) | (points.cols >= width)
    if outside.any():
        at = int(np.flatnonzero(outside)[0])
        raise PointsError(
            f"the point ({points.rows[at]}, {points.cols[at]}) lies outside the image of {height} rows and {width} "
            f"columns; points are (row, col) from 0, on the rgb image"
        )
    if len(points.class_ids) < 2:
        raise PointsError(
            f"points of at least two classes are needed to tell them apart; got {len(points.class_ids)} in "
            f"{len(points)} points"
        )
