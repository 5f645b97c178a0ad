"""Write a trained network as ONNX, TorchScript or an exported program, and check that it does the same as before."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from hyperpoint.cube import FloatArray
from hyperpoint.errors import HyperpointError, InputError, MissingExtraError
from hyperpoint.io.files import StrPath, atomic_path
from hyperpoint.io.manifest import ManifestRow
from hyperpoint.segment.bundle import ModelBundle
from hyperpoint.segment.models.base import SegmentationModel
from hyperpoint.segment.predictors.onnx_predictor import OnnxPredictor

# Format -> the suffixes that its files may have.
SUFFIXES = {"onnx": (".onnx",), "torchscript": (".pt", ".ts", ".torchscript"), "pt2": (".pt2",)}

# Largest difference of two logits, as a share of the largest logit (but at least 1). Sums in another order differ by
# some 1e-6 in float32; 1e-3 changes a probability by less than is shown.
TOLERANCE = 1e-3

_FACTS_FILE = "hyperpoint.json"
# Neither is a multiple of a stride, and one dimension is smaller than the widest receptive fields.
_EXAMPLE_BATCH, _EXAMPLE_SIZE = 2, (97, 131)
_RANDOM_SHAPES = ((1, 64, 64), (2, 65, 97), (3, 128, 64), (1, 33, 250))

Runner = Callable[[FloatArray], FloatArray]


class ExportError(HyperpointError, RuntimeError):
    """A network cannot be exported, or the exported one gives other results."""


@dataclass(frozen=True)
class ExportReport:
    """How well an exported network agrees with PyTorch.

    Attributes
    ----------
    path
        The file.
    max_difference
        Largest difference of two logits.
    largest_logit
        Largest logit in absolute value, by which to judge the former.
    label_agreement
        Share of pixels with the same label, 0..1.
    num_random, num_images
        How many random inputs and real images were tried.
    """

    path: Path
    max_difference: float
    largest_logit: float
    label_agreement: float
    num_random: int
    num_images: int


def export_model(
    bundle: ModelBundle,
    out: StrPath,
    format: str = "onnx",
    *,
    images: Sequence[ManifestRow] = (),
    tolerance: float = TOLERANCE,
    seed: int = 0,
) -> ExportReport:
    """Write a trained network for use without hyperpoint's training code, for images of any size.

    The file takes standardised batches (N, C, H, W) float32 and gives logits (N, num_classes, H, W); it holds the facts
    of the bundle. It is compared with PyTorch before it gets its name.

    Parameters
    ----------
    format
        "onnx", "torchscript" or "pt2": a program of `torch.export`, which is to be loaded by
        `torch.export.load(path).module(check_guards=False)`.
    images
        Real images to compare on, besides random numbers.
    tolerance
        Largest difference of logits, as a share of the largest logit (at least 1).
    seed
        Of the random numbers.

    Raises
    ------
    InputError
        If `out` cannot be written, or its suffix is not that of the format.
    ExportError
        If the network cannot be exported or differs by more than the tolerance; no file is written then.
    MissingExtraError
        If onnx, onnxscript or onnxruntime is needed and not installed.
    """
    check_suffix(out, format)
    model = bundle.build()
    with atomic_path(out) as temporary:
        with _without_warnings():
            try:
                _WRITERS[format](model, bundle, temporary)
            except ModuleNotFoundError as error:
                raise MissingExtraError("the export to ONNX", error.name or "onnx", "deep") from None
            except (RuntimeError, ValueError, TypeError, AssertionError) as error:
                # What the exporters raise for code in a library's network that they cannot follow.
                raise ExportError(
                    f"{model.name} cannot be written as {format}: {str(error).strip().partition(chr(10))[0]}; try "
                    f"another format"
                ) from error
            run = _open(temporary, format)
        inputs = [*_random_inputs(bundle.in_channels, seed), *_real_inputs(bundle, images)]
        report = _compare(model, run, inputs, Path(out), len(images))
        _check(report, tolerance)
    return report


def check_suffix(out: StrPath, format: str) -> None:
    """Make sure that the name of a file fits its format.

    Raises
    ------
    InputError
        If the format is unknown, or the suffix is another.
    """
    if format not in SUFFIXES:
        raise InputError(f"unknown format {format!r}; known are: {', '.join(SUFFIXES)}")
    if Path(out).suffix.lower() not in SUFFIXES[format]:
        raise InputError(f"a file of the format {format} must end in {' or '.join(SUFFIXES[format])}; got {out}")


def _export_program(model: SegmentationModel) -> torch.export.ExportedProgram:
    example = torch.zeros(_EXAMPLE_BATCH, model.in_channels, *_EXAMPLE_SIZE)
    free = dict.fromkeys((0, 2, 3), torch.export.Dim.DYNAMIC)
    with torch.no_grad():
        return torch.export.export(model, (example,), dynamic_shapes=(free,))


def _write_onnx(model: SegmentationModel, bundle: ModelBundle, path: Path) -> None:
    import onnx  # noqa: F401  torch.onnx asks for it in the middle of its work
    import onnx_ir

    program = torch.onnx.export(_export_program(model), input_names=["image"], output_names=["logits"], verbose=False)
    assert program is not None
    for value, channels in ((program.model.graph.inputs[0], model.in_channels),
                            (program.model.graph.outputs[0], model.num_classes)):  # fmt: skip
        value.shape = onnx_ir.Shape(["batch", channels, "height", "width"])
    program.model.metadata_props.update(bundle.to_metadata())
    program.save(path, external_data=False)


def _write_torchscript(model: SegmentationModel, bundle: ModelBundle, path: Path) -> None:
    example = torch.zeros(_EXAMPLE_BATCH, model.in_channels, *_EXAMPLE_SIZE)
    with torch.no_grad():
        traced = torch.jit.trace(model, example, check_trace=False)  # type: ignore[no-untyped-call]
    torch.jit.save(traced, str(path), _extra_files={_FACTS_FILE: _facts_text(bundle)})


def _write_pt2(model: SegmentationModel, bundle: ModelBundle, path: Path) -> None:
    torch.export.save(_export_program(model), str(path), extra_files={_FACTS_FILE: _facts_text(bundle)})


_WRITERS: dict[str, Callable[[SegmentationModel, ModelBundle, Path], None]] = {
    "onnx": _write_onnx,
    "torchscript": _write_torchscript,
    "pt2": _write_pt2,
}


def _facts_text(bundle: ModelBundle) -> str:
    return json.dumps(bundle.to_dict(), ensure_ascii=False)


def _open(path: Path, format: str) -> Runner:
    if format == "onnx":
        return OnnxPredictor(path).logits
    module: Any
    if format == "torchscript":
        module = torch.jit.load(str(path))  # type: ignore[no-untyped-call]
    else:
        # Guards would insist on what tracing saw: several images, of a size that needs padding.
        module = torch.export.load(str(path)).module(check_guards=False)

    def run(batch: FloatArray) -> FloatArray:
        with torch.no_grad():
            logits: Tensor = module(torch.from_numpy(batch))
        return logits.numpy()

    return run


def _random_inputs(channels: int, seed: int) -> Iterator[FloatArray]:
    rng = np.random.default_rng(seed)
    for batch, height, width in _RANDOM_SHAPES:
        yield rng.standard_normal((batch, channels, height, width), dtype=np.float32)


def _real_inputs(bundle: ModelBundle, rows: Sequence[ManifestRow]) -> Iterator[FloatArray]:
    for row in rows:
        values = bundle.input.read_standardised(row, bundle.standardisation)
        yield np.ascontiguousarray(values.transpose(2, 0, 1))[None]


def _compare(
    model: SegmentationModel,
    run: Runner,
    inputs: Sequence[FloatArray],
    path: Path,
    num_images: int,
) -> ExportReport:
    difference = largest = 0.0
    num_equal = num_pixels = 0
    for batch in inputs:
        with torch.no_grad():
            wanted = model(torch.from_numpy(batch)).numpy()
        got = run(batch)
        if got.shape != wanted.shape:
            raise ExportError(f"the exported network gives logits of {got.shape} instead of {wanted.shape}")
        # Not Python's max, which passes over NaN.
        difference = float(np.maximum(difference, np.abs(got - wanted).max()))
        largest = float(np.maximum(largest, np.abs(wanted).max()))
        num_equal += int((got.argmax(axis=1) == wanted.argmax(axis=1)).sum())
        num_pixels += wanted[:, 0].size
    return ExportReport(
        path=path,
        max_difference=difference,
        largest_logit=largest,
        label_agreement=num_equal / num_pixels,
        num_random=len(inputs) - num_images,
        num_images=num_images,
    )


def _check(report: ExportReport, tolerance: float) -> None:
    # Written so that NaN fails.
    if not report.max_difference <= tolerance * max(1.0, report.largest_logit):
        raise ExportError(
            f"the exported network differs from PyTorch by up to {report.max_difference:.3g} in logits of up to "
            f"{report.largest_logit:.3g} (tolerance {tolerance:g} of the largest), and labels "
            f"{100 * report.label_agreement:.2f} % of pixels alike; {report.path} is not written"
        )


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Keep from users that TorchScript is deprecated, and what tracing says of branches in the libraries' networks."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"`torch\.jit\.", category=FutureWarning)
        warnings.filterwarnings("ignore", category=torch.jit.TracerWarning)  # type: ignore[attr-defined]
        yield
