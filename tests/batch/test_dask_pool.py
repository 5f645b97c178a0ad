"""Dask: a real scheduler with workers in processes of their own, one of which is killed in the middle."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from hyperpoint.batch.dask_pool import DaskPool, LostSchedulerError
from hyperpoint.batch.job import SceneJob
from hyperpoint.batch.pool import LocalPool, Order
from hyperpoint.batch.run import annotate_set, make_plan
from hyperpoint.catalog.dataset import load_dataset
from hyperpoint.catalog.sampling import sample_per_class
from hyperpoint.errors import InputError, MissingExtraError
from hyperpoint.io.points import write_points

MakeJobs = Callable[..., list[SceneJob]]
Contents = Callable[[Path], dict[str, bytes]]
GIGABYTE = 10**9


@contextmanager
def started(*arguments: object, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "dask", *map(str, arguments)]
    with log.open("wb") as stream, subprocess.Popen(command, stdout=stream, stderr=stream) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def scheduling(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Start a scheduler, for which a scene with which two workers are lost is an error; yield it and its address."""
    place = tmp_path / "scheduler.json"
    arguments = ("scheduler", "--host", "127.0.0.1", "--port", 0, "--no-dashboard", "--scheduler-file", place)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "1")
        with started(*arguments, log=tmp_path / "scheduler.log") as process:
            while not place.exists() or not place.stat().st_size:
                assert process.poll() is None, (tmp_path / "scheduler.log").read_text()
                time.sleep(0.05)
            yield process, json.loads(place.read_text())["address"]


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[str]:
    with scheduling(tmp_path) as (_, address):
        yield address


@contextmanager
def worker(address: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    folder.mkdir()
    arguments = ("worker", address, "--nthreads", 1, "--no-nanny", "--no-dashboard", "--local-directory", folder)
    with started(*arguments, log=folder / "worker.log") as process:
        yield process


@contextmanager
def _delayed(address: str, tmp_path: Path) -> Iterator[None]:
    time.sleep(1)
    with worker(address, tmp_path / "late"):
        yield


@contextmanager
def when_read(pipe: Path) -> Iterator[None]:
    """Wait until a worker reads the pipe; it goes on waiting until this ends."""
    with pipe.open("wb"):
        yield


def meanwhile(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


@pytest.fixture
def points(root: Path, tmp_path: Path) -> Path:
    """A folder of points of each of the four scenes."""
    folder, dataset = tmp_path / "points", load_dataset("lib-hsi")
    folder.mkdir()
    for split in dataset.splits:
        for files in dataset.scenes(root, split):
            points = sample_per_class(dataset.truth(files), 5, 0)
            write_points(folder / f"{files.id}.csv", points, dataset.classes)
    return folder


@pytest.mark.slow
def test_a_lost_workers_scenes_are_redone_to_the_same_bytes(
    scheduler: str, make_jobs: MakeJobs, points: Path, tmp_path: Path, contents: Contents
) -> None:
    """The worker that is killed has a scene in hand: it waits for the points, which come from a pipe."""
    jobs, out = make_jobs(points=points, draw=None), tmp_path / "out"
    annotate_set(make_plan(jobs), LocalPool(2, 9 * GIGABYTE))
    local = contents(out)
    shutil.rmtree(out)
    pipe, real = points / "0001.csv", tmp_path / "real.csv"
    pipe.rename(real)
    os.mkfifo(pipe)
    with ExitStack() as stack:
        first = stack.enter_context(worker(scheduler, tmp_path / "first"))

        def replace_worker() -> None:
            with when_read(pipe):
                real.replace(pipe)
                stack.enter_context(worker(scheduler, tmp_path / "second"))
                first.kill()

        replacing = meanwhile(replace_worker)
        report = annotate_set(make_plan(jobs), DaskPool(scheduler))
        replacing.join()
    assert report.counts == {"annotated": 4, "kept": 0, "failed": 0, "not done": 0}
    assert contents(out) == local


@pytest.mark.slow
def test_a_scene_that_loses_every_worker_is_an_error(
    scheduler: str, make_jobs: MakeJobs, points: Path, tmp_path: Path
) -> None:
    jobs = make_jobs(points=points, draw=None)[:2]
    (points / "0001.csv").unlink()
    os.mkfifo(points / "0001.csv")
    with ExitStack() as stack:
        workers = [stack.enter_context(worker(scheduler, tmp_path / "0"))]

        def lose_workers() -> None:
            for number in range(1, 5):  # two are too many for the scheduler; and once more, alone
                with when_read(points / "0001.csv"):
                    workers.append(stack.enter_context(worker(scheduler, tmp_path / str(number))))
                    workers[number - 1].kill()
                    workers[number - 1].wait()

        losing = meanwhile(lose_workers)
        rows = {row.id: row for row in DaskPool(scheduler).run([Order(job, GIGABYTE) for job in jobs])}
        losing.join()
    assert rows["0002"].state == "annotated"
    assert "0001.hdr: every worker that annotated it was lost" in str(rows["0001"].error)


@pytest.mark.slow
def test_a_lost_scheduler_is_told(tmp_path: Path, make_jobs: MakeJobs, points: Path) -> None:
    jobs = make_jobs(points=points, draw=None)[:1]
    (points / "0001.csv").unlink()
    os.mkfifo(points / "0001.csv")
    with scheduling(tmp_path) as (process, address), worker(address, tmp_path / "worker"):

        def lose_scheduler() -> None:
            with when_read(points / "0001.csv"):
                process.kill()
                process.wait()

        losing = meanwhile(lose_scheduler)
        with pytest.raises(LostSchedulerError, match="the same command goes on where it was"):
            list(DaskPool(address).run([Order(jobs[0], GIGABYTE)]))
        losing.join()


@pytest.mark.slow
def test_processes_of_dask_on_this_machine(make_jobs: MakeJobs, tmp_path: Path, contents: Contents) -> None:
    found = []
    for pool in (LocalPool(1, 9 * GIGABYTE), DaskPool("local:2")):
        assert annotate_set(make_plan(make_jobs()), pool).counts["annotated"] == 4
        found.append(contents(tmp_path / "out"))
        shutil.rmtree(tmp_path / "out")
    assert found[0] == found[1]


@pytest.mark.slow
def test_small_and_missing_workers_are_warned_of(
    scheduler: str, make_jobs: MakeJobs, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with ExitStack() as stack:
        starting = meanwhile(lambda: stack.enter_context(_delayed(scheduler, tmp_path)))
        rows = list(DaskPool(scheduler).run([Order(make_jobs()[0], 10**13)]))
        starting.join()
        assert rows[0].state == "annotated"
        assert "has no worker yet; the work begins when there is one" in caplog.text
        list(DaskPool(scheduler).run([Order(make_jobs()[1], 10**13)]))
        assert "give workers more memory, or fewer threads" in caplog.text


def test_no_scheduler_at_the_address_is_told(make_jobs: MakeJobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hyperpoint.batch.dask_pool._SECONDS_TO_CONNECT", 0.5)
    with pytest.raises(InputError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        list(DaskPool("tcp://127.0.0.1:9").run([Order(make_jobs()[0], GIGABYTE)]))


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtraError, match=r"hyperpoint\[cluster\]"):
        DaskPool("local:2")


def test_an_address_must_be_one() -> None:
    for address in ("local:", "local:0", "local:two", "head"):
        with pytest.raises(InputError, match=r"by its scheduler, as tcp://host:8786, or as local:N"):
            DaskPool(address)
