from __future__ import annotations

import json
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hyperpoint.cube import BoolArray
from hyperpoint.errors import PointsError
from hyperpoint.io.coco import decode_run_lengths
from hyperpoint.io.points import read_points
from hyperpoint.types import PointSet

POLYGON = [[2, 1, 5, 1, 5, 4, 2, 4]]


def coco(tmp_path: Path, segmentation: Any = POLYGON, category: Any = 7, **more: Any) -> Path:
    content = {
        "images": [
            {"id": 1, "file_name": "images/a.png", "height": 10, "width": 12},
            {"id": 2, "file_name": "images/b.png", "height": 10, "width": 12},
            {"id": 3, "file_name": "c.png", "height": 20, "width": 20},
        ],
        "categories": [{"id": 5, "name": "wall"}, {"id": 7, "name": "door"}],
        "annotations": [
            {"id": 9, "image_id": 1, "category_id": 5, "segmentation": [[0, 0, 1, 0, 1, 1, 0, 1]]},
            {"id": 4, "image_id": 2, "category_id": category, "segmentation": segmentation},
            {"id": 6, "image_id": 3, "category_id": 7, "segmentation": POLYGON},
        ],
        **more,
    }
    path = tmp_path / "coco.json"
    path.write_text(json.dumps(content))
    return path


def pixels(points: PointSet) -> set[tuple[int, int]]:
    return set(zip(points.rows.tolist(), points.cols.tolist(), strict=True))


@pytest.mark.parametrize("image", ["images/b.png", "b.png", "b", "elsewhere/b.png", "cubes/b.hdr"])
def test_an_image_is_chosen_by_name(tmp_path: Path, image: str) -> None:
    points, table = read_points(coco(tmp_path), size=(10, 12), image=image)
    assert pixels(points) == {(row, col) for row in range(1, 4) for col in range(2, 5)}
    assert table is not None
    assert table.names == ("wall", "door")  # in the order of the file, the same for every image of it
    assert set(points.labels.tolist()) == {1}


def test_an_image_is_chosen_by_its_size_if_no_other_has_it(tmp_path: Path) -> None:
    assert len(read_points(coco(tmp_path), size=(20, 20))[0]) == 9
    with pytest.raises(PointsError, match=r"which of its images is meant is not clear; it has 3: images/a\.png"):
        read_points(coco(tmp_path), size=(10, 12))
    with pytest.raises(PointsError, match="is meant is not clear"):
        read_points(coco(tmp_path))
    with pytest.raises(PointsError, match=r"no single image is called 'd\.png'; it has 3"):
        read_points(coco(tmp_path), image="d.png")
    with pytest.raises(PointsError, match="belongs to an image of 10 rows x 12 columns"):
        read_points(coco(tmp_path), image="b", size=(12, 10))


def run_lengths(mask: BoolArray) -> list[int]:
    """Encode as COCO does: down the columns, starting with the pixels outside."""
    runs = [(value, len(list(group))) for value, group in groupby(mask.T.ravel().tolist())]
    return ([0] if runs[0][0] else []) + [length for _, length in runs]


@given(arrays(bool, st.tuples(st.integers(1, 7), st.integers(1, 7))))
def test_run_lengths_give_back_the_mask(mask: BoolArray) -> None:
    rows, cols = decode_run_lengths(run_lengths(mask), list(mask.shape), mask.shape, "")
    got = np.zeros_like(mask)
    got[rows, cols] = True
    np.testing.assert_array_equal(got, mask)


def test_run_lengths_are_read_from_a_file(tmp_path: Path) -> None:
    mask = np.zeros((10, 12), dtype=bool)
    mask[3:5, 7:9] = True
    path = coco(tmp_path, {"counts": run_lengths(mask), "size": [10, 12]})
    assert pixels(read_points(path, image="b")[0]) == {(3, 7), (3, 8), (4, 7), (4, 8)}


@pytest.mark.parametrize(
    ("segmentation", "message"),
    [
        ({"counts": "abc", "size": [10, 12]}, "compressed run lengths are not read"),
        ({"counts": [120], "size": [12, 10]}, r"are for a size of \[12, 10\], the image has \[10, 12\]"),
        ({"counts": [119], "size": [10, 12]}, "add up to 120 pixels"),
        ({"counts": [-1, 121], "size": [10, 12]}, "add up to 120 pixels"),
        ({"counts": None, "size": [10, 12]}, "add up to 120 pixels"),
        ([], "has no segmentation; a box alone"),
        (None, "has no segmentation"),
        ([[1, 2, 3, 4]], "a polygon must be a list x, y"),
        ([[1, 2, 3, 4, 5, 6, 7]], "a polygon must be a list x, y"),
        ([[1, 2, 3, 4, 5, "a"]], "coordinates must be"),
        ([[50, 50, 60, 50, 60, 60]], "lies outside the picture"),
    ],
)
def test_errors_name_the_annotation(tmp_path: Path, segmentation: Any, message: str) -> None:
    with pytest.raises(PointsError, match=rf"coco\.json, annotation 1.*{message}"):
        read_points(coco(tmp_path, segmentation), image="b")


@pytest.mark.parametrize("category", [8, None, [7]])
def test_unknown_categories_are_refused(tmp_path: Path, category: Any) -> None:
    with pytest.raises(PointsError, match=r"annotation 1: unknown category .*; known are: 5, 7"):
        read_points(coco(tmp_path, category=category), image="b")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"categories": None}, "needs `categories`"),
        ({"categories": [{"id": 1}]}, "needs `categories`"),
        ({"images": 3}, "`images` must be a list"),
        ({"images": [{"id": 2, "file_name": "b"}]}, "the image 'b' needs `height` and `width`"),
        ({"annotations": {}}, "`annotations` must be a list"),
        ({"annotations": [3]}, "annotation 0 must be an object"),
        ({"annotations": []}, "holds no shapes"),
    ],
)
def test_malformed_files_are_refused(tmp_path: Path, more: dict[str, Any], message: str) -> None:
    with pytest.raises(PointsError, match=message):
        read_points(coco(tmp_path, **more), image="b")
