"""Scenes whose networks are trained side by side, in groups that the order of the scenes decides."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="the networks need PyTorch (extra deep)")

from hyperpoint.annotation.annotate import annotate, find_training
from hyperpoint.annotation.prepare import prepare
from hyperpoint.annotation.recipe import Recipe
from hyperpoint.annotation.suggestion import suggest
from hyperpoint.annotation.together import learn_together
from hyperpoint.batch.job import SceneJob
from hyperpoint.batch.memory import kept_of, need_of
from hyperpoint.batch.pool import LocalPool, Order, need_together
from hyperpoint.batch.run import annotate_set, make_plan
from hyperpoint.batch.worker import annotate_scene, annotate_scenes
from hyperpoint.errors import InputError
from hyperpoint.io.masks import read_label_ids
from hyperpoint.spectral import fit_together
from hyperpoint.types import PointSet, Scene

MakeJobs = Callable[..., list[SceneJob]]
Contents = Callable[[Path], dict[str, bytes]]
NETWORK = Recipe(
    name="network", classifier="twocnn", classifier_params={"iterations": 60, "device": "cpu"}, region_size=10
)


def test_scenes_of_a_group_get_the_masks_they_get_alone(
    make_jobs: MakeJobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []

    def spy(classifiers: Any, training: Any) -> None:
        sizes.append(len(classifiers))
        fit_together(classifiers, training)

    monkeypatch.setattr("hyperpoint.annotation.voting.fit_together", spy)
    jobs = make_jobs(recipe=NETWORK)
    rows = list(annotate_scenes(jobs))
    assert [(row.id, row.state) for row in rows] == [(job.id, "annotated") for job in jobs]
    assert sizes == [4]
    for job in make_jobs(recipe=NETWORK, out=tmp_path / "alone"):
        annotate_scene(job)
        together, alone = (read_label_ids(tmp_path / folder / f"{job.id}.png") for folder in ("out", "alone"))
        assert len(np.unique(alone)) > 2
        assert (together == alone).mean() > 0.99  # but for ties within rounding


def test_a_scene_that_fails_in_a_group_is_its_own_row(make_jobs: MakeJobs, root: Path, tmp_path: Path) -> None:
    """One cannot be opened, and one has points of a single class: the first is found before, the second after."""
    points = tmp_path / "clicks"
    points.mkdir()
    for scene in ("0001", "0002", "0003", "0004"):
        (points / f"{scene}.csv").write_text("row,col,label\n3,3,Brick Wall\n60,60,Soil\n9,9,Soil\n")
    (points / "0003.csv").write_text("row,col,label\n3,3,Soil\n60,60,Soil\n")
    (root / "train/rgb/0002.png").write_bytes(b"")
    rows = {row.id: row for row in annotate_scenes(make_jobs(recipe=NETWORK, points=points, draw=None))}
    assert {one: row.state for one, row in rows.items()} == {
        "0001": "annotated", "0002": "failed", "0003": "failed", "0004": "annotated",
    }  # fmt: skip
    assert "0002.png" in str(rows["0002"].error)
    assert "at least two classes" in str(rows["0003"].error)


def test_an_error_that_is_not_ours_is_its_scenes_own_too(make_jobs: MakeJobs, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = 0

    def fail_once(*given: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise OSError(5, "Input/output error")
        return find_training(*given)

    monkeypatch.setattr("hyperpoint.annotation.together.find_training", fail_once)
    rows = list(annotate_scenes(make_jobs(recipe=NETWORK)[:2]))
    assert [row.state for row in rows] == ["annotated", "annotated"]


def test_suggesting_trains_nothing_anew(make_jobs: MakeJobs, monkeypatch: pytest.MonkeyPatch) -> None:
    """Points that nobody annotated have no share in training."""
    rng = np.random.default_rng(0)
    prepared = prepare(Scene(rng.random((20, 20, 12), dtype=np.float32)), NETWORK)
    points = PointSet(np.array([1, 15, 9]), np.array([1, 15, 9]), np.array([0, 1, 255], dtype=np.uint8))
    learn_together([prepared], [points])
    monkeypatch.setattr("hyperpoint.spectral.SpectralClassifier.fit", None)
    annotate(prepared, points)
    assert len(suggest(prepared, points, num=1)) == 1


def test_what_fails_together_is_done_one_by_one(
    make_jobs: MakeJobs, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise InputError("the accelerator is gone")

    monkeypatch.setattr("hyperpoint.annotation.voting.fit_together", fail)
    rows = list(annotate_scenes(make_jobs(recipe=NETWORK)[:2]))
    assert [row.state for row in rows] == ["annotated", "annotated"]
    assert "2 scenes could not be learned from together (the accelerator is gone)" in caplog.text


def test_what_a_group_takes(make_jobs: MakeJobs) -> None:
    """Every scene keeps its picture and networks; one at a time is worked on."""
    job = make_jobs(recipe=NETWORK)[0]
    assert kept_of(job) == pytest.approx(1.25 * (10 * 64 * 64 + 50e6))
    assert kept_of(make_jobs()[0]) == pytest.approx(1.25 * 10 * 64 * 64)
    order = Order(job, need_of(job), kept_of(job))
    assert need_together([order] * 3) == order.need + 2 * order.kept


def test_a_group_too_large_for_memory_is_halved(make_jobs: MakeJobs) -> None:
    """Four scenes of 3 that keep 2 take 9 together; with 6 allowed pairs are done, which take 5."""
    orders = [Order(job, 3 * 10**9, 2 * 10**9) for job in make_jobs()]
    rows = list(LocalPool(1, 6 * 10**9, scenes_at_once=4).run(orders))
    assert [(row.id, row.state) for row in rows] == [(order.job.id, "annotated") for order in orders]


@pytest.mark.slow
def test_the_bytes_of_groups_do_not_depend_on_the_number_of_processes(
    make_jobs: MakeJobs, tmp_path: Path, contents: Contents
) -> None:
    found = []
    for number in (1, 2):
        report = annotate_set(make_plan(make_jobs(recipe=NETWORK)), LocalPool(number, 9 * 10**9, scenes_at_once=2))
        assert report.counts["annotated"] == 4
        found.append(contents(tmp_path / "out"))
        (tmp_path / "out").rename(tmp_path / f"out{number}")
    assert found[0] == found[1]
