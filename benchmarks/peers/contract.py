"""What every peer is given and gives back, and what most of them share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from hyperpoint.cube import FloatArray, IndexArray
from hyperpoint.preprocess.normalisation import Normalisation, normalise
from hyperpoint.types import LabelArray, UInt8Array


class Peer(Protocol):
    """Label a scene from points: what `hyperpoint.annotate` does, as plain arrays."""

    def __call__(
        self, cube: FloatArray, rgb: UInt8Array, rows: IndexArray, cols: IndexArray, labels: LabelArray, seed: int
    ) -> LabelArray:
        """Return a class for every pixel of the rgb image, (H, W) uint8.

        Parameters
        ----------
        cube
            (h, w, bands) float32, finite.
        rgb
            (H, W, 3) uint8; H/h and W/w are the same, 1 or more.
        rows, cols, labels
            (n,) the points, on the rgb image's grid, and their class ids; two classes or more, each with two or more.
        seed
            Of whatever is drawn at random.
        """


@dataclass(frozen=True, eq=False)
class Training:
    """The points on the grid of the cube.

    Attributes
    ----------
    cells
        (n,) flat positions of the points' pixels in the cube.
    classes
        (n,) positions among the classes, 0..num_classes - 1.
    class_ids
        (num_classes,) uint8, ascending.
    shape, size
        (h, w) of the cube and (H, W) of the rgb image.
    """

    cells: IndexArray
    classes: IndexArray
    class_ids: LabelArray
    shape: tuple[int, int]
    size: tuple[int, int]

    @classmethod
    def of(cls, cube: FloatArray, rgb: UInt8Array, rows: IndexArray, cols: IndexArray, labels: LabelArray) -> Training:
        """Find the points' pixels in the cube."""
        (h, w), (H, W) = cube.shape[:2], rgb.shape[:2]
        class_ids, classes = np.unique(labels, return_inverse=True)
        cells = _coarse(rows, H, h) * w + _coarse(cols, W, w)
        return cls(cells, classes, class_ids.astype(np.uint8), (h, w), (H, W))

    @property
    def num_classes(self) -> int:
        """How many classes have points."""
        return len(self.class_ids)

    @property
    def fewest(self) -> int:
        """How many points the class with the fewest has."""
        return int(np.bincount(self.classes).min())

    def label_map(self, classes: IndexArray) -> LabelArray:
        """Turn the classes of the cube's pixels, (h·w,), into labels of the rgb image's, (H, W) uint8."""
        (h, w), (H, W) = self.shape, self.size
        labels = self.class_ids[classes].reshape(h, w)
        return np.asarray(labels[np.ix_(_coarse(np.arange(H), H, h), _coarse(np.arange(W), W, w))])


# Spectra of all pixels (m, bands), points, seed -> a score or probability of each class, (m, num_classes).
Scorer = Callable[[FloatArray, Training, int], FloatArray]


def per_pixel(form: Normalisation, scorer: Scorer) -> Peer:
    """Make the peer that gives each pixel the class of highest score, from its normalised spectrum alone."""

    def label(
        cube: FloatArray, rgb: UInt8Array, rows: IndexArray, cols: IndexArray, labels: LabelArray, seed: int
    ) -> LabelArray:
        training = Training.of(cube, rgb, rows, cols, labels)
        scores = scorer(normalise(cube, form).reshape(-1, cube.shape[2]), training, seed)
        return training.label_map(scores.argmax(axis=1))

    return label


@dataclass(eq=False)
class Remembered:
    """A scorer that repeats its last answer, so that settings of what follows it need not fit it anew."""

    scorer: Scorer
    _key: tuple[object, ...] = ()
    _answer: FloatArray = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))

    def __call__(self, spectra: FloatArray, training: Training, seed: int) -> FloatArray:
        """Score as `scorer` does."""
        sample = spectra[:: max(1, len(spectra) // 1000)].tobytes()
        key = (spectra.shape, sample, training.cells.tobytes(), training.classes.tobytes(), seed)
        if key != self._key:
            self._answer, self._key = self.scorer(spectra, training, seed), key
        return self._answer.copy()


def principal_components(cube: FloatArray, num: int) -> FloatArray:
    """Return the first components of the pixels' spectra, (h·w, num) float32, by falling variance."""
    pixels = cube.reshape(-1, cube.shape[2])
    mean = pixels.mean(axis=0)
    sample = (pixels[:: max(1, len(pixels) // 20_000)] - mean).astype(np.float64)
    axes = np.linalg.eigh(sample.T @ sample)[1][:, ::-1][:, :num]
    return np.asarray((pixels - mean) @ axes.astype(np.float32))


def _coarse(positions: IndexArray, num_fine: int, num_coarse: int) -> IndexArray:
    """Map rows (columns) of the rgb image to the cube's: (row + 0.5)·h/H, rounded down."""
    return np.asarray((2 * np.asarray(positions, dtype=np.int64) + 1) * num_coarse // (2 * num_fine))
