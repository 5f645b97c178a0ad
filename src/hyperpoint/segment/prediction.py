"""From a trained network and images to masks. Needs no PyTorch of itself."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from hyperpoint.cube import FloatArray
from hyperpoint.errors import HyperpointError, InputError
from hyperpoint.io.files import StrPath, atomic_path
from hyperpoint.io.masks import write_confidence, write_mask
from hyperpoint.io.preview import overlay
from hyperpoint.segment.ahead import WriteBehind, grouped, read_ahead
from hyperpoint.segment.photos import Photo, PhotoReader
from hyperpoint.segment.predictors.averaging import AveragingPredictor
from hyperpoint.segment.sources import check_targets, describe_problems, image_targets
from hyperpoint.types import ClassTable, LabelArray, UInt8Array

Progress = Callable[[int, int, str], None]

_MAX_THREADS = 4


@dataclass(frozen=True)
class PredictionSummary:
    """What was predicted.

    Attributes
    ----------
    num_images, num_pixels
        How much.
    seconds
        From the first image to the last file.
    network_seconds
        Of these, how long the network took, with standardising and choosing the most likely class.
    written
        The files.
    """

    num_images: int
    num_pixels: int
    seconds: float
    network_seconds: float
    written: tuple[Path, ...]

    @property
    def images_per_second(self) -> float:
        """How many images a second were read, labelled and written."""
        return self.num_images / self.seconds if self.seconds else 0.0


def predict_images(
    predictor: AveragingPredictor[Any],
    images: Sequence[StrPath],
    out: StrPath,
    *,
    with_overlay: bool = True,
    with_confidence: bool = False,
    white_level: int | None = None,
    rotate: int = 0,
    progress: Progress | None = None,
) -> PredictionSummary:
    """Label images of any size and write a mask of each, `out`/<stem>.png.

    Parameters
    ----------
    images
        Rgb images, or cubes if the network sees cubes.
    out
        A folder; made if it does not exist.
    with_overlay
        Write the colours of the classes over the image, too, as <stem>_overlay.png.
    with_confidence
        Write the probability of the label, too, as 16-bit <stem>_confidence.png in which 65535 is 1.
    white_level
        Value of 16-bit images that is white; None: 65535.
    rotate
        Degrees counter-clockwise by which cubes are turned.
    progress
        Called with (done, total, name of the image).

    Raises
    ------
    InputError
        Before anything is written, if two images would be written to one file or one over another; after all others
        are written, if images cannot be read or labelled: how many, and what is wrong with the first of them.
    """
    paths = [Path(image) for image in images]
    plans = {path: image_targets(path, Path(out), overlay=with_overlay, confidence=with_confidence) for path in paths}
    check_targets([(str(path), target) for path, plan in plans.items() for target in plan.values()], paths, Path(out))
    reader = PhotoReader(predictor.input, predictor.standardisation, white_level, rotate, with_overlay)
    labelling = _Labelling(predictor, with_confidence)
    written: list[Path] = []
    start = time.perf_counter()
    threads = min(_MAX_THREADS, os.cpu_count() or 1)
    with WriteBehind(threads, 2 * threads) as writer:
        read = read_ahead(paths, _attempt(reader), threads, 2 * predictor.batch_size + threads)
        photos = _readable(read, labelling.problems)
        for batch in grouped(photos, lambda photo: photo.values.shape, predictor.batch_size):
            for photo, labels, confidence in labelling.label(batch):
                writer.submit(_write, plans[photo.path], labels, confidence, photo.rgb, predictor.classes)
                written += plans[photo.path].values()
            if progress is not None:
                progress(labelling.num_images + len(labelling.problems), len(paths), batch[-1].path.name)
    if labelling.problems:
        others = "; the others are written" if written else ""
        raise InputError(describe_problems(labelling.problems, len(paths)) + others)
    seconds = time.perf_counter() - start
    return PredictionSummary(labelling.num_images, labelling.num_pixels, seconds, labelling.seconds, tuple(written))


@dataclass(eq=False)
class _Labelling:
    """Labels batches of photos, counts them and notes what is wrong with others."""

    predictor: AveragingPredictor[Any]
    with_confidence: bool
    num_images: int = 0
    num_pixels: int = 0
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)

    def label(self, batch: Sequence[Photo]) -> list[tuple[Photo, LabelArray, FloatArray | None]]:
        """Return each photo with its labels, and with their probability if that is wanted; none if they fail."""
        start = time.perf_counter()
        try:
            values = np.stack([photo.values for photo in batch])
            labels, confidence = self.predictor.label(
                values, standardised=self.predictor.input.needs_cube, confidence=self.with_confidence
            )
        except HyperpointError as error:
            self.problems += [f"{photo.path}: {error}" for photo in batch]
            return []
        self.seconds += time.perf_counter() - start
        self.num_images, self.num_pixels = self.num_images + len(batch), self.num_pixels + labels.size
        sure = [None] * len(batch) if confidence is None else confidence
        return list(zip(batch, labels, sure, strict=True))


def _attempt(reader: PhotoReader) -> Callable[[Path], Photo | str]:
    def attempt(path: Path) -> Photo | str:
        try:
            return reader.read(path)
        except HyperpointError as error:
            return str(error)

    return attempt


def _readable(photos: Iterator[Photo | str], problems: list[str]) -> Iterator[Photo]:
    """Yield what could be read, and note what is wrong with the others."""
    for photo in photos:
        if isinstance(photo, str):
            problems.append(photo)
        else:
            yield photo


def _write(
    targets: dict[str, Path],
    labels: LabelArray,
    confidence: FloatArray | None,
    rgb: UInt8Array | None,
    classes: ClassTable,
) -> None:
    write_mask(targets["mask"], labels, classes)
    if confidence is not None:
        # A mean of probabilities may exceed 1 by rounding.
        write_confidence(targets["confidence"], np.clip(confidence, 0, 1))
    if "overlay" in targets and rgb is not None:
        _write_colours(targets["overlay"], overlay(rgb, labels, classes))


def _write_colours(path: Path, image: UInt8Array) -> None:
    """Write a picture as PNG by OpenCV: several times as fast as Pillow, and beside other threads."""
    import cv2

    with atomic_path(path) as temporary:
        if not cv2.imwrite(str(temporary), cv2.cvtColor(image, cv2.COLOR_RGB2BGR)):
            raise InputError(f"cannot write {path}; is the disk full?")
