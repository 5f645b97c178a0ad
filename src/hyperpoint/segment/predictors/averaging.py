"""From one network to one answer for an image: as a whole or in windows, at several scales, mirrored. No PyTorch."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from hyperpoint.cube import FloatArray
from hyperpoint.segment.facts import ModelFacts
from hyperpoint.segment.predictors import Predictor
from hyperpoint.segment.predictors.inference import Inference
from hyperpoint.segment.predictors.windows import coverage, window_starts
from hyperpoint.types import LabelArray

Batch = TypeVar("Batch")  # (N, C, H, W) of whatever library computes


class AveragingPredictor(Predictor, Generic[Batch]):
    """A trained network that labels images of any size; subclasses say how a batch is computed.

    Parameters
    ----------
    facts
        What the network is and takes.
    inference
        How it is applied to an image.
    batch_size
        Images, or windows, that are computed at a time.

    Attributes
    ----------
    engine
        What computes, for people.
    """

    engine: str

    def __init__(self, facts: ModelFacts, inference: Inference, batch_size: int = 1) -> None:
        self.facts, self.inference, self.batch_size = facts, inference, batch_size

    def predict(self, image: NDArray[Any]) -> FloatArray:
        """Return the probabilities (num_classes, H, W) float32 of a raw image (H, W, C); see `Predictor`."""
        bands = self._bands(self._upload(image[None], False))
        return np.concatenate([self._download(band)[0] for band in bands], axis=1)

    def label(
        self, images: NDArray[Any], *, standardised: bool = False, confidence: bool = False
    ) -> tuple[LabelArray, FloatArray | None]:
        """Return the most likely class of every pixel of equally large images.

        Parameters
        ----------
        images
            (N, H, W, C), raw as for `predict`.
        standardised
            They are what `standardisation` makes of raw ones, float32.
        confidence
            Whether the probability of that class is wanted.

        Returns
        -------
        (N, H, W) uint8, and (N, H, W) float32 in [0, 1] or None.

        Raises
        ------
        InputError
            If the images have another number of channels, or do not fit into memory.
        """
        batch = self._upload(images, standardised)
        if not confidence and len(self.inference.views) == 1 and self._window(batch) is None:
            # The largest logit has the largest probability.
            view = self._view(batch, *self.inference.views[0])
            return self._largest(self._back(self._logits(view), batch, *self.inference.views[0]))[0], None
        found = [self._largest(band) for band in self._bands(batch)]
        labels = np.concatenate([ids for ids, _ in found], axis=1)
        return labels, np.concatenate([values for _, values in found], axis=1) if confidence else None

    def _bands(self, batch: Batch) -> Iterator[Batch]:
        """Yield the probabilities from top to bottom, (N, num_classes, rows, W); rows differ.

        Only the rows that windows still to come may touch are held, so that the memory that a large image takes does
        not grow with its height.
        """
        window = self._window(batch)
        if window is None:
            yield self._mean(batch)
            return
        height, width = self._size(batch)
        tops, lefts = (
            window_starts(*pair, self.inference.overlap) for pair in zip((height, width), window, strict=True)
        )
        down, across = coverage(tops, window[0], height), coverage(lefts, window[1], width)
        held = None
        for top, following in zip(tops, [*tops[1:], height], strict=True):
            held = self._add_windows(held, batch, top, lefts, window)
            done = following - top
            share = 1 / (down[top:following, None] * across[None])
            yield self._times(self._rows(held, 0, done), share.astype(np.float32))
            held = self._moved_up(held, done)

    def _add_windows(
        self, held: Batch | None, batch: Batch, top: int, lefts: Sequence[int], window: tuple[int, int]
    ) -> Batch:
        at_once = max(1, self.batch_size // self._num(batch))
        for first in range(0, len(lefts), at_once):
            some = lefts[first : first + at_once]
            found = self._mean(self._cut(batch, top, some, window))
            if held is None:
                held = self._empty(found, self._num(batch), window[0], self._size(batch)[1])
            self._add(held, found, some)
        assert held is not None
        return held

    def _window(self, batch: Batch) -> tuple[int, int] | None:
        """Return the size of the windows, none larger than the image; None if one would hold all of it."""
        if self.inference.window is None:
            return None
        size = self._size(batch)
        window = (min(self.inference.window[0], size[0]), min(self.inference.window[1], size[1]))
        return None if window == size else window

    def _mean(self, batch: Batch) -> Batch:
        """Return the mean probabilities over all views of a batch."""
        views = self.inference.views
        total = None
        for view in views:
            found = self._back(self._softmax(self._logits(self._view(batch, *view))), batch, *view)
            total = found if total is None else self._sum(total, found)
        assert total is not None
        return total if len(views) == 1 else self._times(total, np.float32(1 / len(views)))

    def _view(self, batch: Batch, scale: float, flip: bool) -> Batch:
        height, width = self._size(batch)
        size = (max(1, round(height * scale)), max(1, round(width * scale)))
        view = batch if size == (height, width) else self._resize(batch, size)
        return self._mirror(view) if flip else view

    def _back(self, found: Batch, batch: Batch, scale: float, flip: bool) -> Batch:
        found = self._mirror(found) if flip else found
        return found if self._size(found) == self._size(batch) else self._resize(found, self._size(batch))

    @abstractmethod
    def _upload(self, images: NDArray[Any], standardised: bool) -> Batch:
        """Return images (N, H, W, C) as a standardised batch (N, C, H, W) where it is computed."""

    @abstractmethod
    def _logits(self, batch: Batch) -> Batch:
        """Run the network."""

    @abstractmethod
    def _softmax(self, logits: Batch) -> Batch:
        """Turn logits into probabilities, perhaps in place."""

    @abstractmethod
    def _largest(self, scores: Batch) -> tuple[LabelArray, FloatArray]:
        """Return where along the classes the largest value is, (N, H, W) uint8, and that value."""

    @abstractmethod
    def _download(self, batch: Batch) -> FloatArray:
        """Return a batch as NumPy's."""

    @abstractmethod
    def _resize(self, batch: Batch, size: tuple[int, int]) -> Batch:
        """Interpolate bilinearly, as seen from the centres of the pixels."""

    @abstractmethod
    def _mirror(self, batch: Batch) -> Batch:
        """Swap left and right."""

    @abstractmethod
    def _concatenate(self, batches: Sequence[Batch]) -> Batch:
        """Put batches one after the other."""

    @abstractmethod
    def _zeros(self, like: Batch, shape: tuple[int, int, int, int]) -> Batch:
        """Return zeros where `like` is computed."""

    def _standardised(self, images: NDArray[Any], standardised: bool) -> FloatArray:
        values = images if standardised else self.standardisation.apply(images)
        return np.ascontiguousarray(values.transpose(0, 3, 1, 2))

    # What follows is written alike in NumPy and PyTorch.

    @staticmethod
    def _size(batch: Any) -> tuple[int, int]:
        return int(batch.shape[-2]), int(batch.shape[-1])

    @staticmethod
    def _num(batch: Any) -> int:
        return int(batch.shape[0])

    @staticmethod
    def _rows(batch: Any, first: int, last: int) -> Any:
        return batch[:, :, first:last]

    @staticmethod
    def _sum(total: Any, found: Any) -> Any:
        total += found
        return total

    def _times(self, batch: Any, factor: Any) -> Any:
        return batch * self._constant(batch, factor)

    def _constant(self, batch: Any, factor: Any) -> Any:
        """Return a number or (H, W) float32 so that it can be multiplied with a batch."""
        return factor

    def _cut(self, batch: Any, top: int, lefts: Sequence[int], window: tuple[int, int]) -> Batch:
        rows = slice(top, top + window[0])
        return self._concatenate([batch[:, :, rows, left : left + window[1]] for left in lefts])

    def _empty(self, found: Any, num: int, height: int, width: int) -> Batch:
        return self._zeros(found, (num, int(found.shape[1]), height, width))

    @staticmethod
    def _add(held: Any, found: Any, lefts: Sequence[int]) -> None:
        num, width = held.shape[0], found.shape[-1]
        for number, left in enumerate(lefts):
            held[..., left : left + width] += found[number * num : (number + 1) * num]

    def _moved_up(self, held: Any, done: int) -> Batch:
        moved: Any = self._zeros(held, tuple(held.shape))
        moved[:, :, : held.shape[2] - done] = held[:, :, done:]
        return moved  # type: ignore[no-any-return]
