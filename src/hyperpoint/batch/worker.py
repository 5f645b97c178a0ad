"""Annotate scenes and write their files: the function that every process and every machine runs."""

from __future__ import annotations

import logging
import threading
import time
import traceback
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from hyperpoint.annotation.annotate import annotate
from hyperpoint.annotation.outputs import write_annotation
from hyperpoint.annotation.prepare import PreparedScene, prepare
from hyperpoint.annotation.provenance import library_versions
from hyperpoint.batch.job import SceneJob, SceneResult, SceneRow
from hyperpoint.batch.plausibility import check_spectra
from hyperpoint.batch.processes import peak_memory
from hyperpoint.batch.records import forget, record_path, write_record
from hyperpoint.batch.scoring import score
from hyperpoint.batch.signature import signature_of
from hyperpoint.catalog.sampling import sample_per_class, sample_regions
from hyperpoint.catalog.truth import read_truth, white_mask
from hyperpoint.errors import HyperpointError, InputError, PointsError
from hyperpoint.io.cubes import open_cube
from hyperpoint.io.files import fingerprint, make_folder
from hyperpoint.io.points import read_points, write_points
from hyperpoint.opening import open_scene
from hyperpoint.preprocess.geometry import RotatedCube
from hyperpoint.types import IGNORE, PointSet, Scene, Truth

Done = TypeVar("Done")


def annotate_scene(job: SceneJob) -> SceneRow:
    """Annotate a scene, write its mask, provenance and record, and score it; whatever goes wrong becomes a row.

    Every file is written under a temporary name and renamed, the record last: a process may be killed at any moment.
    """
    (row,) = annotate_scenes([job])
    return row


def annotate_scenes(jobs: Sequence[SceneJob]) -> Iterator[SceneRow]:
    """Annotate some scenes as `annotate_scene`, training their classifiers side by side; yield each when it is done.

    All are opened and prepared before the first is annotated. What goes wrong with one costs the others nothing.
    """
    begun = [_guarded(job, partial(_begin, job)) for job in jobs]
    able = [one for one in begun if isinstance(one, _Begun)]
    if len(able) > 1:
        from hyperpoint.annotation.together import learn_together

        start = time.perf_counter()
        learn_together([one.prepared for one in able], [one.points for one in able], jobs[0].task.seed)
        share = (time.perf_counter() - start) / len(able)
        for one in able:
            one.seconds += share
    del able
    for job in jobs:
        found = begun.pop(0)  # what it holds is given back when it is done
        row = _guarded(job, partial(_finish, found)) if isinstance(found, _Begun) else found
        yield replace(row, peak_bytes=peak_memory())


@dataclass
class _Begun:
    """A scene that is ready to be annotated, what has been warned of, and how many seconds it took so far."""

    job: SceneJob
    signature: dict[str, Any]
    prepared: PreparedScene
    points: PointSet
    points_file: Path
    notes: list[str]
    seconds: float


def _guarded(job: SceneJob, work: Callable[[], Done]) -> Done | SceneRow:
    """Return what `work` returns, or the row of the scene if anything goes wrong."""
    try:
        return work()
    except (HyperpointError, OSError, MemoryError) as error:
        return _failed(job, _in_a_line(job, error))
    except Exception as error:
        # A fault of ours in one scene must not cost the night's work on the others; the report shows where it arose.
        line = f"unforeseen {type(error).__name__}: {_in_a_line(job, error)}"
        return _failed(job, line, traceback.format_exc())


def _begin(job: SceneJob) -> _Begun:
    start = time.perf_counter()
    here = library_versions()["hyperpoint"]
    if here != job.task.version:
        raise InputError(
            f"this worker has hyperpoint {here}, but the run was started by {job.task.version}; install the same on all"
        )
    with _collected_warnings() as notes:
        signature = signature_of(job)  # before anything is read, so that a change meanwhile is seen by the next run
        make_folder(record_path(job).parent)
        scene = _open(job)
        points, points_file = _points(job, scene)
        _check_measured(job, scene, points)
        prepared = prepare(scene, job.task.recipe)
        if prepared.recipe.modality == "rgb":  # reads the cube: what it warns of is this scene's, also in a group
            prepared.usable_at(points)
    return _Begun(job, signature, prepared, points, points_file, notes, time.perf_counter() - start)


def _finish(begun: _Begun) -> SceneRow:
    start = time.perf_counter()
    job, points, points_file = begun.job, begun.points, begun.points_file
    with _collected_warnings() as notes:
        annotation = annotate(begun.prepared, points, seed=job.task.seed)
        forget(job)
        written = write_annotation(
            job.mask, annotation, begun.prepared.scene, points, job.task.classes,
            _inputs(job, begun.prepared.scene, points_file), preview=False, confidence=job.task.confidence,
        )  # fmt: skip
    truth, counts, why_not = score(job, annotation.labels)
    result = SceneResult(
        signature=begun.signature,
        files={_name(job, path): fingerprint(path) for path in (*written, *_own(job, points_file))},
        coverage=float((annotation.labels != IGNORE).mean()),
        num_points=len(points.annotated),
        truth=truth,
        counts=counts,
        notes=begun.notes + notes + why_not,
        seconds=round(begun.seconds + time.perf_counter() - start, 3),
    )
    write_record(job, result)
    return SceneRow(job.id, job.split, "annotated", result)


def _open(job: SceneJob) -> Scene:
    assert job.cube is not None  # the signature has been made of it
    white = None
    if job.task.white is not None:
        truth, class_id = _truth(job), job.task.white[1]
        white = white_mask(truth, class_id) if (truth.labels == class_id).any() else None
    return open_scene(job.cube, job.rgb, rotate=job.rotate, align=job.task.align, white=white)


def _points(job: SceneJob, scene: Scene) -> tuple[PointSet, Path]:
    """Return the points of a scene, and the file that holds them: one that was given, or one written now."""
    task, draw = job.task, job.task.draw
    if draw is None:
        assert job.points is not None
        return read_points(job.points, task.classes, scene.size, image=job.rgb.name)[0], job.points
    # Each scene draws for itself, whichever process it falls to and whatever the others are.
    rng = np.random.default_rng([task.seed, zlib.crc32(job.id.encode())])
    if draw.per_class is not None:
        points = sample_per_class(_truth(job), draw.per_class, rng)
    else:
        points = sample_regions(_truth(job), draw.num_regions, draw.per_region, draw.ratio, rng)
    write_points(job.drawn_points, points, task.classes)
    return points, job.drawn_points


def _truth(job: SceneJob) -> Truth:
    if job.label is None:
        raise InputError(f"the scene {job.id} has no label image to draw points from; give points (--points)")
    return read_truth(job.label, job.task.classes if job.task.has_colors else None)


def _check_measured(job: SceneJob, scene: Scene, points: PointSet) -> None:
    """Look at the spectra under the points as they are stored: calibrated, damage looks like anything."""
    assert job.cube is not None
    stored = open_cube(job.cube)
    upright = Scene(RotatedCube(stored, job.rotate) if job.rotate else stored, rgb=scene.rgb)
    check_spectra(upright.cube.pixels(*upright.to_cube(points.rows, points.cols)), job.cube)


def _inputs(job: SceneJob, scene: Scene, points_file: Path) -> dict[str, Any]:
    """Say what was opened as the options of `hyperpoint annotate` that open the same."""
    white = job.task.white
    is_own = points_file == job.drawn_points
    return {
        "cube": str(job.cube),
        # Beside the mask, wherever that is: the same in every output folder.
        "points": {"path": points_file.name, "fingerprint": fingerprint(points_file)} if is_own else str(points_file),
        "classes": job.task.class_source,
        "rgb": str(job.rgb),
        "rotate": str(job.rotate),
        "align": job.task.align,
        "white": f"{white[0]}:{job.label}" if white and scene.provenance["white"] else None,
        "samples": scene.cube.path,
    }


def _own(job: SceneJob, points_file: Path) -> list[Path]:
    return [points_file] if points_file == job.drawn_points else []


def _name(job: SceneJob, path: Path) -> str:
    return path.relative_to(job.task.out).as_posix()


def _failed(job: SceneJob, error: str, trace: str | None = None) -> SceneRow:
    if job.mask.exists():
        error += " (what there is of it is of an earlier run, or incomplete)"
    return SceneRow(job.id, job.split, "failed", error=error, traceback=trace)


def _in_a_line(job: SceneJob, error: BaseException) -> str:
    """Say what went wrong, naming a file: the points or the cube, if the error names none."""
    text = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, MemoryError):
        text = f"not enough memory ({text})"
    cube = None if job.cube is None else job.cube.with_suffix("")  # its samples may lie in a file beside it
    named = (cube, job.rgb, job.label, job.points, job.task.out)
    if any(path is not None and str(path) in text for path in named):
        return text
    subject = (job.points or job.drawn_points) if isinstance(error, PointsError) else job.cube
    return f"{subject}: {text}"


class _Collector(logging.Handler):
    """Keeps what this thread's scene is warned of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.notes: list[str] = []
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            self.notes.append(record.getMessage())


@contextmanager
def _collected_warnings() -> Iterator[list[str]]:
    """Gather the warnings of the log for the report, where they stand beside their scene."""
    logger, collector = logging.getLogger("hyperpoint"), _Collector()
    logger.addHandler(collector)
    try:
        yield collector.notes
    finally:
        logger.removeHandler(collector)
