"""How well a trained network labels images whose labels are known. Needs no PyTorch of itself."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hyperpoint.errors import HyperpointError, InputError
from hyperpoint.io.manifest import Manifest, ManifestRow
from hyperpoint.io.masks import read_label_ids
from hyperpoint.metrics import ConfusionMatrix
from hyperpoint.segment.ahead import grouped, read_ahead
from hyperpoint.segment.boundaries import BoundaryErrors
from hyperpoint.segment.checks import check_images
from hyperpoint.segment.inputs import read_image
from hyperpoint.segment.predictors.averaging import AveragingPredictor
from hyperpoint.types import ClassTable, LabelArray

Progress = Callable[[int, int, str], None]

NUM_WORST = 8
_MAX_THREADS = 4


@dataclass(frozen=True)
class ImageScore:
    """How well one image was labelled: over its classes and its labelled pixels, of which there are `num_pixels`."""

    id: str
    miou: float
    accuracy: float
    num_pixels: int

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-serialisable values; of an image without a labelled pixel, shares are None."""
        shares = {"miou": self.miou, "accuracy": self.accuracy} if self.num_pixels else {"miou": None, "accuracy": None}
        return {"id": self.id, **shares, "num_pixels": self.num_pixels}


@dataclass(frozen=True, eq=False)
class BadlyLabelled:
    """An image that was labelled badly: its `row`, its `score`, and the `labels` it got, (H, W) uint8."""

    row: ManifestRow
    score: ImageScore
    labels: LabelArray


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The scores of a network on the images of a split.

    Attributes
    ----------
    classes
        Of network and images.
    matrix
        Pooled over the images.
    boundaries
        Errors close to boundaries of the truth and away from them.
    images
        The score of each image, in order.
    worst
        The images with the lowest mIoU, the worst first.
    seconds, network_seconds
        How long it took to read, label and count; and how long the network took of that.
    """

    split: str
    classes: ClassTable
    matrix: ConfusionMatrix
    boundaries: BoundaryErrors
    images: tuple[ImageScore, ...]
    worst: tuple[BadlyLabelled, ...]
    seconds: float
    network_seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Return the scores as JSON-serialisable values, those of single images apart."""
        return {
            **self.matrix.to_dict(self.classes),
            "boundary": self.boundaries.to_dict(),
            "split": self.split,
            "num_images": len(self.images),
            "seconds": round(self.seconds, 3),
            "images_per_second": round(len(self.images) / self.seconds, 3) if self.seconds else None,
            "worst": [one.score.to_dict() for one in self.worst],
        }


def evaluate(
    predictor: AveragingPredictor[Any],
    manifest: Manifest,
    split: str = "test",
    *,
    num_worst: int = NUM_WORST,
    progress: Progress | None = None,
) -> Evaluation:
    """Label the images of a split and compare with their masks.

    All images and masks are decoded once beforehand, so that what is damaged is known before the network starts.

    Parameters
    ----------
    num_worst
        How many of the worst images to keep the labels of.
    progress
        Called with (done, total, name of the image), first for that check and then for the images labelled.

    Raises
    ------
    InputError
        If the split is empty or has no labelled pixel, the classes are not those of the network, an image or a mask is
        missing, damaged or of another size than its counterpart, or an image does not fit into memory.
    """
    rows = manifest.of_split(split)
    check_same_classes(predictor.classes, manifest)
    # No row counts as training: what is absent from this split can still be learned.
    check_images(rows, manifest.classes, progress, inputs=predictor.input, train_split="")
    matrix, boundaries = ConfusionMatrix(len(manifest.classes)), BoundaryErrors()
    scores: list[ImageScore] = []
    worst: list[BadlyLabelled] = []
    network_seconds, start = 0.0, time.perf_counter()
    for batch in grouped(_samples(predictor, rows), lambda sample: sample.values.shape, predictor.batch_size):
        began = time.perf_counter()
        labels = _label(predictor, batch)
        network_seconds += time.perf_counter() - began
        for sample, found in zip(batch, labels, strict=True):
            boundaries.update(found, sample.truth)
            alone = ConfusionMatrix(len(manifest.classes))
            alone.update(found, sample.truth)
            matrix += alone
            score = ImageScore(sample.row.id, alone.miou, alone.accuracy, alone.num_pixels)
            scores.append(score)
            if score.num_pixels:
                worst = _worst([*worst, BadlyLabelled(sample.row, score, found)], num_worst)
        if progress is not None:
            progress(len(scores), len(rows), batch[-1].row.image.name)
    if not matrix.num_pixels:
        raise InputError(f"every pixel of the masks of the split {split!r} is unlabelled (255): nothing to score")
    seconds = time.perf_counter() - start
    return Evaluation(
        split, manifest.classes, matrix, boundaries, tuple(scores), tuple(worst), seconds, network_seconds
    )


def check_same_classes(classes: ClassTable, manifest: Manifest) -> None:
    """Make sure that the ids of a network mean what those of a manifest mean; colours may differ.

    Raises
    ------
    InputError
        If not; the message names the first difference.
    """
    pairs = list(zip(classes.names, manifest.classes.names, strict=False))
    different = next((number for number, (one, other) in enumerate(pairs) if one != other), len(pairs))
    if different == len(classes) == len(manifest.classes):
        return
    known, wanted = (
        repr(table.names[different]) if different < len(table) else "none" for table in (classes, manifest.classes)
    )
    raise InputError(
        f"the network and the manifest {manifest.path} have other classes: class {different} is {known} for the "
        f"network ({len(classes)} classes) and {wanted} in the manifest ({len(manifest.classes)}); evaluate on a "
        f"manifest of the classes it was trained on"
    )


@dataclass(frozen=True, eq=False)
class _Sample:
    row: ManifestRow
    values: NDArray[Any]
    truth: LabelArray


def _samples(predictor: AveragingPredictor[Any], rows: Sequence[ManifestRow]) -> Iterator[_Sample]:
    def read(row: ManifestRow) -> _Sample:
        assert row.label is not None  # the check has seen it
        spec = predictor.input
        values = spec.read_standardised(row, predictor.standardisation) if spec.needs_cube else read_image(row.image)
        return _Sample(row, values, read_label_ids(row.label))

    threads = min(_MAX_THREADS, os.cpu_count() or 1)
    return read_ahead(rows, read, threads, 2 * predictor.batch_size + threads)


def _label(predictor: AveragingPredictor[Any], batch: Sequence[_Sample]) -> LabelArray:
    values = np.stack([sample.values for sample in batch])
    try:
        return predictor.label(values, standardised=predictor.input.needs_cube)[0]
    except HyperpointError as error:
        raise InputError(f"{batch[0].row.image}: {error}") from error


def _worst(images: list[BadlyLabelled], num: int) -> list[BadlyLabelled]:
    return sorted(images, key=lambda one: (one.score.miou, one.score.accuracy))[:num]
