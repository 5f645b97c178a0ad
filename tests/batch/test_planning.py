"""From folders and manifests to jobs, and what is refused before any work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from hyperpoint.annotation.recipe import Recipe
from hyperpoint.batch.job import Draw, SceneJob
from hyperpoint.batch.planning import Wishes, jobs_of_manifest
from hyperpoint.batch.worker import annotate_scene
from hyperpoint.errors import InputError, MissingFileError, RecipeError
from hyperpoint.io.classes import write_classes
from hyperpoint.io.manifest import ManifestRow, write_manifest
from hyperpoint.types import ClassTable

MakeJobs = Callable[..., list[SceneJob]]
FAST = Recipe(name="fast", classifier="linear-svm", region_size=10)


def write_csv(path: Path, *lines: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(["id,split,image,label,cube", *lines]) + "\n")
    write_classes(path.with_name("classes.json"), ClassTable(("wall", "sky"), ((1, 2, 3), (4, 5, 6))))
    return path


def test_a_data_set_becomes_a_job_a_scene(make_jobs: MakeJobs, root: Path, tmp_path: Path) -> None:
    jobs = make_jobs()
    assert [(job.id, job.split) for job in jobs] == [
        ("0001", "train"), ("0002", "train"), ("0003", "val"), ("0004", "test"),
    ]  # fmt: skip
    first = jobs[0]
    assert first.cube == root / "train/reflectance_cubes/0001.hdr"
    assert (first.rotate, first.points, first.mask) == (270, None, tmp_path / "out" / "0001.png")
    assert first.task.has_colors
    assert first.task.white == ("lib-hsi", 0)
    assert 0 in first.task.unscored


@pytest.mark.parametrize(("split", "ids"), [("validation", ["0003"]), ("val", ["0003"]), ("test", ["0004"])])
def test_a_split_goes_by_either_of_its_names(make_jobs: MakeJobs, split: str, ids: list[str]) -> None:
    assert [job.id for job in make_jobs(split=split)] == ids


def test_an_unknown_split_is_told(make_jobs: MakeJobs) -> None:
    with pytest.raises(InputError, match="no scene of the split 'night'; its splits are train, val, test"):
        make_jobs(split="night")


def test_equal_numbers_in_two_splits_are_told_apart(make_jobs: MakeJobs, root: Path) -> None:
    for folder, suffix in (
        ("reflectance_cubes", "hdr"),
        ("reflectance_cubes", "dat"),
        ("rgb", "png"),
        ("labels", "png"),
    ):
        (root / "test" / folder / f"0004.{suffix}").rename(root / "test" / folder / f"0001.{suffix}")
    assert [job.id for job in make_jobs()] == ["train-0001", "train-0002", "val-0003", "test-0001"]


def test_a_scene_that_lacks_a_file_is_a_job_that_fails(make_jobs: MakeJobs, root: Path) -> None:
    """The others go on: nobody wants to find in the morning that one file was missing."""
    missing = ("train/reflectance_cubes/0001.hdr", "train/rgb/0002.png", "validation/labels/0003.png")
    for file in missing:
        (root / file).unlink()
    rows = [annotate_scene(job) for job in make_jobs()]
    assert [row.state for row in rows] == ["failed", "failed", "failed", "annotated"]
    assert all(file in str(row.error) for file, row in zip(missing, rows, strict=False))


def test_points_are_looked_for_by_id(make_jobs: MakeJobs, tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="there is no folder"):
        make_jobs(points=tmp_path / "clicks", draw=None)
    (tmp_path / "clicks").mkdir()
    with pytest.raises(MissingFileError, match=r"points of none of the 4 scenes; .* 0001\.csv"):
        make_jobs(points=tmp_path / "clicks", draw=None)
    (tmp_path / "clicks" / "0002.csv").touch()
    jobs = make_jobs(points=tmp_path / "clicks", draw=None)
    assert jobs[3].points == tmp_path / "clicks" / "0004.csv"
    assert "clicks/0004.csv does not exist" in str(annotate_scene(jobs[3]).error)


def test_no_input_is_ever_overwritten(make_jobs: MakeJobs, root: Path, tmp_path: Path) -> None:
    for folder in ("train/rgb", "train/labels"):
        with pytest.raises(InputError, match=r"0001\.png is one of the inputs and would be overwritten"):
            make_jobs(out=root / folder)
    annotate_scene(make_jobs()[0])
    with pytest.raises(InputError, match=r"0001\.csv is one of the inputs"):
        make_jobs(points=tmp_path / "out")  # and drawn too


def test_a_recipe_that_cannot_be_used_fails_at_once(make_jobs: MakeJobs) -> None:
    with pytest.raises(RecipeError, match="no parameter 'depth'"):
        make_jobs(recipe=replace(FAST, classifier_params={"depth": 3}))


def test_a_manifest_names_cube_and_turn(make_jobs: MakeJobs, tmp_path: Path) -> None:
    task = make_jobs()[0].task
    (tmp_path / "m").mkdir()
    rows = [
        ManifestRow(job.id, job.split, job.rgb, None, job.cube, rotate=job.rotate) for job in make_jobs(split="train")
    ]
    manifest = write_manifest(tmp_path / "m" / "m.csv", rows, task.classes)
    jobs = jobs_of_manifest(manifest, Wishes(tmp_path / "masks", FAST, draw=Draw(per_class=3)))
    assert [(job.id, job.rotate, job.label, job.task.white) for job in jobs] == [
        ("0001", 270, None, None), ("0002", 270, None, None),
    ]  # fmt: skip
    assert jobs[0].task.class_source == str(tmp_path / "m" / "classes.json")
    assert jobs[0].task.classes == task.classes


def test_files_that_a_manifest_names_in_vain_are_their_scenes_error(tmp_path: Path) -> None:
    manifest = write_csv(tmp_path / "m" / "m.csv", "a,train,a.png,,a.hdr", "b,train,b.png,,")
    jobs = jobs_of_manifest(manifest, Wishes(tmp_path / "out", FAST, draw=Draw(per_class=3)))
    errors = [str(annotate_scene(job).error) for job in jobs]
    assert str(tmp_path / "m" / "a.hdr") in errors[0]
    assert "names no cube for the scene b" in errors[1]


@pytest.mark.parametrize("bad", ["../../x", "a/b", r"a\b", ".hidden", "..", "c:x", "x" * 201, "report", "a\u0007"])
def test_an_id_that_is_no_file_name_is_refused(tmp_path: Path, bad: str) -> None:
    manifest = write_csv(tmp_path / "m" / "m.csv", f"{bad},train,a.png,,a.hdr")
    with pytest.raises(InputError, match=r"the name of a (mask|file)"):
        jobs_of_manifest(manifest, Wishes(tmp_path / "out", FAST, draw=Draw(per_class=3)))


def test_no_confidence_bears_the_name_of_a_mask(tmp_path: Path) -> None:
    manifest = write_csv(tmp_path / "m" / "m.csv", "a,train,a.png,,a.hdr", "a_confidence,train,b.png,,b.hdr")
    wishes = Wishes(tmp_path / "out", FAST, draw=Draw(per_class=3))
    assert len(jobs_of_manifest(manifest, wishes)) == 2
    with pytest.raises(InputError, match="the mask of a_confidence would be the confidence of a"):
        jobs_of_manifest(manifest, replace(wishes, confidence=True))
