"""`hyperpoint datasets`: the data sets there are, and whether a copy of one is in order."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from hyperpoint.cli.common import add_common_options, is_quiet
from hyperpoint.cli.progress import progress_bar

if TYPE_CHECKING:
    from hyperpoint.catalog.checking import CopyReport
    from hyperpoint.catalog.dataset import Dataset


@click.group("datasets", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object to stdout: name -> data set.")
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """List the data sets that hyperpoint knows, with their classes, scenes and terms.

    None of them comes with hyperpoint. One of your own is a TOML file, whose path goes wherever a name does.

    \b
    Examples:
      hyperpoint datasets
      hyperpoint datasets check lib-hsi LIB-HSI
      hyperpoint datasets check mine.toml captures
    """
    if ctx.invoked_subcommand is not None:
        return
    from hyperpoint.catalog.dataset import dataset_names, load_dataset

    datasets = [load_dataset(name) for name in dataset_names()]
    if as_json:
        click.echo(json.dumps({dataset.name: _as_dict(dataset) for dataset in datasets}))
    else:
        click.echo("\n\n".join(_description(dataset) for dataset in datasets))


@command.command("check")
@click.argument("name")
@click.argument("root", type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object to stdout.")
@click.pass_context
def check(ctx: click.Context, name: str, root: str, as_json: bool) -> None:
    """Verify the copy of the data set NAME (or a .toml file) in the folder ROOT, which its splits lie in.

    Every scene must have its cube, photo and labels; all must be readable and fit each other; labels must be in the
    colours (or hold the ids) of the classes, cubes as long as their headers say. Exit status 1: something is wrong.

    \b
    Examples:
      hyperpoint datasets check lib-hsi LIB-HSI
      hyperpoint datasets check hsicity2 HSICityV2 --json
    """
    from hyperpoint.catalog.checking import check_copy
    from hyperpoint.catalog.dataset import load_dataset

    dataset = load_dataset(name)
    with progress_bar("checking") as progress:
        report = check_copy(dataset, root, progress)
    if as_json:
        click.echo(json.dumps({"dataset": dataset.name, "root": root, **report.to_dict()}))
    elif not is_quiet() or report.problems:
        click.echo(_findings(dataset, root, report))
    ctx.exit(1 if report.problems else 0)


add_common_options(check)


def _as_dict(dataset: Dataset) -> dict[str, Any]:
    pairs = zip(dataset.classes.names, dataset.classes.colors, dataset.groups, strict=True)
    white = dataset.white_reference
    return {
        "title": dataset.title,
        "source": dataset.source,
        "terms": dataset.terms,
        "notes": list(dataset.notes),
        "splits": list(dataset.splits),
        "num_scenes": dict(dataset.num_scenes),
        "rotate": dataset.rotate,
        "labels": dataset.labels,
        "white_reference": None if white is None else dataset.classes.names[white],
        "classes": [
            {"name": name, "color": list(color), "group": group, "scored": number not in dataset.unscored}
            for number, (name, color, group) in enumerate(pairs)
        ],
    }


def _description(dataset: Dataset) -> str:
    num, white = len(dataset.classes), dataset.white_reference
    panel = "no white reference in its labels" if white is None else f"white reference: {dataset.classes.names[white]}"
    scenes = ", ".join(f"{dataset.num_scenes.get(split, '?')} {split}" for split in dataset.splits)
    groups = len(set(dataset.groups))
    return "\n".join(
        [
            f"{dataset.name}: {dataset.title}",
            f"  {num} classes in {groups} groups, {num - len(dataset.unscored)} of them scored; {panel}",
            f"  scenes: {scenes}",
            f"  source: {dataset.source}",
            f"  terms: {dataset.terms}",
            *(f"  {note}" for note in dataset.notes),
        ]
    )


def _findings(dataset: Dataset, root: str, report: CopyReport) -> str:
    scenes = ", ".join(f"{num} {split}" for split, num in report.num_scenes.items())
    sizes = ", ".join(f"{rows} x {cols} ({num})" for (rows, cols), num in sorted(report.sizes.items()))
    bands = ", ".join(f"{bands} ({num})" for bands, num in sorted(report.num_bands.items()))
    num = len(report.problems)
    return "\n".join(
        [
            f"{dataset.name} in {root}: {scenes} scenes",
            f"  photos, rows x columns: {sizes or 'none'}",
            f"  bands: {bands or 'none'}",
            *(f"note: {note}" for note in report.notes),
            *(f"wrong: {problem}" for problem in report.problems),
            "nothing is wrong" if not num else f"{num} {'thing is' if num == 1 else 'things are'} wrong",
        ]
    )
