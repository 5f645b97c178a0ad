"""Strokes, polygons, discs and masks as points: each shape is thinned to a few pixels."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import numpy as np

from hyperpoint.cube import IndexArray
from hyperpoint.errors import InputError, PointsError
from hyperpoint.io.coco import choose_image, coco_names, image_size, read_coco
from hyperpoint.io.files import StrPath, existing_file, read_json
from hyperpoint.io.geojson import read_geojson
from hyperpoint.io.labelme import labelme_size, read_labelme
from hyperpoint.io.labels import label_ids
from hyperpoint.io.masks import read_mask, used_ids
from hyperpoint.io.points import PER_SHAPE
from hyperpoint.io.raster import MAX_PIXELS, Shape, Size, thin
from hyperpoint.types import IGNORE, ClassTable, LabelArray, PointSet

logger = logging.getLogger(__name__)

_MAX_CANVAS = 1 << 28  # pixels, two bytes each
# How often all shapes together may cover a picture: they may overlap, but a file of a few kilobytes is not to fill the
# memory with a thousand shapes that each cover all of it.
_MAX_COVERS = 4


def read_shapes(
    path: StrPath,
    classes: ClassTable | None = None,
    size: Size | None = None,
    *,
    image: str | None = None,
    per_shape: int = PER_SHAPE,
    seed: int = 0,
) -> tuple[PointSet, ClassTable | None]:
    """Read GeoJSON, LabelMe or COCO shapes, or an existing mask, as points.

    Of each stroke, disc, polygon and connected region of a mask, at most `per_shape` pixels are taken, at random but
    evenly spread over it; single points are taken as they are. A pixel on which shapes of two classes overlap is
    ambiguous and not taken (a log message counts them); a single point counts more than the shape it lies in. What
    reaches over the edge of the image is cut off.

    Parameters
    ----------
    path
        The file; the content decides what it is.
    classes
        Says what names (of a mask: colours) mean. Without it numbers are kept, and names get ids in order of first
        appearance; a COCO file's categories in their order.
    size
        (H, W) of the rgb grid; None takes the file's own, if it has one.
    image
        Which image of a COCO file, if it holds several: its file name; folder and suffix need not agree.
    per_shape
        How many pixels are taken of each shape.
    seed
        Seed of that draw.

    Returns
    -------
    The points; and the class table: `classes` if given, one with default colours if the labels are names, else None.

    Raises
    ------
    MissingFileError
        If the file does not exist.
    PointsError
        If something is wrong with a shape or its label, two single points give one pixel two labels, the file is for
        an image of another size, or nothing is left.
    InputError
        If a mask cannot be read.
    """
    if per_shape < 1:
        raise InputError(f"at least one pixel of each shape must be taken; got {per_shape}")
    rng = np.random.default_rng(seed)
    with existing_file(path, "points file").open("rb") as stream:
        is_text = b"\0" not in stream.read(512)
    if not is_text:
        return _mask_points(path, classes, size, per_shape, rng), classes
    shapes, declared = _parse(path, size, image)
    if not shapes:
        raise PointsError(f"{path} holds no shapes for this image")
    seen: dict[str, str] = {}
    for shape in shapes:
        seen.setdefault(shape.label, shape.where)
    ids, table = label_ids(seen, classes, declared)
    return _thinned(shapes, ids, per_shape, rng, path), table


def _parse(path: StrPath, size: Size | None, image: str | None) -> tuple[list[Shape], list[str]]:
    content: Any = read_json(path, "points file", PointsError)
    name = str(path)
    if isinstance(content, dict) and "shapes" in content:
        own = labelme_size(content)
        _check_size(own, size, name)
        return _bounded(read_labelme(content, size or own, name), size, name), []
    if isinstance(content, dict) and {"images", "annotations"} <= content.keys():
        entry = choose_image(content, image, size, name)
        _check_size(image_size(entry, name), size, name)
        return _bounded(read_coco(content, entry, name), size, name), list(coco_names(content, name).values())
    if isinstance(content, dict) and content.get("type") in ("FeatureCollection", "Feature"):
        return _bounded(read_geojson(content, size, name), size, name), []
    raise PointsError(
        f"{path} is none of the JSON files that hold shapes: GeoJSON (FeatureCollection), LabelMe (`shapes`) or COCO "
        f"(`images`, `annotations`, `categories`)"
    )


def _bounded(shapes: Iterator[Shape], size: Size | None, path: str) -> list[Shape]:
    most = MAX_PIXELS if size is None else max(MAX_PIXELS, _MAX_COVERS * size[0] * size[1])
    kept, num_pixels = [], 0
    for shape in shapes:
        num_pixels += len(shape.rows)
        if num_pixels > most:
            raise PointsError(f"{path}: its shapes cover more than {most} pixels in all, too many for a picture")
        kept.append(shape)
    return kept


def _check_size(own: Size | None, size: Size | None, path: str) -> None:
    if own is not None and size is None and own[0] * own[1] > MAX_PIXELS:
        raise PointsError(f"{path} belongs to an image of {own[0]} rows x {own[1]} columns; give one of that size")
    if own is not None and size is not None and own != size:
        raise PointsError(
            f"{path} belongs to an image of {own[0]} rows x {own[1]} columns, but this one has {size[0]} x {size[1]}"
        )


def _thinned(
    shapes: list[Shape], ids: dict[str, int], per_shape: int, rng: np.random.Generator, path: StrPath
) -> PointSet:
    _check_points(shapes, ids)
    clear, num_ambiguous = _without_ambiguous(shapes, ids, path)
    parts = []
    for shape in clear:
        chosen = thin(shape.rows, shape.cols, per_shape if shape.is_area else len(shape.rows), rng)
        parts.append((shape.rows[chosen], shape.cols[chosen], np.full(len(chosen), ids[shape.label])))
    rows, cols, labels = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    if num_ambiguous:
        logger.warning("%s: %d pixels lie in shapes of two classes and were left out", path, num_ambiguous)
    if not len(rows):
        raise PointsError(f"{path}: no shape has a pixel to itself; check that shapes of two classes do not coincide")
    if empty := sum(not len(shape.rows) for shape in clear):
        logger.warning(
            "%s: %d of %d shapes gave no points: thinner than a pixel, or all of it in another class's shape",
            path,
            empty,
            len(shapes),
        )
    return PointSet(rows, cols, labels)


def _check_points(shapes: list[Shape], ids: dict[str, int]) -> None:
    bearers: dict[tuple[int, int], Shape] = {}
    for shape in shapes:
        if shape.is_area or ids[shape.label] == IGNORE:
            continue
        for pixel in zip(shape.rows.tolist(), shape.cols.tolist(), strict=True):
            other = bearers.setdefault(pixel, shape)
            if ids[other.label] != ids[shape.label]:
                raise PointsError(
                    f"{shape.where}: the pixel (row {pixel[0]}, col {pixel[1]}) is labelled {shape.label!r} here but "
                    f"{other.label!r} in {other.where}; keep one of them"
                )


def _without_ambiguous(shapes: list[Shape], ids: dict[str, int], path: StrPath) -> tuple[list[Shape], int]:
    """Take from every area the pixels that also bear another label; also return how many such pixels there are."""
    areas = [shape for shape in shapes if shape.is_area and len(shape.rows)]
    if not areas:
        return shapes, 0
    top, left = (min(int(axis.min()) for axis in axes) for axes in zip(*((s.rows, s.cols) for s in areas), strict=True))
    height = max(int(shape.rows.max()) for shape in areas) - top + 1
    width = max(int(shape.cols.max()) for shape in areas) - left + 1
    if height * width > _MAX_CANVAS:
        raise PointsError(f"{path}: the shapes reach over {height} x {width} pixels, too many for a picture")
    label = np.full((height, width), IGNORE, dtype=np.uint8)
    ambiguous = np.zeros((height, width), dtype=bool)
    for shape in shapes:
        if ids[shape.label] == IGNORE:
            continue
        rows, cols = shape.rows - top, shape.cols - left
        near = (rows >= 0) & (rows < height) & (cols >= 0) & (cols < width)  # a single point may lie off all areas
        rows, cols = rows[near], cols[near]
        here = label[rows, cols]
        ambiguous[rows, cols] |= (here != IGNORE) & (here != ids[shape.label])
        label[rows, cols] = ids[shape.label]
    clear = []
    for shape in shapes:
        keep = slice(None) if not shape.is_area else ~ambiguous[shape.rows - top, shape.cols - left]
        clear.append(shape._replace(rows=shape.rows[keep], cols=shape.cols[keep]))
    return clear, int(ambiguous.sum())


def _mask_points(
    path: StrPath, classes: ClassTable | None, size: Size | None, per_shape: int, rng: np.random.Generator
) -> PointSet:
    mask = read_mask(path, classes)
    _check_size((mask.shape[0], mask.shape[1]), size, str(path))
    ids = used_ids(mask)
    if not ids:
        raise PointsError(f"the mask {path} says nothing: every pixel is 255")
    if classes is not None and ids[-1] >= len(classes):
        raise PointsError(f"the mask {path} holds class {ids[-1]}, but the class table ends with {len(classes) - 1}")
    parts = [
        (region_rows[chosen], region_cols[chosen], np.full(len(chosen), number))
        for number, region_rows, region_cols in _regions(mask, ids)
        for chosen in [thin(region_rows, region_cols, per_shape, rng)]
    ]
    rows, cols, labels = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return PointSet(rows, cols, labels)


def _regions(mask: LabelArray, ids: list[int]) -> Iterator[tuple[int, IndexArray, IndexArray]]:
    """Yield class id, rows and columns of every connected region (pixels that touch by side or corner)."""
    import cv2

    for number in ids:
        member = mask == number
        _, components = cv2.connectedComponents(member.astype(np.uint8), connectivity=8)
        rows, cols = np.nonzero(member)
        component = components[rows, cols]
        order = np.argsort(component, kind="stable")
        starts = np.flatnonzero(np.diff(component[order])) + 1
        for region in np.split(order, starts):
            yield number, rows[region], cols[region]
