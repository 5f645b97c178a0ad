"""The paper's method: a classifier of spectra, then votes in superpixels, of sampled points or of every pixel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from hyperpoint.annotation.mixture.cores import one_blas_thread
from hyperpoint.annotation.mixture.grid import grid_shape
from hyperpoint.annotation.prepared import (
    Labelling,
    PreparedScene,
    Request,
    classified_cube,
    read_once,
    scanner_of,
)
from hyperpoint.annotation.recipe import Recipe
from hyperpoint.annotation.survey import Regions, Survey, central_pixels, find_regions
from hyperpoint.cube import BoolArray, CubeBlock, FloatArray, IndexArray, usable_pixels
from hyperpoint.preprocess.normalisation import normalise, normalising_factors
from hyperpoint.regions.fusion import SuperpixelVote
from hyperpoint.regions.superpixels import slic
from hyperpoint.spectral import SpectralClassifier, fit_together, make_classifier
from hyperpoint.types import IGNORE, LabelArray, PointSet, Scene, Superpixels

NUM_KEPT = 2  # answers: one to the points as they are, one to the annotated ones alone


@dataclass(frozen=True, eq=False)
class SuperpixelScene(PreparedScene):
    """A scene and the superpixels of its rgb image."""

    superpixels: Superpixels
    _regions: list[Regions] = field(default_factory=list, init=False, repr=False)
    _fitted: list[tuple[Request, SpectralClassifier]] = field(default_factory=list, init=False, repr=False)
    _last: list[tuple[Request, Labelling]] = field(default_factory=list, init=False, repr=False)
    _read: list[tuple[IndexArray, IndexArray, FloatArray]] = field(default_factory=list, init=False, repr=False)

    @property
    def facts(self) -> dict[str, Any]:
        """How many superpixels there are."""
        return {"num_superpixels": self.superpixels.num}

    def spectra_at(self, points: PointSet) -> tuple[FloatArray, BoolArray]:
        """Return the normalised spectra at `points`, (n, bands), and which of them can be used, (n,)."""
        rows, cols = self.grid.to_cube(points.rows, points.cols)
        raw = self._spectra_of(rows, cols)
        usable = self._usable_of(rows, cols, raw)
        spectra = np.zeros(raw.shape, dtype=np.float32)
        spectra[usable] = normalise(raw[usable], self.recipe.normalisation)
        return spectra, usable

    def usable_at(self, points: PointSet) -> BoolArray:
        """Return which of `points` lie on a pixel that has a spectrum to classify, (n,), without reading all others."""
        rows, cols = self.grid.to_cube(points.rows, points.cols)
        return self._usable_of(rows, cols, self._spectra_of(rows, cols))

    def judged_blocks(self) -> Iterator[tuple[CubeBlock, BoolArray]]:
        """Yield the blocks of what is classified, each with which of its pixels can be used, (rows, cols) bool."""
        if self.recipe.modality == "hsi":
            return self.scanner.blocks()
        return ((block, self.usable[block.rows, block.cols]) for block in self.spectra.blocks())

    def _usable_of(self, rows: IndexArray, cols: IndexArray, spectra: FloatArray) -> BoolArray:
        if self.recipe.modality == "rgb":
            return self.usable[rows, cols]
        usable = usable_pixels(spectra)
        return usable if self.scene.valid is None else usable & self.scene.valid[rows, cols]

    def _spectra_of(self, rows: IndexArray, cols: IndexArray) -> FloatArray:
        """Return the spectra of pixels as they are, (n, bands); those that were asked for last are remembered."""
        for known_rows, known_cols, spectra in tuple(self._read):
            if np.array_equal(rows, known_rows) and np.array_equal(cols, known_cols):
                return spectra
        spectra = self.spectra.pixels(rows, cols)
        self._read[:] = [(rows, cols, spectra)]
        return spectra

    def label(self, request: Request) -> Labelling:
        """Train the recipe's classifier and give each superpixel the label that most of its voters have."""
        for asked, answer in tuple(self._last):  # a copy: another thread may put its own there meanwhile
            if asked.is_like(request):
                return answer
        points = request.points
        collect = vote_with_all_pixels if points.is_annotated.all() else vote_with_points
        # The products are small: threads gain little, and lose much where another process takes a core.
        with one_blas_thread():
            labels, shares = collect(self, self._fitted_for(request), points).decide()
        labelling = Labelling(labels[self.superpixels.ids], shares[self.superpixels.ids])
        self._last[:] = [(request, labelling), *self._last[: NUM_KEPT - 1]]
        return labelling

    def _fitted_for(self, request: Request) -> SpectralClassifier:
        """Return the recipe's classifier, fitted now or, from the same training points, before."""
        for asked, fitted in tuple(self._fitted):
            if asked.learns_like(request):
                return fitted
        fitted = self._classifier(request).fit(*self._training_of(request))
        self._fitted[:] = [(request, fitted)]
        return fitted

    def _classifier(self, request: Request) -> SpectralClassifier:
        return make_classifier(self.recipe.classifier, seed=request.seed, **self.recipe.classifier_params)

    def _training_of(self, request: Request) -> tuple[FloatArray, LabelArray]:
        return self.spectra_at(request.training)[0], request.training.labels

    def survey(self, request: Request) -> Survey:
        """Say what is thought of each small region: its pixels' votes, as if there were annotated points alone."""
        # Where there are unannotated points this is another answer than `label` gives: there, they alone vote beside
        # the annotated ones. Both are kept.
        labels, confidence, *_ = self.label(replace(request, points=request.points.annotated))
        if not self._regions:
            self._regions.append(self._find_regions())
        regions, class_ids = self._regions[0], request.training.class_ids
        at = np.ix_(*central_pixels(regions.ids.shape, self.scene.size))
        others = (1 - confidence[at]) / np.float32(len(class_ids) - 1)
        votes = np.stack([np.where(labels[at] == c, confidence[at], others) for c in class_ids])
        # Votes are no probabilities: where all agree they may all be wrong (Laplace's rule of succession).
        num, num_classes = len(request.training), len(class_ids)
        planes = np.asarray((votes * num + 1) / (num + num_classes), dtype=np.float32)
        return Survey(regions, class_ids, regions.mean_of(planes), planes)

    def _find_regions(self) -> Regions:
        import cv2

        assert self.scene.rgb is not None
        shape = grid_shape(*self.scene.size)
        image = np.asarray(cv2.resize(self.scene.rgb, shape[::-1], interpolation=cv2.INTER_AREA), dtype=np.uint8)
        colours = cv2.cvtColor(image, cv2.COLOR_RGB2LAB).reshape(-1, 3).astype(np.float32)
        regions = find_regions(image, colours, self.usable_on(shape), self.scene.size)
        nobody = np.full(len(regions.typical), IGNORE)
        typical = PointSet(*regions.pixels(regions.typical), nobody)
        return regions.with_features(self.spectra_at(typical)[0])


def prepare_votes(scene: Scene, recipe: Recipe) -> SuperpixelScene:
    """Find the superpixels of a scene. Its cube is left to `label`, which reads every spectrum and judges it too."""
    make_classifier(recipe.classifier, **recipe.classifier_params)  # a wrong recipe fails here, before the work
    scanner = scanner_of(scene)
    scene = read_once(scene, scanner)
    assert scene.rgb is not None
    superpixels = slic(scene.rgb, recipe.region_size, recipe.ruler)
    return SuperpixelScene(scene, recipe, classified_cube(scene, recipe, scanner), scanner, superpixels)


def learn_side_by_side(scenes: Sequence[SuperpixelScene], requests: Sequence[Request]) -> None:
    """Fit the classifiers of several scenes, each for a request, which `label` then finds fitted."""
    pairs = list(zip(scenes, requests, strict=True))
    classifiers = [scene._classifier(request) for scene, request in pairs]
    with one_blas_thread():
        fit_together(classifiers, [scene._training_of(request) for scene, request in pairs])
    for (scene, request), classifier in zip(pairs, classifiers, strict=True):
        scene._fitted[:] = [(request, classifier)]


def vote_with_points(prepared: SuperpixelScene, classifier: SpectralClassifier, points: PointSet) -> SuperpixelVote:
    """Let the annotated points vote with their labels and the unannotated ones with what is predicted for them."""
    vote = SuperpixelVote(prepared.superpixels.num, classifier.classes_)
    spectra, usable = prepared.spectra_at(points)
    scores = classifier.decision_function(spectra)
    given = _positions(points.labels, classifier.classes_)
    classes = np.where(given >= 0, given, scores.argmax(axis=1))
    voting = (given >= 0) | (usable & ~points.is_annotated)
    ids = prepared.superpixels.ids[points.rows, points.cols]
    vote.add(ids[voting], classes[voting], scores[voting])
    return vote


def vote_with_all_pixels(prepared: SuperpixelScene, classifier: SpectralClassifier, points: PointSet) -> SuperpixelVote:
    """Let every usable pixel of the rgb image vote with what is predicted for the spectrum it lies on."""
    vote = SuperpixelVote(prepared.superpixels.num, classifier.classes_)
    height, width = prepared.scene.size
    row_of, col_of = prepared.grid.to_cube(np.arange(height), np.arange(width))
    given = np.full((height, width), -1, dtype=np.int64)
    given[points.rows, points.cols] = _positions(points.labels, classifier.classes_)
    for (rows, cols, values), usable in prepared.judged_blocks():
        scores = _classify(values, usable, classifier, prepared.recipe)
        tall, wide = _covering(row_of, rows), _covering(col_of, cols)
        if (height, width) != prepared.spectra.shape[:2]:
            place = np.ix_(row_of[tall] - rows.start, col_of[wide] - cols.start)
            scores, usable = scores[place], usable[place]
        known, ids = given[tall, wide], prepared.superpixels.ids[tall, wide]
        classes = np.where(known >= 0, known, scores.argmax(axis=2))
        voting = usable | (known >= 0)
        everyone = slice(None) if voting.all() else voting.ravel()
        vote.add(ids.ravel()[everyone], classes.ravel()[everyone], scores.reshape(classes.size, -1)[everyone])
    return vote


def _positions(labels: LabelArray, class_ids: IndexArray) -> IndexArray:
    """Return where each label stands in the ascending `class_ids`, -1 for one that is not there."""
    position = np.searchsorted(class_ids, labels).clip(max=len(class_ids) - 1)
    return np.where(class_ids[position] == labels, position, -1)


def _classify(values: FloatArray, usable: BoolArray, classifier: SpectralClassifier, recipe: Recipe) -> FloatArray:
    """Return the classes' scores for a block of raw spectra, (rows, cols, num_classes); 0 where unusable."""
    if usable.all():
        return classifier.score_scaled(values, normalising_factors(values, recipe.normalisation))
    out = np.zeros((*usable.shape, len(classifier.classes_)), dtype=np.float32)
    if usable.any():
        spectra = values[usable]
        out[usable] = classifier.score_scaled(spectra, normalising_factors(spectra, recipe.normalisation))
    return out


def _covering(source: IndexArray, extent: slice) -> slice:
    """Return which entries of the ascending map `source` fall within `extent`."""
    start, stop = np.searchsorted(source, (extent.start, extent.stop))
    return slice(int(start), int(stop))
