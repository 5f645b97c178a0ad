from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hyperpoint.io.images import write_png
from hyperpoint.io.manifest import read_manifest
from hyperpoint.io.masks import read_label_ids, write_mask

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def scenes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two training photos and one for validation in the layout of mmseg, with masks of ids."""
    monkeypatch.chdir(tmp_path)
    for split, name in (("train", "a"), ("train", "b"), ("val", "c")):
        for folder in ("img_dir", "ann_dir"):
            (tmp_path / folder / split).mkdir(parents=True, exist_ok=True)
        write_png(tmp_path / "img_dir" / split / f"{name}.png", np.full((6, 8, 3), ord(name), np.uint8))
        write_mask(tmp_path / "ann_dir" / split / f"{name}.png", np.eye(6, 8, dtype=np.uint8))
    (tmp_path / "table.json").write_text(
        '[{"name": "sky", "color": [0, 0, 255]}, {"name": "wall", "color": [255, 0, 0]}]'
    )
    return tmp_path


def test_from_mmseg(run: Run, scenes: Path) -> None:
    status, out, err = run("manifest", "--mmseg", ".", "--classes", "table.json", "--out", "m/manifest.csv")
    assert (status, err) == (0, "")
    assert "wrote m/manifest.csv: 2 train, 1 val images" in out
    assert "1 wall                                  18 pixels  12.50 %" in out
    assert read_manifest("m/manifest.csv").classes.names == ("sky", "wall")


def test_from_masks_with_a_part_for_validation(run: Run, scenes: Path) -> None:
    arguments = ("--masks", "ann_dir/train", "--images", "img_dir/train", "--val", "0.5", "--out", "m.csv", "--quiet")
    assert run("manifest", *arguments) == (0, "", "")
    assert read_manifest("m.csv").splits == ["train", "val"] or read_manifest("m.csv").splits == ["val", "train"]


def test_validation_keeps_its_labels_where_training_gets_others(run: Run, scenes: Path) -> None:
    masks = sorted(Path("ann_dir/train").glob("*.png"))
    Path("ours").mkdir()
    for mask in masks:
        Path("ours", mask.name).write_bytes(mask.read_bytes())
    for each in Path("ann_dir/val").glob("*.png"):
        each.unlink()
    for each in Path("img_dir/val").iterdir():
        each.unlink()
    Path("ann_dir/val").rmdir()
    Path("img_dir/val").rmdir()
    arguments = ("--mmseg", ".", "--train-masks", "ours", "--val", "0.5", "--out", "m.csv", "--quiet")
    assert run("manifest", *arguments) == (0, "", "")
    folders = {row.split: row.label.parent.name for row in read_manifest("m.csv").rows if row.label}
    assert folders == {"train": "ours", "val": "train"}


def test_from_points_to_a_manifest(run: Run, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(files)
    arguments = ("cube.npz", "--rgb", "rgb.png", "--points", "points.csv", "--classes", "classes.json", "--confidence")
    (files / "masks").mkdir()
    assert run("annotate", *arguments, "--out", "masks/scene.png", "--quiet")[0] == 0
    status, _, err = run("manifest", "--masks", "masks", "--out", "m/manifest.csv")
    assert (status, err) == (0, "")
    (row,) = read_manifest("m/manifest.csv").rows
    assert row.image.samefile(files / "rgb.png")
    assert row.cube is not None
    assert row.cube.samefile(files / "cube.npz")
    assert row.confidence is not None
    assert row.label is not None
    assert set(np.unique(read_label_ids(row.label))) <= {0, 1, 255}


def test_from_a_data_set_with_labels_in_colours(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("synth", "lib", "--scenes", "3", "--size", "32", "32", "--quiet")[0] == 0
    status, out, _ = run("manifest", "--dataset", "lib-hsi", "--root", "lib", "--out", "m/m.csv")
    assert status == 0
    assert "masks in colours were written as ids into" in out
    assert "1 train, 1 val, 1 test images" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "say where the images come from: one of --dataset (with --root), --mmseg, --masks"),
        (["--mmseg", ".", "--masks", "."], "one of --dataset"),
        (["--dataset", "lib-hsi"], "--dataset needs --root"),
        (["--mmseg", ".", "--root", "."], "--root needs --dataset"),
        (["--mmseg", ".", "--images", "."], "--images needs --masks"),
        (["--masks", ".", "--train-masks", "."], "--train-masks needs --dataset or --mmseg"),
        (["--mmseg", ".", "--split-by", "."], "--split-by needs --val"),
        (["--dataset", "lib-hsi", "--root", ".", "--classes", "lib-hsi"], "leave out --classes"),
        (["--mmseg", ".", "--val", "0.5"], "validation images already"),
        (["--mmseg", "none"], "no images in none"),
        (["--dataset", "lib-hsi", "--root", "none"], "there is no folder none"),
    ],
)
def test_bad_input_is_one_line_and_status_2(run: Run, scenes: Path, arguments: list[str], message: str) -> None:
    status, out, err = run("manifest", *arguments, "--out", "out/m.csv")
    assert (status, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
    assert not Path("out").exists()


def test_the_name_of_the_manifest_says_what_it_is(run: Run, scenes: Path) -> None:
    assert "must end in .csv" in run("manifest", "--mmseg", ".", "--out", "m.json")[2]


def test_help_teaches_with_examples(run: Run) -> None:
    assert "hyperpoint manifest --dataset lib-hsi --root LIB-HSI" in run("manifest", "--help")[1]
