"""From a trained network to the file that is deployed: export, perhaps int8, and the model card beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hyperpoint.errors import InputError
from hyperpoint.io.files import StrPath, atomic_path, check_writable
from hyperpoint.io.manifest import Manifest, ManifestRow, read_manifest
from hyperpoint.segment.bundle import ModelBundle
from hyperpoint.segment.card import model_card
from hyperpoint.segment.export import TOLERANCE, ExportReport, check_suffix, export_model
from hyperpoint.segment.quantisation import QuantisationCost, measure_cost, quantise

Progress = Callable[[int, int, str], None]

_CALIBRATION_SPLIT = "train"


@dataclass(frozen=True)
class Deployment:
    """What was written, and how well it does.

    Attributes
    ----------
    path, card, format
        The file, its model card, and the format of the former.
    report
        The agreement of the network with PyTorch, before it was made int8.
    method
        "dynamic" or "static" for int8, else None.
    num_bytes
        Size of the network, and of its int8 version if there is one.
    cost
        What int8 costs; None if that was not measured.
    """

    path: Path
    card: Path
    format: str
    report: ExportReport
    num_bytes: tuple[int, ...]
    method: str | None = None
    cost: QuantisationCost | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON-serialisable values."""
        report = {key: value for key, value in asdict(self.report).items() if key != "path"}
        int8 = None
        if self.method is not None:
            sizes = {"bytes": self.num_bytes[0], "bytes_int8": self.num_bytes[1]}
            int8 = {"method": self.method, **sizes, **({} if self.cost is None else asdict(self.cost))}
        return {"path": str(self.path), "card": str(self.card), "format": self.format, **report, "quantisation": int8}

    def lines(self) -> list[str]:
        """Return the same for people, line by line."""
        report, cost = self.report, self.cost
        lines = [
            f"{self.format} of {self.num_bytes[0] / 1e6:.1f} MB; takes batches (N, C, H, W) float32 of any size, "
            f"standardised, and gives logits",
            f"against PyTorch on {report.num_random} random inputs and {report.num_images} images: logits differ by at "
            f"most {report.max_difference:.2g} (the largest is {report.largest_logit:.3g}), "
            f"{100 * report.label_agreement:.3f} % of labels agree",
        ]
        if self.format == "pt2":
            lines.append("load it by torch.export.load(file).module(check_guards=False)")
        if self.method is not None:
            lines.append(f"int8 ({self.method}): {self.num_bytes[1] / 1e6:.1f} MB")
        if cost is not None:
            lines.append(
                f"cost of int8 on {cost.num_images} images: mIoU {100 * cost.miou:.2f} % -> {100 * cost.miou_int8:.2f} "
                f"% ({100 * (cost.miou_int8 - cost.miou):+.2f} points), {1000 * cost.seconds:.0f} -> "
                f"{1000 * cost.seconds_int8:.0f} ms an image, {100 * cost.label_agreement:.2f} % of labels agree"
            )
        return lines


def deploy(
    run: StrPath,
    out: StrPath,
    format: str = "onnx",
    *,
    images: Sequence[StrPath] = (),
    tolerance: float = TOLERANCE,
    method: str | None = None,
    manifest: StrPath | None = None,
    split: str = "val",
    progress: Progress | None = None,
) -> Deployment:
    """Export a trained network, make it int8 if that is wanted, and write its model card.

    Parameters
    ----------
    run
        The folder of a training run, or its `model.safetensors`.
    out
        The file to write; the card gets its name with the suffix .md.
    format, tolerance
        As `export_model`.
    images
        Rgb images to compare with PyTorch on.
    method
        "dynamic" or "static": write int8 (ONNX only).
    manifest, split
        The images to calibrate on (its split train) and to measure the cost in mIoU on, for int8.
    progress
        Called with (done, total, name of the image) while that cost is measured.

    Raises
    ------
    InputError, MissingFileError, MissingExtraError, ExportError
        As `ModelBundle.load`, `export_model`, `quantise` and `measure_cost`; and if static quantisation is wanted
        without a manifest. No file is written then.
    """
    target = Path(out)
    card = target.with_suffix(".md")
    check_suffix(target, format)
    check_writable(target)
    if method is not None and format != "onnx":
        raise InputError(f"int8 is for the format onnx; got {format}")
    known = None if manifest is None else read_manifest(manifest)
    if method == "static" and known is None:
        raise InputError("static quantisation needs a manifest with the images to calibrate on (--manifest)")
    scored = known.of_split(split) if known is not None and method is not None else ()
    bundle = ModelBundle.load(run)
    rows = [ManifestRow(Path(image).stem, "", Path(image), None) for image in images]
    if method is None:
        report = export_model(bundle, target, format, images=rows, tolerance=tolerance)
        done = Deployment(target, card, format, report, (target.stat().st_size,))
    else:
        done = _deploy_int8(bundle, target, rows, tolerance, method, known, scored, progress)
    with atomic_path(card) as temporary:
        temporary.write_text(model_card(bundle, target.name, done.lines()), encoding="utf-8")
    return done


def _deploy_int8(
    bundle: ModelBundle,
    target: Path,
    images: Sequence[ManifestRow],
    tolerance: float,
    method: str,
    manifest: Manifest | None,
    scored: Sequence[ManifestRow],
    progress: Progress | None,
) -> Deployment:
    with TemporaryDirectory() as folder:
        full = Path(folder) / "full.onnx"
        report = export_model(bundle, full, images=images, tolerance=tolerance)
        calibration = manifest.of_split(_CALIBRATION_SPLIT) if manifest is not None and method == "static" else ()
        quantise(full, target, method, calibration)
        cost = measure_cost(full, target, scored, progress) if scored else None
        sizes = (full.stat().st_size, target.stat().st_size)
    return Deployment(target, target.with_suffix(".md"), "onnx", report, sizes, method, cost)
