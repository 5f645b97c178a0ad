"""`hyperpoint annotate-set`: all scenes of a data set or a manifest, by many processes or machines."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from hyperpoint.cli.common import is_quiet
from hyperpoint.cli.points import parse_ratio
from hyperpoint.cli.progress import progress_bar

if TYPE_CHECKING:
    from hyperpoint.batch.job import Draw, SceneJob
    from hyperpoint.batch.planning import Wishes
    from hyperpoint.batch.report import Report
    from hyperpoint.batch.run import Plan, Pool

# Of what is free; the rest is left to whatever else the machine is doing.
_SHARE_OF_MEMORY = 0.9
_UNITS = {"": 1, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "KI": 2**10, "MI": 2**20, "GI": 2**30, "TI": 2**40}
_SECONDS_OF_RATE = 3600.0


class _Size(click.ParamType[int]):
    """An amount of memory: "8G", "1500M", "7.5GiB"."""

    name = "size"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        parts = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?I?)B?", str(value).strip().upper())
        if parts is None or parts[2] not in _UNITS or not (size := int(float(parts[1]) * _UNITS[parts[2]])):
            self.fail(f"expected an amount such as 8G, 1500M or 7.5GiB; got {value!r}", param, ctx)
        return size


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
    type=_Size(),
    metavar="SIZE",
    help="Memory that the processes may take together, such as 8G.  [default: 90 % of what is free]",
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
    align: bool, seed: int, out: str, confidence: bool, workers: int | None, memory: int | None, dask: str | None,
    dry_run: bool,
) -> int:  # fmt: skip
    """Annotate all scenes of a data set or a manifest, and report on every one of them.

    Each scene is opened, given its points and annotated as `hyperpoint annotate` would; a cube is turned, and
    calibrated by the data set's white-reference class where a scene shows it. A scene that fails is a line in the
    report, and the others go on. Run the same command again after any interruption: only what is missing or has
    changed is done.

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
    _check_options(dataset, root, manifest, points, per_class, regions, workers, memory, dask)
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
    if dry_run:
        _print_standings(plan)
    if not is_quiet():
        click.echo(_forecast(plan, num_workers, bound, dask))
    if dry_run:
        return 0
    pool = _pool(num_workers, bound, dask)
    with progress_bar("annotating", seconds_of_rate=_SECONDS_OF_RATE) as progress:
        report = annotate_set(plan, pool, progress)
    if not is_quiet():
        click.echo(_summary(report))
    return 1 if report.counts["failed"] else 0


def _check_options(
    dataset: str | None, root: str | None, manifest: str | None, points: str | None, per_class: int | None,
    regions: int | None, workers: int | None, memory: int | None, dask: str | None,
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
    if dask is not None and (workers is not None or memory is not None):
        raise click.UsageError("--workers and --memory are for this machine; a Dask cluster has its own, so leave them")


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


def _pool(num_workers: int, memory: int, dask: str | None) -> Pool:
    if dask is not None:
        from hyperpoint.batch.dask_pool import DaskPool

        return DaskPool(dask)
    from hyperpoint.batch.pool import LocalPool

    return LocalPool(num_workers, memory)


def _print_standings(plan: Plan) -> None:
    width = max(len(job.id) for job in plan.jobs)
    for job in plan.jobs:
        click.echo(f"{job.id:<{width}}  {plan.standings[job.id].reason}")


def _forecast(plan: Plan, num_workers: int, memory: int, dask: str | None) -> str:
    """Say what there is to do and what memory it takes."""
    todo, done = len(plan.orders), len(plan.jobs) - len(plan.orders)
    counts = f"{len(plan.jobs)} scene{'s' * (len(plan.jobs) > 1)}: {done} done already, {todo} to annotate"
    if not todo:
        return counts
    need = plan.largest_need
    if dask is not None:
        return f"{counts} by {dask}, each with {_in_gb(need)} of memory at most"
    at_once = min(num_workers, todo, memory // need)
    if not at_once:
        return f"{counts}; the largest takes about {_in_gb(need)} of memory, more than the {_in_gb(memory)} allowed"
    return (
        f"{counts}, {at_once} at a time: about {_in_gb(need)} of memory each at most, {_in_gb(at_once * need)} of the "
        f"{_in_gb(memory)} allowed"
    )


def _in_gb(size: int) -> str:
    return f"{size / 1e9:.1f} GB"


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
