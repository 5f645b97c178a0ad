"""LabelMe annotation files as labelled shapes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from hyperpoint.errors import PointsError
from hyperpoint.io.raster import (
    Outline,
    Shape,
    Size,
    disc_shape,
    line_shape,
    outline,
    points_shape,
    polygon_shape,
)


def labelme_size(content: dict[str, Any]) -> Size | None:
    """Return the (H, W) of the picture that the file says it belongs to, or None if it does not say."""
    height, width = content.get("imageHeight"), content.get("imageWidth")
    return (height, width) if type(height) is int and type(width) is int and min(height, width) > 0 else None


def read_labelme(content: dict[str, Any], size: Size | None, path: str) -> Iterator[Shape]:
    """Yield the shapes of a LabelMe file: point, points, line, linestrip, polygon, rectangle and circle.

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
        If a shape is malformed, of another kind, or outside the picture.
    """
    if not isinstance(content["shapes"], list):
        raise PointsError(f"{path}: the member `shapes` must be a list")
    for number, entry in enumerate(content["shapes"]):
        where = f"{path}, shape {number}"
        if not isinstance(entry, dict) or "points" not in entry or "label" not in entry:
            raise PointsError(f"{where} needs the members `label` and `points`")
        label = "" if entry["label"] is None else str(entry["label"]).strip()
        kind = entry.get("shape_type") or "polygon"  # files before version 3.8 hold polygons only and do not say so
        yield _shape(str(kind), outline(entry["points"], where), size, where, label)


def _shape(kind: str, points: Outline, size: Size | None, where: str, label: str) -> Shape:
    match kind, len(points):
        case (("point" | "points"), _):
            return points_shape(points, size, where, label)
        case (("line" | "linestrip"), _):
            return line_shape([points], size, where, label)
        case "rectangle", 2:
            (x0, y0), (x1, y1) = points
            return polygon_shape([[np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])]], size, where, label)
        case (("polygon" | "rectangle"), num) if num >= 3:
            return polygon_shape([[points]], size, where, label)
        case "circle", 2:
            return disc_shape(points[0], float(np.hypot(*(points[1] - points[0]))), size, where, label)
    raise PointsError(
        f"{where}: a {kind} of {len(points)} points cannot be read; known are point, line, linestrip, rectangle and "
        f"circle (2 points), and polygon (3 or more)"
    )
