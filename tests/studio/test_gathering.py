from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hyperpoint.errors import ClassTableError
from hyperpoint.io.classes import classes_from_names, write_classes
from hyperpoint.io.images import write_png
from hyperpoint.io.manifest import read_manifest
from hyperpoint.io.masks import write_mask
from hyperpoint.studio.gathering import Gathered, JointClasses
from hyperpoint.types import ClassTable

MASK = np.zeros((2, 3), dtype=np.uint8)
CLASSES = ClassTable(("wall",), ((9, 9, 9),))


def files(folder: Path, name: str) -> tuple[Path, Path]:
    photo, mask = folder / f"{name}_rgb.png", folder / f"{name}.png"
    write_png(photo, np.zeros((2, 3, 3), dtype=np.uint8))
    write_mask(mask, MASK, CLASSES)
    return photo, mask


def test_classes_are_told_by_their_names_and_keep_their_ids() -> None:
    joint = JointClasses()
    assert joint.add(ClassTable(("wall", "door"), ((1, 1, 1), (2, 2, 2))))[[0, 1, 2, 255]].tolist() == [0, 1, 255, 255]
    assert joint.add(ClassTable(("sky", "wall"), ((3, 3, 3), (4, 4, 4))))[[0, 1, 2, 255]].tolist() == [2, 0, 255, 255]
    assert joint.table == ClassTable(("wall", "door", "sky"), ((4, 4, 4), (2, 2, 2), (3, 3, 3)))


def test_a_table_in_the_folder_is_gone_on_with(tmp_path: Path) -> None:
    assert JointClasses.of_folder(tmp_path).add(CLASSES)[0] == 0
    write_classes(tmp_path / "classes.json", classes_from_names(["sky", "sea"]))
    assert JointClasses.of_folder(tmp_path).add(CLASSES)[0] == 2


def test_more_classes_than_ids_are_refused() -> None:
    joint = JointClasses(classes_from_names([f"a{number}" for number in range(254)]))
    joint.add(CLASSES)
    with pytest.raises(ClassTableError, match="256 classes between them, and 255 are the most"):
        joint.add(classes_from_names(["one more"]))


def test_a_manifest_keeps_earlier_scenes_and_replaces_those_written_again(tmp_path: Path) -> None:
    (photo_a, mask_a), (photo_b, mask_b) = files(tmp_path, "a"), files(tmp_path, "b")
    kinds = frozenset({"manifest"})
    first = Gathered(tmp_path, kinds)
    first.add("a", photo_a, MASK, mask_a, None, None)
    first.write(CLASSES)
    second = Gathered(tmp_path, kinds)
    second.add("b", photo_b, MASK, mask_b, None, None)
    second.add("a-2", photo_a, MASK, mask_a, None, None)
    assert second.write(CLASSES) == [tmp_path / "manifest.csv"]
    rows = read_manifest(tmp_path / "manifest.csv").rows
    assert [(row.id, row.split, row.image) for row in rows] == [("b", "val", photo_b), ("a-2", "train", photo_a)]
    photo_b.unlink()
    third = Gathered(tmp_path, kinds)
    third.add("a", photo_a, MASK, mask_a, None, None)
    third.write(CLASSES)
    assert len(read_manifest(tmp_path / "manifest.csv").rows) == 1
    assert "manifest was not gone on with: 1 files that" in third.notes[0]


def test_a_fifth_of_the_scenes_is_for_validation_and_a_split_once_given_stays(tmp_path: Path) -> None:
    def export(names: str) -> dict[str, str]:
        gathered = Gathered(tmp_path, frozenset({"manifest"}))
        for name in names:
            photo, mask = files(tmp_path, name)
            gathered.add(name, photo, MASK, mask, None, None)
        gathered.write(CLASSES)
        splits = {row.id: row.split for row in read_manifest(tmp_path / "manifest.csv").rows}
        assert any("for validation" in note for note in gathered.notes) == ("val" in splits.values())
        return splits

    assert export("a") == {"a": "train"}  # a scene alone teaches
    assert export("b") == {"a": "train", "b": "val"}
    more = export("cdefghij")
    assert list(more.values()).count("val") == 2
    assert export("jihgfedcba") == more
