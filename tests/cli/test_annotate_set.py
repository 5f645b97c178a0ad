"""`hyperpoint annotate-set`: a set from first run to rerun, and what it refuses."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from hyperpoint.cli.sizes import Size
from hyperpoint.synth import synthesise

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("facades")
    synthesise(root, "lib-hsi", 3, (64, 64), seed=1)
    return root


@pytest.fixture
def root(pristine: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(pristine, tmp_path / "facades"))


def states(out: Path) -> dict[str, str]:
    with (out / "report.csv").open(newline="") as stream:
        return {line["id"]: line["state"] for line in csv.DictReader(stream)}


def test_a_set_from_dry_run_to_rerun(run: Run, root: Path, tmp_path: Path) -> None:
    out = tmp_path / "masks"
    arguments = ("annotate-set", "--dataset", "lib-hsi", "--root", root, "--per-class", 5, "--recipe", "paper-svm",
                 "--workers", 2, "--memory", "2GB", "--out", out)  # fmt: skip
    status, told, _ = run(*arguments, "--dry-run")
    assert status == 0
    assert told.splitlines()[0] == "0001  not annotated yet"
    assert "3 scenes: 0 done already, 3 to annotate, 2 at a time: about 0.2 GB of memory each at most" in told
    assert not out.exists()

    (root / "test/rgb/0003.png").write_bytes(b"no picture")
    status, told, err = run(*arguments)
    assert status == 1
    assert "2 annotated, 0 kept, 1 failed" in told
    assert "mIoU" in told
    assert [line for line in err.splitlines() if line] == [
        f"hyperpoint: 0003: the rgb image {root / 'test/rgb/0003.png'} is no picture that can be read; expected PNG, "
        f"JPEG, TIFF or BMP"
    ]
    assert states(out) == {"0001": "annotated", "0002": "annotated", "0003": "failed"}

    shutil.copy(root / "train/rgb/0001.png", root / "test/rgb/0003.png")
    status, told, err = run(*arguments)
    assert (status, err) == (0, "")
    assert "1 annotated, 2 kept, 0 failed" in told
    status, told, err = run(*arguments, "--quiet")
    assert (status, told, err) == (0, "", "")
    assert set(states(out).values()) == {"kept"}


def test_points_of_files_and_one_split(run: Run, root: Path, tmp_path: Path) -> None:
    (tmp_path / "clicks").mkdir()
    (tmp_path / "clicks" / "0001.csv").write_text("row,col,label\n3,3,Brick Wall\n60,60,Soil\n")
    status, told, _ = run(
        "annotate-set", "--dataset", "lib-hsi", "--root", root, "--split", "train", "--points", tmp_path / "clicks",
        "--recipe", "paper-svm", "--confidence", "--out", tmp_path / "out",
    )  # fmt: skip
    assert status == 0
    assert "1 annotated, 0 kept, 0 failed" in told
    assert sorted(path.name for path in (tmp_path / "out").iterdir() if path.is_file()) == [
        "0001.json", "0001.png", "0001_confidence.png", "report.csv", "report.html",
    ]  # fmt: skip


def test_an_output_that_cannot_be_written_is_told_before_any_work(run: Run, root: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    status, _, err = run(
        "annotate-set", "--dataset", "lib-hsi", "--root", root, "--per-class", 5, "--out", tmp_path / "file" / "masks"
    )
    assert status == 2
    assert f"{tmp_path / 'file'} is a file, not a folder" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--per-class", "5"], "either --dataset (with --root) or --manifest"),
        (["--dataset", "lib-hsi", "--per-class", "5"], "--root FOLDER, where its copy lies, go together"),
        (["--manifest", "m.csv"], "one of --points, --per-class, --regions"),
        (["--manifest", "m.csv", "--points", "p", "--regions", "5"], "one of --points, --per-class, --regions"),
        (["--manifest", "m.csv", "--per-class", "5", "--ratio", "1:2"], "--ratio says how to draw in regions"),
        (
            ["--manifest", "m.csv", "--per-class", "5", "--dask", "local:2", "--memory", "1G"],
            "a Dask cluster has its own",
        ),
        (
            ["--manifest", "m.csv", "--per-class", "5", "--dask", "local:2", "--scenes-at-once", "4"],
            "a Dask cluster has its own",
        ),
        (["--manifest", "m.csv", "--per-class", "5", "--memory", "much"], "expected an amount such as 8G"),
        (["--manifest", "m.csv", "--per-class", "5", "--recipe", "magic"], "unknown recipe 'magic'"),
        (["--manifest", "m.csv", "--per-class", "5"], "the manifest m.csv does not exist"),
        (["--dataset", "lib-hsi", "--root", "nowhere", "--per-class", "5"], "there is no folder"),
    ],
)
def test_what_does_not_go_together_is_told(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], complaint: str
) -> None:
    monkeypatch.chdir(tmp_path)
    status, told, err = run("annotate-set", *arguments, "--out", "out")
    assert (status, told) == (2, "")
    assert complaint in err
    assert list(tmp_path.iterdir()) == []


def test_too_little_memory_is_stated(run: Run, root: Path, tmp_path: Path) -> None:
    status, told, _ = run(
        "annotate-set", "--dataset", "lib-hsi", "--root", root, "--per-class", 5, "--memory", "100M", "--out",
        tmp_path / "out", "--dry-run",
    )  # fmt: skip
    assert status == 0
    assert "the largest takes about 0.2 GB of memory, more than the 0.1 GB allowed" in told


@pytest.mark.parametrize(
    ("text", "size"), [("8G", 8e9), ("1500M", 1.5e9), ("7.5GiB", 7.5 * 2**30), ("900kb", 9e5), ("12345", 12345)]
)
def test_sizes(text: str, size: float) -> None:
    assert Size().convert(text, None, None) == size


def test_learning_together_is_planned_for_networks_alone(run: Run, root: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="the networks need PyTorch (extra deep)")
    arguments = ("annotate-set", "--dataset", "lib-hsi", "--root", root, "--per-class", 5, "--memory", "9G", "--out",
                 tmp_path / "out", "--dry-run", "--workers", 2, "--scenes-at-once", 2, "--recipe")  # fmt: skip
    status, told, _ = run(*arguments, "paper-twocnn")
    assert (status, "3 to annotate, 2 x 2 at a time, which learn together" in told) == (0, True)
    status, _, err = run(*arguments, "best")
    assert (status, "for recipes that train networks" in err) == (2, True)
