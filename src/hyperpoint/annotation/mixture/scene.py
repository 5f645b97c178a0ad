"""The method "kernel-mixture": a scene prepared for it, and its labelling."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from hyperpoint.annotation.mixture.confidence import decide, tempering
from hyperpoint.annotation.mixture.cores import spread
from hyperpoint.annotation.mixture.features import Features, compute_features
from hyperpoint.annotation.mixture.grid import AveragedCube, cell_of, grid_shape
from hyperpoint.annotation.mixture.leave_one_out import Task
from hyperpoint.annotation.mixture.posterior import FIELD_EPS, FIELD_RADIUS, infer
from hyperpoint.annotation.mixture.scoring import score_cells
from hyperpoint.annotation.mixture.upsampling import Upsampler
from hyperpoint.annotation.prepared import Labelling, PreparedScene, classified_cube, find_usable, on_rgb_grid, with_rgb
from hyperpoint.annotation.recipe import Recipe
from hyperpoint.cube import BoolArray, FloatArray, IndexArray
from hyperpoint.types import PointSet, Scene, UInt8Array


@dataclass(frozen=True, eq=False)
class MixtureScene(PreparedScene):
    """A scene and the representations of its cells.

    Attributes
    ----------
    features
        Of the cells of the working grid.
    filled
        (rows, cols) bool: cells that have a usable pixel.
    guide
        OpenCV's guided filter, set up on the rgb image at the working grid.
    upsampler
        From the working grid to the rgb image.
    """

    features: Features
    filled: BoolArray
    guide: Any
    upsampler: Upsampler

    @property
    def facts(self) -> dict[str, Any]:
        """The size of the working grid."""
        return {"working_grid": list(self.features.shape)}

    def label(self, points: PointSet, training: PointSet, seed: int) -> Labelling:
        """Label every pixel from the points in `training`; unannotated points are not looked at."""
        class_ids, classes = np.unique(training.labels, return_inverse=True)
        task = Task.of(classes, len(class_ids))
        # The cores are shared out here, over cells and classes: BLAS's own threads would spin beside them.
        with threadpool_limits(1, "blas"):
            scores = score_cells(self.features, self._cells_of(training), task, np.random.default_rng(seed))
            posterior = infer(scores, task, self.filled, self.guide)
            power = tempering(scores, task, posterior.slope)
            best, confidence = self._enlarge(posterior.probabilities, scores.smoothing, power)
        return Labelling(class_ids[best], confidence)

    def _cells_of(self, points: PointSet) -> IndexArray:
        rows, cols = self.grid.to_cube(points.rows, points.cols)
        (height, width), (num_rows, num_cols) = self.spectra.shape[:2], self.features.shape
        cells: IndexArray = cell_of(rows, height, num_rows) * num_cols + cell_of(cols, width, num_cols)
        return cells

    def _enlarge(self, probabilities: FloatArray, blend: float, power: float) -> tuple[UInt8Array, FloatArray]:
        """Return classes and confidences of the rgb image's pixels."""
        import cv2

        planes = spread(lambda plane: self.upsampler.enlarge(plane, min(blend, 1.0)), probabilities)
        best, confidence = decide(planes, power)
        size = self.scene.size
        if best.shape != size:
            best = np.asarray(cv2.resize(best, size[::-1], interpolation=cv2.INTER_NEAREST), dtype=np.uint8)
            confidence = np.asarray(cv2.resize(confidence, size[::-1], interpolation=cv2.INTER_LINEAR))
        return best, confidence


def prepare_mixture(scene: Scene, recipe: Recipe) -> MixtureScene:
    """Read a scene once and compute its representations."""
    import cv2

    scene = with_rgb(scene)
    assert scene.rgb is not None
    source = classified_cube(scene, recipe)
    shape = grid_shape(*source.shape[:2])
    is_rgb = recipe.modality == "rgb"
    valid = on_rgb_grid(scene.valid, scene) if is_rgb and scene.valid is not None else scene.valid
    averaged = AveragedCube(source, shape, valid, every_pixel=is_rgb)
    usable, masked = find_usable(scene, recipe, averaged)
    if is_rgb:
        deque(averaged.blocks(), maxlen=0)
    averages, filled = averaged.averages()
    guide = scene.rgb if scene.size == shape else cv2.resize(scene.rgb, shape[::-1], interpolation=cv2.INTER_AREA)
    coarse = np.asarray(guide, dtype=np.float32) / np.float32(255)
    with threadpool_limits(1, "blas"):
        features = compute_features(averages, filled, np.asarray(guide))
    return MixtureScene(
        scene, recipe, source, usable, masked, features, filled,
        cv2.ximgproc.createGuidedFilter(coarse, FIELD_RADIUS, FIELD_EPS), Upsampler.of(scene.rgb, coarse),
    )  # fmt: skip
