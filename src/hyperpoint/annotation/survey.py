"""A scene cut into small regions, and what is thought of each: what the next point is chosen from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hyperpoint.annotation.mixture.grid import cell_of
from hyperpoint.cube import BoolArray, FloatArray, IndexArray
from hyperpoint.types import LabelArray, UInt8Array

NUM_REGIONS = 1200  # about so many: every thin object has its own, and all pairs are compared in milliseconds
MAX_REGIONS = 2000  # noise tears superpixels up; a grid of no more cells is taken cell by cell
SAME = 1e-12  # a variance below this share of the mean square is rounding
CHUNK = 2048  # cells whose features fit a processor's cache
RULER, ROUNDS, MIN_ELEMENT_PERCENT = 10.0, 5, 5


@dataclass(frozen=True, eq=False)
class Regions:
    """Small superpixels of a scene; none of this depends on points.

    Attributes
    ----------
    ids
        (rows, cols) of a grid over the scene: each cell's region, 0..n - 1.
    size
        (H, W) of the rgb image.
    usable
        (rows, cols) bool: cells whose central pixel has a spectrum.
    areas
        (n,) usable cells.
    typical
        (n,) the cell that stands for each region: usable, inside it, and near its mean. Cells count along the rows.
    features
        (n, dims) float32: regions that differ more look less alike; the mean squared distance is about 1.
    """

    ids: IndexArray
    size: tuple[int, int]
    usable: BoolArray
    areas: NDArray[np.float64]
    typical: IndexArray
    features: FloatArray

    def at(self, rows: IndexArray, cols: IndexArray) -> IndexArray:
        """Return the region of each pixel of the rgb image, (n,)."""
        (height, width), (num_rows, num_cols) = self.size, self.ids.shape
        found: IndexArray = self.ids[cell_of(rows, height, num_rows), cell_of(cols, width, num_cols)]
        return found

    def pixels(self, cells: IndexArray) -> tuple[IndexArray, IndexArray]:
        """Return row and column of the rgb image in the middle of each cell, (n,) each."""
        rows, cols = central_pixels(self.ids.shape, self.size)
        row, col = np.divmod(cells, self.ids.shape[1])
        return rows[row], cols[col]

    def usable_cells(self, region: int) -> IndexArray:
        """Return the usable cells of a region, ascending."""
        return np.flatnonzero((self.ids == region) & self.usable)

    def mean_of(self, planes: FloatArray) -> NDArray[np.float64]:
        """Average (dims, rows, cols) planes over each region, (n, dims)."""
        return region_means(self.ids.ravel(), planes.reshape(len(planes), -1), len(self.areas))

    def with_features(self, features: FloatArray) -> Regions:
        """Return the same regions with further features, (n, dims), as weighty as those they have."""
        joined = np.concatenate([scaled(self.features), scaled(features)], axis=1)
        return replace(self, features=scaled(joined))


class Survey(NamedTuple):
    """What is thought of a scene.

    `probabilities` (n, num_classes) are the regions', of the ascending `class_ids`; `planes` (num_classes, rows, cols)
    those of the cells.
    """

    regions: Regions
    class_ids: LabelArray
    probabilities: NDArray[np.float64]
    planes: FloatArray


def find_regions(image: UInt8Array, features: FloatArray, usable: BoolArray, size: tuple[int, int]) -> Regions:
    """Cut a scene into regions.

    Parameters
    ----------
    image
        (rows, cols, 3) uint8: the rgb image at some coarser grid.
    features
        (cells, dims) float32 of that grid's cells.
    usable
        (rows, cols) bool: cells whose central pixel has a spectrum.
    size
        (H, W) of the rgb image.
    """
    ids = _segment(image)
    num = int(ids.max()) + 1
    flat, good = ids.ravel(), usable.ravel()
    means, distance = _means_and_distances(flat, features, num)
    # A region's own edge is where people, and the optics, mix it with its neighbours.
    order = np.lexsort((distance, _edges(ids).ravel(), ~good, flat))
    typical = order[np.searchsorted(flat[order], np.arange(num))]
    areas = np.bincount(flat, good, num).astype(np.float64)
    return Regions(ids, size, usable, areas, typical, scaled(means))


def central_pixels(shape: tuple[int, ...], size: tuple[int, int]) -> tuple[IndexArray, IndexArray]:
    """Return the rgb image's rows and columns in the middle of the rows and columns of a coarser grid."""
    rows, cols = ((2 * np.arange(cells) + 1) * pixels // (2 * cells) for cells, pixels in zip(shape, size, strict=True))
    return rows, cols


def region_means(ids: IndexArray, planes: FloatArray, num: int) -> NDArray[np.float64]:
    """Average (dims, cells) planes over regions, (num, dims)."""
    counts = np.maximum(np.bincount(ids, minlength=num), 1)
    return np.stack([np.bincount(ids, plane, num) for plane in planes], axis=1) / counts[:, None]


def scaled(features: FloatArray) -> FloatArray:
    """Centre (n, dims) and scale them so that two random rows differ by 1 in mean square; equal rows become 0."""
    exact = features.astype(np.float64)
    centred = exact - exact.mean(axis=0)
    variance = float(np.square(centred).sum(axis=1).mean())
    if variance <= SAME * float(np.square(exact).sum(axis=1).mean()):
        return np.zeros(features.shape, dtype=np.float32)
    return np.asarray(centred / np.sqrt(2 * variance), dtype=np.float32)


def _means_and_distances(ids: IndexArray, features: FloatArray, num: int) -> tuple[FloatArray, NDArray[np.float64]]:
    """Return the regions' mean features, (num, dims), and each cell's squared distance to its region's, (cells,).

    Every region has a cell. The cells are looked at region by region, a few at a time: half the time of doing so plane
    by plane.
    """
    order = np.argsort(ids, kind="stable")
    starts = np.searchsorted(ids[order], np.arange(num + 1))
    means = np.empty((num, features.shape[1]), dtype=np.float32)
    distance = np.empty(len(ids))
    first = 0
    while first < num:
        last = max(first + 1, int(np.searchsorted(starts, starts[first] + CHUNK, side="right")) - 1)
        cells = order[starts[first] : starts[last]]
        values, counts = features[cells], np.diff(starts[first : last + 1])
        sums = np.add.reduceat(values, starts[first:last] - starts[first], axis=0)
        means[first:last] = sums / counts[:, None].astype(np.float32)
        values -= np.repeat(means[first:last], counts, axis=0)
        distance[cells] = np.einsum("ij,ij->i", values, values)
        first = last
    return means, distance


def _segment(image: UInt8Array) -> IndexArray:
    """Return each cell's region: 0..n - 1, n <= `MAX_REGIONS`, none of them empty."""
    import cv2

    height, width = image.shape[:2]
    if height * width <= MAX_REGIONS:
        return np.arange(height * width).reshape(height, width)
    lab = cv2.cvtColor(image, cv2.COLOR_RGB2LAB)
    side = max(2, round(np.sqrt(height * width / NUM_REGIONS)))
    while side <= min(height, width):
        engine = cv2.ximgproc.createSuperpixelSLIC(lab, cv2.ximgproc.SLIC, side, RULER)
        engine.iterate(ROUNDS)
        engine.enforceLabelConnectivity(MIN_ELEMENT_PERCENT)
        ids = _numbered(np.asarray(engine.getLabels()))
        num = int(ids.max()) + 1
        if num <= MAX_REGIONS:
            return ids
        side = max(side + 1, round(side * np.sqrt(num / NUM_REGIONS)))
    return _strips(height, width)


def _strips(height: int, width: int) -> IndexArray:
    """Return `NUM_REGIONS` pieces, about, of a grid that is too narrow for superpixels, or all noise."""
    length = -(-height * width // (NUM_REGIONS * min(height, width)))
    along = np.arange(max(height, width)) // length
    return np.broadcast_to(along[:, None] if height > width else along, (height, width)).copy()


def _numbered(labels: IndexArray) -> IndexArray:
    """Number the labels that occur 0..n - 1, in their order."""
    occurs = np.bincount(labels.ravel()) > 0
    ids: IndexArray = (np.cumsum(occurs) - 1)[labels]
    return ids


def _edges(ids: IndexArray) -> BoolArray:
    """Return which cells touch another region."""
    edge = np.zeros(ids.shape, dtype=bool)
    down, across = ids[1:] != ids[:-1], ids[:, 1:] != ids[:, :-1]
    edge[1:] |= down
    edge[:-1] |= down
    edge[:, 1:] |= across
    edge[:, :-1] |= across
    return edge
