"""Simulated annotators: points drawn from a truth, as the paper does it, or so many of each class.

The paper (section 4.2, "Annotation") does not publish its number of regions N nor of points k in each; 1 : 4 is its
ratio. Our defaults, 100 regions of 10 points, make a thousand sampled points an image, of which 200 are annotated. On
the 512 x 512 pixels of LIB-HSI a region is then about as large as a superpixel (51 and 50 pixels across), so that
nearly every superpixel has points to vote.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from hyperpoint.cube import BoolArray, IndexArray
from hyperpoint.errors import InputError, PointsError
from hyperpoint.types import IGNORE, PointSet, Truth

NUM_REGIONS = 100
PER_REGION = 10
RATIO = (1.0, 4.0)


def sample_regions(
    truth: Truth,
    num_regions: int = NUM_REGIONS,
    per_region: int = PER_REGION,
    ratio: tuple[float, float] = RATIO,
    seed: int | np.random.Generator = 0,
) -> PointSet:
    """Draw points as the paper does: k in each of N regions, of which only a part is annotated.

    The image is divided into the most nearly square grid of exactly N cells; in each, k pixels that have a truth are
    drawn without replacement (all of them, if there are fewer). A random part of all points, in the ratio
    annotated : unannotated, keeps its label. Which points are drawn and which are annotated depends on where the truth
    is known, not on what it says.

    Parameters
    ----------
    truth
        Labels of the image; pixels of 255 are not drawn.
    num_regions
        N.
    per_region
        k.
    ratio
        Annotated to unannotated points: alpha of section 4.4, there (1, 4) to (1, 32). (1, 0) annotates all.
    seed
        Seed, or generator, of both draws.

    Returns
    -------
    Points by region, top to bottom and left to right, each with its label or 255 if it is not annotated.

    Raises
    ------
    InputError
        If a number is out of range, or the image has fewer rows or columns than the grid.
    PointsError
        If no pixel has a truth.
    """
    annotated_share = _share(ratio)
    if per_region < 1:
        raise InputError(f"at least 1 point must be drawn in each region; got {per_region}")
    rng = np.random.default_rng(seed)
    known = truth.labels != IGNORE
    if not known.any():
        raise PointsError("no pixel of the truth is labelled, so no point can be drawn")
    flat = np.concatenate(
        [_draw(known, rows, cols, per_region, rng) for rows, cols in grid_cells(truth.labels.shape, num_regions)]
    )
    rows, cols = np.divmod(flat, known.shape[1])
    labels = truth.labels[rows, cols]
    num_annotated = round(len(flat) * annotated_share)
    labels[rng.permutation(len(flat))[num_annotated:]] = IGNORE
    return PointSet(rows, cols, labels)


def sample_per_class(truth: Truth, per_class: int, seed: int | np.random.Generator = 0) -> PointSet:
    """Draw points of each class at random without replacement, all of them annotated.

    Parameters
    ----------
    truth
        Labels of the image.
    per_class
        How many of each class; a class with fewer pixels gives them all.
    seed
        Seed, or generator, of the draw.

    Returns
    -------
    Points by class id.

    Raises
    ------
    InputError
        If `per_class` is below 1.
    PointsError
        If no pixel has a truth.
    """
    if per_class < 1:
        raise InputError(f"at least 1 point must be drawn of each class; got {per_class}")
    rng = np.random.default_rng(seed)
    labels = truth.labels.ravel()
    classes = np.flatnonzero(np.bincount(labels, minlength=IGNORE + 1)[:IGNORE])
    if not len(classes):
        raise PointsError("no pixel of the truth is labelled, so no point can be drawn")
    flat = np.concatenate([_choose(np.flatnonzero(labels == one), per_class, rng) for one in classes])
    rows, cols = np.divmod(flat, truth.labels.shape[1])
    return PointSet(rows, cols, labels[flat])


def grid_cells(shape: tuple[int, ...], num_cells: int) -> list[tuple[slice, slice]]:
    """Divide an image into the grid of exactly `num_cells` whose cells are the most nearly square.

    Parameters
    ----------
    shape
        (H, W).
    num_cells
        Number of cells, a x b; of a prime number they are strips.

    Returns
    -------
    Slices of rows and columns, top to bottom and left to right; heights, and widths, differ by at most 1.

    Raises
    ------
    InputError
        If no such grid has at least one pixel in each cell.
    """
    height, width = shape
    grids = [
        (down, num_cells // down)
        for down in range(1, min(num_cells, height) + 1)
        if num_cells % down == 0 and num_cells // down <= width
    ]
    if not grids:
        raise InputError(
            f"an image of {height} x {width} pixels cannot be divided into a grid of {num_cells} regions; choose "
            f"another number, such as {min(height, 10) * min(width, 10)}"
        )
    down, across = min(grids, key=lambda grid: abs(np.log((height / grid[0]) / (width / grid[1]))))
    row_edges = [height * number // down for number in range(down + 1)]
    col_edges = [width * number // across for number in range(across + 1)]
    return [
        (slice(top, bottom), slice(left, right))
        for top, bottom in pairwise(row_edges)
        for left, right in pairwise(col_edges)
    ]


def _draw(known: BoolArray, rows: slice, cols: slice, num: int, rng: np.random.Generator) -> IndexArray:
    """Return flat indices into the image of `num` of the known pixels of a cell."""
    cell_rows, cell_cols = np.nonzero(known[rows, cols])
    return _choose((cell_rows + rows.start) * known.shape[1] + cell_cols + cols.start, num, rng)


def _choose(pixels: IndexArray, num: int, rng: np.random.Generator) -> IndexArray:
    return rng.choice(pixels, size=min(num, len(pixels)), replace=False)


def _share(ratio: tuple[float, float]) -> float:
    annotated, unannotated = ratio
    if not (annotated > 0 and unannotated >= 0 and np.isfinite(annotated + unannotated)):
        raise InputError(
            f"the ratio of annotated to unannotated points must be positive numbers such as 1:4; got "
            f"{annotated:g}:{unannotated:g}"
        )
    return annotated / (annotated + unannotated)
