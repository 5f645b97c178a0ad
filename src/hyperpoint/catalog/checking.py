"""Verify a copy of a data set on disk: what is missing, damaged, or does not fit together."""

from __future__ import annotations

import logging
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from hyperpoint.catalog.dataset import Dataset
from hyperpoint.catalog.layouts import STRAY_PREFIX, SceneFiles
from hyperpoint.cube import Cube, usable_pixels
from hyperpoint.errors import HyperpointError, MissingFileError
from hyperpoint.io.cubes import open_cube
from hyperpoint.io.files import StrPath, fingerprint
from hyperpoint.io.images import read_rgb
from hyperpoint.io.masks import used_ids
from hyperpoint.preprocess.geometry import RotatedCube
from hyperpoint.types import Scene, UInt8Array

Progress = Callable[[int, int, str], None]

_MAX_THREADS = 16
# Pixels of a cube that are looked at, spread over it: one that holds nothing has none that can be used.
_NUM_LOOKED_AT = 16
_NUM_NAMED = 3


@dataclass(frozen=True, eq=False)
class CopyReport:
    """What was found of a copy.

    Attributes
    ----------
    num_scenes
        By split, complete or not.
    num_bands, sizes
        How many cubes have so many bands, and how many photos are (H, W) pixels large.
    problems
        What is wrong, a sentence each.
    notes
        What is worth knowing and does no harm.
    """

    num_scenes: dict[str, int]
    num_bands: Counter[int]
    sizes: Counter[tuple[int, int]]
    problems: list[str]
    notes: list[str]

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-serialisable values."""
        return {
            "num_scenes": self.num_scenes,
            "num_bands": {str(bands): num for bands, num in sorted(self.num_bands.items())},
            "sizes": [{"rows": size[0], "cols": size[1], "num": num} for size, num in sorted(self.sizes.items())],
            "problems": self.problems,
            "notes": self.notes,
        }


@dataclass(eq=False)
class _Found:
    """What was found of a scene."""

    files: SceneFiles
    problems: list[str] = field(default_factory=list)
    size: tuple[int, int] | None = None
    num_bands: int | None = None
    photo: str | None = None
    has_panel: bool = False


def check_copy(dataset: Dataset, root: StrPath, progress: Progress | None = None) -> CopyReport:
    """Verify the copy of a data set at `root`.

    Every scene must have a cube, a photo and labels; photo and labels must decode and be equally large; labels must be
    in the colours, or hold the ids, of the classes; the cube must be as long as its header says, fit the photo once it
    is turned, and have a spectrum; all cubes must have equally many bands; and no photo may be in two splits. Samples
    of cubes are not read but for a few.

    Parameters
    ----------
    progress
        Called with (done, total, split and id of the scene).

    Raises
    ------
    MissingFileError
        If `root` does not exist, or no split of the data set is there.
    """
    scenes, absent = _scenes(dataset, root)
    found: list[_Found] = []
    with _caught_warnings() as warnings, ThreadPoolExecutor(min(_MAX_THREADS, os.cpu_count() or 1)) as pool:
        for one in pool.map(lambda files: _check_scene(dataset, files, warnings), scenes):
            found.append(one)
            if progress is not None:
                progress(len(found), len(scenes), f"{one.files.split}/{one.files.id}")
    problems = [*absent, *(problem for one in found for problem in one.problems)]
    problems += [*_other_bands(found), *_repeated(found)]
    num_scenes = dict(Counter(files.split for files in scenes))
    return CopyReport(
        num_scenes,
        Counter(one.num_bands for one in found if one.num_bands is not None),
        Counter(one.size for one in found if one.size is not None),
        problems,
        _notes(dataset, Path(root), num_scenes, found),
    )


def _scenes(dataset: Dataset, root: StrPath) -> tuple[list[SceneFiles], list[str]]:
    """Return the scenes of all splits, and what is wrong with splits that are not there."""
    scenes: list[SceneFiles] = []
    absent: list[MissingFileError] = []
    for split in dataset.splits:
        try:
            scenes += dataset.scenes(root, split, complete=False)
        except MissingFileError as error:
            absent.append(error)
    if not scenes:
        raise absent[0]
    return scenes, [str(error) for error in absent]


def _check_scene(dataset: Dataset, files: SceneFiles, warnings: _Warnings) -> _Found:
    found = _Found(files)
    name = f"{files.split}/{files.id}"
    missing = [
        f"{what} ({path})"
        for what, path in (("cube", files.cube), ("photo", files.rgb), ("label image", files.label))
        if not path.exists()
    ]
    if missing:
        found.problems.append(f"{name} lacks its {' and its '.join(missing)}")
    photo = None
    if files.rgb.exists():
        photo = _attempt(found, name, lambda: read_rgb(files.rgb))
        found.photo = _attempt(found, name, lambda: fingerprint(files.rgb))
    if photo is not None:
        found.size = (photo.shape[0], photo.shape[1])
    if files.label.exists():
        _check_labels(dataset, found, name)
    if files.cube.exists():
        _check_cube(dataset, found, name, photo, warnings)
    return found


def _attempt(found: _Found, name: str, work: Callable[[], Any]) -> Any:
    """Return what `work` gives; None if it fails, which is noted."""
    try:
        return work()
    except HyperpointError as error:
        found.problems.append(f"{name}: {error}")
        return None


def _check_labels(dataset: Dataset, found: _Found, name: str) -> None:
    truth = _attempt(found, name, lambda: dataset.truth(found.files))
    if truth is None:
        return
    labels = truth.labels
    if found.size is not None and labels.shape != found.size:
        found.problems.append(
            f"{name}: the labels {found.files.label} have {labels.shape[0]} x {labels.shape[1]} pixels, the photo "
            f"{found.size[0]} x {found.size[1]}"
        )
    ids = used_ids(labels)
    if ids and ids[-1] >= len(dataset.classes):
        found.problems.append(
            f"{name}: the labels {found.files.label} hold class {ids[-1]}, but the classes of {dataset.name} end with "
            f"{len(dataset.classes) - 1}"
        )
    found.has_panel = dataset.white_reference in ids


def _check_cube(dataset: Dataset, found: _Found, name: str, photo: UInt8Array | None, warnings: _Warnings) -> None:
    cube: Cube | None = _attempt(found, name, lambda: open_cube(found.files.cube))
    # A file that is longer than its header says is opened nevertheless, with a warning.
    found.problems += [f"{name}: {warning}" for warning in warnings.take()]
    if cube is None:
        return
    found.num_bands = cube.shape[2]
    if photo is not None:
        upright = RotatedCube(cube, dataset.rotate) if dataset.rotate else cube
        _attempt(found, name, lambda: Scene(upright, rgb=photo))
    rows, cols = (np.linspace(0, length - 1, _NUM_LOOKED_AT).astype(np.int64) for length in cube.shape[:2])
    spectra = _attempt(found, name, lambda: cube.pixels(rows, cols))
    if spectra is not None and not usable_pixels(spectra[:, cube.good_bands]).any():
        found.problems.append(f"{name}: the cube {found.files.cube} seems to hold no spectrum at all")


def _other_bands(found: list[_Found]) -> Iterator[str]:
    counts = Counter(one.num_bands for one in found if one.num_bands is not None)
    if len(counts) > 1:
        usual = counts.most_common(1)[0][0]
        for one in found:
            if one.num_bands not in (None, usual):
                yield f"{one.files.split}/{one.files.id}: the cube has {one.num_bands} bands, most have {usual}"


def _repeated(found: list[_Found]) -> Iterator[str]:
    first: dict[str, SceneFiles] = {}
    for one in found:
        if one.photo is None:
            continue
        other = first.setdefault(one.photo, one.files)
        if other.split != one.files.split:
            yield (
                f"{other.rgb} and {one.files.rgb} are the same photo in two splits: what is scored must not have been "
                f"trained on"
            )


def _notes(dataset: Dataset, root: Path, num_scenes: dict[str, int], found: list[_Found]) -> list[str]:
    notes = [
        f"{num_scenes[split]} of the {published} scenes of the split {split!r} are here"
        for split, published in dataset.num_scenes.items()
        if split in num_scenes and num_scenes[split] != published
    ]
    stray = sorted(str(path.relative_to(root)) for path in root.rglob(f"{STRAY_PREFIX}*"))
    if stray:
        named = ", ".join(stray[:_NUM_NAMED]) + (", ..." if len(stray) > _NUM_NAMED else "")
        notes.append(f"{len(stray)} stray files ({named}), which are passed over; they may be deleted")
    without = sum(not one.has_panel for one in found)
    if dataset.white_reference is not None and without:
        name = dataset.classes.names[dataset.white_reference]
        notes.append(f"{without} scenes show no {name}, so that there is no white reference to read off their labels")
    return notes


class _Warnings(logging.Handler):
    """Keeps what is warned of in each thread."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._by_thread: dict[int | None, list[str]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        self._by_thread.setdefault(record.thread, []).append(record.getMessage())

    def take(self) -> list[str]:
        """Return what was warned of in this thread since the last time."""
        return self._by_thread.pop(threading.get_ident(), [])


@contextmanager
def _caught_warnings() -> Iterator[_Warnings]:
    """Catch what readers of cubes warn of, so that it is reported once, and with the scene."""
    logger = logging.getLogger("hyperpoint.io.cubes")
    handler, level, propagate = _Warnings(), logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(logging.WARNING)
    logger.propagate = False
    try:
        yield handler
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        logger.propagate = propagate
