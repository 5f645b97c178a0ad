"""How much memory a scene takes, and how much there is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from hyperpoint.annotation.recipe import get_recipe
from hyperpoint.batch import memory
from hyperpoint.batch.job import Draw, SceneJob
from hyperpoint.batch.memory import available_memory, need_of
from hyperpoint.batch.planning import Wishes, jobs_of_dataset
from hyperpoint.batch.pool import LocalPool, Order
from hyperpoint.catalog.dataset import load_dataset
from hyperpoint.errors import InputError
from hyperpoint.io.images import write_png
from hyperpoint.synth import synthesise
from hyperpoint.types import UInt8Array

MakeJobs = Callable[..., list[SceneJob]]


def test_larger_pictures_and_heavier_methods_take_more(make_jobs: MakeJobs, tmp_path: Path) -> None:
    import numpy as np

    job = make_jobs()[0]
    picture: UInt8Array = np.zeros((1024, 1024, 3), np.uint8)
    write_png(tmp_path / "large.png", picture)
    larger = replace(job, rgb=tmp_path / "large.png")
    assert need_of(larger) - need_of(job) == pytest.approx(1.25 * 48 * (1024**2 - 64**2), rel=1e-6)
    best = replace(job, task=replace(job.task, recipe=get_recipe("best")))
    assert need_of(best) - need_of(job) > 10e6


@pytest.mark.parametrize("missing", ["cube", "rgb"])
def test_a_scene_that_cannot_be_opened_takes_what_finding_out_takes(make_jobs: MakeJobs, missing: str) -> None:
    job = make_jobs()[0]
    getattr(job, missing).unlink()
    assert need_of(job) == need_of(replace(job, cube=None)) == 150e6


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="peaks are known on Linux only")
def test_no_process_takes_more_than_was_thought(tmp_path: Path) -> None:
    synthesise(tmp_path / "facades", "lib-hsi", 3, (160, 160), seed=0)
    for recipe in ("paper-svm", "best"):
        wishes = Wishes(tmp_path / recipe, get_recipe(recipe), draw=Draw(per_class=20), split="train")
        jobs = jobs_of_dataset(load_dataset("lib-hsi"), tmp_path / "facades", wishes, "lib-hsi")
        (row,) = LocalPool(1, 10**12).run([Order(job, need_of(job)) for job in jobs])
        assert row.state == "annotated", row.error
        assert 50e6 < (row.peak_bytes or 0) < need_of(jobs[0])


def write_group(folder: Path, limit: str, use: int, **kept: int) -> None:
    (folder / "memory.max").write_text(limit)
    (folder / "memory.current").write_text(str(use))
    (folder / "memory.stat").write_text("".join(f"{name} {size}\n" for name, size in kept.items()))


def test_a_control_group_bounds_what_is_available(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that the system keeps in memory for a group count as free: it gives them up."""
    inner = tmp_path / "job"
    inner.mkdir()
    monkeypatch.setattr(memory, "_control_groups", lambda: iter((inner, tmp_path)))
    monkeypatch.setattr(memory, "_free_of_system", lambda: 50_000)
    write_group(tmp_path, "max\n", 10)
    assert available_memory() == 50_000
    write_group(inner, "9000\n", 5000, inactive_file=1000, active_file=500, anon=3500)
    assert available_memory() == 5500
    write_group(tmp_path, "4000\n", 4500)
    assert available_memory() == 0


def test_the_first_version_of_control_groups_has_other_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_control_groups", lambda: iter((tmp_path,)))
    monkeypatch.setattr(memory, "_free_of_system", lambda: 50_000)
    (tmp_path / "memory.limit_in_bytes").write_text("9000\n")
    (tmp_path / "memory.usage_in_bytes").write_text("5000\n")
    (tmp_path / "memory.stat").write_text("inactive_file 1\ntotal_inactive_file 200\ntotal_active_file 30\n")
    assert available_memory() == 4230


def test_a_system_that_does_not_tell_must_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_free_of_system", "_half_of_system"):
        monkeypatch.setattr(memory, name, lambda: None)
    monkeypatch.setattr(memory, "_control_groups", lambda: iter(()))
    with pytest.raises(InputError, match="--memory"):
        available_memory()


@pytest.mark.skipif(sys.platform != "linux", reason="control groups are Linux's")
def test_this_machine_has_some() -> None:
    assert 10e6 < available_memory() < 1e15
