"""What every table and figure works with: the scenes of a data set, how much is computed, and what is kept of it."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from hyperpoint.catalog.dataset import Dataset
from hyperpoint.catalog.sources import dataset_rows
from hyperpoint.errors import InputError
from hyperpoint.io.cubes import open_cube
from hyperpoint.io.files import fingerprint
from hyperpoint.io.manifest import ManifestRow
from hyperpoint.metrics import ConfusionMatrix
from hyperpoint.reproduce.keeping import Kept
from hyperpoint.reproduce.protocol import Protocol
from hyperpoint.reproduce.sizes import Size

logger = logging.getLogger(__name__)

Progress = Callable[[int, int, str], None]

# Radiance without a white reference, classes that got no pixel, no validation images: all meant to be so here, and
# said of every scene and training.
_TALKATIVE = ("hyperpoint.opening", "hyperpoint.segment", "hyperpoint.annotation", "hyperpoint.comparisons")


def silent(_done: int, _total: int, _what: str) -> None:
    """Take progress and say nothing."""


@dataclass(eq=False)
class Study:
    """A data set, and how its tables and figures are made.

    Attributes
    ----------
    dataset, root
        The data set, and where its copy lies.
    size
        How much is computed.
    protocol
        How points are drawn, and how often.
    weights
        What RGB networks start from.
    kept
        Results of earlier runs, and of this one.
    only
        Compute only those trainings whose name contains one of these texts; none: all.
    progress
        Told (done, total, what).
    problems
        What went wrong with single scenes, to be told with the results.
    """

    dataset: Dataset
    root: Path
    size: Size
    protocol: Protocol
    weights: str
    kept: Kept
    only: Sequence[str] = ()
    progress: Progress = silent
    problems: list[str] = field(default_factory=list)
    _marks: dict[str, str] = field(default_factory=dict)

    @cached_property
    def _rows(self) -> list[ManifestRow]:
        return dataset_rows(self.dataset, self.root)

    @cached_property
    def train_rows(self) -> list[ManifestRow]:
        """The training scenes that are used."""
        return self._part("train", self.size.num_train)

    @cached_property
    def test_rows(self) -> list[ManifestRow]:
        """The test scenes that are used."""
        return self._part("test", self.size.num_test)

    def _part(self, split: str, num: int | None) -> list[ManifestRow]:
        rows = [row for row in self._rows if row.split == split]
        if not rows:
            raise InputError(f"{self.root} has no scene of the split {split!r} of {self.dataset.name}")
        return rows if num is None else evenly(rows, num)

    @property
    def seeds(self) -> range:
        """Seeds of annotations."""
        return range(self.protocol.num_seeds or self.size.num_seeds)

    @property
    def network_seeds(self) -> range:
        """Seeds of everything in which a network is trained over the data set."""
        return range(self.protocol.num_seeds or self.size.num_network_seeds)

    @property
    def title(self) -> str:
        """The data set as titles call it: "LIB-HSI"."""
        return self.dataset.title.partition(":")[0]

    def wants(self, name: str) -> bool:
        """Say whether the training called `name` is to be computed if its result is not there."""
        return not self.only or any(text.lower() in name.lower() for text in self.only)

    def matrix(self) -> ConfusionMatrix:
        """Return an empty confusion matrix for the classes of the data set."""
        return ConfusionMatrix(len(self.dataset.classes), self.dataset.unscored)

    def mark(self, row: ManifestRow) -> str:
        """Return a text that changes with the content of a scene's files."""
        if row.id not in self._marks:
            assert row.cube is not None and row.label is not None
            samples = open_cube(row.cube).path
            files = {row.cube, *([] if samples is None else [Path(samples)]), row.image, row.label}
            parts = sorted(fingerprint(file) for file in files)
            self._marks[row.id] = _short([row.id, str(row.rotate), *parts])
        return self._marks[row.id]

    def mark_of(self, rows: Sequence[ManifestRow]) -> str:
        """Return a text that changes with the content of any of several scenes."""
        for number, row in enumerate(rows):
            if row.id not in self._marks:
                self.progress(number, len(rows), "looking at the scenes")
                self.mark(row)
        return _short([self.dataset.name, *map(str, self.dataset.unscored), *(self.mark(row) for row in rows)])

    def complain(self, text: str) -> None:
        """Note what is wrong with a scene, once, and log it."""
        if text not in self.problems:
            self.problems.append(text)
            logger.warning("%s", text)

    def describe(self) -> list[str]:
        """Say for people what was computed on what."""
        lines = [
            f"Data set {self.title}, from {self.root}: {len(self.train_rows)} training and {len(self.test_rows)} test "
            f"scenes.",
            f"Points: {self.protocol.num_regions} regions x {self.protocol.per_region}, annotated to unannotated "
            f"{self.protocol.ratio[0]:g} : {self.protocol.ratio[1]:g}; {len(self.seeds)} seeds of annotations, "
            f"{len(self.network_seeds)} of networks; spread is the standard deviation over seeds.",
            "Percent. mIoU over the classes present in the truth; an unlabelled pixel counts as wrong. Columns paper_* "
            "are what the paper printed; an empty cell was not run, or is not in the paper.",
        ]
        if self.size.twocnn_iterations is not None:
            lines.append(f"TwoCNN annotates after {self.size.twocnn_iterations} iterations instead of 40000.")
        if self.size.name != "full":
            lines.append(
                f"Size {self.size.name}: part of the scenes, short schedules, small networks; nothing here is to be "
                f"compared with the paper."
            )
        return [*lines, *(f"Problem: {text}" for text in self.problems)]


def evenly(rows: Sequence[ManifestRow], num: int) -> list[ManifestRow]:
    """Return `num` of the rows, evenly spread from the first to the last; all if there are no more."""
    if num >= len(rows):
        return list(rows)
    return [rows[number * (len(rows) - 1) // max(1, num - 1)] for number in range(num)]


@contextmanager
def quiet() -> Iterator[None]:
    """Let the packages that do the work say nothing but errors, unless --verbose was given."""
    loggers = [logging.getLogger(name) for name in _TALKATIVE]
    levels = [one.level for one in loggers]
    is_verbose = logging.getLogger("hyperpoint").getEffectiveLevel() <= logging.INFO
    try:
        for one in loggers:
            one.setLevel(one.level if is_verbose else logging.ERROR)
        yield
    finally:
        for one, level in zip(loggers, levels, strict=True):
            one.setLevel(level)


def _short(parts: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]
