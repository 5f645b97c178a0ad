"""Annotating a prepared scene from points: what is light, and done at every click."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from hyperpoint.annotation.prepare import prepare
from hyperpoint.annotation.prepared import Labelling, PreparedScene, Request, on_rgb_grid
from hyperpoint.annotation.provenance import describe, describe_library
from hyperpoint.annotation.recipe import Recipe, get_recipe
from hyperpoint.cube import BoolArray, IndexArray
from hyperpoint.errors import InputError, PointsError, RecipeError
from hyperpoint.library import SpectralLibrary
from hyperpoint.types import IGNORE, Annotation, LabelArray, PointSet, Scene

logger = logging.getLogger(__name__)


def annotate(
    scene: Scene | PreparedScene,
    points: PointSet,
    recipe: str | Path | Recipe | None = None,
    seed: int = 0,
    *,
    library: SpectralLibrary | None = None,
    min_confidence: float = 0.0,
    reject: bool = False,
) -> Annotation:
    """Label every pixel of a scene from a few labelled points.

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
    library
        Labelled spectra of earlier scenes, as weak evidence; its class ids are those of the points (see
        `SpectralLibrary.matched`). It is aligned to the scene's light by the points, and weighed by how well it
        predicts them: one that does not fit is not used. Classes without a point in this scene are passed over.
    min_confidence
        Pixels of a lower confidence, 0..1, stay unlabelled.
    reject
        Leave pixels unlabelled that are farther from every point than points are from each other, in a
        representation of their spectra in which the points' classes tell themselves from one another: they may be of
        a class without a point. About one in twenty pixels of the labelled classes goes with them.

    Returns
    -------
    Labels (H, W) uint8 and confidence (H, W) float32: the share of the superpixel's votes that its label has, or the
    probability that the mixture gives to the label.

    Raises
    ------
    PointsError
        If fewer than two classes are annotated, or a point lies outside the image.
    RecipeError
        If the recipe is unknown, not the one the scene was prepared for, or cannot use a library or reject.
    InputError
        If the seed is no whole number, 0 or more, `min_confidence` is out of range, or the library's bands do not fit
        the scene's.
    """
    if not 0 <= min_confidence <= 1:
        raise InputError(f"min_confidence must lie in 0..1; got {min_confidence!r}")
    prepared = _prepared(scene, recipe)
    request, training = make_request(prepared, points, seed, library)
    if reject and not prepared.can_reject:
        raise RecipeError(
            f"the recipe {prepared.recipe.name!r} cannot tell what is like nothing labelled; annotate with the recipe "
            f"'best', or do without reject"
        )
    found = prepared.label(replace(request, reject=reject))
    usable = on_rgb_grid(prepared.usable, prepared.grid)
    _warn_of_lost_classes(points.subset(training), found.labels[usable])
    kept, removed = _keep(found, usable, min_confidence)
    labels = np.where(kept, found.labels, IGNORE).astype(np.uint8)
    return Annotation(
        labels=labels,
        confidence=np.where(kept, found.confidence, 0).astype(np.float32),
        suspects=training[found.suspects],
    ).with_provenance(
        **describe(prepared, points, found.num_learned_from or len(training), int(seed), labels),
        **removed,
        **({} if library is None else {"library": describe_library(library, found.library_weight)}),
    )


def _keep(found: Labelling, usable: BoolArray, min_confidence: float) -> tuple[BoolArray, dict[str, Any]]:
    """Return which pixels keep their labels, (H, W), and for the provenance how many lost theirs and why."""
    kept = usable
    removed: dict[str, Any] = {}
    if found.rejected is not None:
        removed["reject"] = {"pixels": int((kept & found.rejected).sum())}
        kept = kept & ~found.rejected
    if min_confidence > 0:
        unsure = kept & (found.confidence < min_confidence) & (found.labels != IGNORE)
        removed["min_confidence"] = {"threshold": float(min_confidence), "pixels": int(unsure.sum())}
        kept = kept & ~unsure
    return kept, removed


def make_request(
    prepared: PreparedScene, points: PointSet, seed: int = 0, library: SpectralLibrary | None = None
) -> tuple[Request, IndexArray]:
    """Check and gather what `annotate` labels from; return also which points are learned from, ascending."""
    if not isinstance(seed, int | np.integer) or seed < 0:
        raise InputError(f"a seed must be a whole number, 0 or more; got {seed!r}")
    training = find_training(prepared, points)
    if num_lost := points.is_annotated.sum() - len(training):
        logger.warning(
            "%d of %d annotated points lie on masked pixels and are not learned from",
            num_lost,
            points.is_annotated.sum(),
        )
    _check_library(prepared, library, points)
    return Request(points, points.subset(training), int(seed), library), training


def _prepared(scene: Scene | PreparedScene, recipe: str | Path | Recipe | None) -> PreparedScene:
    if isinstance(scene, Scene):
        return prepare(scene, recipe)
    if recipe is not None and get_recipe(recipe) != scene.recipe:
        raise RecipeError(
            f"the scene was prepared for the recipe {scene.recipe.name!r} and cannot be annotated with "
            f"{get_recipe(recipe).name!r}; prepare it for that one, or leave the recipe out"
        )
    return scene


def _check_library(prepared: PreparedScene, library: SpectralLibrary | None, points: PointSet) -> None:
    if library is None:
        return
    if not prepared.takes_library:
        raise RecipeError(
            f"the recipe {prepared.recipe.name!r} cannot use a spectral library; annotate with the recipe 'best', or "
            f"leave the library out"
        )
    if len(others := np.setdiff1d(library.class_ids, points.class_ids)):
        logger.info(
            "classes of the spectral library without a point in this scene are passed over: %s",
            ", ".join(library.name_of(int(c)) for c in others),
        )


def find_training(prepared: PreparedScene, points: PointSet) -> IndexArray:
    """Return which points are learned from, ascending: the annotated ones that have a usable spectrum.

    Raises
    ------
    PointsError
        As `annotate`.
    """
    _check(points, prepared.scene)
    annotated = np.flatnonzero(points.is_annotated)
    usable = prepared.usable_at(points.subset(annotated))
    num_classes = len(points.subset(annotated[usable]).class_ids)
    if num_classes < 2:
        raise PointsError(
            f"at least two classes must have a point on a usable pixel; {len(points.class_ids)} are annotated and "
            f"{num_classes} of them have one"
        )
    return annotated[usable]


def _warn_of_lost_classes(training: PointSet, labels: LabelArray) -> None:
    given, found = (np.bincount(each, minlength=256) for each in (training.labels, labels))
    lost = np.flatnonzero((given > 0) & (found <= given))
    if len(lost):
        logger.warning(
            "no pixel but the points themselves got the class(es) %s: it takes more points, or, where superpixels "
            "vote, smaller ones (a recipe's region_size)",
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
