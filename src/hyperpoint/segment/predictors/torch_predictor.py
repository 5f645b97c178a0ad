"""Predict with PyTorch, on the CPU or a GPU."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from hyperpoint.cube import FloatArray
from hyperpoint.errors import InputError
from hyperpoint.segment.bundle import ModelBundle
from hyperpoint.segment.predictors.averaging import AveragingPredictor
from hyperpoint.segment.predictors.inference import Inference
from hyperpoint.types import LabelArray

_BATCH_SIZE_ON_GPU = 8
PRECISIONS = {"32": None, "bf16": torch.bfloat16, "fp16": torch.float16}


class TorchPredictor(AveragingPredictor[Tensor]):
    """A trained network run by PyTorch.

    Parameters
    ----------
    bundle
        The network.
    device
        "cpu", "cuda", "cuda:1", ...; "auto": a GPU if there is one.
    precision
        "32", or mixed "bf16" or "fp16".
    inference
        How it is applied to an image.
    batch_size
        Images, or windows, that are computed at a time; None: 8 on a GPU, else 1.

    Raises
    ------
    InputError
        If there is no such device or precision, or the weights do not fit the architecture.
    """

    def __init__(
        self,
        bundle: ModelBundle,
        device: str = "auto",
        precision: str = "32",
        inference: Inference | None = None,
        batch_size: int | None = None,
    ) -> None:
        if precision not in PRECISIONS:
            raise InputError(f"unknown precision {precision!r}; known are: {', '.join(PRECISIONS)}")
        self.device = find_device(device)
        usual = 1 if self.device.type == "cpu" else _BATCH_SIZE_ON_GPU
        super().__init__(bundle.facts, inference or Inference(), batch_size or usual)
        self.engine = f"PyTorch on {self.device}, precision {precision}"
        self.model = bundle.build().to(self.device)
        self._dtype = PRECISIONS[precision]
        spec = self.standardisation
        self._channel_mean, self._channel_std = (
            torch.from_numpy(values.copy()).to(self.device)[:, None, None] for values in (spec.mean, spec.std)
        )

    def predict(self, image: NDArray[Any]) -> FloatArray:
        """Return the probabilities (num_classes, H, W) float32 of a raw image (H, W, C); see `Predictor`."""
        with torch.inference_mode():
            return super().predict(image)

    def label(
        self, images: NDArray[Any], *, standardised: bool = False, confidence: bool = False
    ) -> tuple[LabelArray, FloatArray | None]:
        """Return the most likely class of every pixel of equally large images; see `AveragingPredictor`."""
        with torch.inference_mode():
            return super().label(images, standardised=standardised, confidence=confidence)

    def _upload(self, images: NDArray[Any], standardised: bool) -> Tensor:
        if (
            images.dtype != np.uint8
            or images.shape[-1] != len(self._channel_mean)
            or self.standardisation.basis is not None
        ):
            return torch.from_numpy(self._standardised(images, standardised)).to(self.device)
        # As bytes, for a fourth of the way to the GPU.
        batch = torch.from_numpy(np.ascontiguousarray(images)).to(self.device).permute(0, 3, 1, 2)
        return (batch.to(torch.float32, memory_format=torch.contiguous_format) - self._channel_mean).div_(
            self._channel_std
        )

    def _logits(self, batch: Tensor) -> Tensor:
        mixed = nullcontext() if self._dtype is None else torch.autocast(self.device.type, dtype=self._dtype)
        with mixed, _out_of_memory_explained(batch):
            logits: Tensor = self.model(batch)
            return logits.float()

    def _softmax(self, logits: Tensor) -> Tensor:
        return logits.softmax(dim=1)

    def _largest(self, scores: Tensor) -> tuple[LabelArray, FloatArray]:
        values, labels = scores.max(dim=1)  # several times as fast as argmax on the CPU
        return labels.to(torch.uint8).cpu().numpy(), values.cpu().numpy()

    def _download(self, batch: Tensor) -> FloatArray:
        values: FloatArray = batch.cpu().numpy()
        return values

    def _resize(self, batch: Tensor, size: tuple[int, int]) -> Tensor:
        return nn.functional.interpolate(batch, size=size, mode="bilinear", align_corners=False)

    def _mirror(self, batch: Tensor) -> Tensor:
        return batch.flip(-1)

    def _concatenate(self, batches: Sequence[Tensor]) -> Tensor:
        return torch.cat(list(batches))

    def _zeros(self, like: Tensor, shape: tuple[int, int, int, int]) -> Tensor:
        return torch.zeros(shape, device=like.device)

    def _constant(self, batch: Tensor, factor: Any) -> Any:
        return torch.from_numpy(factor).to(batch.device) if isinstance(factor, np.ndarray) else float(factor)


def find_device(name: str) -> torch.device:
    """Return the device called `name`; "auto" is a GPU if there is one, else the CPU.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError, ValueError) as error:
        raise InputError(
            f"there is no device {name!r} to compute on ({str(error).splitlines()[0]}); use auto, cpu or cuda"
        ) from error
    return device


@contextmanager
def _out_of_memory_explained(batch: Tensor) -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        # The allocator of the CPU has no exception of its own.
        if not isinstance(error, torch.OutOfMemoryError) and "DefaultCPUAllocator" not in str(error):
            raise
        num, _, height, width = batch.shape
        raise InputError(
            f"{num} images or windows of {height} x {width} pixels do not fit into the memory of {batch.device}; use "
            f"smaller windows (--window 512 512) or fewer at a time (--batch-size 1)"
        ) from error
