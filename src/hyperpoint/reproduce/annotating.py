"""Annotations of the training scenes from points, scored by their truth."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hyperpoint.annotation.annotate import annotate
from hyperpoint.annotation.prepare import prepare
from hyperpoint.annotation.recipe import Recipe
from hyperpoint.catalog.dataset import Dataset
from hyperpoint.comparisons.scenes import open_row
from hyperpoint.errors import HyperpointError, InputError
from hyperpoint.io.manifest import ManifestRow
from hyperpoint.io.masks import write_mask
from hyperpoint.metrics import ConfusionMatrix
from hyperpoint.reproduce.counts import add_to, to_json
from hyperpoint.reproduce.protocol import Protocol, Ratio, scored_truth
from hyperpoint.reproduce.study import Study
from hyperpoint.segment.boundaries import BoundaryErrors

KIND = "annotation"


@dataclass(frozen=True)
class SceneJob:
    """The annotations of one scene by one recipe: `masks` names the file for each seed.

    All that `annotate_scene` needs, to be done here or handed to another process.
    """

    row: ManifestRow
    dataset: Dataset
    protocol: Protocol
    ratio: Ratio
    recipe: Recipe
    masks: dict[int, Path]


def annotate_scene(job: SceneJob) -> dict[int, dict[str, Any]]:
    """Annotate a scene from the points of each seed, write the masks, and score them.

    The scene is opened and prepared once. The truth is read to draw the points and to score the masks; nothing that
    annotates sees it.

    Returns
    -------
    By seed: `counts` and `boundary` as `counts.to_json`, `num_points` (annotated), and `seconds` (preparing included
    for the first).

    Raises
    ------
    HyperpointError
        If the scene cannot be opened or annotated.
    """
    truth = scored_truth(job.row, job.dataset).labels
    found = {}
    start = time.perf_counter()
    prepared = prepare(open_row(job.row, job.dataset), job.recipe)
    for seed, mask in job.masks.items():
        points = job.protocol.draw(job.row, job.dataset, seed, job.ratio)
        labels = annotate(prepared, points, seed=seed).labels
        if labels.shape != truth.shape:
            raise InputError(f"labels and image of {job.row.id} differ in size")
        write_mask(mask, labels, job.dataset.classes)
        seconds = time.perf_counter() - start
        matrix, boundaries = ConfusionMatrix(len(job.dataset.classes), job.dataset.unscored), BoundaryErrors()
        matrix.update(labels, truth)
        boundaries.update(labels, truth)
        found[seed] = {**to_json(matrix, boundaries), "num_points": len(points.annotated), "seconds": seconds}
        start = time.perf_counter()
    return found


@dataclass(frozen=True, eq=False)
class Annotations:
    """What a recipe made of the training scenes with one seed: by id of the scene, masks and their scores."""

    masks: dict[str, Path]
    scores: dict[str, dict[str, Any]]

    def matrix(self, empty: ConfusionMatrix) -> ConfusionMatrix:
        """Return the scores of all scenes together, added to an empty matrix."""
        return add_to(empty, self.scores.values())


def annotate_training(
    study: Study, recipe: Recipe, seeds: Sequence[int], ratio: Ratio | None = None, *, only_kept: bool = False
) -> dict[int, Annotations]:
    """Annotate all training scenes with each of the seeds, or find that done.

    A scene that cannot be annotated (points of one class only, a damaged cube) is left out, and the study told why.
    With `only_kept` nothing is annotated: scenes that are not done with every seed are left out.
    """
    ratio = ratio or study.protocol.ratio
    result = {seed: Annotations({}, {}) for seed in seeds}
    for number, row in enumerate(study.train_rows):
        study.progress(number, len(study.train_rows), f"{recipe.name} {ratio[0]:g}:{ratio[1]:g}, {row.id}")
        try:
            scores, masks = _annotate_row(study, row, recipe, seeds, ratio, only_kept)
        except HyperpointError as error:
            study.complain(f"{row.id} cannot be annotated by {recipe.name}: {error}")
            continue
        for seed in scores:
            result[seed].masks[row.id], result[seed].scores[row.id] = masks[seed], scores[seed]
    return result


def _annotate_row(
    study: Study, row: ManifestRow, recipe: Recipe, seeds: Sequence[int], ratio: Ratio, only_kept: bool
) -> tuple[dict[int, dict[str, Any]], dict[int, Path]]:
    signatures = {
        seed: {
            "scene": study.mark_of([row]),
            "recipe": recipe.as_dict(),
            "points": study.protocol.describe(ratio),
            "seed": seed,
        }
        for seed in seeds
    }
    masks = {seed: study.kept.path(KIND, one, ".png") for seed, one in signatures.items()}
    found = {seed: study.kept.find(KIND, one) for seed, one in signatures.items()}
    scores = {seed: score for seed, score in found.items() if score is not None and masks[seed].exists()}
    missing = {seed: masks[seed] for seed in seeds if seed not in scores}
    if missing and only_kept:
        return {}, {}
    if missing:
        job = SceneJob(row, study.dataset, study.protocol, ratio, recipe, missing)
        for seed, score in annotate_scene(job).items():
            scores[seed] = study.kept.keep(KIND, signatures[seed], score, score["seconds"])
    return {seed: scores[seed] for seed in seeds}, masks
