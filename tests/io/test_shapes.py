from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hyperpoint.errors import ClassTableError, InputError, PointsError
from hyperpoint.io.images import write_png
from hyperpoint.io.masks import write_mask
from hyperpoint.io.points import read_points
from hyperpoint.io.shapes import read_shapes
from hyperpoint.types import ClassTable, PointSet

TABLE = ClassTable(("wall", "door"), ((200, 80, 60), (0, 0, 255)))


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Collect our log also where the command line has cut it off from the root logger."""
    logger = logging.getLogger("hyperpoint")
    logger.addHandler(caplog.handler)
    yield caplog
    logger.removeHandler(caplog.handler)


def feature(kind: str, coordinates: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": coordinates}}


def square(x0: int, y0: int, x1: int, y1: int) -> list[list[list[int]]]:
    return [[[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]]]


def geojson(tmp_path: Path, *features: dict[str, Any]) -> Path:
    path = tmp_path / "s.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def pixels(points: PointSet, label: int) -> set[tuple[int, int]]:
    which = points.subset(points.labels == label)
    return set(zip(which.rows.tolist(), which.cols.tolist(), strict=True))


def test_shapes_are_thinned_and_single_points_are_not(tmp_path: Path) -> None:
    many = [[x, 0] for x in range(30)]
    path = geojson(
        tmp_path,
        feature("Polygon", square(0, 10, 40, 50), label="wall"),
        feature("LineString", [[5, 2], [45, 2]], label="door"),
        feature("MultiPoint", many, label="roof"),
    )
    points, table = read_shapes(path, size=(50, 50), per_shape=8)
    assert table is not None
    assert table.names == ("wall", "door", "roof")
    assert [len(pixels(points, label)) for label in range(3)] == [8, 8, 30]
    assert all(10 <= row < 50 and col < 40 for row, col in pixels(points, 0))
    assert all(row == 2 and 5 <= col <= 45 for row, col in pixels(points, 1))


def test_the_default_is_twenty_a_shape_and_the_seed_decides_which(tmp_path: Path) -> None:
    path = geojson(tmp_path, feature("Polygon", square(0, 0, 40, 40), label=3))
    first, table = read_points(path)
    again, _ = read_points(path)
    other, _ = read_points(path, seed=1)
    assert table is None
    assert len(first) == 20
    assert pixels(first, 3) == pixels(again, 3) != pixels(other, 3)


def test_a_pixel_in_shapes_of_two_classes_is_left_out_and_counted(
    tmp_path: Path, log: pytest.LogCaptureFixture
) -> None:
    path = geojson(
        tmp_path,
        feature("Polygon", square(0, 0, 4, 4), label=0),
        feature("Polygon", square(2, 0, 6, 4), label=1),
        feature("Polygon", square(3, 0, 5, 4), label=1),
        feature("Polygon", square(2, 1, 3, 2), label=0),
    )
    points, _ = read_shapes(path, per_shape=1000)
    assert pixels(points, 0) == {(row, col) for row in range(4) for col in range(2)}
    assert pixels(points, 1) == {(row, col) for row in range(4) for col in range(4, 6)}
    assert "8 pixels lie in shapes of two classes" in log.text
    assert "1 of 4 shapes gave no points" in log.text


def test_a_single_point_counts_more_than_the_shape_around_it(tmp_path: Path) -> None:
    path = geojson(
        tmp_path, feature("Polygon", square(0, 0, 3, 3), label="wall"), feature("Point", [1, 1], label="door")
    )
    points, _ = read_shapes(path, TABLE, (5, 5))
    assert pixels(points, 1) == {(1, 1)}
    assert len(pixels(points, 0)) == 8


def test_two_single_points_with_two_labels_on_one_pixel_are_an_error(tmp_path: Path) -> None:
    path = geojson(
        tmp_path, feature("Point", [1.2, 1], label="wall"), feature("MultiPoint", [[4, 4], [1.8, 1]], label="door")
    )
    with pytest.raises(
        PointsError, match=r"feature 1: the pixel \(row 1, col 1\) is labelled 'door' here but 'wall' .* feature 0"
    ):
        read_shapes(path)


def test_unlabelled_shapes_are_sampled_points_without_annotation(tmp_path: Path) -> None:
    path = geojson(
        tmp_path, feature("Polygon", square(0, 0, 9, 9), label=None), feature("Polygon", square(0, 0, 2, 2), label=1)
    )
    points, _ = read_shapes(path, per_shape=1000)
    assert len(pixels(points, 1)) == 4
    assert len(pixels(points, 255)) == 81 - 4


def test_coinciding_shapes_of_two_classes_leave_nothing(tmp_path: Path) -> None:
    same = square(0, 0, 3, 3)
    path = geojson(tmp_path, feature("Polygon", same, label=0), feature("Polygon", same, label=1))
    with pytest.raises(PointsError, match="no shape has a pixel to itself"):
        read_shapes(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[1, 2]", "none of the JSON files that hold shapes"),
        ('{"type": "Topology"}', "none of the JSON files that hold shapes"),
        ('{"a": ', "is not JSON"),
        ('{"type": "FeatureCollection", "features": []}', "holds no shapes"),
    ],
)
def test_other_json_is_refused(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "s.json").write_text(content)
    with pytest.raises(PointsError, match=message):
        read_points(tmp_path / "s.json")


def test_unknown_classes_are_refused_with_their_place(tmp_path: Path) -> None:
    path = geojson(tmp_path, feature("Point", [0, 0], label="wall"), feature("Point", [1, 1], label="roof"))
    with pytest.raises(PointsError, match="feature 1: unknown class 'roof'; known are: wall, door"):
        read_shapes(path, TABLE)
    with pytest.raises(InputError, match="at least one pixel"):
        read_shapes(path, per_shape=0)


def test_every_connected_region_of_a_mask_is_thinned(tmp_path: Path) -> None:
    mask = np.full((30, 40), 255, np.uint8)
    mask[0:10, 0:10] = 0
    mask[20:30, 0:10] = 0  # a second region of the same class
    mask[0:10, 20:40] = 1
    mask[15, 30] = mask[16, 31] = 1  # touch at a corner: one region
    write_mask(tmp_path / "m.png", mask)
    points, table = read_points(tmp_path / "m.png", size=(30, 40), per_shape=5)
    assert table is None
    assert len(points) == 5 + 5 + 5 + 2
    assert {row < 15 for row, _ in pixels(points, 0)} == {True, False}
    np.testing.assert_array_equal(mask[points.rows, points.cols], points.labels)


def test_masks_in_colours_are_read_with_a_table(tmp_path: Path) -> None:
    write_png(tmp_path / "m.png", np.array([[(0, 0, 0), (0, 0, 255)]], np.uint8))
    assert pixels(read_points(tmp_path / "m.png", TABLE)[0], 1) == {(0, 1)}
    write_png(tmp_path / "m.png", np.array([[(0, 0, 1), (0, 0, 255)]], np.uint8))
    with pytest.raises(ClassTableError, match="in no class"):
        read_points(tmp_path / "m.png", TABLE)


def test_masks_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    write_mask(tmp_path / "m.png", np.full((2, 3), 255, np.uint8))
    with pytest.raises(PointsError, match="says nothing"):
        read_points(tmp_path / "m.png")
    write_mask(tmp_path / "m.png", np.full((2, 3), 2, np.uint8))
    with pytest.raises(PointsError, match="belongs to an image of 2 rows x 3 columns, but this one has 3 x 2"):
        read_points(tmp_path / "m.png", size=(3, 2))
    with pytest.raises(PointsError, match="holds class 2, but the class table ends with 1"):
        read_points(tmp_path / "m.png", TABLE)


def test_shapes_that_fill_the_memory_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hyperpoint.io.shapes.MAX_PIXELS", 25_000)
    whole = feature("Polygon", square(0, 0, 99, 99), label="wall")
    for size in (None, (100, 50)):  # where the picture is known, shapes may cover it a few times
        with pytest.raises(PointsError, match="its shapes cover more than 25000 pixels in all"):
            read_shapes(geojson(tmp_path, *[whole] * 6), size=size)
    points, _ = read_shapes(geojson(tmp_path, *[whole] * 3), size=(100, 100), per_shape=2)
    assert 2 < len(points) <= 6
    with pytest.raises(PointsError, match="reaches over 6001 x 6001 pixels, too many"):
        read_shapes(geojson(tmp_path, feature("Polygon", square(0, 0, 6000, 6000), label="wall")))


def test_a_picture_that_only_the_file_speaks_of_must_have_a_likely_size(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    image = {"id": 1, "file_name": "a.png", "height": 10**6, "width": 10**6}
    mask = {"image_id": 1, "category_id": 1, "segmentation": {"size": [10**6, 10**6], "counts": [0, 10**12]}}
    content = {"images": [image], "categories": [{"id": 1, "name": "wall"}], "annotations": [mask]}
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(PointsError, match="belongs to an image of 1000000 rows x 1000000 columns"):
        read_shapes(path)
