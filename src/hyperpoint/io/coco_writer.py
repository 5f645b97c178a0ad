"""Labels as COCO object annotations: one for each connected region, exact to the pixel."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from hyperpoint.cube import BoolArray
from hyperpoint.errors import InputError
from hyperpoint.io.files import StrPath, atomic_path, read_json
from hyperpoint.io.masks import used_ids
from hyperpoint.io.pixel_outlines import trace_outlines
from hyperpoint.types import ClassTable, LabelArray


class CocoFile:
    """Images and their annotations, gathered image by image, to be written as one file.

    The category of a class has the id of the class plus one, for 0 is no category to many readers.
    """

    def __init__(self) -> None:
        self._images: list[dict[str, Any]] = []
        self._annotations: list[dict[str, Any]] = []

    @classmethod
    def read(cls, path: StrPath) -> CocoFile:
        """Return what an earlier `write` wrote, to be gone on with.

        Raises
        ------
        InputError
            If the file is no COCO file.
        """
        content = read_json(path, "COCO file", InputError)
        if not isinstance(content, dict) or not {"images", "annotations", "categories"} <= content.keys():
            raise InputError(f"{path} is no COCO file; remove it, or write elsewhere")
        file = cls()
        file._images, file._annotations = content["images"], content["annotations"]
        return file

    def add(self, file_name: str, labels: LabelArray) -> None:
        """Add an image and its labels, (H, W) uint8, in place of an earlier one of that name; 255 is left out.

        A 4-connected region of one class is an annotation: a polygon along the edges of its pixels or, if it has
        holes, uncompressed run lengths, for polygons of COCO cannot have any.
        """
        earlier = {image["id"] for image in self._images if image["file_name"] == file_name}
        self._images = [image for image in self._images if image["id"] not in earlier]
        self._annotations = [one for one in self._annotations if one["image_id"] not in earlier]
        image_id = max((image["id"] for image in self._images), default=0) + 1
        height, width = labels.shape
        self._images.append({"id": image_id, "file_name": file_name, "height": height, "width": width})
        for class_id in used_ids(labels):
            self._annotations += [
                {"image_id": image_id, "category_id": class_id + 1, "iscrowd": 0, **region}
                for region in _regions(np.equal(labels, class_id))
            ]

    def write(self, path: StrPath, classes: ClassTable) -> None:
        """Write the file, atomically.

        Raises
        ------
        InputError
            If an annotation has a class that `classes` lacks, or the file cannot be written.
        """
        highest = max((one["category_id"] for one in self._annotations), default=0) - 1
        if highest >= len(classes):
            raise InputError(f"the labels hold class {highest}, but the class table ends with class {len(classes) - 1}")
        content = {
            "images": self._images,
            "annotations": [{**one, "id": number} for number, one in enumerate(self._annotations, start=1)],
            "categories": [
                {"id": number, "name": name, "color": list(color)}
                for number, (name, color) in enumerate(zip(classes.names, classes.colors, strict=True), start=1)
            ],
        }
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n"
        with atomic_path(path) as temporary:
            temporary.write_text(text, encoding="utf-8", newline="\n")


def _regions(mask: BoolArray) -> list[dict[str, Any]]:
    """Describe the 4-connected regions of a mask: segmentation, box (x, y, width, height) and area in pixels."""
    import cv2

    _, region_of, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    rings = trace_outlines(mask)
    with_holes = {int(region_of[ring.inside]) for ring in rings if ring.is_hole}
    found = []
    for ring in rings:
        if ring.is_hole:
            continue
        region = int(region_of[ring.inside])
        left, top, width, height, area = stats[region].tolist()
        if region in with_holes:
            window = region_of[top : top + height, left : left + width] == region
            segmentation: Any = {"size": list(mask.shape), "counts": _run_lengths(window, top, left, mask.shape)}
        else:
            segmentation = [ring.corners[:, ::-1].ravel().tolist()]
        found.append({"segmentation": segmentation, "bbox": [left, top, width, height], "area": area})
    return found


def _run_lengths(window: BoolArray, top: int, left: int, size: tuple[int, ...]) -> list[int]:
    """Count down the columns of an image of `size`, one after the other, in turn outside and inside the mask."""
    cols, rows = np.nonzero(window.T)
    inside = (cols + left) * size[0] + rows + top
    ends = np.flatnonzero(np.diff(inside) != 1)
    starts, stops = inside[np.append(0, ends + 1)], inside[np.append(ends, len(inside) - 1)] + 1
    bounds = np.concatenate([[0], np.stack([starts, stops], axis=1).ravel(), [size[0] * size[1]]])
    counts: list[int] = np.diff(bounds).tolist()
    return counts if counts[-1] else counts[:-1]
