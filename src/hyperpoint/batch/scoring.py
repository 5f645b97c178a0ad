"""Scores of finished masks against the truth, which nothing else of a batch is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from hyperpoint.batch.job import SceneJob, SceneResult, Task
from hyperpoint.catalog.truth import read_truth
from hyperpoint.errors import HyperpointError
from hyperpoint.io.files import fingerprint
from hyperpoint.io.masks import read_label_ids
from hyperpoint.metrics import ConfusionMatrix
from hyperpoint.types import LabelArray

_NOTE = "not scored: "


def score(job: SceneJob, labels: LabelArray) -> tuple[str | None, list[list[int]], list[str]]:
    """Count the pixels of a mask by true and predicted class.

    Returns
    -------
    Fingerprint of the truth, or None if there is none that can be used; the counts, as in `SceneResult`; and a note
    that says why it was not scored, if it was not.
    """
    if job.label is None:
        return None, [], []
    if not job.label.exists():
        return None, [], [f"{_NOTE}there is no label image {job.label}"]
    try:
        mark = fingerprint(job.label)
        truth = read_truth(job.label, job.task.classes if job.task.has_colors else None)
        matrix = ConfusionMatrix(len(job.task.classes))
        matrix.update(labels, truth.labels)
    except HyperpointError as error:
        told = str(error) if str(job.label) in str(error) else f"{job.label}: {error}"
        return None, [], [f"{_NOTE}{told}"]
    true, predicted = np.nonzero(matrix.counts)
    counts = np.stack([true, predicted, matrix.counts[true, predicted]], axis=1)
    return mark, counts.tolist(), []


def scored_anew(job: SceneJob, result: SceneResult) -> SceneResult:
    """Return an earlier result with the score of its mask by the truth as it is now.

    Raises
    ------
    InputError
        If the mask cannot be read.
    """
    truth, counts, notes = score(job, read_label_ids(job.mask))
    kept = [note for note in result.notes if not note.startswith(_NOTE)]
    return replace(result, truth=truth, counts=counts, notes=kept + notes)


def is_scored_by(job: SceneJob, result: SceneResult) -> bool:
    """Say whether a result was scored against the label image as it is now, or rightly not at all."""
    there = job.label is not None and job.label.is_file()
    return result.truth == (fingerprint(job.label) if there and job.label else None)


def pooled(task: Task, results: Iterable[SceneResult]) -> ConfusionMatrix:
    """Return the confusion matrix of all pixels of the scored results, without the classes that are not scored."""
    matrix = ConfusionMatrix(len(task.classes), task.unscored)
    for result in results:
        for true, predicted, pixels in result.counts:
            if true not in task.unscored:
                matrix.counts[true, predicted] += pixels
    return matrix
