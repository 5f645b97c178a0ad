"""Scenes to learn from, and to score on, out of a data set."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from hyperpoint.catalog.dataset import Dataset
from hyperpoint.catalog.sampling import sample_regions
from hyperpoint.catalog.truth import read_truth, white_mask
from hyperpoint.errors import InputError
from hyperpoint.io.manifest import ManifestRow
from hyperpoint.opening import open_scene
from hyperpoint.segment.inputs import open_for_network, read_image
from hyperpoint.types import PointSet, Scene, Truth

Draw = Callable[[Truth, np.random.Generator], PointSet]


@dataclass(frozen=True, eq=False)
class PointScene:
    """A scene to learn from.

    Attributes
    ----------
    id
        Its name, for messages and for files made of it.
    points
        On its rgb image; those without a label are not learned from.
    open
        Opens it, as often as it is read.
    """

    id: str
    points: PointSet
    open: Callable[[], Scene]


def draw_regions(truth: Truth, rng: np.random.Generator) -> PointSet:
    """Draw points as the paper does (section 4.2), with the defaults of `catalog.sampling`."""
    return sample_regions(truth, seed=rng)


def training_scenes(
    rows: Sequence[ManifestRow], dataset: Dataset, seed: int = 0, draw: Draw = draw_regions
) -> list[PointScene]:
    """Draw points in each of the scenes, and leave out those of classes that are not scored.

    The truth is read to draw them, and to find the white reference; nothing else of it is kept.

    Parameters
    ----------
    rows
        Training scenes, as `catalog.sources.dataset_rows` lists them, with the labels of the data set.
    seed
        With the id of a scene it decides its points, whatever other scenes there are.
    draw
        Draws the points of a scene.

    Raises
    ------
    MissingFileError, InputError, ClassTableError, PointsError
        If labels cannot be read, or no pixel is labelled.
    """
    found = []
    for row in rows:
        rng = np.random.default_rng([seed, zlib.crc32(row.id.encode())])
        points = without_classes(draw(truth_of(row, dataset), rng), dataset.unscored)
        found.append(PointScene(row.id, points, partial(open_row, row, dataset)))
    return found


def without_classes(points: PointSet, classes: Collection[int]) -> PointSet:
    """Return the points that bear none of these classes."""
    return points.subset(~np.isin(points.labels, list(classes)))


def truth_of(row: ManifestRow, dataset: Dataset) -> Truth:
    """Read the labels of a scene, colours being those of the data set.

    Raises
    ------
    InputError
        If the row has none, or they cannot be read.
    MissingFileError, ClassTableError
        If the file does not exist, or has a colour that is in no class.
    """
    if row.label is None:
        raise InputError(f"the scene {row.id!r} has no labels; list scenes that have them")
    return read_truth(row.label, dataset.classes if dataset.labels == "colors" else None)


def open_row(row: ManifestRow, dataset: Dataset) -> Scene:
    """Open a scene of a data set, with its white-reference class, where its labels show any, as white reference.

    Of the labels only the mask of the panel is passed on (paper, section 4.2).

    Raises
    ------
    MissingFileError, CubeFormatError, InputError, ClassTableError
        If it has no cube, or files are missing, damaged or do not fit each other.
    """
    if row.cube is None:
        raise InputError(f"the scene {row.id!r} has no cube, which a hyperspectral method needs")
    if dataset.white_reference is not None:
        truth = truth_of(row, dataset)
        if (truth.labels == dataset.white_reference).any():
            white = white_mask(truth, dataset.white_reference)
            return open_scene(row.cube, Path(row.image), rotate=row.rotate, white=white)
    return open_for_network(row.cube, row.rotate, read_image(row.image))
