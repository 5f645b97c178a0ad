"""Open a trained network by its path, whatever wrote it; PyTorch is imported only for those that need it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from hyperpoint.errors import InputError, MissingExtraError
from hyperpoint.io.files import StrPath
from hyperpoint.segment.predictors.averaging import AveragingPredictor
from hyperpoint.segment.predictors.inference import Inference
from hyperpoint.segment.predictors.onnx_averaging import OnnxAveragingPredictor
from hyperpoint.segment.predictors.onnx_predictor import OnnxPredictor

# Packages of the extra "deep" whose absence is not a fault in the code.
_DEEP_PACKAGES = ("torch", "safetensors")
_CPU, _CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"


def open_predictor(
    path: StrPath,
    device: str = "auto",
    *,
    precision: str = "32",
    inference: Inference | None = None,
    batch_size: int | None = None,
) -> AveragingPredictor[Any]:
    """Open a trained network to predict with.

    Parameters
    ----------
    path
        The folder of a training run, its `model.safetensors`, or an .onnx file that `hyperpoint export` has written.
    device
        "auto" (a GPU if there is one), "cpu", "cuda", "cuda:1", ...
    precision
        "32", or mixed "bf16" or "fp16"; an ONNX file has its own.
    inference
        How it is applied to an image; None: to the whole of it, as it is.
    batch_size
        Images, or windows, that are computed at a time; None: 8 by PyTorch on a GPU, else 1.

    Raises
    ------
    MissingFileError, InputError
        If there is no network at `path`, it is damaged, or the device or precision cannot be used.
    MissingExtraError
        If PyTorch, or for an ONNX file ONNX Runtime, is not installed.
    """
    if Path(path).suffix.lower() == ".onnx":
        return _open_onnx(path, device, precision, inference, batch_size)
    try:
        from hyperpoint.segment.bundle import ModelBundle
        from hyperpoint.segment.predictors.torch_predictor import TorchPredictor
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in _DEEP_PACKAGES:
            raise
        raise MissingExtraError(f"running {path} (an .onnx file needs less)", package, "deep") from None
    return TorchPredictor(ModelBundle.load(path), device, precision, inference, batch_size)


def _open_onnx(
    path: StrPath, device: str, precision: str, inference: Inference | None, batch_size: int | None
) -> OnnxAveragingPredictor:
    if precision != "32":
        raise InputError(f"{path} has a precision of its own; precision {precision} is for networks run by PyTorch")
    # ONNX Runtime has threads of its own, which do not read what limits those of others.
    threads = os.environ.get("OMP_NUM_THREADS", "")
    network = OnnxPredictor(path, int(threads) if threads.isdecimal() else None, _providers(path, device))
    return OnnxAveragingPredictor(network, inference, batch_size or 1)


def _providers(path: StrPath, device: str) -> list[str] | None:
    if device == "auto":
        return None
    wanted = {"cpu": [_CPU], "cuda": [_CUDA, _CPU]}.get(device)
    if wanted is None:
        raise InputError(f"ONNX Runtime runs {path} on auto, cpu or cuda; got the device {device!r}")
    try:
        from onnxruntime import get_available_providers
    except ModuleNotFoundError:
        return None  # which the predictor says
    if wanted[0] not in get_available_providers():
        raise InputError(f"the ONNX Runtime installed here has no {device}; install onnxruntime-gpu, or use cpu")
    return wanted
