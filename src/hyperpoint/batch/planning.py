"""From a data set's layout, or a manifest, to one job a scene."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hyperpoint.annotation.provenance import library_versions
from hyperpoint.annotation.recipe import Recipe
from hyperpoint.batch.job import Draw, SceneJob, Task
from hyperpoint.catalog.dataset import Dataset
from hyperpoint.catalog.sources import dataset_rows, split_name
from hyperpoint.errors import InputError, MissingFileError
from hyperpoint.io.files import StrPath
from hyperpoint.io.manifest import CLASSES_NAME, ManifestRow, read_manifest
from hyperpoint.spectral import make_classifier
from hyperpoint.types import ClassTable

_TAKEN = ("report",)  # its points would be report.csv
_MAX_ID_BYTES = 200  # a file name has 255 at most, and endings are appended


@dataclass(frozen=True)
class Wishes:
    """What is wanted of a set, wherever its scenes come from.

    Attributes
    ----------
    out
        Folder to write to.
    recipe
        How to annotate.
    points
        Folder with a CSV of points for every scene, `<id>.csv`; None where points are drawn.
    draw
        How points are drawn from the truth; None where they are read.
    split
        The split to annotate; None: all.
    seed, align, confidence
        As in `hyperpoint.batch.job.Task`.
    """

    out: Path
    recipe: Recipe
    points: Path | None = None
    draw: Draw | None = None
    split: str | None = None
    seed: int = 0
    align: bool = False
    confidence: bool = False


def jobs_of_dataset(dataset: Dataset, root: StrPath, wishes: Wishes, source: str) -> list[SceneJob]:
    """Return the scenes of the copy of a data set at `root`, with the ids that a manifest of it has.

    A scene may lack files: that is its own error when its turn comes.

    Parameters
    ----------
    dataset
        Its white-reference class, if it has one, is the white reference in scenes that show it.
    root
        The folder that the splits lie in.
    wishes
        What is wanted.
    source
        How the data set was named: its name, or its TOML file.

    Raises
    ------
    MissingFileError
        If no split, or no file of points, is there.
    InputError
        If the split asked for has no scene, an id is no file name, or an input would be overwritten.
    """
    white = None if dataset.white_reference is None else (source, dataset.white_reference)
    rows = dataset_rows(dataset, Path(root).absolute(), complete=False)
    task = _task(
        wishes, dataset.classes, source,
        has_colors=dataset.labels == "colors", unscored=dataset.unscored, white=white,
    )  # fmt: skip
    return _jobs(rows, task, wishes, str(root))


def jobs_of_manifest(path: StrPath, wishes: Wishes) -> list[SceneJob]:
    """Return the scenes of a manifest, whose class table lies beside it; errors as for `jobs_of_dataset`."""
    manifest = read_manifest(path, complete=False)
    task = _task(wishes, manifest.classes, str(manifest.path.with_name(CLASSES_NAME)))
    return _jobs(manifest.rows, task, wishes, str(path))


def _task(wishes: Wishes, classes: ClassTable, class_source: str, **more: Any) -> Task:
    recipe = wishes.recipe
    if recipe.method == "superpixel-vote":  # a recipe that cannot be used shall fail now, not in every scene
        make_classifier(recipe.classifier, **recipe.classifier_params)
    return Task(
        recipe=recipe, classes=classes, out=wishes.out.absolute(), seed=wishes.seed,
        version=library_versions()["hyperpoint"], class_source=class_source, draw=wishes.draw, align=wishes.align,
        confidence=wishes.confidence, **more,
    )  # fmt: skip


def _jobs(rows: Sequence[ManifestRow], task: Task, wishes: Wishes, where: str) -> list[SceneJob]:
    wanted = rows if wishes.split is None else [row for row in rows if row.split == split_name(wishes.split)]
    if not wanted:
        known = ", ".join(dict.fromkeys(row.split for row in rows))
        raise InputError(f"{where} has no scene of the split {wishes.split!r}; its splits are {known}")
    _check_ids(wanted, where, wishes.confidence)
    folder = None if wishes.points is None else _points_folder(wishes.points, wanted)
    jobs = [_job(row, task, folder) for row in wanted]
    _check_outputs(jobs)
    return jobs


def _job(row: ManifestRow, task: Task, points: Path | None) -> SceneJob:
    return SceneJob(
        id=row.id, split=row.split, cube=row.cube, rgb=row.image, label=row.label,
        points=None if points is None else points / f"{row.id}.csv", rotate=row.rotate, task=task,
    )  # fmt: skip


def _points_folder(folder: Path, rows: Sequence[ManifestRow]) -> Path:
    if not folder.is_dir():
        raise MissingFileError(f"there is no folder {folder}; give the one that holds a CSV of points for every scene")
    if not any((folder / f"{row.id}.csv").is_file() for row in rows):
        raise MissingFileError(
            f"the folder {folder} holds points of none of the {len(rows)} scenes; a file is called after its scene's "
            f"id, such as {rows[0].id}.csv"
        )
    return folder.absolute()


def _check_ids(rows: Sequence[ManifestRow], where: str, confidence: bool) -> None:
    """Make sure that every id can be the name of a file in the output folder, and of no other scene's."""
    ids = {row.id for row in rows}
    for one in ids:
        is_name = one.isprintable() and not set(one) & set("/\\:") and not one.startswith(".")
        if not is_name or len(one.encode()) > _MAX_ID_BYTES or one in _TAKEN:
            raise InputError(
                f"{where}: the id {one[:60]!r} cannot be the name of a mask; an id must not be longer than "
                f"{_MAX_ID_BYTES} bytes, begin with a dot, hold / \\ : or control characters, or be "
                f"{' or '.join(_TAKEN)!r}"
            )
        if confidence and f"{one}_confidence" in ids:
            raise InputError(
                f"{where}: the mask of {one}_confidence would be the confidence of {one}; rename one of them, or leave "
                f"out --confidence"
            )


def _check_outputs(jobs: Sequence[SceneJob]) -> None:
    """Make sure that nothing that will be written is an input of any scene."""
    inputs = {path.resolve() for job in jobs for path in (job.cube, job.rgb, job.label, job.points) if path is not None}
    for job in jobs:
        written = [job.mask, job.mask.with_suffix(".json"), job.mask.with_name(f"{job.id}_confidence.png")]
        for path in [*written, *([job.drawn_points] if job.task.draw else [])]:
            if path.resolve() in inputs:
                raise InputError(f"{path} is one of the inputs and would be overwritten; choose another --out")
