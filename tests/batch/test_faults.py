"""What goes wrong at night: damaged files, a full disk, and kill -9 at any moment. Nothing is lost by any of it."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from hyperpoint.annotation.recipe import Recipe, get_recipe
from hyperpoint.batch.job import Draw, SceneJob
from hyperpoint.batch.planning import Wishes, jobs_of_dataset
from hyperpoint.batch.records import FOLDER
from hyperpoint.batch.report import Report
from hyperpoint.batch.run import Pool, annotate_set, make_plan
from hyperpoint.catalog.dataset import load_dataset
from hyperpoint.catalog.sampling import sample_per_class
from hyperpoint.catalog.truth import read_truth
from hyperpoint.errors import InputError
from hyperpoint.io.masks import read_label_ids
from hyperpoint.io.points import read_points, write_points

MakeJobs = Callable[..., list[SceneJob]]
Contents = Callable[[Path], dict[str, bytes]]
FAST = Recipe(name="fast", classifier="linear-svm", region_size=10)
NUM_KILLS = 20


def spoil_samples(change: Callable[[np.ndarray[tuple[int], np.dtype[np.float32]]], object]) -> Callable[[Path], None]:
    def spoil(scene: Path) -> None:
        file = scene.with_suffix(".dat")
        samples = np.fromfile(file, dtype="<f4")
        change(samples)
        samples.tofile(file)

    return spoil


def spoil_header(old: str, new: str) -> Callable[[Path], None]:
    def spoil(scene: Path) -> None:
        header = scene.with_suffix(".hdr")
        assert old in header.read_text()
        header.write_text(header.read_text().replace(old, new))

    return spoil


def truncate(scene: Path) -> None:
    os.truncate(scene.with_suffix(".dat"), 100_000)


def no_picture(scene: Path) -> None:
    rgb = scene.parents[1] / "rgb" / f"{scene.name}.png"
    rgb.write_bytes(rgb.read_bytes()[:200])


# Fault: what is done to the scene, and what the report says of it.
CUBES: dict[str, tuple[Callable[[Path], None], str]] = {
    "truncated": (truncate, "truncated.dat is truncated"),
    "swapped-bytes": (spoil_header("byte order = 0", "byte order = 1"), "swapped-bytes.hdr has values from"),
    "swapped-bands": (spoil_header("samples = 64", "samples = 204"), "swapped-bands.dat is truncated"),
    "narrow": (
        spoil_header("samples = 64", "samples = 32"),
        "narrow.hdr: the rgb image of 64 x 64 pixels does not fit",
    ),
    "all-nan": (spoil_samples(lambda samples: samples.fill(np.nan)), "all-nan.hdr: "),
    "constant": (spoil_samples(lambda samples: samples.fill(0.25)), "constant.hdr has the same spectrum at all"),
    "no-picture": (no_picture, "no-picture.png is damaged or incomplete"),
}
POINTS: dict[str, Callable[[str], bytes]] = {
    "other-columns": lambda text: "\n".join(",".join(line.split(",")[::-1]) for line in text.splitlines()).encode(),
    "other-rows": lambda text: "\n".join([text.splitlines()[0], *text.splitlines()[:0:-1]]).encode(),
    "windows": lambda text: text.replace("\n", "\r\n").encode(),
    "byte-order-mark": lambda text: text.encode("utf-8-sig"),
    "duplicates": lambda text: (text + "\n".join(text.splitlines()[1:4]) + "\n").encode(),
}
BAD_POINTS: dict[str, tuple[Callable[[str], str], str]] = {
    "unknown-class": (lambda text: text + "5,5,Unicorn\n", "unknown-class.csv, line"),
    "two-labels": (lambda text: text + text.splitlines()[1].rpartition(",")[0] + ",Soil\n", "bears two labels"),
    "outside": (lambda text: text + "3,64,Soil\n", "outside.csv, line"),
    "one-class": (lambda text: "\n".join(text.splitlines()[:2]) + "\n", "one-class.csv"),
    "empty": (lambda text: "", "empty.csv holds no points"),
}


def copy_scene(pristine: Path, root: Path, name: str) -> Path:
    """Add scene 0001 to a data set under another id; return its cube without suffix."""
    for folder in ("reflectance_cubes", "rgb", "labels"):
        (root / "train" / folder).mkdir(parents=True, exist_ok=True)
        for file in (pristine / "train" / folder).glob("0001.*"):
            shutil.copy(file, root / "train" / folder / f"{name}{file.suffix}")
    return root / "train" / "reflectance_cubes" / name


@pytest.fixture(scope="module")
def night(pristine: Path, here: Pool, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The report of a set in which nearly every scene has a fault of its own; all are scene 0001, with its points."""
    root = tmp_path_factory.mktemp("night")
    (root / "points").mkdir()
    dataset = load_dataset("lib-hsi")
    points = sample_per_class(read_truth(pristine / "train/labels/0001.png", dataset.classes), 5, 0)
    write_points(root / "good.csv", points, dataset.classes)
    text = (root / "good.csv").read_text()
    contents = {name: change(text) for name, change in POINTS.items()}
    contents |= {name: change(text).encode() for name, (change, _) in BAD_POINTS.items()}
    for name in ("good", *CUBES, *contents):
        scene = copy_scene(pristine, root, name)
        (root / "points" / f"{name}.csv").write_bytes(contents.get(name, text.encode()))
        if name in CUBES:
            CUBES[name][0](scene)
    wishes = Wishes(root / "out", FAST, points=root / "points", confidence=True)
    return annotate_set(make_plan(jobs_of_dataset(dataset, root, wishes, "lib-hsi")), here)


def error_of(report: Report, name: str) -> str:
    row = next(row for row in report.rows if row.id == name)
    assert row.state == "failed"
    assert row.traceback is None, row.traceback
    assert not list(report.task.out.glob(f"*{name}*"))
    return str(row.error)


@pytest.mark.parametrize("fault", CUBES)
def test_a_damaged_scene_is_a_line_that_names_the_file(night: Report, fault: str) -> None:
    error = error_of(night, fault)
    assert CUBES[fault][1] in error
    assert "\n" not in error


@pytest.mark.parametrize("fault", BAD_POINTS)
def test_wrong_points_are_a_line_that_names_the_file(night: Report, fault: str) -> None:
    assert BAD_POINTS[fault][1] in error_of(night, fault)


@pytest.mark.parametrize("habit", POINTS)
def test_points_in_other_habits_are_the_same_points(night: Report, habit: str) -> None:
    out = night.task.out
    for ending in (".png", "_confidence.png"):
        assert (out / f"{habit}{ending}").read_bytes() == (out / f"good{ending}").read_bytes()


def test_the_others_are_done_and_each_is_in_the_report(night: Report) -> None:
    assert night.counts == {
        "annotated": 1 + len(POINTS), "kept": 0, "failed": len(CUBES) + len(BAD_POINTS), "not done": 0,
    }  # fmt: skip
    with (night.task.out / "report.csv").open(newline="") as stream:
        lines = {line["id"]: line for line in csv.DictReader(stream)}
    assert set(lines) == {"good", *CUBES, *POINTS, *BAD_POINTS}
    assert all(bool(line["error"]) == (line["state"] == "failed") for line in lines.values())


@contextmanager
def small_disk(num_bytes: int) -> Iterator[None]:
    """Let no file grow beyond a size, as a full disk would."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (num_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_costs_no_more_than_a_rerun(
    make_jobs: MakeJobs, here: Pool, tmp_path: Path, contents: Contents
) -> None:
    """The provenance finds no room; so neither does the page, and the command ends with an error."""
    plan = make_plan(make_jobs())
    with small_disk(4000), pytest.raises(InputError, match=r"cannot write .*report\.html: File too large; make room"):
        annotate_set(plan, here)
    out = tmp_path / "out"
    assert not list(out.glob("*.json"))
    assert not [path for path in out.rglob(".*") if path.is_file()]
    with (out / "report.csv").open(newline="") as stream:
        assert {line["error"] for line in csv.DictReader(stream)} == {
            f"cannot write {out / name}.json: File too large; make room, or write elsewhere"
            f" (what there is of it is of an earlier run, or incomplete)"
            for name in ("0001", "0002", "0003", "0004")
        }
    assert annotate_set(make_plan(make_jobs()), here).counts["annotated"] == 4
    afterwards = contents(out)
    shutil.rmtree(out)
    annotate_set(make_plan(make_jobs()), here)
    assert contents(out) == afterwards


def check_whole(out: Path) -> int:
    """Make sure that every file under its final name is complete; return how many scenes count as done."""
    for file in out.iterdir() if out.is_dir() else ():
        if file.name.startswith(".") or file.is_dir():
            continue
        if file.suffix == ".png":
            read_label_ids(file)
        elif file.suffix == ".json":
            assert json.loads(file.read_text())["recipe"]["name"] == "paper-svm"
        elif file.stem != "report":
            assert len(read_points(file, load_dataset("lib-hsi").classes, (64, 64))[0]) > 9
    records = [json.loads(file.read_text()) for file in (out / FOLDER).glob("[!.]*.json")]
    assert all((out / name).is_file() for record in records for name in record["files"])
    return len(records)


def started(command: list[str], out: Path) -> subprocess.Popen[bytes]:
    """Start a batch, and return when it begins to work."""
    process = subprocess.Popen(command)
    while not (out / FOLDER).exists():
        assert process.poll() is None, "the batch ended before it began"
        time.sleep(0.005)
    return process


@pytest.mark.slow
def test_kill_9_at_any_moment_changes_no_byte(root: Path, here: Pool, tmp_path: Path, contents: Contents) -> None:
    """Twenty times: the batch is killed while it works, and the rerun ends with the bytes of an undisturbed run."""
    out = tmp_path / "out"
    arguments = ["annotate-set", "--dataset", "lib-hsi", "--root", root, "--per-class", 5, "--recipe", "paper-svm",
                 "--out", out, "--workers", 2, "--quiet"]  # fmt: skip
    command = [sys.executable, "-m", "hyperpoint", *map(str, arguments)]
    wishes = Wishes(out, get_recipe("paper-svm"), draw=Draw(per_class=5))
    jobs = jobs_of_dataset(load_dataset("lib-hsi"), root, wishes, "lib-hsi")

    process = started(command, out)
    began = time.monotonic()
    assert process.wait() == 0
    seconds = time.monotonic() - began
    undisturbed, moments, num_done = contents(out), np.random.default_rng(0).uniform(0, seconds, NUM_KILLS), []
    assert len(undisturbed) == 12
    for moment in moments:
        shutil.rmtree(out)
        process = started(command, out)
        time.sleep(moment)
        process.send_signal(signal.SIGKILL)
        process.wait()
        num_done.append(check_whole(out))
        with threadpool_limits(1):
            report = annotate_set(make_plan(jobs), here)
        assert report.counts["failed"] + report.counts["not done"] == 0
        assert contents(out) == undisturbed
        assert not [path for path in out.rglob(".*") if path.is_file()]
    assert len(set(num_done)) > 1, "it was killed at other moments each time"
