"""`hyperpoint annotate-set`: all scenes of a data set or a manifest, by many processes or machines."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from hyperpoint.cli.common import is_quiet
from hyperpoint.cli.forecast import forecast, print_standings
from hyperpoint.cli.points import parse_ratio
from hyperpoint.cli.progress import progress_bar
from hyperpoint.cli.sizes import Size

if TYPE_CHECKING:
    from hyperpoint.annotation.recipe import Recipe
    from hyperpoint.batch.job import Draw, SceneJob
    from hyperpoint.batch.planning import Wishes
    from hyperpoint.batch.report import Report
    from hyperpoint.batch.run import Pool

# Of what is free; the rest is left to whatever else the machine is doing.
_SHARE_OF_MEMORY = 0.9
# On a CPU the networks of one scene keep a core busy already; an accelerator has room for many (not measured).
_SCENES_AT_ONCE = {"cuda": 32}
_SECONDS_OF_RATE = 3600.0


@click.command("annotate-set")
@click.option("--dataset", metavar="NAME", help="The data set that lies in --root: lib-hsi, hsicity2, or a .toml file.")
@click.option("--root", type=click.Path(), metavar="FOLDER", help="The folder that the splits of --dataset lie in.")
@click.option(
    "--manifest",
    type=click.Path(),
    metavar="M.csv",
    help="Or the scenes of a manifest, whose column `cube` names their cubes.",
)
@click.option("--split", metavar="NAME", help="Annotate the scenes of this split only.  [default: all]")
@click.option(
    "--points", type=click.Path(), metavar="DIR", help="Labelled points: a CSV `row,col,label` a scene, DIR/<id>.csv."
)
@click.option(
    "--per-class", type=click.IntRange(min=1), metavar="K", help="Or draw K pixels of each class from the truth."
)
@click.option(
    "--regions", type=click.IntRange(min=1), metavar="N", help="Or draw as the paper does, in each of N regions."
)
@click.option(
    "--per-region",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    metavar="K",
    help="With --regions: draw K pixels in each.",
)
@click.option(
    "--ratio",
    callback=parse_ratio,
    default="1:4",
    show_default=True,
    metavar="A:U",
    help="With --regions: annotated to unannotated points.",
)
@click.option("--recipe", help="How to annotate: a name from `hyperpoint recipes`, or a .toml file.")
@click.option("--align", is_flag=True, help="Find the shift between each cube and its rgb image, and apply it.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seeds every random draw.")
@click.option("--out", required=True, type=click.Path(), metavar="DIR", help="Folder of the masks, <id>.png.")
@click.option("--confidence", is_flag=True, help="Also write <id>_confidence.png: 16 bit, 65535 = certain.")
@click.option(
    "--workers", type=click.IntRange(min=1), metavar="N", help="Processes of one thread each.  [default: all cores]"
)
@click.option(
    "--memory",
    type=Size(),
    metavar="SIZE",
    help="Memory that the processes may take together, such as 8G.  [default: 90 % of what is free]",
)
@click.option(
    "--scenes-at-once",
    type=click.IntRange(min=1),
    metavar="N",
    help="Scenes whose networks each process trains side by side, held in memory together.  "
    "[default: 32 with an accelerator, else 1]",
)
@click.option(
    "--dask",
    metavar="ADDRESS",
    help="Send the scenes to a Dask cluster, tcp://host:8786, or to local:N processes of Dask's on this machine.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be done and what it would take; write nothing.")
def command(
    dataset: str | None, root: str | None, manifest: str | None, split: str | None, points: str | None,
    per_class: int | None, regions: int | None, per_region: int, ratio: tuple[float, float], recipe: str | None,
    align: bool, seed: int, out: str, confidence: bool, workers: int | None, memory: int | None,
    scenes_at_once: int | None, dask: str | None, dry_run: bool,
) -> int:  # fmt: skip
    """Annotate all scenes of a data set or a manifest, and report on every one of them.

    Each scene is opened, given its points and annotated as `hyperpoint annotate` would; a cube is turned, and
    calibrated by the data set's white-reference class where a scene shows it. A scene that fails is a line in the
    report, and the others go on. Run the same command again after any interruption: only what is missing or has
    changed is done. With --scenes-at-once a scene keeps 10 bytes a pixel and, for TwoCNN, 50 MB while it waits for
    the others of its group.

    \b
    Examples:
      hyperpoint annotate-set --dataset lib-hsi --root LIB-HSI --split train --regions 100 --out masks
      hyperpoint annotate-set --dataset hsicity2 --root HSICityV2 --points clicks --out masks --memory 8G
      hyperpoint annotate-set --manifest m.csv --per-class 20 --recipe paper-svm --out masks --dask tcp://head:8786
      hyperpoint manifest --dataset lib-hsi --root LIB-HSI --train-masks masks --out masks.csv

    \b
    DIR: <id>.png and <id>.json (how it was made), <id>.csv (the points) where they are drawn,
    report.csv, report.html. The exit status is 1 if a scene failed.
    """
    _check_options(dataset, root, manifest, points, per_class, regions)
    if dask is not None and (workers or memory or scenes_at_once):
        raise click.UsageError(
            "--workers, --memory and --scenes-at-once are for this machine; a Dask cluster has its own, so leave them"
        )
    from hyperpoint.annotation.recipe import get_recipe
    from hyperpoint.batch.planning import Wishes
    from hyperpoint.batch.run import annotate_set, make_plan

    wishes = Wishes(
        Path(out), get_recipe(recipe), None if points is None else Path(points),
        _draw(per_class, regions, per_region, ratio), split, seed, align, confidence,
    )  # fmt: skip
    jobs = _jobs(dataset, root, manifest, wishes)
    with progress_bar("looking") as progress:
        plan = make_plan(jobs, progress)
    num_workers, bound = workers or _num_cores(), memory or _free_memory()
    at_once = 1 if dask is not None else _scenes_at_once(wishes.recipe, scenes_at_once)
    if dry_run:
        print_standings(plan)
    if not is_quiet():
        click.echo(forecast(plan, num_workers, bound, dask, at_once))
    if dry_run:
        return 0
    pool = _pool(num_workers, bound, dask, at_once)
    with progress_bar("annotating", seconds_of_rate=_SECONDS_OF_RATE) as progress:
        report = annotate_set(plan, pool, progress)
    if not is_quiet():
        click.echo(_summary(report))
    return 1 if report.counts["failed"] else 0


def _check_options(
    dataset: str | None, root: str | None, manifest: str | None, points: str | None, per_class: int | None,
    regions: int | None,
) -> None:  # fmt: skip
    if (dataset is None) == (manifest is None):
        raise click.UsageError("say where the scenes come from: either --dataset (with --root) or --manifest")
    if (dataset is None) != (root is None):
        raise click.UsageError("--dataset NAME and --root FOLDER, where its copy lies, go together")
    if sum(source is not None for source in (points, per_class, regions)) != 1:
        raise click.UsageError("say where the points come from: one of --points, --per-class, --regions")
    ctx = click.get_current_context()
    for name in ("per_region", "ratio"):
        if regions is None and ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"--{name.replace('_', '-')} says how to draw in regions; give --regions N too")


def _draw(per_class: int | None, regions: int | None, per_region: int, ratio: tuple[float, float]) -> Draw | None:
    from hyperpoint.batch.job import Draw

    if per_class is not None:
        return Draw(per_class=per_class)
    return None if regions is None else Draw(None, regions, per_region, ratio)


def _jobs(dataset: str | None, root: str | None, manifest: str | None, wishes: Wishes) -> list[SceneJob]:
    from hyperpoint.batch.planning import jobs_of_dataset, jobs_of_manifest
    from hyperpoint.catalog.dataset import load_dataset

    if manifest is not None:
        return jobs_of_manifest(manifest, wishes)
    assert dataset is not None
    assert root is not None
    source = str(Path(dataset).absolute()) if dataset.endswith(".toml") else dataset
    return jobs_of_dataset(load_dataset(dataset), root, wishes, source)


def _num_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _free_memory() -> int:
    from hyperpoint.batch.memory import available_memory

    return int(_SHARE_OF_MEMORY * available_memory())


def _scenes_at_once(recipe: Recipe, wanted: int | None) -> int:
    """Return how many scenes learn side by side: what is wanted, or what the device that trains is best at."""
    from hyperpoint.spectral import is_network

    if recipe.method != "superpixel-vote" or not is_network(recipe.classifier):
        if wanted is not None:
            raise click.UsageError(
                f"--scenes-at-once is for recipes that train networks, such as paper-twocnn; {recipe.name} trains none"
            )
        return 1
    if wanted is not None:
        return wanted
    from hyperpoint.spectral.networks.device import choose_device

    device = choose_device(recipe.classifier_params.get("device", "auto"))
    return _SCENES_AT_ONCE.get(device.type, 1)


def _pool(num_workers: int, memory: int, dask: str | None, scenes_at_once: int) -> Pool:
    if dask is not None:
        from hyperpoint.batch.dask_pool import DaskPool

        return DaskPool(dask)
    from hyperpoint.batch.pool import LocalPool

    return LocalPool(num_workers, memory, scenes_at_once)


def _summary(report: Report) -> str:
    counts = report.counts
    text = f"{counts['annotated']} annotated, {counts['kept']} kept, {counts['failed']} failed"
    if counts["annotated"]:
        text += f"; {report.rate:.2f} scenes/s"
    if report.num_scored:
        text += f"; mIoU {100 * report.matrix.miou:.2f} %, accuracy {100 * report.matrix.accuracy:.2f} %"
    if num_noted := sum(bool(result.notes) for result in report.results):
        text += f"; {num_noted} with remarks, see the report"
    return f"{text}\nwrote {report.task.out / 'report.html'}"
