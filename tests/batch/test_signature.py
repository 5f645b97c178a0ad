"""What a result depends on: every input, and nothing else."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hyperpoint.annotation.recipe import get_recipe
from hyperpoint.batch.job import Draw, SceneJob
from hyperpoint.batch.signature import differences, signature_of
from hyperpoint.errors import MissingFileError
from hyperpoint.types import ClassTable

MakeJobs = Callable[..., list[SceneJob]]
TABLE = ClassTable(("wall",), ((1, 2, 3),))


def test_it_is_plain_data_and_the_same_each_time(make_jobs: MakeJobs) -> None:
    first, second = (signature_of(make_jobs()[0]) for _ in range(2))
    assert first == second == json.loads(json.dumps(first))
    assert differences(first, second) == []
    assert differences({}, first)[0] == "id"


@pytest.mark.parametrize(
    ("wishes", "named"),
    [
        ({"seed": 1}, ["seed"]),
        ({"recipe": get_recipe("best")}, ["recipe"]),
        ({"draw": Draw(per_class=6)}, ["points"]),
        ({"align": True}, ["options"]),
        ({"confidence": True}, ["options"]),
    ],
)
def test_what_is_wanted_counts(make_jobs: MakeJobs, wishes: dict[str, Any], named: list[str]) -> None:
    assert differences(signature_of(make_jobs()[0]), signature_of(make_jobs(**wishes)[0])) == named


@pytest.mark.parametrize(("change", "named"), [({"version": "9"}, ["version"]), ({"classes": TABLE}, ["classes"])])
def test_version_and_classes_count(make_jobs: MakeJobs, change: dict[str, Any], named: list[str]) -> None:
    job = make_jobs()[0]
    changed = replace(job, task=replace(job.task, **change))
    assert differences(signature_of(job), signature_of(changed)) == named


@pytest.mark.parametrize(
    ("file", "named"),
    [
        ("reflectance_cubes/0001.hdr", ["cube"]),
        ("reflectance_cubes/0001.dat", ["cube"]),
        ("rgb/0001.png", ["rgb"]),
        ("labels/0001.png", ["truth"]),
    ],
)
def test_the_content_of_each_file_counts(make_jobs: MakeJobs, root: Path, file: str, named: list[str]) -> None:
    before = signature_of(make_jobs()[0])
    with (root / "train" / file).open("ab") as stream:
        stream.write(b"\n")
    assert differences(before, signature_of(make_jobs()[0])) == named


def test_where_the_files_lie_does_not_count(make_jobs: MakeJobs, root: Path, tmp_path: Path) -> None:
    job = make_jobs()[0]
    before = signature_of(job)
    moved = root.rename(tmp_path / "elsewhere")
    files = {name: moved / getattr(job, name).relative_to(root) for name in ("cube", "rgb", "label")}
    assert signature_of(replace(job, **files)) == before


def test_the_truth_counts_only_where_something_is_taken_from_it(make_jobs: MakeJobs, root: Path) -> None:
    shutil.copytree(root / "train" / "labels", root / "points")  # any files of that name
    for entry in (root / "points").iterdir():
        entry.rename(entry.with_suffix(".csv"))
    job = make_jobs(points=root / "points", draw=None)[0]
    uncalibrated = replace(job, task=replace(job.task, white=None))
    assert set(signature_of(job)["inputs"]) == {"cube", "rgb", "points file", "truth"}
    assert set(signature_of(uncalibrated)["inputs"]) == {"cube", "rgb", "points file"}


def test_a_missing_input_is_told(make_jobs: MakeJobs, root: Path) -> None:
    job = make_jobs()[0]
    (root / "train/rgb/0001.png").unlink()
    with pytest.raises(MissingFileError, match=r"rgb/0001\.png does not exist"):
        signature_of(job)


def test_a_capture_folder_counts_with_all_its_files(make_jobs: MakeJobs, tmp_path: Path) -> None:
    capture = tmp_path / "scan" / "capture"
    capture.mkdir(parents=True)
    (capture / "a.raw").write_bytes(b"1")
    job = replace(make_jobs()[0], cube=tmp_path / "scan")
    before = signature_of(job)
    (capture / "b.raw").write_bytes(b"2")
    assert differences(before, signature_of(job)) == ["cube"]
