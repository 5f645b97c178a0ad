"""COCO object annotations as labelled shapes: polygons and uncompressed run lengths."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

import numpy as np

from hyperpoint.errors import PointsError
from hyperpoint.io.raster import Shape, Size, outline, polygon_shape


def coco_names(content: dict[str, Any], path: str) -> dict[Any, str]:
    """Return the names of the categories by their COCO ids, in the order of the file.

    Raises
    ------
    PointsError
        If the list of categories is missing or malformed.
    """
    try:
        return {category["id"]: str(category["name"]).strip() for category in content["categories"]}
    except (KeyError, TypeError):
        raise PointsError(f"{path}: a COCO file needs `categories`, each with `id` and `name`") from None


def choose_image(content: dict[str, Any], image: str | None, size: Size | None, path: str) -> dict[str, Any]:
    """Return the only image's entry, or that of the one called `image`, or (for None) of the only one of `size`.

    Raises
    ------
    PointsError
        If there is none or several of them; the message lists those there are.
    """
    images = content["images"]
    if not isinstance(images, list) or not all(isinstance(one, dict) and "id" in one for one in images):
        raise PointsError(f"{path}: the member `images` must be a list of objects with `id`, `file_name` and size")
    if len(images) == 1:
        found = images
    elif image is not None:
        found = _called(images, image)
    else:
        found = [one for one in images if size is not None and _size(one) == size]
    if len(found) != 1:
        names = [str(one.get("file_name")) for one in images]
        shown = ", ".join(names[:10]) + (", ..." if len(names) > 10 else "")
        asked = "which of its images is meant is not clear" if image is None else f"no single image is called {image!r}"
        raise PointsError(f"{path}: {asked}; it has {len(names)}: {shown}")
    chosen: dict[str, Any] = found[0]
    return chosen


def image_size(entry: dict[str, Any], path: str) -> Size:
    """Return the (H, W) of an image entry.

    Raises
    ------
    PointsError
        If it does not say.
    """
    size = _size(entry)
    if size is None:
        raise PointsError(f"{path}: the image {entry.get('file_name')!r} needs `height` and `width`")
    return size


def read_coco(content: dict[str, Any], entry: dict[str, Any], path: str) -> Iterator[Shape]:
    """Yield the annotations of one image.

    Parameters
    ----------
    content
        The parsed file.
    entry
        The image, from `choose_image`.
    path
        The file, for messages.

    Raises
    ------
    PointsError
        If an annotation has no usable segmentation, an unknown category, or lies outside the image.
    """
    names, size = coco_names(content, path), image_size(entry, path)
    if not isinstance(content["annotations"], list):
        raise PointsError(f"{path}: the member `annotations` must be a list")
    for number, annotation in enumerate(content["annotations"]):
        where = f"{path}, annotation {number}"
        if not isinstance(annotation, dict):
            raise PointsError(f"{where} must be an object")
        if annotation.get("image_id") != entry["id"]:
            continue
        category = annotation.get("category_id")
        if not isinstance(category, (int, str)) or category not in names:
            raise PointsError(f"{where}: unknown category {category!r}; known are: {', '.join(map(str, names))}")
        yield _shape(annotation.get("segmentation"), size, where, names[category])


def _shape(segmentation: Any, size: Size, where: str, label: str) -> Shape:
    if isinstance(segmentation, dict):
        rows, cols = decode_run_lengths(segmentation.get("counts"), segmentation.get("size"), size, where)
        return Shape(where, label, rows, cols, is_area=True)
    if not isinstance(segmentation, list) or not segmentation:
        raise PointsError(f"{where} has no segmentation; a box alone does not say which pixels belong to the object")
    polygons = []
    for flat in segmentation:
        if not isinstance(flat, list) or len(flat) < 6 or len(flat) % 2:
            raise PointsError(f"{where}: a polygon must be a list x, y, x, y, ... of three points or more")
        polygons.append([outline(list(zip(flat[::2], flat[1::2], strict=True)), where)])
    return polygon_shape(polygons, size, where, label)


def decode_run_lengths(counts: Any, stated: Any, size: Size, where: str) -> tuple[Any, Any]:
    """Return rows and columns of the pixels of an uncompressed run-length mask.

    COCO counts down the columns, one after the other, and begins with the pixels that do not belong to the mask.

    Parameters
    ----------
    counts, stated
        The run lengths, and the [height, width] that go with them.
    size
        (H, W) of the image.
    where
        File and place, for messages.

    Raises
    ------
    PointsError
        If the counts are compressed or malformed, or do not fit the size.
    """
    if isinstance(counts, (str, bytes)):
        raise PointsError(f"{where}: compressed run lengths are not read; export polygons, or `counts` as a list")
    if stated != [size[0], size[1]]:
        raise PointsError(f"{where}: the run lengths are for a size of {stated}, the image has {list(size)}")
    whole = isinstance(counts, list) and all(type(count) is int and count >= 0 for count in counts)
    if not whole or sum(counts) != size[0] * size[1]:
        raise PointsError(f"{where}: the run lengths must be counts that add up to {size[0] * size[1]} pixels")
    belongs = np.repeat(np.arange(len(counts)) % 2 == 1, counts)
    cols, rows = np.divmod(np.flatnonzero(belongs), size[0])
    return rows, cols


def _size(entry: dict[str, Any]) -> Size | None:
    height, width = entry.get("height"), entry.get("width")
    return (height, width) if type(height) is int and type(width) is int and min(height, width) > 0 else None


def _called(images: list[dict[str, Any]], image: str) -> list[dict[str, Any]]:
    """Return the images of that file name or, if there is none, of that name without suffix; folders do not count."""
    names = [PurePath(str(one.get("file_name"))) for one in images]
    asked = PurePath(image)
    same = [one for one, name in zip(images, names, strict=True) if name.name == asked.name]
    return same or [one for one, name in zip(images, names, strict=True) if name.stem in (asked.name, asked.stem)]
