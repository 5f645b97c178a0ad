"""Processes that die, hang or cannot start, and a bound of memory.

A scene whose points come from a named pipe waits for somebody to write there: long enough to be killed.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from hyperpoint.batch.job import SceneJob, SceneRow
from hyperpoint.batch.pool import LocalPool, Order, WorkerStartError
from hyperpoint.batch.records import Standing
from hyperpoint.batch.run import Plan, annotate_set, make_plan

MakeJobs = Callable[..., list[SceneJob]]
Contents = Callable[[Path], dict[str, bytes]]
GIGABYTE = 10**9
POINTS = "row,col,label\n3,3,Brick Wall\n60,60,Soil\n"

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are needed")


def run(pool: LocalPool, jobs: list[SceneJob], need: int = GIGABYTE) -> dict[str, SceneRow]:
    return {row.id: row for row in pool.run([Order(job, need) for job in jobs])}


def waiting(job: SceneJob, pipe: Path) -> SceneJob:
    """Return the job with points from a pipe that is made."""
    os.mkfifo(pipe)
    return replace(job, points=pipe, task=replace(job.task, draw=None))


@contextmanager
def when_read(pipe: Path) -> Iterator[None]:
    """Wait until a worker reads the pipe; it goes on waiting until this ends."""
    with pipe.open("wb"):
        yield


def kill_workers() -> None:
    for child in multiprocessing.active_children():
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        with suppress(ChildProcessError):  # the pool was quicker; what is left of the process is the pool's to collect
            os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)


def meanwhile(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_the_bytes_do_not_depend_on_the_number_of_processes(
    make_jobs: MakeJobs, tmp_path: Path, contents: Contents
) -> None:
    found = []
    for number in (1, 2):
        report = annotate_set(make_plan(make_jobs()), LocalPool(number, 9 * GIGABYTE))
        assert report.counts["annotated"] == 4
        found.append(contents(tmp_path / "out"))
        (tmp_path / "out").rename(tmp_path / f"out{number}")
    assert found[0] == found[1]


def test_a_scene_whose_process_is_killed_is_tried_again(
    make_jobs: MakeJobs, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pipe, (first, second, *_) = tmp_path / "pipe", make_jobs()
    (tmp_path / "real").write_text(POINTS)
    jobs = [waiting(first, pipe), second]

    def kill() -> None:
        with when_read(pipe):
            (tmp_path / "real").replace(pipe)  # the next try finds a file
            kill_workers()

    killing = meanwhile(kill)
    found = run(LocalPool(1, 9 * GIGABYTE), jobs)
    killing.join()
    assert [(row.id, row.state) for row in found.values()] == [("0002", "annotated"), ("0001", "annotated")]
    assert "0001: the process that annotated it was killed (SIGKILL); it is tried again" in caplog.text


def test_scenes_of_a_group_whose_process_is_killed_are_tried_one_by_one(
    make_jobs: MakeJobs, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pipe, (first, second, *_) = tmp_path / "pipe", make_jobs()
    jobs = [second, waiting(first, pipe)]
    (tmp_path / "real").write_text(POINTS)

    def kill() -> None:
        with when_read(pipe):
            (tmp_path / "real").replace(pipe)
            kill_workers()

    killing = meanwhile(kill)
    found = run(LocalPool(1, 9 * GIGABYTE, scenes_at_once=2), jobs)
    killing.join()
    assert [(row.id, row.state) for row in found.values()] == [("0002", "annotated"), ("0001", "annotated")]
    assert caplog.text.count("it is tried again") == 2


@pytest.mark.slow
def test_a_scene_that_kills_every_process_is_an_error(make_jobs: MakeJobs, tmp_path: Path) -> None:
    pipe, (first, second, *_) = tmp_path / "pipe", make_jobs()
    jobs = [waiting(first, pipe), second]

    def kill() -> None:
        for _ in range(2):
            with when_read(pipe):
                kill_workers()

    killing = meanwhile(kill)
    found = run(LocalPool(1, 9 * GIGABYTE), jobs)
    killing.join()
    assert found["0002"].state == "annotated"
    assert found["0001"].state == "failed"
    assert "was killed (SIGKILL), 2 times; if memory ran out" in str(found["0001"].error)


@pytest.mark.slow
def test_memory_bounds_how_many_run_at_once(make_jobs: MakeJobs, tmp_path: Path) -> None:
    """Two scenes of 1 GB do not run together in 1.5 GB; one of 2 GB does not run at all."""
    pipe, (first, second, third, _) = tmp_path / "pipe", make_jobs()
    (tmp_path / "real").write_text(POINTS)
    orders = [Order(waiting(first, pipe), GIGABYTE), Order(second, GIGABYTE), Order(third, 2 * GIGABYTE)]
    num_alive = []

    def look() -> None:
        with when_read(pipe):
            num_alive.append(len(multiprocessing.active_children()))
            (tmp_path / "real").replace(pipe)
            kill_workers()

    looking = meanwhile(look)
    found = {row.id: row for row in LocalPool(2, 3 * GIGABYTE // 2).run(orders)}
    looking.join()
    assert num_alive == [1]
    assert [found[one].state for one in ("0001", "0002", "0003")] == ["annotated", "annotated", "failed"]
    assert "takes about 2.0 GB of memory, and 1.5 GB are allowed" in str(found["0003"].error)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="peaks are known on Linux only")
def test_needs_that_were_underestimated_raise_the_others(make_jobs: MakeJobs) -> None:
    found = run(LocalPool(1, GIGABYTE // 20), make_jobs(), need=GIGABYTE // 100)
    assert [row.state for row in found.values()] == ["annotated", "failed", "failed", "failed"]
    assert "of memory, and 0.1 GB are allowed" in str(found["0002"].error)


def test_ctrl_c_stops_the_processes_and_leaves_whole_files(make_jobs: MakeJobs, tmp_path: Path) -> None:
    pipe, (first, second, *_) = tmp_path / "pipe", make_jobs()
    jobs = [second, waiting(first, pipe)]

    def interrupt() -> None:
        with when_read(pipe):
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    plan = Plan(tuple(jobs), {job.id: Standing(None, "new") for job in jobs}, tuple(Order(job, 1) for job in jobs))
    interrupting = meanwhile(interrupt)
    with pytest.raises(KeyboardInterrupt):
        annotate_set(plan, LocalPool(1, 9 * GIGABYTE))
    interrupting.join()
    assert multiprocessing.active_children() == []
    names = {path.name for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert names == {"0002.csv", "0002.json", "0002.png", "report.csv", "report.html"}
    assert "0001,train,not done" in (tmp_path / "out" / "report.csv").read_text()


@pytest.mark.slow
def test_processes_that_cannot_start_are_told(
    make_jobs: MakeJobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "cv2.py").write_text("raise ImportError('libGL is not there')")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(WorkerStartError, match=r"could not start \(exit status 1\)"):
        run(LocalPool(1, 9 * GIGABYTE), make_jobs()[:1])
    assert "libGL is not there" in capfd.readouterr().err
