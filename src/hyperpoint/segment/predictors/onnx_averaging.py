"""ONNX Runtime in windows, at several scales, mirrored: needs no PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hyperpoint.cube import FloatArray
from hyperpoint.segment.predictors import softmax
from hyperpoint.segment.predictors.averaging import AveragingPredictor
from hyperpoint.segment.predictors.inference import Inference
from hyperpoint.segment.predictors.onnx_predictor import OnnxPredictor
from hyperpoint.types import LabelArray

# Values compared at a time: they stay in the processor's cache.
_NUM_COMPARED = 1 << 14


class OnnxAveragingPredictor(AveragingPredictor[FloatArray]):
    """A network in an ONNX file, applied as `inference` says.

    Parameters
    ----------
    network
        The file, opened.
    batch_size
        Images, or windows, that are computed at a time.
    """

    def __init__(self, network: OnnxPredictor, inference: Inference | None = None, batch_size: int = 1) -> None:
        super().__init__(network.facts, inference or Inference(), batch_size)
        self._network = network
        self.engine = "ONNX Runtime"

    def _upload(self, images: NDArray[Any], standardised: bool) -> FloatArray:
        return self._standardised(images, standardised)

    def _logits(self, batch: FloatArray) -> FloatArray:
        return self._network.logits(np.ascontiguousarray(batch))

    def _softmax(self, logits: FloatArray) -> FloatArray:
        for one in logits:
            softmax(one)
        return logits

    def _largest(self, scores: FloatArray) -> tuple[LabelArray, FloatArray]:
        num, num_classes, height, width = scores.shape
        labels = np.zeros((num, height, width), dtype=np.uint8)
        values = scores[:, 0].copy()
        step = max(1, _NUM_COMPARED // width)
        for image, first in np.ndindex(num, -(-height // step)):
            part = slice(first * step, (first + 1) * step)
            ids, best = labels[image, part], values[image, part]
            for number in range(1, num_classes):
                plane = scores[image, number, part]
                np.putmask(ids, plane > best, number)
                np.maximum(best, plane, out=best)
        return labels, values

    def _download(self, batch: FloatArray) -> FloatArray:
        return batch

    def _resize(self, batch: FloatArray, size: tuple[int, int]) -> FloatArray:
        import cv2

        planes = batch.reshape(-1, *batch.shape[2:])
        resized = [cv2.resize(plane, size[::-1], interpolation=cv2.INTER_LINEAR) for plane in planes]
        return np.asarray(resized, dtype=np.float32).reshape(*batch.shape[:2], *size)

    def _mirror(self, batch: FloatArray) -> FloatArray:
        return batch[..., ::-1]

    def _concatenate(self, batches: Sequence[FloatArray]) -> FloatArray:
        return np.concatenate(batches)

    def _zeros(self, like: FloatArray, shape: tuple[int, int, int, int]) -> FloatArray:
        return np.zeros(shape, dtype=np.float32)
