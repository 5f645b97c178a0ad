"""One scene: the same as annotating it by hand, and whatever is wrong with it is a line that names a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hyperpoint.batch.job import Draw, SceneJob
from hyperpoint.batch.records import standing_of
from hyperpoint.batch.worker import annotate_scene
from hyperpoint.cli.main import main
from hyperpoint.cli.recorded import found_again, recorded_inputs
from hyperpoint.io.manifest import read_manifest
from hyperpoint.io.masks import read_label_ids
from hyperpoint.types import ClassTable

MakeJobs = Callable[..., list[SceneJob]]


def test_a_scene_is_what_annotating_it_alone_gives(make_jobs: MakeJobs, root: Path, tmp_path: Path) -> None:
    from hyperpoint.annotation.recipe import get_recipe

    job = make_jobs(recipe=get_recipe("paper-svm"), confidence=True, seed=2)[0]
    row = annotate_scene(job)
    assert (row.state, row.error) == ("annotated", None)
    train = root / "train"
    arguments = [
        "annotate", train / "reflectance_cubes/0001.hdr", "--rgb", train / "rgb/0001.png", "--rotate", 270, "--white",
        f"lib-hsi:{train / 'labels/0001.png'}", "--points", tmp_path / "out/0001.csv", "--classes", "lib-hsi",
        "--recipe", "paper-svm", "--seed", 2, "--confidence", "--out", tmp_path / "one.png",
    ]  # fmt: skip
    assert main([str(one) for one in arguments]) == 0
    for ours, alone in (("0001.png", "one.png"), ("0001_confidence.png", "one_confidence.png")):
        assert (tmp_path / "out" / ours).read_bytes() == (tmp_path / alone).read_bytes()
    batch, single = (json.loads(path.read_text()) for path in (tmp_path / "out/0001.json", tmp_path / "one.json"))
    assert {name for name in batch if batch[name] != single[name]} == {"inputs"}
    assert single["inputs"]["points"]["fingerprint"] == batch["inputs"]["points"]["fingerprint"]


def test_the_record_opens_the_same_scene_again(make_jobs: MakeJobs, tmp_path: Path) -> None:
    job = make_jobs()[0]
    annotate_scene(job)
    inputs = recorded_inputs(tmp_path / "out" / "0001.json")
    assert inputs is not None
    again = found_again(tmp_path / "out" / "0001.json", inputs)
    assert again["points"] == str(tmp_path / "out" / "0001.csv")
    assert again["cube"] == str(job.cube)
    assert (again["rotate"], again["white"], again["classes"]) == ("270", f"lib-hsi:{job.label}", "lib-hsi")


def test_masks_become_the_labels_of_a_manifest(make_jobs: MakeJobs, root: Path, tmp_path: Path) -> None:
    for job in make_jobs(split="train", confidence=True):
        assert annotate_scene(job).state == "annotated"
    arguments = ("manifest", "--dataset", "lib-hsi", "--root", root, "--train-masks", tmp_path / "out", "--out",
                 tmp_path / "m.csv", "-q")  # fmt: skip
    assert main([str(one) for one in arguments]) == 0
    rows = {row.id: row for row in read_manifest(tmp_path / "m.csv").rows}
    assert rows["0001"].label == tmp_path / "out" / "0001.png"
    assert rows["0002"].confidence == tmp_path / "out" / "0002_confidence.png"
    assert rows["0003"].label != tmp_path / "out" / "0003.png"


def test_scenes_draw_points_of_their_own(make_jobs: MakeJobs, tmp_path: Path) -> None:
    """The same truth under two ids: other points, the same for each id whenever it is its turn."""
    first, *_ = jobs = make_jobs(draw=Draw(None, 16, 4, (1, 3)))
    second = replace(first, id="other")
    for job in (second, first):
        assert annotate_scene(job).error is None
    points = {name: (tmp_path / "out" / f"{name}.csv").read_text() for name in ("0001", "other")}
    assert points["0001"] != points["other"]
    assert len(points["0001"].splitlines()) == 1 + 16 * 4
    annotate_scene(jobs[1])
    annotate_scene(first)
    assert (tmp_path / "out" / "0001.csv").read_text() == points["0001"]


def test_the_score_is_that_of_the_mask(make_jobs: MakeJobs, tmp_path: Path) -> None:
    job = make_jobs()[0]
    result = annotate_scene(job).result
    assert result is not None
    labels = read_label_ids(tmp_path / "out" / "0001.png")
    assert result.coverage == (labels != 255).mean()
    assert sum(pixels for *_, pixels in result.counts) == 64 * 64
    wrong = sum(pixels for true, predicted, pixels in result.counts if true != predicted)
    assert 0 < wrong < 64 * 64 * 0.6


def test_the_truth_that_scores_does_not_annotate(make_jobs: MakeJobs, root: Path, tmp_path: Path) -> None:
    """With given points the masks are the same whatever the truth says, and where there is none."""
    for job in make_jobs():
        annotate_scene(job)
    (tmp_path / "out").rename(tmp_path / "given")
    jobs = [replace(job, task=replace(job.task, white=None)) for job in make_jobs(points=tmp_path / "given", draw=None)]
    rows = [annotate_scene(job) for job in jobs[:3]]
    masks = [job.mask.read_bytes() for job in jobs[:3]]
    (root / "train/labels/0001.png").unlink()
    (root / "train/labels/0002.png").write_bytes((root / "validation/labels/0003.png").read_bytes())
    (root / "validation/labels/0003.png").write_bytes(b"no picture")
    again = [annotate_scene(job) for job in jobs[:3]]
    assert [job.mask.read_bytes() for job in jobs[:3]] == masks
    results = [row.result for row in again]
    assert [result is not None and result.truth is not None for result in results] == [False, True, False]
    assert rows[1].result is not None
    assert results[1] is not None
    assert results[1].counts != rows[1].result.counts
    assert results[0] is not None
    assert "not scored: there is no label image" in results[0].notes[-1]
    assert results[2] is not None
    assert "0003.png" in results[2].notes[-1]


def test_what_the_log_warns_of_is_noted(make_jobs: MakeJobs, root: Path) -> None:
    cube = np.fromfile(root / "train/reflectance_cubes/0001.dat", dtype="<f4")
    cube.reshape(64, 204, 64)[:4, 100, :10] = np.nan
    cube.tofile(root / "train/reflectance_cubes/0001.dat")
    result = annotate_scene(make_jobs()[0]).result
    assert result is not None
    assert any("40 of 4096 pixels masked" in note for note in result.notes)
    assert result.coverage < 1


def test_another_version_is_refused(make_jobs: MakeJobs, tmp_path: Path) -> None:
    job = make_jobs()[0]
    row = annotate_scene(replace(job, task=replace(job.task, version="0.0.9")))
    assert row.state == "failed"
    assert "the run was started by 0.0.9" in str(row.error)
    assert not (tmp_path / "out").exists()


def test_a_fault_of_ours_is_a_row_that_shows_where(make_jobs: MakeJobs, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("oops")

    monkeypatch.setattr("hyperpoint.batch.worker.prepare", broken)
    row = annotate_scene(make_jobs()[0])
    assert row.state == "failed"
    assert str(row.error).startswith("unforeseen KeyError: ")
    assert "0001.hdr" in str(row.error)
    assert "in broken" in str(row.traceback)


def test_an_earlier_mask_of_a_scene_that_fails_does_not_count(make_jobs: MakeJobs, root: Path, tmp_path: Path) -> None:
    job = make_jobs()[0]
    annotate_scene(job)
    before = job.mask.read_bytes()
    (root / "train/rgb/0001.png").write_bytes(b"damaged")
    row = annotate_scene(job)
    assert "0001.png" in str(row.error)
    assert "is of an earlier run" in str(row.error)
    assert job.mask.read_bytes() == before
    assert standing_of(job).result is None


def test_a_class_that_the_table_lacks_is_told(make_jobs: MakeJobs, tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "0001.csv").write_text("row,col,label\n1,1,Brick Wall\n9,9,Unicorn\n")
    row = annotate_scene(make_jobs(points=tmp_path / "p", draw=None)[0])
    assert "Unicorn" in str(row.error)
    assert str(tmp_path / "p" / "0001.csv") in str(row.error)


def test_a_job_of_a_manifest_without_cube_is_told(make_jobs: MakeJobs) -> None:
    job = make_jobs()[0]
    assert "names no cube for the scene 0001" in str(annotate_scene(replace(job, cube=None)).error)
    unlabelled = replace(job, label=None, task=replace(job.task, white=None, classes=ClassTable(("a",), ((0, 0, 0),))))
    assert "no label image to draw points from" in str(annotate_scene(unlabelled).error)
