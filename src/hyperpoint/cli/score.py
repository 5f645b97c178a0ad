"""`hyperpoint score`: how well a mask, or a folder of masks, agrees with the truth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hyperpoint.cli.common import classes_from, classes_option
from hyperpoint.cli.progress import progress_bar

if TYPE_CHECKING:
    from hyperpoint.metrics import ConfusionMatrix
    from hyperpoint.types import ClassTable

# What `hyperpoint annotate` and `predict` write beside a mask, under the mask's name with these at its end.
_COMPANIONS = ("_preview", "_confidence", "_overlay")
_SHOWN_NAMES = 8


@click.command("score")
@click.argument("predicted", type=click.Path())
@click.argument("truth", type=click.Path())
@classes_option("Names the classes, and reads masks in colours")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object to stdout.")
def command(predicted: str, truth: str, classes: str | None, as_json: bool) -> None:
    """Score the mask PREDICTED against TRUTH, or a folder of masks against a folder of equal names.

    Pixels are pooled over the images. Those without truth (255) are not counted; a pixel that PREDICTED leaves
    unlabelled counts as wrong, and coverage is the share that it does label. Means are over the classes in the truth.

    \b
    Examples:
      hyperpoint score mask.png truth.png --classes classes.json
      hyperpoint score predicted/ labels/ --json

    \b
    JSON: {"accuracy", "mean_accuracy", "miou", "coverage", "num_pixels", "num_images",
           "per_class": [{"id", "name" (with --classes), "iou", "accuracy", "support"}, ...]}
    where shares lie in 0..1, null means that the class is not in the truth, and support counts pixels.
    """
    from hyperpoint.errors import InputError

    table = classes_from(classes)
    pairs = _pairs(Path(predicted), Path(truth))
    matrix = _score(pairs, table)
    if not matrix.num_pixels:
        raise InputError(f"nothing to score: every pixel of {truth} is unlabelled (255)")
    scores = {**matrix.to_dict(table), "num_images": len(pairs)}
    if as_json:
        click.echo(json.dumps(scores))
    else:
        print_scores(scores)


def _pairs(predicted: Path, truth: Path) -> list[tuple[Path, Path]]:
    from hyperpoint.errors import InputError

    if not predicted.is_dir() and not truth.is_dir():
        return [(predicted, truth)]
    if not (predicted.is_dir() and truth.is_dir()):
        raise InputError(f"give two masks or two folders; got {predicted} and {truth}, of which only one is a folder")
    found, wanted = _masks_in(predicted), _masks_in(truth)
    extra = [name for name in found.keys() - wanted.keys() if not _is_companion(name, found)]
    missing = [f"no {name} in {folder}" for folder, names in
               ((predicted, wanted.keys() - found.keys()), (truth, extra)) for name in sorted(names)]  # fmt: skip
    if missing:
        shown = "; ".join(missing[:_SHOWN_NAMES]) + ("; ..." if len(missing) > _SHOWN_NAMES else "")
        raise InputError(f"{len(missing)} masks have no counterpart in the other folder: {shown}")
    if not wanted:
        raise InputError(f"the folders {predicted} and {truth} hold no masks (PNG, TIFF or BMP)")
    return [(found[name], wanted[name]) for name in sorted(wanted)]


def _masks_in(folder: Path) -> dict[str, Path]:
    """Return the masks of a folder by name without suffix; hidden files (also `._*` of macOS) are none."""
    from hyperpoint.io.masks import MASK_SUFFIXES

    files = [file for file in folder.iterdir() if file.suffix.lower() in MASK_SUFFIXES and file.name[0] != "."]
    return {file.stem: file for file in files}


def _is_companion(name: str, masks: dict[str, Path]) -> bool:
    return any(name.removesuffix(end) in masks for end in _COMPANIONS if name.endswith(end))


def _score(pairs: list[tuple[Path, Path]], table: ClassTable | None) -> ConfusionMatrix:
    from hyperpoint.catalog.truth import read_truth
    from hyperpoint.errors import InputError
    from hyperpoint.io.masks import read_mask
    from hyperpoint.metrics import ConfusionMatrix
    from hyperpoint.types import MAX_CLASSES

    matrix = ConfusionMatrix(MAX_CLASSES if table is None else len(table))
    with progress_bar("scoring") as progress:
        for number, (predicted, truth) in enumerate(pairs):
            progress(number, len(pairs), predicted.name)
            labels, wanted = read_mask(predicted, table), read_truth(truth, table).labels
            try:
                matrix.update(labels, wanted)
            except InputError as error:
                raise InputError(f"{predicted} against {truth}: {error}") from None
    return matrix


def print_scores(scores: dict[str, Any]) -> None:
    """Print what `ConfusionMatrix.to_dict` gives, and its `num_images`, as a table for people."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE)
    table.add_column("class")
    for heading in ("IoU", "accuracy", "pixels"):
        table.add_column(heading, justify="right")
    for entry in scores["per_class"]:
        name = f"{entry['id']} {entry.get('name', '')}".strip()
        table.add_row(name, _share(entry["iou"]), _share(entry["accuracy"]), f"{entry['support']:,}")
    console = Console()
    console.print(table)
    console.print(
        f"accuracy {_share(scores['accuracy'])}   mean accuracy {_share(scores['mean_accuracy'])}   "
        f"mIoU {_share(scores['miou'])}\n"
        f"coverage {_share(scores['coverage'])}   {scores['num_pixels']:,} pixels   {scores['num_images']} images",
        highlight=False,
    )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.2f} %"
