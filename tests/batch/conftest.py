"""Tiny facades in the layout of LIB-HSI, and what it takes to annotate them in this process."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from hyperpoint.annotation.recipe import Recipe
from hyperpoint.batch.job import Draw, SceneJob, SceneRow
from hyperpoint.batch.planning import Wishes, jobs_of_dataset
from hyperpoint.batch.pool import Order
from hyperpoint.batch.worker import annotate_scene
from hyperpoint.catalog.dataset import load_dataset
from hyperpoint.synth import synthesise

FAST = Recipe(name="fast", classifier="linear-svm", region_size=10)
MakeJobs = Callable[..., list[SceneJob]]
Contents = Callable[[Path], dict[str, bytes]]


class Here:
    """A pool that is this process."""

    def run(self, orders: Sequence[Order]) -> Iterator[SceneRow]:
        for order in orders:
            yield annotate_scene(order.job)


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """Put back what a command that a test calls does to the log."""
    logger = logging.getLogger("hyperpoint")
    before = (logger.handlers[:], logger.propagate, logger.level)
    yield
    logger.handlers[:], logger.propagate = before[0], before[1]
    logger.setLevel(before[2])


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four scenes: 0001 and 0002 for training, 0003 for validation, 0004 for testing."""
    root = tmp_path_factory.mktemp("facades")
    synthesise(root, "lib-hsi", 4, (64, 64), seed=1)
    return root


@pytest.fixture
def root(pristine: Path, tmp_path: Path) -> Path:
    """A copy of these scenes that a test may spoil."""
    return Path(shutil.copytree(pristine, tmp_path / "facades"))


@pytest.fixture
def make_jobs(root: Path, tmp_path: Path) -> MakeJobs:
    """Call `make_jobs(seed=3)`: the jobs of the copy, into the folder `out`."""

    def make(**wishes: object) -> list[SceneJob]:
        wanted = Wishes(tmp_path / "out", FAST, draw=Draw(per_class=5))
        return jobs_of_dataset(load_dataset("lib-hsi"), root, replace(wanted, **wishes), "lib-hsi")  # type: ignore[arg-type]

    return make


@pytest.fixture(scope="session")
def here() -> Here:
    return Here()


@pytest.fixture(scope="session")
def contents() -> Contents:
    """Call `contents(folder)`: what results are compared by, file by file; how long it took has no part in it."""

    def read(folder: Path) -> dict[str, bytes]:
        kept = (path for path in folder.iterdir() if path.is_file() and path.stem != "report")
        return {path.name: path.read_bytes() for path in kept}

    return read
