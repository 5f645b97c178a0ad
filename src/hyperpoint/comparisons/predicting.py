"""Label whole scenes with a patch network, reading the cube in strips."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from hyperpoint.comparisons.networks.base import PatchNetwork
from hyperpoint.comparisons.preparation import Preparation
from hyperpoint.cube import Cube, FloatArray, IndexArray
from hyperpoint.errors import InputError
from hyperpoint.types import LabelArray, Scene

RowProgress = Callable[[int, int], None]

# Raw spectra of a strip. A cube that lies on its side is read once for every strip, so these are not small.
STRIP_BYTES = 128 << 20


def predict_labels(
    network: PatchNetwork, preparation: Preparation, scene: Scene, stride: int = 1, progress: RowProgress | None = None
) -> LabelArray:
    """Label every pixel of a scene; parameters and errors as `PatchModel.predict`.

    Returns
    -------
    (H, W) uint8, on the grid of the rgb image.
    """
    height, width, bands = scene.cube.shape
    if bands != preparation.num_bands:
        raise InputError(f"the network was trained on {preparation.num_bands} bands, but the cube has {bands}")
    if stride < 1:
        raise InputError(f"the stride must be a whole number above 0; got {stride}")
    rows, cols = _middles(height, stride), _middles(width, stride)
    coarse = np.empty((len(rows), len(cols)), dtype=np.uint8)
    size = max(1, STRIP_BYTES // (4 * bands * width * stride))
    device = next(network.parameters()).device
    for start in range(0, len(rows), size):
        part = rows[start : start + size]
        block = _read_block(scene.cube, _around(part, network.width, height), _around(cols, network.width, width),
                            preparation)  # fmt: skip
        with torch.inference_mode():
            labels = network.label(torch.from_numpy(block).to(device).permute(2, 0, 1), stride)
        coarse[start : start + size] = labels.cpu().numpy()
        if progress is not None:
            progress(min((start + len(part)) * stride, height), height)
    return _spread(coarse, scene, stride)


def _middles(length: int, stride: int) -> IndexArray:
    """Return the middle of each `stride` pixels; the last few that are left over belong to the piece before them."""
    middles = np.arange(stride // 2, length, stride)
    return middles if len(middles) else np.array([length // 2])


def _around(middles: IndexArray, width: int, length: int) -> IndexArray:
    """Return all pixels from the first middle to the last with a margin; beyond the edge, the edge again."""
    margin = width // 2
    return np.arange(middles[0] - margin, middles[-1] + margin + 1).clip(0, length - 1)


def _read_block(cube: Cube, rows: IndexArray, cols: IndexArray, preparation: Preparation) -> FloatArray:
    """Return prepared spectra (len(rows), len(cols), channels); repeated rows and columns are read once."""
    distinct_rows, row_at = np.unique(rows, return_inverse=True)
    distinct_cols, col_at = np.unique(cols, return_inverse=True)
    grid = np.meshgrid(distinct_rows, distinct_cols, indexing="ij")
    spectra = cube.pixels(grid[0].ravel(), grid[1].ravel())
    prepared = preparation.apply(spectra, cube.good_bands).reshape(*grid[0].shape, -1)
    return np.asarray(prepared[np.ix_(row_at, col_at)])


def _spread(coarse: LabelArray, scene: Scene, stride: int) -> LabelArray:
    """Bring labels of every `stride`-th pixel of the cube to the grid of the rgb image."""
    rows, _ = scene.to_cube(np.arange(scene.size[0]), 0)
    _, cols = scene.to_cube(0, np.arange(scene.size[1]))
    at = np.ix_((rows // stride).clip(max=len(coarse) - 1), (cols // stride).clip(max=coarse.shape[1] - 1))
    labels: LabelArray = coarse[at]
    return labels
