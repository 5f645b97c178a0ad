"""int8 versions of exported networks, and what they cost in mIoU."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hyperpoint.cube import FloatArray
from hyperpoint.errors import InputError, MissingExtraError
from hyperpoint.io.files import StrPath, atomic_path
from hyperpoint.io.manifest import ManifestRow
from hyperpoint.io.masks import read_mask
from hyperpoint.metrics import ConfusionMatrix
from hyperpoint.segment.predictors.onnx_predictor import OnnxPredictor
from hyperpoint.types import LabelArray

Progress = Callable[[int, int, str], None]

METHODS = ("dynamic", "static")

# Images from which the ranges of activations are estimated. More change them little and take time.
MAX_CALIBRATION_IMAGES = 32
# Parts of images, for the activations of a whole one may not fit into memory.
_CALIBRATION_CROP = 512


@dataclass(frozen=True)
class QuantisationCost:
    """What int8 costs: `miou` and `seconds` an image of the network and of its int8 version, over `num_images`."""

    miou: float
    miou_int8: float
    seconds: float
    seconds_int8: float
    label_agreement: float
    num_images: int


def quantise(source: StrPath, out: StrPath, method: str, calibration: Sequence[ManifestRow] = ()) -> None:
    """Write the int8 version of an ONNX file that `export_model` has written; it bears the same facts.

    Parameters
    ----------
    source, out
        The .onnx files.
    method
        "dynamic": weights are int8, the range of activations is found anew for each image; small, but slower than
        float32 for convolutions. "static": ranges are fixed beforehand, which is fast.
    calibration
        For "static": images like those to come, such as the training images. At most 32 are used, evenly spread.

    Raises
    ------
    InputError
        If the method is unknown, there is no image to calibrate with, or `out` cannot be written.
    MissingExtraError
        If onnx or onnxruntime is not installed.
    """
    if method not in METHODS:
        raise InputError(f"unknown quantisation {method!r}; known are: {', '.join(METHODS)}")
    if method == "static" and not calibration:
        raise InputError("static quantisation needs images to calibrate with; give a manifest with a split train")
    try:
        import onnx
        from onnxruntime.quantization import QuantFormat, QuantType, quantize_dynamic, quantize_static
        from onnxruntime.quantization.shape_inference import quant_pre_process
    except ModuleNotFoundError as error:
        raise MissingExtraError("quantisation", error.name or "onnx", "deep") from None
    predictor = OnnxPredictor(source)
    with atomic_path(out) as temporary, _silent_root_logger():
        # Batch normalisation goes into the convolutions first, which only then can be int8.
        quant_pre_process(str(source), str(temporary), skip_symbolic_shape=True)
        prepared = onnx.load(str(temporary))
        if method == "dynamic":
            # ONNX Runtime's integer convolution takes only unsigned weights.
            quantize_dynamic(prepared, str(temporary), weight_type=QuantType.QUInt8)
        else:
            quantize_static(
                prepared,
                str(temporary),
                _reader(predictor, calibration),
                quant_format=QuantFormat.QDQ,
                per_channel=True,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
            )
        _copy_metadata(Path(source), temporary)


def measure_cost(
    path: StrPath, path_int8: StrPath, rows: Sequence[ManifestRow], progress: Progress | None = None
) -> QuantisationCost:
    """Score an ONNX file and its int8 version on the same labelled images.

    Raises
    ------
    InputError
        If an image has no mask, or no pixel is labelled.
    """
    predictors = (OnnxPredictor(path), OnnxPredictor(path_int8))
    classes = predictors[0].classes
    matrices = [ConfusionMatrix(len(classes)) for _ in predictors]
    seconds = [0.0, 0.0]
    num_equal = num_pixels = 0
    for number, row in enumerate(rows):
        if row.label is None:
            raise InputError(f"{row.id!r} has no mask, so its prediction cannot be scored; choose another split")
        truth, image = read_mask(row.label, classes), predictors[0].input.read(row)
        labels = []
        for which, predictor in enumerate(predictors):
            start = time.perf_counter()
            labels.append(predictor.predict(image).argmax(axis=0).astype(np.uint8))
            seconds[which] += time.perf_counter() - start
            _count(matrices[which], labels[which], truth, row)
        num_equal += int((labels[0] == labels[1]).sum())
        num_pixels += truth.size
        if progress is not None:
            progress(number + 1, len(rows), row.id)
    if not matrices[0].num_pixels:
        raise InputError("no pixel of the images to score is labelled; choose another split")
    return QuantisationCost(
        miou=matrices[0].miou,
        miou_int8=matrices[1].miou,
        seconds=seconds[0] / len(rows),
        seconds_int8=seconds[1] / len(rows),
        label_agreement=num_equal / num_pixels,
        num_images=len(rows),
    )


def _count(matrix: ConfusionMatrix, predicted: LabelArray, truth: LabelArray, row: ManifestRow) -> None:
    try:
        matrix.update(predicted, truth)
    except InputError as error:
        raise InputError(f"{row.image} against {row.label}: {error}") from None


def _reader(predictor: OnnxPredictor, rows: Sequence[ManifestRow]) -> Any:
    from onnxruntime.quantization import CalibrationDataReader

    class Reader(CalibrationDataReader):  # type: ignore[misc, unused-ignore]
        """Gives one part of an image after the other, and None at the end."""

        def __init__(self) -> None:
            self._parts = _calibration_parts(predictor, rows)

        def get_next(self) -> dict[str, FloatArray] | None:
            return next(self._parts, None)

    return Reader()


def _calibration_parts(predictor: OnnxPredictor, rows: Sequence[ManifestRow]) -> Iterator[dict[str, FloatArray]]:
    chosen = np.unique(np.linspace(0, len(rows) - 1, min(len(rows), MAX_CALIBRATION_IMAGES)).astype(int))
    for number in chosen:
        values = predictor.input.read_standardised(rows[number], predictor.facts.standardisation)
        height, width = (min(length, _CALIBRATION_CROP) for length in values.shape[:2])
        top, left = (values.shape[0] - height) // 2, (values.shape[1] - width) // 2
        part = values[top : top + height, left : left + width].transpose(2, 0, 1)[None]
        yield {predictor.input_name: np.ascontiguousarray(part)}


def _copy_metadata(source: Path, target: Path) -> None:
    import onnx

    model = onnx.load(str(target))
    known = onnx.load(str(source), load_external_data=False).metadata_props
    onnx.helper.set_model_props(model, {entry.key: entry.value for entry in known})
    onnx.save(model, str(target))


@contextmanager
def _silent_root_logger() -> Iterator[None]:
    """Hold back what onnxruntime.quantization says through the root logger, such as to preprocess what is."""
    root = logging.getLogger()
    disabled, root.disabled = root.disabled, True
    try:
        yield
    finally:
        root.disabled = disabled
