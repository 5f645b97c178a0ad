"""Samples: what stands at place k of a run, which depends on nothing but the seed and k."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset, Sampler

from hyperpoint.cube import FloatArray
from hyperpoint.errors import InputError
from hyperpoint.io.manifest import ManifestRow
from hyperpoint.io.masks import read_confidence, read_label_ids
from hyperpoint.segment.data.transforms import Augmentation, Window, distort, draw_window, pad
from hyperpoint.segment.inputs import InputSpec, Standardisation, read_image
from hyperpoint.types import IGNORE, LabelArray

Sample = dict[str, Any]

# Keep the two uses of a seed apart: the order of the images, and what is done to each.
_ORDER, _TRANSFORMS = 0, 1
PADDING = -1


class TrainingSamples(Dataset[Sample]):
    """Sample k of a run: the images in a random order, each pass in another one, and a random part of each.

    Parameters
    ----------
    rows
        The training images; each must have a mask.
    inputs, standardisation
        What the network sees.
    seed
        Together with k, decides everything: the order of calls and the number of worker processes have no part.
    confidence_weighted
        Whether samples have `weight`, the annotation's confidence; 1 where a row has none.
    """

    def __init__(
        self,
        rows: Sequence[ManifestRow],
        inputs: InputSpec,
        standardisation: Standardisation,
        augmentation: Augmentation,
        seed: int,
        confidence_weighted: bool = False,
    ) -> None:
        self._rows = tuple(rows)
        self._inputs = inputs
        self._standardisation = standardisation
        self._augmentation = augmentation
        self._seed = seed
        self._confidence_weighted = confidence_weighted
        self._lookup = _level_table(standardisation) if inputs.kind == "rgb" else None
        self._order: tuple[int, NDArray[np.int64]] | None = None

    def index_of(self, k: int) -> int:
        """Return which image sample k shows: each once in every pass over all of them."""
        turn, place = divmod(k, len(self._rows))
        if self._order is None or self._order[0] != turn:
            rng = np.random.default_rng([self._seed, _ORDER, turn])
            self._order = (turn, rng.permutation(len(self._rows)))
        return int(self._order[1][place])

    def __getitem__(self, k: int) -> Sample:
        """Return sample k.

        Returns
        -------
        `image` (C, h, w) float32, standardised, 0 where padded; `label` (h, w) int64, 255 = ignore; `weight` (h, w)
        float32 in [0, 1], only if confidence-weighted; `index`, the position of the image in `rows`.
        """
        index = self.index_of(k)
        row = self._rows[index]
        rng = np.random.default_rng([self._seed, _TRANSFORMS, k])
        labels = _labels(row)
        window = draw_window(labels, self._augmentation, rng)
        crop = self._augmentation.crop
        sample = {
            "image": torch.from_numpy(self._image(row, window, rng)),
            "label": torch.from_numpy(pad(window.nearest(labels), crop, IGNORE).astype(np.int64)),
            "index": index,
        }
        if self._confidence_weighted:
            sample["weight"] = torch.from_numpy(pad(self._weight(row, window), crop, 0))
        return sample

    def _image(self, row: ManifestRow, window: Window, rng: np.random.Generator) -> FloatArray:
        """Return the window of the image, standardised and padded with 0, (C, h, w) float32."""
        if self._lookup is None:
            values = self._inputs.read_standardised(row, self._standardisation)
            _check_size(row, values.shape[:2], window.source)
            return np.ascontiguousarray(pad(window.bilinear(values), self._augmentation.crop, 0).transpose(2, 0, 1))
        import cv2

        image = read_image(row.image)
        _check_size(row, image.shape[:2], window.source)
        cut = window.bilinear(image)
        if self._augmentation.photometric:
            cut = distort(cut, rng)
        # Plane by plane: turning the axes of bytes is faster than turning those of floating-point numbers.
        standardised = np.zeros((3, *self._augmentation.crop), dtype=np.float32)
        for plane, levels, target in zip(cv2.split(cut), self._lookup, standardised, strict=True):
            target[: window.height, : window.width] = cv2.LUT(plane, levels)
        return standardised

    def _weight(self, row: ManifestRow, window: Window) -> FloatArray:
        if row.confidence is None:
            return np.ones((window.height, window.width), dtype=np.float32)
        confidence = read_confidence(row.confidence)
        _check_size(row, confidence.shape, window.source)
        return window.nearest(confidence)


class WholeImages(Dataset[Sample]):
    """Whole images with their masks, for validation: `image`, `label` and `index` as in `TrainingSamples`.

    The place -1 is padding, which makes the processes of a distributed run take equally many images: its label is 255
    everywhere, so that it counts for nothing.
    """

    def __init__(self, rows: Sequence[ManifestRow], inputs: InputSpec, standardisation: Standardisation) -> None:
        self._rows = tuple(rows)
        self._inputs = inputs
        self._standardisation = standardisation

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, place: int) -> Sample:
        """Return the image at a place, or padding for -1."""
        row = self._rows[max(place, 0)]
        image, labels = self._inputs.read_standardised(row, self._standardisation), _labels(row)
        _check_size(row, image.shape[:2], labels.shape)
        if place == PADDING:
            labels = np.full_like(labels, IGNORE)
        return {"image": _as_tensor(image), "label": torch.from_numpy(labels.astype(np.int64)), "index": place}


class SampleNumbers(Sampler[int]):
    """The numbers k of the samples that one process takes: `first` + rank, and every `num_processes`-th from there.

    There is no end: how long training takes is the trainer's to say.
    """

    def __init__(self, first: int, rank: int = 0, num_processes: int = 1) -> None:
        self._first = first + rank
        self._step = num_processes

    def __iter__(self) -> Iterator[int]:
        """Count up without end."""
        k = self._first
        while True:
            yield k
            k += self._step


class SharedPlaces(Sampler[int]):
    """The places of the images that one process takes in validation: each image once, and padding (-1) at the end."""

    def __init__(self, num: int, rank: int = 0, num_processes: int = 1) -> None:
        taken = list(range(rank, num, num_processes))
        self._places = taken + [PADDING] * (-(-num // num_processes) - len(taken))

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[int]:
        """Yield the places in order."""
        return iter(self._places)


def _labels(row: ManifestRow) -> LabelArray:
    if row.label is None:
        raise InputError(f"the image {row.image} has no mask; name one in the column label")
    return read_label_ids(row.label)


def _check_size(row: ManifestRow, size: tuple[int, ...], expected: tuple[int, ...]) -> None:
    if size != expected:
        raise InputError(
            f"{row.id!r} of the manifest has files of {size[0]} x {size[1]} and {expected[0]} x {expected[1]} pixels; "
            f"image, mask and confidence must agree"
        )


def _level_table(standardisation: Standardisation) -> FloatArray:
    """Return what each of the 256 levels of r, g and b becomes, (3, 256): looking up is faster than computing."""
    levels = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    return np.ascontiguousarray(standardisation.apply(levels).T)


def _as_tensor(image: FloatArray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1)))
