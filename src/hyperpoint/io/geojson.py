"""GeoJSON (RFC 7946) as labelled shapes; the coordinates are pixels, [x, y] = [column, row], not degrees."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import Any

from hyperpoint.errors import PointsError
from hyperpoint.io.raster import Shape, Size, disc_shape, line_shape, outline, points_shape, polygon_shape

_BEYOND = 1e9
LABEL_PROPERTIES = ("label", "class", "name")


def read_geojson(content: dict[str, Any], size: Size | None, path: str) -> Iterator[Shape]:
    """Yield the shapes of a FeatureCollection or Feature.

    Point and MultiPoint are points (with a property `radius` in pixels: discs), LineString a stroke, Polygon an area,
    with holes; the Multi* forms are one shape each. The label is the property `label`, `class` or `name`.

    Parameters
    ----------
    content
        The parsed file.
    size
        (H, W) of the picture, or None if it is not known.
    path
        The file, for messages.

    Raises
    ------
    PointsError
        If a feature has no label property, or a geometry that is unknown, malformed or outside the picture.
    """
    features = content.get("features") if content.get("type") == "FeatureCollection" else [content]
    if not isinstance(features, list):
        raise PointsError(f"{path}: the member `features` must be a list")
    for number, feature in enumerate(features):
        where = f"{path}, feature {number}"
        geometry = feature.get("geometry") if isinstance(feature, dict) else None
        if not isinstance(geometry, dict):
            raise PointsError(f"{where} has no geometry")
        properties = feature.get("properties")
        properties = properties if isinstance(properties, dict) else {}
        yield _shape(geometry, properties.get("radius"), size, where, _label(properties, where))


def _label(properties: dict[str, Any], where: str) -> str:
    key = next((name for name in LABEL_PROPERTIES if name in properties), None)
    if key is None:
        raise PointsError(
            f"{where} has no property that says its class ({', '.join(LABEL_PROPERTIES)}); it has: "
            f"{', '.join(properties) or 'none'}"
        )
    value = properties[key]
    return "" if value is None else str(value).strip()


def _shape(geometry: dict[str, Any], radius: Any, size: Size | None, where: str, label: str) -> Shape:
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    multiple = coordinates if isinstance(kind, str) and kind.startswith("Multi") else [coordinates]
    if not isinstance(multiple, list) or not multiple:
        raise PointsError(f"{where}: the geometry has no coordinates")
    match str(kind).removeprefix("Multi"):
        case "Point" if radius is None:
            return points_shape(outline(multiple, where), size, where, label)
        case "Point":
            return _disc(multiple, radius, size, where, label)
        case "LineString":
            return line_shape([outline(line, where) for line in multiple], size, where, label)
        case "Polygon":
            return polygon_shape([_rings(rings, where) for rings in multiple], size, where, label)
    raise PointsError(
        f"{where}: unknown geometry {kind!r}; known are Point, LineString and Polygon, and Multi- before each"
    )


def _rings(rings: Any, where: str) -> list[Any]:
    if not isinstance(rings, list) or not rings:
        raise PointsError(f"{where}: a polygon must be a list of rings, each a list of [x, y]")
    return [outline(ring, where) for ring in rings]


def _disc(multiple: list[Any], radius: Any, size: Size | None, where: str, label: str) -> Shape:
    if len(multiple) != 1 or isinstance(radius, bool) or not isinstance(radius, (int, float)):
        raise PointsError(f"{where}: a disc is one Point and a radius in pixels; got {len(multiple)} and {radius!r}")
    # A whole number may be too large to be made a float; disc_shape refuses infinity.
    reach = float(radius) if abs(radius) < _BEYOND else inf
    return disc_shape(outline(multiple, where)[0], reach, size, where, label)
