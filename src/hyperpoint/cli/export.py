"""`hyperpoint export`: a trained network as a file to deploy."""

from __future__ import annotations

import json
from pathlib import Path

import click

from hyperpoint.cli.common import is_quiet
from hyperpoint.cli.progress import progress_bar

EXIT_DIFFERS = 1
_IMAGE_SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff"}


@click.command("export")
@click.argument("run", type=click.Path())
@click.option(
    "--format",
    "format_",
    type=click.Choice(["onnx", "torchscript", "pt2"]),
    default="onnx",
    show_default=True,
    help="ONNX, TorchScript, or a program of torch.export.",
)
@click.option(
    "--out",
    type=click.Path(),
    required=True,
    metavar="FILE",
    help="The file to write; its model card comes beside it, as .md.",
)
@click.option(
    "--images",
    type=click.Path(),
    multiple=True,
    metavar="PATH",
    help="Image, or folder of images, to compare with PyTorch on; may be repeated.",
)
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0),
    default=1e-3,
    show_default=True,
    help="Largest difference of logits allowed, as a share of the largest logit (at least 1).",
)
@click.option(
    "--quantise",
    type=click.Choice(["dynamic", "static"]),
    help="Write int8 instead (ONNX only); static calibrates on the split train of --manifest.",
)
@click.option(
    "--manifest",
    type=click.Path(),
    metavar="MANIFEST",
    help="With --quantise: images to calibrate on, and to measure the cost in mIoU on.",
)
@click.option("--split", default="val", show_default=True, help="The split to measure that cost on.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object to stdout.")
def command(
    run: str,
    format_: str,
    out: str,
    images: tuple[str, ...],
    tolerance: float,
    quantise: str | None,
    manifest: str | None,
    split: str,
    as_json: bool,
) -> int:
    """Write the trained network of RUN as a file to deploy, checked against PyTorch.

    The file takes images of any size and holds the classes, mean and std. If its logits differ from PyTorch's by more
    than the tolerance, nothing is written and the exit status is 1. `hyperpoint predict` runs an ONNX file without
    PyTorch.

    \b
    Examples:
      hyperpoint export runs/facades --out facades.onnx --images photos/
      hyperpoint export runs/facades --out facades-int8.onnx --quantise static --manifest data/manifest.csv

    \b
    JSON: {"path", "card", "format", "max_difference", "largest_logit", "label_agreement", "num_random",
           "num_images", "quantisation": null or {"method", "bytes", "bytes_int8", and with --manifest "miou",
           "miou_int8", "seconds", "seconds_int8", "label_agreement", "num_images"}}
    """
    if quantise is not None and format_ != "onnx":
        raise click.UsageError(f"--quantise is for --format onnx; got {format_}")
    if manifest is not None and quantise is None:
        raise click.UsageError("--manifest is for --quantise; give images to compare on with --images")
    from hyperpoint.errors import MissingExtraError

    try:
        from hyperpoint.segment.deployment import deploy
        from hyperpoint.segment.export import ExportError
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"torch", "safetensors"}:
            raise
        raise MissingExtraError("hyperpoint export", error.name or "torch", "deep") from None
    found = [image for path in images for image in _images(Path(path))]
    try:
        with progress_bar("exporting") as progress:
            done = deploy(
                run, out, format_, images=found, tolerance=tolerance, method=quantise, manifest=manifest, split=split,
                progress=progress,
            )  # fmt: skip
    except ExportError as error:
        click.echo(f"hyperpoint: {error}", err=True)
        return EXIT_DIFFERS
    if as_json:
        click.echo(json.dumps(done.to_dict()))
    elif not is_quiet():
        click.echo("\n".join([f"{done.path}, with its model card {done.card}", *done.lines()]))
    return 0


def _images(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    from hyperpoint.errors import InputError

    found = sorted(file for file in path.iterdir() if file.suffix.lower() in _IMAGE_SUFFIXES and file.name[0] != ".")
    if not found:
        raise InputError(f"the folder {path} holds no images (PNG, JPEG, TIFF or BMP)")
    return found
