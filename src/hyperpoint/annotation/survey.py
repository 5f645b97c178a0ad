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
MAX_SINGLE = 2000  # a grid of no more cells is taken cell by cell
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
    means = region_means(flat, features.T, num).astype(np.float32)
    distance = np.einsum("ij,ij->i", features - means[flat], features - means[flat])
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
    """Scale (n, dims) so that two random rows differ by 1 in mean square."""
    spread = float(2 * features.var(axis=0, dtype=np.float64).sum())
    return np.asarray(features / np.float32(np.sqrt(max(spread, 1e-12))), dtype=np.float32)


def _segment(image: UInt8Array) -> IndexArray:
    import cv2

    height, width = image.shape[:2]
    side = max(2, round(np.sqrt(height * width / NUM_REGIONS)))
    if height * width <= MAX_SINGLE or min(height, width) < 2:
        return np.arange(height * width).reshape(height, width)
    lab = cv2.cvtColor(image, cv2.COLOR_RGB2LAB)
    engine = cv2.ximgproc.createSuperpixelSLIC(lab, cv2.ximgproc.SLIC, min(side, height, width), RULER)
    engine.iterate(ROUNDS)
    engine.enforceLabelConnectivity(MIN_ELEMENT_PERCENT)
    return np.unique(engine.getLabels(), return_inverse=True)[1].reshape(height, width)


def _edges(ids: IndexArray) -> BoolArray:
    """Return which cells touch another region."""
    edge = np.zeros(ids.shape, dtype=bool)
    down, across = ids[1:] != ids[:-1], ids[:, 1:] != ids[:, :-1]
    edge[1:] |= down
    edge[:-1] |= down
    edge[:, 1:] |= across
    edge[:, :-1] |= across
    return edge
