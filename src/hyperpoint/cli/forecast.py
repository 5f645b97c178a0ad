"""What `hyperpoint annotate-set` says before it begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from hyperpoint.batch.run import Plan


def print_standings(plan: Plan) -> None:
    """Print how every scene stands."""
    width = max(len(job.id) for job in plan.jobs)
    for job in plan.jobs:
        click.echo(f"{job.id:<{width}}  {plan.standings[job.id].reason}")


def forecast(plan: Plan, num_workers: int, memory: int, dask: str | None, scenes_at_once: int) -> str:
    """Say what there is to do and what memory it takes."""
    todo, done = len(plan.orders), len(plan.jobs) - len(plan.orders)
    counts = f"{len(plan.jobs)} scene{'s' * (len(plan.jobs) > 1)}: {done} done already, {todo} to annotate"
    if not todo:
        return counts
    if dask is not None:
        return f"{counts} by {dask}, each with {_in_gb(plan.largest_need)} of memory at most"
    if plan.largest_need > memory:
        return (
            f"{counts}; the largest takes about {_in_gb(plan.largest_need)} of memory, more than the {_in_gb(memory)} "
            f"allowed"
        )
    together = min(scenes_at_once, todo)
    while (need := plan.largest_need_of(together)) > memory:
        together -= 1
    at_once = min(num_workers, -(-todo // together), memory // need)
    groups = f"{at_once} at a time" if together == 1 else f"{at_once} x {together} at a time, which learn together"
    return (
        f"{counts}, {groups}: about {_in_gb(need)} of memory each at most, {_in_gb(at_once * need)} of the "
        f"{_in_gb(memory)} allowed"
    )


def _in_gb(size: int) -> str:
    return f"{size / 1e9:.1f} GB"
