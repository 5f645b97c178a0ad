from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hyperpoint.errors import PointsError
from hyperpoint.io.labelme import read_labelme
from hyperpoint.io.points import read_points
from hyperpoint.io.raster import Shape


def read(kind: str | None, points: Any) -> Shape:
    entry = {"label": "wall", "points": points} | ({} if kind is None else {"shape_type": kind})
    (shape,) = read_labelme({"shapes": [entry]}, (20, 30), "s.json")
    return shape


@pytest.mark.parametrize(
    ("kind", "points", "num", "is_area"),
    [
        ("point", [[3.5, 4.5]], 1, False),
        ("points", [[3, 4], [5, 6]], 2, False),
        ("line", [[3, 4], [7, 4]], 5, True),
        ("linestrip", [[3, 4], [7, 4], [7, 6]], 7, True),
        ("polygon", [[0, 0], [4, 0], [4, 4], [0, 4]], 16, True),
        (None, [[0, 0], [4, 0], [4, 4], [0, 4]], 16, True),
        ("rectangle", [[5, 4], [2, 1]], 9, True),
        ("rectangle", [[2, 1], [5, 1], [5, 4], [2, 4]], 9, True),
        ("circle", [[5.5, 5.5], [5.5, 6.5]], 5, True),
    ],
)
def test_every_kind_covers_its_pixels(kind: str | None, points: Any, num: int, is_area: bool) -> None:
    shape = read(kind, points)
    assert len(shape.rows) == num
    assert (shape.is_area, shape.label) == (is_area, "wall")


def test_x_is_the_column() -> None:
    shape = read("point", [[3.5, 4.5]])
    assert (shape.rows.tolist(), shape.cols.tolist()) == ([4], [3])


@pytest.mark.parametrize(
    ("kind", "points", "message"),
    [
        ("mask", [[0, 0], [1, 1]], "a mask of 2 points cannot be read; known are point"),
        ("circle", [[0, 0]], "a circle of 1 points"),
        ("polygon", [[0, 0], [1, 1]], "a polygon of 2 points"),
        ("polygon", "abc", "coordinates must be"),
        ("point", [[30, 4]], "lies outside the picture"),
    ],
)
def test_errors_name_the_shape(kind: str, points: Any, message: str) -> None:
    with pytest.raises(PointsError, match=f"s.json, shape 0: .*{message}"):
        read(kind, points)


@pytest.mark.parametrize("content", [{"shapes": None}, {"shapes": [{"points": [[1, 1]]}]}, {"shapes": ["a"]}])
def test_malformed_files_are_refused(content: dict[str, Any]) -> None:
    with pytest.raises(PointsError, match="member"):
        list(read_labelme(content, None, "s.json"))


def test_a_file_for_another_size_is_refused(tmp_path: Path) -> None:
    entry = {"label": "wall", "points": [[1, 2]], "shape_type": "point"}
    path = tmp_path / "s.json"
    path.write_text(json.dumps({"shapes": [entry], "imageHeight": 20, "imageWidth": 30, "imageData": None}))
    points, table = read_points(path, size=(20, 30))
    assert (points.rows.tolist(), points.cols.tolist(), points.labels.tolist()) == ([2], [1], [0])
    assert table is not None
    assert table.names == ("wall",)
    with pytest.raises(PointsError, match="belongs to an image of 20 rows x 30 columns, but this one has 30 x 20"):
        read_points(path, size=(30, 20))
    entry["points"] = [[30, 2]]
    path.write_text(json.dumps({"shapes": [entry], "imageHeight": 20, "imageWidth": 30}))
    with pytest.raises(PointsError, match="lies outside the picture of 20 rows"):
        read_points(path)
