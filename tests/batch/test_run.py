"""A set: only what is missing or has changed is done, and the report is written however it ends."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from hyperpoint.batch.job import SceneJob, SceneRow
from hyperpoint.batch.pool import Order
from hyperpoint.batch.run import Pool, annotate_set, make_plan
from hyperpoint.batch.worker import annotate_scene

MakeJobs = Callable[..., list[SceneJob]]
Contents = Callable[[Path], dict[str, bytes]]


def ids(orders: Sequence[Order]) -> list[str]:
    return [order.job.id for order in orders]


def states(out: Path) -> dict[str, str]:
    with (out / "report.csv").open(newline="") as stream:
        return {line["id"]: line["state"] for line in csv.DictReader(stream)}


def test_a_rerun_does_only_what_is_missing_or_has_changed(
    make_jobs: MakeJobs, here: Pool, root: Path, tmp_path: Path, contents: Contents
) -> None:
    out, jobs = tmp_path / "out", make_jobs()
    told: list[tuple[int, int]] = []
    first = annotate_set(make_plan(jobs), here, lambda done, total, _what: told.append((done, total)))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    before, times = contents(out), {path: path.stat().st_mtime_ns for path in out.glob("*.png")}
    again = annotate_set(make_plan(jobs), here)
    assert again.counts == {"annotated": 0, "kept": 4, "failed": 0, "not done": 0}
    assert again.matrix.counts.tolist() == first.matrix.counts.tolist()
    assert {path: path.stat().st_mtime_ns for path in out.glob("*.png")} == times

    (out / "0001.png").unlink()
    (out / "0002.json").write_text("{}")
    shutil.copy(root / "train/rgb/0001.png", root / "test/rgb/0004.png")
    plan = make_plan(jobs)
    assert ids(plan.orders) == ["0001", "0002", "0004"]
    assert [plan.standings[one].reason for one in ("0001", "0002", "0003", "0004")] == [
        "0001.png is gone", "0002.json is not as it was written", "done", "changed: rgb",
    ]  # fmt: skip
    annotate_set(plan, here)
    after = contents(out)
    assert {name for name in before if before[name] != after[name]} <= {"0004.png", "0004.json"}
    assert states(out) == {"0001": "annotated", "0002": "annotated", "0003": "kept", "0004": "annotated"}


def test_another_seed_is_another_result(make_jobs: MakeJobs, here: Pool) -> None:
    annotate_set(make_plan(make_jobs()), here)
    assert ids(make_plan(make_jobs(seed=1)).orders) == ["0001", "0002", "0003", "0004"]


def test_planning_writes_nothing(make_jobs: MakeJobs, tmp_path: Path) -> None:
    plan = make_plan(make_jobs())
    assert not (tmp_path / "out").exists()
    assert 150e6 < plan.largest_need < 300e6
    assert ids(plan.orders) == [job.id for job in plan.jobs]


def test_a_new_truth_scores_anew_and_annotates_nothing(
    make_jobs: MakeJobs, here: Pool, root: Path, tmp_path: Path, contents: Contents
) -> None:
    from dataclasses import replace

    annotate_set(make_plan(make_jobs()), here)
    (tmp_path / "out").rename(tmp_path / "given")
    jobs = [replace(job, task=replace(job.task, white=None)) for job in make_jobs(points=tmp_path / "given", draw=None)]
    first = annotate_set(make_plan(jobs), here)
    before = contents(tmp_path / "out")
    label = root / "train/labels/0001.png"
    label.write_bytes((root / "test/labels/0004.png").read_bytes())
    second = annotate_set(make_plan(jobs), here)
    assert second.counts["kept"] == 4
    assert second.matrix.accuracy < first.matrix.accuracy
    label.unlink()
    third = annotate_set(make_plan(jobs), here)
    assert (third.num_scored, third.counts["kept"]) == (3, 4)
    assert annotate_set(make_plan(jobs), here).num_scored == 3
    assert contents(tmp_path / "out") == before


def test_half_written_files_of_a_killed_run_are_removed(make_jobs: MakeJobs, here: Pool, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / ".batch").mkdir(parents=True)
    halves = [".0001-0123456789ab.png", ".0003-0123456789ab.csv", ".report-0123456789ab.html",
              ".batch/.0002-0123456789ab.json"]  # fmt: skip
    others = [".0009-0123456789ab.png", ".mine.png"]
    for name in (*halves, *others):
        (out / name).touch()
    annotate_set(make_plan(make_jobs()), here)
    assert [name for name in (*halves, *others) if (out / name).exists()] == others


class Stopped:
    """A pool that does one scene, and is then interrupted as by Ctrl-C."""

    def run(self, orders: Sequence[Order]) -> Iterator[SceneRow]:
        yield annotate_scene(orders[0].job)
        raise KeyboardInterrupt


def test_what_was_interrupted_is_reported_and_goes_on(
    make_jobs: MakeJobs, here: Pool, tmp_path: Path, contents: Contents
) -> None:
    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        annotate_set(make_plan(make_jobs()), Stopped())
    assert states(out) == {"0001": "annotated", "0002": "not done", "0003": "not done", "0004": "not done"}
    report = annotate_set(make_plan(make_jobs()), here)
    assert report.counts == {"annotated": 3, "kept": 1, "failed": 0, "not done": 0}
    interrupted = contents(out)
    shutil.rmtree(out)
    annotate_set(make_plan(make_jobs()), here)
    assert contents(out) == interrupted


def test_failures_are_told_at_once(
    make_jobs: MakeJobs, here: Pool, root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (root / "train/rgb/0002.png").write_bytes(b"")
    report = annotate_set(make_plan(make_jobs()), here)
    assert report.counts["failed"] == 1
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == [
        f"0002: {report.rows[1].error}"
    ]
