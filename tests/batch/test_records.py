"""What counts as done: files as they were written, made from what would be used now."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hyperpoint.batch.job import SceneJob
from hyperpoint.batch.records import forget, record_path, standing_of
from hyperpoint.batch.worker import annotate_scene

MakeJobs = Callable[..., list[SceneJob]]


@pytest.fixture
def done(make_jobs: MakeJobs) -> SceneJob:
    job = make_jobs(confidence=True)[0]
    row = annotate_scene(job)
    assert row.result is not None
    assert standing_of(job).result == row.result
    return job


def test_a_scene_without_record_is_to_be_done(make_jobs: MakeJobs, done: SceneJob) -> None:
    assert standing_of(make_jobs()[1]).reason == "not annotated yet"
    forget(done)
    forget(done)
    assert standing_of(done).reason == "not annotated yet"


@pytest.mark.parametrize("name", ["0001.png", "0001.json", "0001.csv", "0001_confidence.png"])
def test_every_file_must_be_there_as_it_was_written(done: SceneJob, name: str) -> None:
    file = done.task.out / name
    content = file.read_bytes()
    file.write_bytes(content + b"x")
    assert standing_of(done).reason == f"{name} is not as it was written"
    file.unlink()
    assert standing_of(done).reason == f"{name} is gone"
    file.write_bytes(content)
    assert standing_of(done).reason == "done"


def test_what_has_changed_is_named(make_jobs: MakeJobs, done: SceneJob, root: Path) -> None:
    (root / "train/rgb/0001.png").write_bytes(b"another")
    assert standing_of(make_jobs(confidence=True, seed=5)[0]).reason == "changed: seed, rgb"
    (root / "train/rgb/0001.png").unlink()
    assert "rgb/0001.png does not exist" in standing_of(done).reason


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[: len(text) // 2],
        lambda text: "[]",
        lambda text: text.replace('"coverage"', '"cover"'),
        lambda text: text.replace('"num_points": ', '"num_points": "x", "more": '),
        lambda text: json.dumps({**json.loads(text), "counts": [[1, 2]]}),
        lambda text: json.dumps({**json.loads(text), "files": 3}),
    ],
)
def test_a_record_that_is_none_counts_for_nothing(done: SceneJob, spoil: Callable[[str], str]) -> None:
    path = record_path(done)
    path.write_text(spoil(path.read_text()))
    assert standing_of(done).reason == "not annotated yet"
