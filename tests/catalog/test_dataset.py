from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hyperpoint.catalog.dataset import dataset_names, load_dataset
from hyperpoint.errors import InputError, MissingFileError

MINIMAL = """
splits = ["a", "b"]
labels = "ids"

[[layouts]]
cubes = ["{split}/{id}.npy"]
rgb = "{split}/{id}.png"
label = "{split}/{id}_labels.png"

[[classes]]
name = "wall"
color = [1, 2, 3]

[[classes]]
name = "panel"
color = [4, 5, 6]
scored = false
"""


def touch(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def test_both_data_sets_of_the_paper_are_there() -> None:
    assert dataset_names() == ["hsicity2", "lib-hsi"]


def test_lib_hsi_agrees_with_the_published_table(shared_data: Path) -> None:
    dataset = load_dataset("lib-hsi")
    with (shared_data / "lib_hsi_labels.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["name"] != "Unknown"]
    assert list(dataset.classes.names) == [row["name"] for row in rows]
    assert list(dataset.classes.colors) == [(int(row["r"]), int(row["g"]), int(row["b"])) for row in rows]
    assert list(dataset.groups) == [int(row["class_group"]) for row in rows]
    assert list(dataset.unscored) == [number for number, row in enumerate(rows) if not row["ref27_index"]]


def test_lib_hsi_has_44_classes_of_which_27_are_scored() -> None:
    dataset = load_dataset("lib-hsi")
    assert (len(dataset.classes), len(dataset.classes) - len(dataset.unscored)) == (44, 27)
    assert dataset.white_reference == dataset.classes.id_of("Whiteboard")
    assert dataset.white_reference in dataset.unscored
    assert dataset.rotate == 270
    assert dataset.splits == ("train", "validation", "test")


def test_hsicity2_has_the_cityscapes_train_ids() -> None:
    dataset = load_dataset("hsicity2")
    assert len(dataset.classes) == 19
    assert dataset.classes.id_of("road") == 0
    assert dataset.classes.id_of("vegetation") == 8
    assert dataset.classes.colors[13] == (0, 0, 142)
    assert (dataset.white_reference, dataset.rotate, dataset.unscored) == (None, 0, ())


def test_scenes_are_paired_and_stray_files_skipped(tmp_path: Path) -> None:
    for scene in ("b7", "a-1"):
        touch(
            tmp_path,
            f"train/reflectance_cubes/{scene}.hdr",
            f"train/reflectance_cubes/{scene}.dat",
            f"train/rgb/{scene}.png",
            f"train/labels/{scene}.png",
        )
    touch(tmp_path, "train/rgb/._b7.png", "train/reflectance_cubes/._a-1.hdr", "train/labels/Thumbs.db")
    scenes = load_dataset("lib-hsi").scenes(tmp_path, "train")
    assert [scene.id for scene in scenes] == ["a-1", "b7"]
    assert scenes[0].cube == tmp_path / "train/reflectance_cubes/a-1.hdr"
    assert scenes[0].label == tmp_path / "train/labels/a-1.png"


@pytest.mark.parametrize(
    ("cube", "rgb", "label"),
    [
        ("train/3.hsd", "train/rgb3.jpg", "train/rgb3_gray.png"),
        ("train/3.pt", "train/rgb3.jpg", "train/rgb3_gray.png"),
        ("train/hsd/3.hsd", "train/img/rgb3.jpg", "train/gt/rgb3_gray.png"),
        ("train/hsd/3.pt", "train/img/rgb3.jpg", "train/gt/rgb3_gray.png"),
    ],
)
def test_both_layouts_and_formats_of_hsicity2_are_found(tmp_path: Path, cube: str, rgb: str, label: str) -> None:
    touch(tmp_path, cube, rgb, label)
    (scene,) = load_dataset("hsicity2").scenes(tmp_path, "train")
    assert (scene.id, scene.cube, scene.rgb, scene.label) == ("3", tmp_path / cube, tmp_path / rgb, tmp_path / label)


def test_of_two_formats_of_a_cube_the_first_counts(tmp_path: Path) -> None:
    touch(tmp_path, "test/3.hsd", "test/3.pt", "test/rgb3.jpg", "test/rgb3_gray.png")
    (scene,) = load_dataset("hsicity2").scenes(tmp_path, "test")
    assert scene.cube.suffix == ".hsd"


@pytest.mark.parametrize(
    ("missing", "what"), [("1.hsd", "cube"), ("rgb1.jpg", "photo"), ("rgb1_gray.png", "label image")]
)
def test_a_missing_part_is_named(tmp_path: Path, missing: str, what: str) -> None:
    touch(tmp_path, *(f"train/{name}" for name in ("1.hsd", "rgb1.jpg", "rgb1_gray.png") if name != missing))
    with pytest.raises(InputError, match=rf"1 scenes lack their {what} \(1\)"):
        load_dataset("hsicity2").scenes(tmp_path, "train")


def test_a_folder_that_is_no_copy_is_told(tmp_path: Path) -> None:
    touch(tmp_path, "train/something.txt")
    dataset = load_dataset("lib-hsi")
    with pytest.raises(MissingFileError, match="reflectance_cubes"):
        dataset.scenes(tmp_path, "train")
    with pytest.raises(MissingFileError, match="there is no folder"):
        dataset.scenes(tmp_path / "nowhere", "train")
    with pytest.raises(InputError, match="no split 'val'; it has train, validation, test"):
        dataset.scenes(tmp_path, "val")


def test_a_data_set_of_ones_own_is_a_toml_file(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(MINIMAL, encoding="utf-8")
    dataset = load_dataset(tmp_path / "mine.toml")
    assert (dataset.name, dataset.title, dataset.rotate, dataset.unscored) == ("mine", "mine", 0, (1,))
    touch(tmp_path, "b/1.npy", "b/1.png", "b/1_labels.png")
    # The label image matches the pattern of the photos too, and is no scene of its own.
    assert [scene.id for scene in dataset.scenes(tmp_path, "b")] == ["1"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("", "splits = 3 =", "is not valid TOML"),
        ('labels = "ids"', "", "lacks labels"),
        ('labels = "ids"', 'labels = "colours"', "labels must be one of ids, colors"),
        ('labels = "ids"', 'labels = "ids"\nrotate = 45', "rotate must be"),
        ('labels = "ids"', 'labels = "ids"\nturn = 90', "unknown key turn"),
        ('labels = "ids"', 'labels = "ids"\nwhite_reference = "board"', "unknown class 'board'"),
        ('splits = ["a", "b"]', "splits = []", "at least one split"),
        ("[1, 2, 3]", "[1, 2]", "class 0: the color"),
        ("[1, 2, 3]", "[1, 2, 300]", "must be three numbers 0..255"),
        ('"panel"', '"wall"', "stands twice"),
        ("{split}/{id}.npy", "{split}/cube.npy", "{id} once"),
        ("{split}/{id}.npy", "{split}/../../{id}.npy", "must not lead out of the folder"),
        ("{split}/{id}.npy", "/data/{split}/{id}.npy", "must not lead out of the folder"),
        ('splits = ["a", "b"]', 'splits = ["../a"]', "must not lead out of the folder"),
        ('splits = ["a", "b"]', 'splits = ["a"]\nnum_scenes = {b = 3}', "num_scenes must give whole numbers"),
        ("scored = false", 'scored = "no"', "class 1: scored"),
    ],
)
def test_a_malformed_description_is_told(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(MINIMAL.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        load_dataset(path)


def test_an_unknown_name_lists_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="known are hsicity2, lib-hsi"):
        load_dataset("cityscapes")
    with pytest.raises(MissingFileError):
        load_dataset(tmp_path / "none.toml")


def test_the_truth_of_a_scene_is_read_as_the_data_set_encodes_it(tmp_path: Path) -> None:
    touch(tmp_path, "train/reflectance_cubes/1.hdr", "train/rgb/1.png")
    (tmp_path / "train/labels").mkdir()
    dataset = load_dataset("lib-hsi")
    picture = np.array([[dataset.classes.colors[3], dataset.classes.colors[6], (0, 0, 0)]], dtype=np.uint8)
    Image.fromarray(picture).save(tmp_path / "train/labels/1.png")
    (scene,) = dataset.scenes(tmp_path, "train")
    assert dataset.truth(scene).labels.tolist() == [[3, 6, 255]]
