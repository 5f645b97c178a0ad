from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hyperpoint.io.classes import write_classes
from hyperpoint.io.images import write_png
from hyperpoint.io.masks import write_mask
from hyperpoint.io.points import read_points
from hyperpoint.types import ClassTable, LabelArray

Run = Callable[..., tuple[int, str, str]]
TABLE = ClassTable(("wall", "door"), ((200, 80, 60), (0, 0, 255)))


@pytest.fixture
def truth() -> LabelArray:
    labels = np.full((40, 60), 255, np.uint8)
    labels[:, :30] = 0
    labels[5:, 30:50] = 1
    return labels


@pytest.fixture
def folder(tmp_path: Path, truth: LabelArray) -> Path:
    write_mask(tmp_path / "t.png", truth, TABLE)
    write_classes(tmp_path / "c.json", TABLE)
    return tmp_path


def test_points_are_drawn_by_region(run: Run, folder: Path, truth: LabelArray) -> None:
    arguments = ["points", folder / "t.png", "--regions", 6, "--per-region", 10, "--ratio", "1:1"]
    status, out, _ = run(*arguments, "--seed", 3, "--out", folder / "p.csv")
    points, _ = read_points(folder / "p.csv", size=truth.shape)
    assert status == 0
    assert "wrote 60 points" in out
    assert (len(points), len(points.annotated)) == (60, 30)
    np.testing.assert_array_equal(points.annotated.labels, truth[points.annotated.rows, points.annotated.cols])
    run(*arguments, "--seed", 4, "--out", folder / "q.csv")
    assert (folder / "p.csv").read_bytes() != (folder / "q.csv").read_bytes()
    assert run(*arguments, "--seed", 3, "--out", folder / "q.csv", "--quiet") == (0, "", "")
    assert (folder / "p.csv").read_bytes() == (folder / "q.csv").read_bytes()


def test_points_are_drawn_by_class_and_bear_names(run: Run, folder: Path) -> None:
    arguments = ["points", folder / "t.png", "--per-class", 4, "--classes", folder / "c.json"]
    assert "8 of them annotated (wall: 4, door: 4)" in run(*arguments, "--out", folder / "p.csv")[1]
    text = (folder / "p.csv").read_text()
    assert (text.count(",wall\n"), text.count(",door\n"), len(text.splitlines())) == (4, 4, 9)


def test_a_truth_in_colours_gives_the_same_points(run: Run, folder: Path, truth: LabelArray) -> None:
    write_png(folder / "rgb.png", TABLE.palette()[truth])
    for name in ("t", "rgb"):
        arguments = ["points", folder / f"{name}.png", "--classes", folder / "c.json", "--regions", 6]
        assert run(*arguments, "--out", folder / f"{name}.csv")[0] == 0
    assert (folder / "t.csv").read_bytes() == (folder / "rgb.csv").read_bytes()


def test_spectra_are_written_with_the_points(run: Run, folder: Path, truth: LabelArray) -> None:
    cube = np.random.default_rng(0).random((60, 40, 5), dtype=np.float32)
    np.save(folder / "cube.npy", cube)
    arguments = ["points", folder / "t.png", "--per-class", 7, "--cube", folder / "cube.npy"]
    assert run(*arguments, "--rotate", 270, "--out", folder / "p.npz")[0] == 0
    with np.load(folder / "p.npz", allow_pickle=False) as arrays:
        rows, cols = arrays["rows"], arrays["cols"]
        np.testing.assert_array_equal(arrays["spectra"], np.rot90(cube, 3)[rows, cols])
        np.testing.assert_array_equal(arrays["labels"], truth[rows, cols])
        assert arrays["rgb"].shape == (14, 3)
        assert arrays["rgb"].dtype == np.uint8


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["t.png", "--per-class", "3", "--regions", "4", "--out", "p.csv"], "--per-class goes without --regions"),
        (["t.png", "--ratio", "4", "--out", "p.csv"], "expected annotated:unannotated such as 1:4; got '4'"),
        (["t.png", "--ratio", "0:4", "--out", "p.csv"], "must be positive numbers"),
        (["t.png", "--regions", "0", "--out", "p.csv"], "--regions"),
        (["t.png", "--regions", "1777", "--out", "p.csv"], "cannot be divided into a grid of 1777 regions"),
        (["t.png", "--cube", "cube.npy", "--out", "p.csv"], "spectra go into an .npz"),
        (["t.png", "--out", "p.npz"], "got --out p.npz without --cube"),
        (["t.png", "--rotate", "90", "--out", "p.csv"], "--rotate says how to open a cube; give one with --cube"),
        (["t.png", "--cube", "cube.npy", "--out", "p.npz"], "the truth has 40 x 60 pixels, the scene 60 x 40"),
        (["t.png", "--out", "no/p.csv"], "does not exist"),
        (["no.png", "--out", "p.csv"], "the mask no.png does not exist"),
        (["rgb.png", "--out", "p.csv"], "is in colours"),
    ],
)
def test_bad_input_is_one_line_and_status_2_and_writes_nothing(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    np.save(folder / "cube.npy", np.ones((60, 40, 5), np.float32))
    write_png(folder / "rgb.png", np.zeros((40, 60, 3), np.uint8))
    before = sorted(folder.iterdir())
    monkeypatch.chdir(folder)
    status, out, err = run("points", *arguments)
    assert (status, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
    assert sorted(folder.iterdir()) == before


def test_help_teaches_with_an_example(run: Run) -> None:
    assert "hyperpoint points truth.png --regions 100 --per-region 10" in run("points", "--help")[1]
