"""The method "kernel-mixture": a scene prepared for it, and its labelling."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from hyperpoint.annotation.mixture.candidates import COLOUR_SHARE
from hyperpoint.annotation.mixture.confidence import decide, tempered, tempering
from hyperpoint.annotation.mixture.cores import one_blas_thread, spread
from hyperpoint.annotation.mixture.features import Features, compute_features
from hyperpoint.annotation.mixture.grid import CellMeans, cell_of, cells_of_image, grid_shape
from hyperpoint.annotation.mixture.held_out import HeldOut, hold_out
from hyperpoint.annotation.mixture.leave_one_out import Task
from hyperpoint.annotation.mixture.posterior import FIELD_EPS, FIELD_RADIUS, infer
from hyperpoint.annotation.mixture.rejection import reject
from hyperpoint.annotation.mixture.scoring import Scores, score_cells
from hyperpoint.annotation.mixture.suspects import find_suspects
from hyperpoint.annotation.mixture.training_points import learned_from
from hyperpoint.annotation.mixture.transfer import Evidence, Transfer
from hyperpoint.annotation.mixture.upsampling import Upsampler
from hyperpoint.annotation.prepared import (
    Labelling,
    PreparedScene,
    Request,
    classified_cube,
    on_rgb_grid,
    read_once,
    scanner_of,
)
from hyperpoint.annotation.recipe import Recipe
from hyperpoint.annotation.survey import Regions, Survey, find_regions
from hyperpoint.cube import BoolArray, FloatArray, IndexArray
from hyperpoint.library import SpectralLibrary
from hyperpoint.types import LabelArray, PointSet, Scene, UInt8Array


@dataclass(frozen=True, eq=False)
class Inference:
    """What the points say of the cells of the working grid.

    Attributes
    ----------
    class_ids
        (num_classes,) uint8, ascending: the ids behind the positions of everything below.
    chosen, cells
        (n,) which of the training points are learned from, ascending, and their cells.
    task, scores
        The points as the classifier sees them, and what the kernels say.
    probabilities
        (num_classes, rows, cols) float32 of the working grid.
    slope, power
        What turned scores into log odds, and the power of the probabilities that makes them honest.
    held_out
        What the rest of the points says of each point.
    suspects
        Points whose label the others contradict, ascending.
    library_weight
        How much of the library's evidence was used, 0..1; None without a library that can be used.
    """

    class_ids: LabelArray
    chosen: IndexArray
    cells: IndexArray
    task: Task
    scores: Scores
    probabilities: FloatArray
    slope: float
    power: float
    held_out: HeldOut
    suspects: IndexArray
    library_weight: float | None = None


class _Answered(NamedTuple):
    request: Request
    answer: Inference

    def is_like(self, request: Request) -> bool:
        mine, other = self.request.training, request.training
        same = self.request.seed == request.seed and self.request.library is request.library
        return same and all(
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
    _regions: list[Regions] = field(default_factory=list, init=False, repr=False)
    _transfers: list[tuple[SpectralLibrary, Transfer | None]] = field(default_factory=list, init=False, repr=False)

    @property
    def facts(self) -> dict[str, Any]:
        """The size of the working grid."""
        return {"working_grid": list(self.features.shape)}

    @property
    def takes_library(self) -> bool:
        """Spectra of a library are of use where the cube's are classified."""
        return self.recipe.modality == "hsi"

    @property
    def can_reject(self) -> bool:
        """Distances between spectra say what is far from every point."""
        return True

    def label(self, request: Request) -> Labelling:
        """Label every pixel from the training points; unannotated points are not looked at."""
        found = self.infer(request)
        # The cores are shared out here, over cells and classes: BLAS's own threads would spin beside them.
        with one_blas_thread():
            honest = tempered(found.probabilities, found.power)
            best, confidence = self._enlarge(honest, found.scores.smoothing)
            rejected = self._reject(found) if request.reject else None
        labels, at = found.class_ids[best], (request.training.rows, request.training.cols)
        # What was said of a pixel stands.
        labels[at], confidence[at] = request.training.labels, 1
        if rejected is not None:
            rejected[at] = False
        suspects = found.chosen[found.suspects]
        return Labelling(labels, confidence, suspects, found.library_weight, rejected, len(found.chosen))

    def infer(self, request: Request) -> Inference:
        """Return the class probabilities of the working grid's cells; a repeated request is answered at once."""
        last = self._last[:1]  # read once: another thread may put its own there
        if last and last[0].is_like(request):
            return last[0].answer
        class_ids, classes = np.unique(request.training.labels, return_inverse=True)
        cells, rng = self.cells_of(request.training), np.random.default_rng(request.seed)
        chosen = learned_from(cells, classes, len(class_ids), rng)
        cells, task = cells[chosen], Task.of(classes[chosen], len(class_ids))
        with one_blas_thread():
            scores = score_cells(self.features, cells, task, rng)
            evidence = self._evidence(request.library, class_ids, cells, task, scores)
            posterior = infer(scores, task, self.filled, self.guide, evidence.log_odds if evidence else None)
            held_out = hold_out(self.features, cells, task, scores, posterior, self.upsampler.coarse, rng)
        power = tempering(held_out, task, posterior.bias)
        suspects = find_suspects(held_out, task, scores.without_one, posterior.slope, posterior.bias)
        found = Inference(
            class_ids, chosen, cells, task, scores, posterior.probabilities, posterior.slope, power, held_out,
            suspects, evidence.weight if evidence else None,
        )  # fmt: skip
        self._last[:] = [_Answered(request, found)]
        return found

    def _reject(self, found: Inference) -> BoolArray:
        """Return the rgb image's pixels that are like nothing labelled, (H, W)."""
        import cv2

        shares = found.probabilities[:, self.filled].mean(axis=1, dtype=np.float64)
        rejected = reject(self.features, found.cells, found.task.classes, shares).reshape(self.features.shape)
        plane = self.upsampler.enlarge(rejected.astype(np.float32), min(found.scores.smoothing, 1.0))
        if plane.shape != self.scene.size:
            plane = np.asarray(cv2.resize(plane, self.scene.size[::-1], interpolation=cv2.INTER_LINEAR))
        return np.asarray(plane > 0.5)

    def _evidence(
        self, library: SpectralLibrary | None, class_ids: LabelArray, cells: IndexArray, task: Task, scores: Scores
    ) -> Evidence | None:
        """Return what a library says of the cells, which takes one more reading of the cube for each library."""
        if library is None:
            return None
        kept = self._transfers[:1]
        if not (kept and kept[0][0] is library):
            bands, spectra = library.at_bands(self.spectra.wavelengths, self.spectra.shape[2])
            means = CellMeans(self.spectra, self.features.shape)
            for block, usable in self.scanner.score_blocks():
                means.add(block, usable)
            kept = [(library, Transfer.of(library, means.means()[0], bands, spectra))]
            self._transfers[:] = kept
        transfer = kept[0][1]
        return None if transfer is None else transfer.evidence(class_ids, cells, task, scores.without_one)

    def survey(self, request: Request) -> Survey:
        """Say what is thought of each small region of the working grid."""
        found = self.infer(request)
        regions = (self._regions or [self._find_regions()])[0]
        self._regions[:] = [regions]
        planes = tempered(found.probabilities, found.power)
        probabilities = regions.mean_of(planes)
        return Survey(regions, found.class_ids, probabilities / probabilities.sum(axis=1, keepdims=True), planes)

    def _find_regions(self) -> Regions:
        blocks = self.features.blocks
        finest = min(scale for _, scale in blocks if scale > 0)  # less noise; a region's mean smooths the rest
        parts = [
            blocks[key] * np.float32(COLOUR_SHARE**0.5 if key[0] == "rgb" else 1)
            for key in sorted(blocks)
            if key[1] == finest
        ]
        image = np.moveaxis(self.upsampler.coarse * np.float32(255), 0, 2).round().astype(np.uint8)
        usable = self.usable_on(self.features.shape)
        return find_regions(np.ascontiguousarray(image), np.concatenate(parts, axis=1), usable, self.scene.size)

    def cells_of(self, points: PointSet) -> IndexArray:
        """Return the cell of the working grid that each point lies on, (n,)."""
        rows, cols = self.grid.to_cube(points.rows, points.cols)
        (height, width), (num_rows, num_cols) = self.spectra.shape[:2], self.features.shape
        cells: IndexArray = cell_of(rows, height, num_rows) * num_cols + cell_of(cols, width, num_cols)
        return cells

    def _enlarge(self, probabilities: FloatArray, blend: float) -> tuple[UInt8Array, FloatArray]:
        """Return classes and confidences of the rgb image's pixels."""
        import cv2

        planes = spread(lambda plane: self.upsampler.enlarge(plane, min(blend, 1.0)), probabilities)
        best, confidence = decide(planes)
        size = self.scene.size
        if best.shape != size:
            best = np.asarray(cv2.resize(best, size[::-1], interpolation=cv2.INTER_NEAREST), dtype=np.uint8)
            confidence = np.asarray(cv2.resize(confidence, size[::-1], interpolation=cv2.INTER_LINEAR))
        return best, confidence


def prepare_mixture(scene: Scene, recipe: Recipe) -> MixtureScene:
    """Read a scene once and compute its representations."""
    import cv2

    scanner = scanner_of(scene)
    if recipe.modality == "hsi":
        cells = CellMeans(scanner.cube, grid_shape(*scanner.cube.shape[:2]))
        scene = read_once(scene, scanner, cells.add)
    else:
        scene = read_once(scene, scanner)
        valid = None if scene.valid is None else on_rgb_grid(scene.valid, scene)
        assert scene.rgb is not None
        cells = cells_of_image(scene.rgb, valid)
    assert scene.rgb is not None
    averages, filled = cells.means()
    shape = filled.shape
    guide = scene.rgb if scene.size == shape else cv2.resize(scene.rgb, shape[::-1], interpolation=cv2.INTER_AREA)
    coarse = np.asarray(guide, dtype=np.float32) / np.float32(255)
    with one_blas_thread():
        features = compute_features(averages, filled, np.asarray(guide))
    return MixtureScene(
        scene, recipe, classified_cube(scene, recipe, scanner), scanner, features, filled,
        cv2.ximgproc.createGuidedFilter(coarse, FIELD_RADIUS, FIELD_EPS), Upsampler.of(scene.rgb, coarse),
    )  # fmt: skip
