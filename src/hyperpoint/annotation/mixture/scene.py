"""The method "kernel-mixture": a scene prepared for it, and its labelling."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from hyperpoint.annotation.mixture.confidence import decide, tempering
from hyperpoint.annotation.mixture.cores import spread
from hyperpoint.annotation.mixture.features import Features, compute_features
from hyperpoint.annotation.mixture.grid import AveragedCube, cell_of, grid_shape
from hyperpoint.annotation.mixture.leave_one_out import Task
from hyperpoint.annotation.mixture.posterior import FIELD_EPS, FIELD_RADIUS, infer
from hyperpoint.annotation.mixture.scoring import Scores, score_cells
from hyperpoint.annotation.mixture.upsampling import Upsampler
from hyperpoint.annotation.prepared import (
    Labelling,
    PreparedScene,
    Request,
    classified_cube,
    find_usable,
    on_rgb_grid,
    with_rgb,
)
from hyperpoint.annotation.recipe import Recipe
from hyperpoint.cube import BoolArray, FloatArray, IndexArray
from hyperpoint.types import LabelArray, PointSet, Scene, UInt8Array


@dataclass(frozen=True, eq=False)
class Inference:
    """What the points say of the cells of the working grid.

    Attributes
    ----------
    class_ids
        (num_classes,) uint8, ascending: the ids behind the positions of everything below.
    cells
        (n,) the training points' cells.
    task, scores
        The points as the classifier sees them, and what the kernels say.
    probabilities
        (num_classes, rows, cols) float32 of the working grid.
    slope, power
        What turned scores into log odds, and the power of the probabilities that makes them honest.
    """

    class_ids: LabelArray
    cells: IndexArray
    task: Task
    scores: Scores
    probabilities: FloatArray
    slope: float
    power: float


class _Answered(NamedTuple):
    request: Request
    answer: Inference

    def is_like(self, request: Request) -> bool:
        mine, other = self.request.training, request.training
        return self.request.seed == request.seed and all(
            np.array_equal(getattr(mine, part), getattr(other, part)) for part in ("rows", "cols", "labels")
        )


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
    _last: list[_Answered] = field(default_factory=list, init=False, repr=False)

    @property
    def facts(self) -> dict[str, Any]:
        """The size of the working grid."""
        return {"working_grid": list(self.features.shape)}

    def label(self, request: Request) -> Labelling:
        """Label every pixel from the training points; unannotated points are not looked at."""
        found = self.infer(request)
        # The cores are shared out here, over cells and classes: BLAS's own threads would spin beside them.
        with threadpool_limits(1, "blas"):
            best, confidence = self._enlarge(found.probabilities, found.scores.smoothing, found.power)
        return Labelling(found.class_ids[best], confidence)

    def infer(self, request: Request) -> Inference:
        """Return the class probabilities of the working grid's cells; a repeated request is answered at once."""
        if self._last and self._last[0].is_like(request):
            return self._last[0].answer
        training = request.training
        class_ids, classes = np.unique(training.labels, return_inverse=True)
        task = Task.of(classes, len(class_ids))
        cells = self.cells_of(training)
        with threadpool_limits(1, "blas"):
            scores = score_cells(self.features, cells, task, np.random.default_rng(request.seed))
            posterior = infer(scores, task, self.filled, self.guide)
            power = tempering(scores, task, posterior.slope)
        found = Inference(class_ids, cells, task, scores, posterior.probabilities, posterior.slope, power)
        self._last[:] = [_Answered(request, found)]
        return found

    def cells_of(self, points: PointSet) -> IndexArray:
        """Return the cell of the working grid that each point lies on, (n,)."""
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
