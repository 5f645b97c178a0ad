from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hyperpoint.catalog.dataset import load_dataset
from hyperpoint.catalog.manifests import build_manifest
from hyperpoint.catalog.sources import dataset_rows, mask_rows, mmseg_rows, with_train_masks
from hyperpoint.errors import ClassTableError, HyperpointError, InputError, MissingFileError
from hyperpoint.io.classes import write_classes
from hyperpoint.io.files import fingerprint
from hyperpoint.io.images import write_png
from hyperpoint.io.manifest import read_manifest
from hyperpoint.io.masks import read_label_ids, write_confidence, write_mask
from hyperpoint.types import ClassTable

TABLE = ClassTable(("wall", "door"), ((200, 80, 60), (0, 0, 255)))
IDS = np.array([[0, 1, 255], [1, 1, 0]], np.uint8)


def picture(path: Path, shade: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_png(path, np.full((*IDS.shape, 3), shade, np.uint8))
    return path


def mask(path: Path, ids: np.ndarray[Any, np.dtype[np.uint8]] = IDS, **record: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_mask(path, ids)
    if record:
        path.with_suffix(".json").write_text(json.dumps(record))
    return path


def lib_hsi(root: Path) -> ClassTable:
    """Two training scenes, and one each for validation and test; labels in colours."""
    classes = load_dataset("lib-hsi").classes
    for number, split in enumerate(["train", "train", "validation", "test"]):
        picture(root / split / "rgb" / f"{number}.png", number)
        for name in (f"reflectance_cubes/{number}.hdr", f"reflectance_cubes/{number}.dat", "labels/x"):
            (root / split / name).parent.mkdir(exist_ok=True)
            (root / split / name).touch()
        write_png(root / split / "labels" / f"{number}.png", classes.palette()[IDS])
    return classes


def named(table: ClassTable) -> list[dict[str, Any]]:
    return [{"id": n, "name": name, "color": list(table.colors[n])} for n, name in enumerate(table.names)]


def test_labels_in_colours_become_masks_of_ids(tmp_path: Path) -> None:
    classes = lib_hsi(tmp_path / "lib")
    rows = dataset_rows(load_dataset("lib-hsi"), tmp_path / "lib")
    built = build_manifest(tmp_path / "out" / "m.csv", rows, classes)
    assert built.mask_folder == tmp_path / "out" / "masks" / "m"
    assert built.pixels.sum(axis=0)[:3].tolist() == [8, 12, 0]
    manifest = read_manifest(tmp_path / "out" / "m.csv")
    assert [(row.id, row.split, row.rotate) for row in manifest.rows] == [
        ("0", "train", 270), ("1", "train", 270), ("2", "val", 270), ("3", "test", 270),
    ]  # fmt: skip
    for row in manifest.rows:
        assert row.label == tmp_path / "out" / "masks" / "m" / row.split / f"{row.id}.png"
        np.testing.assert_array_equal(read_label_ids(row.label), IDS)
        assert (row.cube or Path()).name == f"{row.id}.hdr"


def test_masks_that_are_up_to_date_are_left_as_they_are(tmp_path: Path) -> None:
    classes = lib_hsi(tmp_path / "lib")
    rows = dataset_rows(load_dataset("lib-hsi"), tmp_path / "lib")
    build_manifest(tmp_path / "m.csv", rows, classes)
    masks = sorted((tmp_path / "masks").rglob("*.png"))
    write_mask(masks[0], np.zeros_like(IDS))
    before = [one.stat().st_ino for one in masks]
    build_manifest(tmp_path / "m.csv", rows, classes)
    assert [one.stat().st_ino != inode for one, inode in zip(masks, before, strict=True)] == [True, False, False, False]
    np.testing.assert_array_equal(read_label_ids(masks[0]), IDS)


def test_labels_that_hold_ids_are_named_where_they_lie(tmp_path: Path) -> None:
    for split, number in (("train", "1"), ("test", "1")):
        picture(tmp_path / "city" / split / f"rgb{number}.jpg", 10 if split == "train" else 20)
        mask(tmp_path / "city" / split / f"rgb{number}_gray.png")
        (tmp_path / "city" / split / f"{number}.hsd").touch()
    dataset = load_dataset("hsicity2")
    built = build_manifest(tmp_path / "m.csv", dataset_rows(dataset, tmp_path / "city"), dataset.classes)
    assert built.mask_folder is None
    # The numbers begin anew in each split, so it becomes part of the id.
    assert [row.id for row in built.manifest.rows] == ["train-1", "test-1"]
    assert built.manifest.rows[0].label == tmp_path / "city" / "train" / "rgb1_gray.png"
    picture(tmp_path / "city" / "test" / "rgb1.jpg", 10)
    with pytest.raises(InputError, match="are the same photo in two splits, 'train' and 'test'"):
        dataset_rows(dataset, tmp_path / "city")


def test_splits_that_are_not_there_are_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    lib_hsi(tmp_path)
    (tmp_path / "validation").rename(tmp_path / "elsewhere")
    with caplog.at_level(logging.WARNING):
        assert {row.split for row in dataset_rows(load_dataset("lib-hsi"), tmp_path)} == {"train", "test"}
    assert "no scene of the split 'validation'" in caplog.text
    with pytest.raises(MissingFileError, match="no scene of the split 'train'"):
        dataset_rows(load_dataset("lib-hsi"), tmp_path / "elsewhere")


@pytest.mark.parametrize(("images", "masks"), [("img_dir", "ann_dir"), ("images", "annotations")])
def test_the_layout_of_mmseg(tmp_path: Path, images: str, masks: str) -> None:
    for split, name in (("train", "a"), ("train", "town/b"), ("validation", "c")):
        picture(tmp_path / images / split / f"{name}.jpg")
        mask(tmp_path / masks / split / f"{name}.png")
    (tmp_path / images / "train" / "._a.jpg").touch()
    built = build_manifest(tmp_path / "m.csv", mmseg_rows(tmp_path), None)
    assert [(row.id, row.split) for row in built.manifest.rows] == [("a", "train"), ("town-b", "train"), ("c", "val")]
    assert built.manifest.classes.names == ("0", "1")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        ("ann_dir/train/a.png", "1 images have no mask of the same name in .*ann_dir/train: a"),
        ("img_dir/train/a.jpg", "1 masks have no image of the same name in .*img_dir/train: a"),
    ],
)
def test_a_file_without_its_counterpart_is_told(tmp_path: Path, spoil: str, message: str) -> None:
    for name in ("a", "b"):
        picture(tmp_path / "img_dir" / "train" / f"{name}.jpg")
        mask(tmp_path / "ann_dir" / "train" / f"{name}.png")
    (tmp_path / spoil).unlink()
    with pytest.raises(InputError, match=message):
        mmseg_rows(tmp_path)


def test_no_layout_of_mmseg_is_told(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="looked for the folders img_dir/train and ann_dir/train or images"):
        mmseg_rows(tmp_path)


def test_annotations_name_their_photo_cube_and_classes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b"):
        picture(tmp_path / "photos" / f"{name}.jpg")
        (tmp_path / f"{name}.hdr").touch()
    rgb = {"path": "photos/a.jpg", "fingerprint": fingerprint("photos/a.jpg")}
    cube = {"path": "a.hdr", "fingerprint": fingerprint("a.hdr")}
    mask(tmp_path / "m" / "a.png", classes=named(TABLE), inputs={"rgb": rgb, "cube": cube, "rotate": "270"})
    other = {"path": str(tmp_path / "photos" / "b.jpg")}
    mask(tmp_path / "m" / "b.png", classes=named(TABLE), inputs={"rgb": other, "cube": cube, "bands": "420:940"})
    write_confidence(tmp_path / "m" / "b_confidence.png", np.ones(IDS.shape, np.float32))
    picture(tmp_path / "m" / "a_preview.png")
    rows, table = mask_rows("m")
    assert table == TABLE
    first, second = build_manifest("m.csv", rows, table).manifest.rows
    assert (first.image, first.cube, first.rotate, first.confidence) == (
        tmp_path / "photos" / "a.jpg", tmp_path / "a.hdr", 270, None,
    )  # fmt: skip
    # Bands were chosen besides, which a manifest cannot say.
    assert (second.image, second.cube) == (tmp_path / "photos" / "b.jpg", None)
    assert second.confidence is not None


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({}, "has no provenance beside it; name the folder of the images"),
        ({"inputs": {"cube": {"path": "a.hdr"}}}, "was annotated without an rgb image; name the folder of the images"),
        ({"inputs": {"rgb": {"path": "gone.jpg", "fingerprint": "x"}}}, "gone.jpg, which is not there any more"),
        ({"inputs": {"rgb": {"path": "photo.png", "fingerprint": "x"}}}, "photo.png, which is not there any more as"),
    ],
)
def test_where_the_photo_is_not_known_images_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record: dict[str, Any], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    picture(tmp_path / "photo.png")
    mask(tmp_path / "m" / "a.png", **record)
    with pytest.raises(InputError, match=message):
        mask_rows("m")
    picture(tmp_path / "photos" / "a.jpg")
    rows, table = mask_rows("m", "photos")
    assert (rows[0].image, table) == (Path("photos/a.jpg"), None)
    mask(tmp_path / "m" / "b.png")
    with pytest.raises(InputError, match="1 masks have no image of the same name in photos: b"):
        mask_rows("m", "photos")


def test_annotations_with_different_tables_are_refused(tmp_path: Path) -> None:
    picture(tmp_path / "photos" / "a.jpg")
    picture(tmp_path / "photos" / "b.jpg")
    mask(tmp_path / "m" / "a.png", classes=named(TABLE))
    mask(tmp_path / "m" / "b.png", classes=named(ClassTable(TABLE.names[::-1], TABLE.colors)))
    with pytest.raises(ClassTableError, match=r"a\.png and .*b\.png were annotated with different class tables"):
        mask_rows(tmp_path / "m", tmp_path / "photos")
    (tmp_path / "m" / "b.json").write_text('{"classes": [{"name": "x"}]}')
    with pytest.raises(ClassTableError, match="malformed classes"):
        mask_rows(tmp_path / "m", tmp_path / "photos")
    (tmp_path / "m" / "b.json").write_text("[]")
    with pytest.raises(InputError, match="is no JSON object"):
        mask_rows(tmp_path / "m", tmp_path / "photos")


def test_a_folder_without_masks_is_told(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="there is no mask"):
        mask_rows(tmp_path)
    with pytest.raises(MissingFileError, match="there is no folder"):
        mask_rows(tmp_path / "none")


def test_annotations_of_training_scenes_take_the_place_of_their_labels(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    classes = lib_hsi(tmp_path / "lib")
    rows = dataset_rows(load_dataset("lib-hsi"), tmp_path / "lib")
    mask(tmp_path / "m" / "1.png", classes=named(classes))
    write_confidence(tmp_path / "m" / "1_confidence.png", np.ones(IDS.shape, np.float32))
    with caplog.at_level(logging.WARNING):
        mixed = with_train_masks(rows, tmp_path / "m", classes)
    assert "1 of 2 training images have no mask" in caplog.text
    assert [(row.id, row.split) for row in mixed] == [("1", "train"), ("2", "val"), ("3", "test")]
    assert mixed[0].label == tmp_path / "m" / "1.png"
    assert mixed[0].confidence == tmp_path / "m" / "1_confidence.png"
    assert mixed[1:] == rows[2:]
    with pytest.raises(ClassTableError, match="was annotated with the classes Whiteboard"):
        with_train_masks(rows, tmp_path / "m", TABLE)
    mask(tmp_path / "m" / "2.png")
    with pytest.raises(InputError, match=r"1 masks in .* bear the id of no training image: 2"):
        with_train_masks(rows, tmp_path / "m", classes)
    spared = with_train_masks(rows, tmp_path / "m", None, passed_over={"2"})
    assert [(row.id, row.label == tmp_path / "m" / f"{row.id}.png") for row in spared] == [
        ("1", True), ("2", False), ("3", False)
    ]  # fmt: skip


def test_nothing_is_written_where_something_is_wrong(tmp_path: Path) -> None:
    picture(tmp_path / "img_dir" / "train" / "a.jpg")
    mask(tmp_path / "ann_dir" / "train" / "a.png", np.array([[0, 7]], np.uint8))
    rows = mmseg_rows(tmp_path)
    with pytest.raises(InputError, match=r"1 of 1 images cannot be used: the mask .* has 1 x 2 pixels"):
        build_manifest(tmp_path / "m.csv", rows, TABLE)
    mask(tmp_path / "ann_dir" / "train" / "a.png", np.full_like(IDS, 7))
    with pytest.raises(InputError, match="holds class 7"):
        build_manifest(tmp_path / "m.csv", rows, TABLE)
    mask(tmp_path / "ann_dir" / "train" / "a.png", np.full_like(IDS, 255))
    with pytest.raises(ClassTableError, match="every pixel of every mask is unlabelled"):
        build_manifest(tmp_path / "m.csv", rows, None)
    write_png(tmp_path / "ann_dir" / "train" / "a.png", np.full((*IDS.shape, 3), 9, np.uint8))
    with pytest.raises(HyperpointError, match="give the class table"):
        build_manifest(tmp_path / "m.csv", rows, None)
    assert not list(tmp_path.glob("*.*"))


def test_no_mask_of_ids_is_written_where_something_is_wrong(tmp_path: Path) -> None:
    """Neither beside others that are wrong, nor where the class table would replace another."""
    for name in ("a", "b"):
        picture(tmp_path / "img_dir" / "train" / f"{name}.jpg")
        (tmp_path / "ann_dir" / "train").mkdir(parents=True, exist_ok=True)
        write_png(tmp_path / "ann_dir" / "train" / f"{name}.png", TABLE.palette()[IDS])
    rows, out = mmseg_rows(tmp_path), tmp_path / "out"
    good = rows[1].image.read_bytes()
    rows[1].image.write_bytes(b"")
    with pytest.raises(InputError, match=r"1 of 2 images cannot be used: .*b\.jpg"):
        build_manifest(out / "m.csv", rows, TABLE)
    assert not list(out.iterdir())
    rows[1].image.write_bytes(good)
    write_classes(out / "classes.json", ClassTable(("other",), ((1, 2, 3),)))
    with pytest.raises(InputError, match="holds another class table"):
        build_manifest(out / "m.csv", rows, TABLE)
    assert [file.name for file in out.iterdir()] == ["classes.json"]
    (out / "classes.json").unlink()
    build_manifest(out / "m.csv", rows, TABLE)
    assert sorted(file.name for file in (out / "masks" / "m" / "train").iterdir()) == ["a.png", "b.png"]


def test_the_class_table_of_something_else_is_not_replaced(tmp_path: Path) -> None:
    picture(tmp_path / "img_dir" / "train" / "a.jpg")
    mask(tmp_path / "ann_dir" / "train" / "a.png")
    write_classes(tmp_path / "classes.json", TABLE)
    with pytest.raises(InputError, match="holds another class table, and would be replaced"):
        build_manifest(tmp_path / "m.csv", mmseg_rows(tmp_path), None)
    build_manifest(tmp_path / "m.csv", mmseg_rows(tmp_path), TABLE)
    build_manifest(tmp_path / "m.csv", mmseg_rows(tmp_path), None)
    assert read_manifest(tmp_path / "m.csv").classes.names == ("0", "1")
    (tmp_path / "other.csv").touch()  # whose table it is, too
    with pytest.raises(InputError, match="holds another class table"):
        build_manifest(tmp_path / "m.csv", mmseg_rows(tmp_path), TABLE)
