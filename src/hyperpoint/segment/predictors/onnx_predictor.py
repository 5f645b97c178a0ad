"""Predict with ONNX Runtime: needs neither PyTorch nor the libraries of networks."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import shorten
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hyperpoint.cube import FloatArray
from hyperpoint.errors import InputError, MissingExtraError
from hyperpoint.io.files import StrPath, existing_file
from hyperpoint.segment.facts import facts_from_metadata
from hyperpoint.segment.predictors import Predictor, softmax

_MAX_TOLD = 300


class OnnxPredictor(Predictor):
    """A network that `hyperpoint export` has written as ONNX. Images may have any size; the network pads them itself.

    Parameters
    ----------
    path
        The .onnx file.
    num_threads
        Threads for one image; None: one for each core.
    providers
        What ONNX Runtime computes with, by preference, such as "CPUExecutionProvider"; None: all that it has.

    Attributes
    ----------
    path, facts
        The file, and what it says of the network.
    input_name
        Name of its input.

    Raises
    ------
    MissingFileError
        If there is no such file.
    InputError
        If it is no network that can be run, or does not say what it takes.
    MissingExtraError
        If onnxruntime is not installed.
    """

    def __init__(self, path: StrPath, num_threads: int | None = None, providers: Sequence[str] | None = None) -> None:
        self.path = file = existing_file(path, "network")
        try:
            import onnxruntime
        except ModuleNotFoundError:
            raise MissingExtraError(f"running {file}", "onnxruntime", "deploy") from None
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3  # errors; its warnings speak of its own optimisations
        options.intra_op_num_threads = num_threads or 0
        try:
            self._session = onnxruntime.InferenceSession(
                str(file), options, list(providers or onnxruntime.get_available_providers())
            )
        except Exception as error:
            if not _is_of_onnxruntime(error):
                raise
            raise InputError(f"{file} is no network that ONNX Runtime can run: {error}") from error
        self.facts = facts_from_metadata(self._session.get_modelmeta().custom_metadata_map, file)
        self.input_name: str = self._session.get_inputs()[0].name

    def predict(self, image: NDArray[Any]) -> FloatArray:
        """Return the probabilities (num_classes, H, W) float32 of a raw image (H, W, C); see `Predictor`."""
        standardised = self.standardisation.apply(image)
        return softmax(self.logits(np.ascontiguousarray(standardised.transpose(2, 0, 1))[None])[0])

    def logits(self, batch: FloatArray) -> FloatArray:
        """Return the logits (N, num_classes, H, W) of a standardised batch (N, C, H, W), both float32.

        Raises
        ------
        InputError
            If the network does not take such a batch, or it does not fit into memory.
        """
        try:
            result: list[Any] = self._session.run(None, {self.input_name: batch})
        except Exception as error:
            if not _is_of_onnxruntime(error):
                raise
            is_memory = "alloc" in str(error).lower()
            advice = "; use smaller windows (--window 512 512) or fewer at a time (--batch-size 1)" if is_memory else ""
            raise InputError(
                f"ONNX Runtime cannot run {self.path} on a batch of {' x '.join(map(str, batch.shape))}: "
                f"{shorten(str(error), _MAX_TOLD)}{advice}"
            ) from error
        logits: FloatArray = result[0]
        return logits


def _is_of_onnxruntime(error: Exception) -> bool:
    """Say whether it is one of the exceptions of ONNX Runtime, which have no common base but Exception."""
    return type(error).__module__.startswith("onnxruntime")
