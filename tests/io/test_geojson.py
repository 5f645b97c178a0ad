from __future__ import annotations

from typing import Any

import pytest

from hyperpoint.errors import PointsError
from hyperpoint.io.geojson import read_geojson
from hyperpoint.io.raster import Shape

SQUARE = [[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]
HOLE = [[1, 1], [2, 1], [2, 2], [1, 2], [1, 1]]


def read(geometry: Any, properties: Any = None) -> list[Shape]:
    one = {"type": "Feature", "geometry": geometry, "properties": properties or {"label": "wall"}}
    return list(read_geojson({"type": "FeatureCollection", "features": [one]}, (20, 30), "s.json"))


@pytest.mark.parametrize(
    ("kind", "coordinates", "num", "is_area"),
    [
        ("Point", [3, 4], 1, False),
        ("MultiPoint", [[3, 4], [5, 6]], 2, False),
        ("LineString", [[3, 4], [7, 4]], 5, True),
        ("MultiLineString", [[[3, 4], [7, 4]], [[3, 8], [4, 8]]], 7, True),
        ("Polygon", [SQUARE], 16, True),
        ("Polygon", [SQUARE, HOLE], 15, True),
        ("MultiPolygon", [[SQUARE, HOLE], [[[10, 10], [12, 10], [12, 11.9]]]], 15 + 1, True),
    ],
)
def test_every_geometry_covers_its_pixels(kind: str, coordinates: Any, num: int, is_area: bool) -> None:
    (shape,) = read({"type": kind, "coordinates": coordinates})
    assert len(shape.rows) == num
    assert shape.is_area == is_area
    assert shape.label == "wall"


def test_coordinates_are_column_and_row() -> None:
    (shape,) = read({"type": "Point", "coordinates": [3, 4]})
    assert (shape.rows.tolist(), shape.cols.tolist()) == ([4], [3])


def test_a_point_with_a_radius_is_a_disc() -> None:
    (shape,) = read({"type": "Point", "coordinates": [3, 4]}, {"class": 2, "radius": 1})
    assert len(shape.rows) == 5
    assert (shape.is_area, shape.label) == (True, "2")


@pytest.mark.parametrize(
    ("properties", "label"),
    [({"name": "a"}, "a"), ({"name": "a", "class": "b"}, "b"), ({"label": " c "}, "c"), ({"label": None}, "")],
)
def test_the_label_is_a_property(properties: dict[str, Any], label: str) -> None:
    assert read({"type": "Point", "coordinates": [3, 4]}, properties)[0].label == label


def test_a_lone_feature_is_read() -> None:
    geometry = {"type": "Point", "coordinates": [3, 4]}
    assert len(list(read_geojson({"type": "Feature", "geometry": geometry, "properties": {"label": 1}}, None, ""))) == 1


@pytest.mark.parametrize(
    ("geometry", "properties", "message"),
    [
        (None, None, "feature 0 has no geometry"),
        ({"type": "Point", "coordinates": [3, 4]}, {"kind": "a"}, r"\(label, class, name\); it has: kind"),
        ({"type": "Point", "coordinates": [3, 4]}, [1], "it has: none"),
        ({"type": "Circle", "coordinates": [3, 4]}, None, "unknown geometry 'Circle'"),
        ({"type": 3, "coordinates": [3, 4]}, None, "unknown geometry 3"),
        ({"type": "Point"}, None, r"coordinates must be a list of \[x, y\]"),
        ({"type": "MultiPoint", "coordinates": []}, None, "has no coordinates"),
        ({"type": "Polygon", "coordinates": []}, None, "must be a list of rings"),
        ({"type": "Polygon", "coordinates": SQUARE}, None, "coordinates must be"),
        ({"type": "Point", "coordinates": [30, 4]}, None, r"\[x 30, y 4\] lies outside the picture of 20 rows"),
        ({"type": "Point", "coordinates": [3, 4]}, {"label": 1, "radius": "big"}, "a radius in pixels; got 1 and 'b"),
        ({"type": "MultiPoint", "coordinates": [[3, 4], [1, 1]]}, {"label": 1, "radius": 2}, "a disc is one Point"),
    ],
)  # fmt: skip
def test_errors_name_the_feature(geometry: Any, properties: Any, message: str) -> None:
    with pytest.raises(PointsError, match=message) as caught:
        read(geometry, properties)
    assert "s.json, feature 0" in str(caught.value)


def test_features_must_be_a_list() -> None:
    with pytest.raises(PointsError, match="`features` must be a list"):
        list(read_geojson({"type": "FeatureCollection"}, None, "s.json"))
