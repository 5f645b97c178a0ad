from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hyperpoint.errors import InputError
from hyperpoint.io.coco import choose_image, read_coco
from hyperpoint.io.coco_writer import CocoFile
from hyperpoint.io.points import read_points
from hyperpoint.types import ClassTable, LabelArray

CLASSES = ClassTable(("wall", "door", "sky"), ((200, 0, 0), (0, 200, 0), (0, 0, 200)))
LABELS = arrays(np.uint8, st.tuples(st.integers(1, 8), st.integers(1, 8)), elements=st.sampled_from([0, 1, 2, 255]))


def read_back(content: dict[str, Any], name: str) -> LabelArray:
    entry = choose_image(content, name, None, "")
    labels = np.full((entry["height"], entry["width"]), 255, dtype=np.uint8)
    for shape in read_coco(content, entry, ""):
        assert (labels[shape.rows, shape.cols] == 255).all(), "regions overlap"
        labels[shape.rows, shape.cols] = CLASSES.id_of(shape.label)
    return labels


def written(tmp_path: Path, file: CocoFile) -> dict[str, Any]:
    file.write(tmp_path / "coco.json", CLASSES)
    content: dict[str, Any] = json.loads((tmp_path / "coco.json").read_text())
    return content


@given(
    labels=arrays(np.uint8, st.tuples(st.integers(1, 8), st.integers(1, 8)), elements=st.sampled_from([0, 1, 2, 255]))
)
def test_our_own_reader_reads_back_equal_pixels(tmp_path_factory: pytest.TempPathFactory, labels: LabelArray) -> None:
    file = CocoFile()
    file.add("a.png", labels)
    content = written(tmp_path_factory.mktemp("coco"), file)
    np.testing.assert_array_equal(read_back(content, "a.png"), labels)
    for one in content["annotations"]:
        rows, cols = np.nonzero(labels == one["category_id"] - 1)
        assert one["area"] <= len(rows)
        left, top, width, height = one["bbox"]
        assert ((rows >= top) & (rows < top + height) & (cols >= left) & (cols < left + width)).sum() >= one["area"]


def test_a_region_is_a_polygon_and_one_with_a_hole_run_lengths(tmp_path: Path) -> None:
    labels = np.full((4, 6), 255, dtype=np.uint8)
    labels[0, 4:] = 1
    labels[1:, :3] = 0
    labels[2, 1] = 2
    file = CocoFile()
    file.add("a.png", labels)
    wall, door, sky = written(tmp_path, file)["annotations"]
    assert door["segmentation"] == [[4, 0, 6, 0, 6, 1, 4, 1]]
    assert (door["bbox"], door["area"], door["iscrowd"]) == ([4, 0, 2, 1], 2, 0)
    assert wall["segmentation"] == {"size": [4, 6], "counts": [1, 3, 1, 1, 1, 1, 1, 3, 12]}
    assert wall["area"] == 8
    assert sky["category_id"] == 3
    assert [one["id"] for one in (wall, door, sky)] == [1, 2, 3]


def test_an_image_is_replaced_and_others_are_kept(tmp_path: Path) -> None:
    first, second = np.zeros((3, 5), dtype=np.uint8), np.ones((2, 2), dtype=np.uint8)
    file = CocoFile()
    file.add("a.png", first)
    file.add("b.png", second)
    file.write(tmp_path / "coco.json", CLASSES)
    again = CocoFile.read(tmp_path / "coco.json")
    again.add("a.png", first + 2)
    content = written(tmp_path, again)
    np.testing.assert_array_equal(read_back(content, "a.png"), first + 2)
    np.testing.assert_array_equal(read_back(content, "b.png"), second)
    assert len({image["id"] for image in content["images"]}) == len(content["images"]) == 2
    assert sorted(one["id"] for one in content["annotations"]) == [1, 2]


def test_points_are_read_from_it(tmp_path: Path) -> None:
    file = CocoFile()
    file.add("sub/a.png", np.repeat(np.array([[0, 2]], dtype=np.uint8), 3, axis=0))
    file.write(tmp_path / "coco.json", CLASSES)
    points, table = read_points(tmp_path / "coco.json", image="a.png")
    assert table is not None
    assert table.names == CLASSES.names
    assert sorted(zip(points.cols.tolist(), points.labels.tolist(), strict=True)) == [(0, 0)] * 3 + [(1, 2)] * 3


def test_what_cannot_be_written_or_gone_on_with_is_refused(tmp_path: Path) -> None:
    file = CocoFile()
    file.add("a.png", np.full((2, 2), 3, dtype=np.uint8))
    with pytest.raises(InputError, match="hold class 3, but the class table ends with class 2"):
        file.write(tmp_path / "coco.json", CLASSES)
    assert not list(tmp_path.iterdir())
    (tmp_path / "coco.json").write_text("[]")
    with pytest.raises(InputError, match="is no COCO file"):
        CocoFile.read(tmp_path / "coco.json")
