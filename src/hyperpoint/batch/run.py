"""Annotate a set: see what is done already, have the rest done by a pool, and report, whatever happens."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import repeat
from typing import Protocol, TypeVar

from hyperpoint.batch.job import SceneJob, SceneRow
from hyperpoint.batch.memory import kept_of, need_of
from hyperpoint.batch.pool import Order, need_together
from hyperpoint.batch.records import FOLDER, Standing, standing_of, write_record
from hyperpoint.batch.report import FILES, Report, write_report
from hyperpoint.batch.scoring import is_scored_by, scored_anew
from hyperpoint.io.files import discard_leftovers, make_folder

logger = logging.getLogger(__name__)

# Looking at files is mostly waiting for a disk or a network.
_NUM_READERS = 4

Progress = Callable[[int, int, str], None]
Item = TypeVar("Item")
Result = TypeVar("Result")


class Pool(Protocol):
    """Whoever annotates scenes: `hyperpoint.batch.pool.LocalPool` or `hyperpoint.batch.dask_pool.DaskPool`."""

    def run(self, orders: Sequence[Order]) -> Iterator[SceneRow]:
        """Yield a row for every scene, as each is done."""


@dataclass(frozen=True)
class Plan:
    """What is to be done for a set of scenes.

    Attributes
    ----------
    jobs
        All scenes, at least one, in order.
    standings
        How each stands, by id.
    orders
        Those to annotate, with the memory that each is thought to take, in bytes.
    """

    jobs: tuple[SceneJob, ...]
    standings: dict[str, Standing]
    orders: tuple[Order, ...] = field(default=())

    @property
    def largest_need(self) -> int:
        """How many bytes the largest scene to annotate is thought to take."""
        return max((order.need for order in self.orders), default=0)

    def largest_need_of(self, num_scenes: int) -> int:
        """Return how many bytes the largest group is thought to take, where so many scenes learn together."""
        starts = range(0, len(self.orders), num_scenes)
        return max((need_together(self.orders[start : start + num_scenes]) for start in starts), default=0)


def make_plan(jobs: Sequence[SceneJob], progress: Progress | None = None) -> Plan:
    """See which scenes are done, and what the others will take; nothing is written.

    Parameters
    ----------
    jobs
        At least one; of `hyperpoint.batch.planning`.
    progress
        Told (scenes looked at, scenes in all, id).
    """
    standings: dict[str, Standing] = {}
    for number, (job, standing) in enumerate(zip(jobs, _spread(standing_of, jobs), strict=True), 1):
        standings[job.id] = standing
        if progress is not None:
            progress(number, len(jobs), job.id)
    missing = [job for job in jobs if standings[job.id].result is None]
    needs = zip(missing, _spread(need_of, missing), _spread(kept_of, missing), strict=True)
    orders = tuple(Order(job, need, min(kept, need)) for job, need, kept in needs)
    return Plan(tuple(jobs), standings, orders)


def annotate_set(plan: Plan, pool: Pool, progress: Progress | None = None) -> Report:
    """Annotate what is to be done, and write masks, report.csv and report.html into the output folder.

    The report is written however the work ends; scenes that it did not come to are "not done" in it. The same call
    with a new plan then goes on where it was.

    Parameters
    ----------
    plan
        Of `make_plan`.
    pool
        Who does it.
    progress
        Told (scenes annotated, scenes to annotate, scenes a second).

    Raises
    ------
    InputError
        If the output folder, or the report, cannot be written.
    """
    out = plan.jobs[0].task.out
    make_folder(out / FOLDER)
    start = time.perf_counter()
    rows = {job.id: SceneRow(job.id, job.split, "not done") for job in plan.jobs}
    try:
        _discard_leftovers(plan)
        kept = [job for job in plan.jobs if plan.standings[job.id].result is not None]
        for row in _spread(_kept, kept, repeat(plan)):
            rows[row.id] = row
        for number, row in enumerate(pool.run(plan.orders) if plan.orders else (), 1):
            rows[row.id] = row
            _tell(row, number, len(plan.orders), time.perf_counter() - start, progress)
    finally:
        _discard_leftovers(plan)
        report = Report(plan.jobs[0].task, tuple(rows.values()), time.perf_counter() - start)
        write_report(report)
    return report


def _kept(job: SceneJob, plan: Plan) -> SceneRow:
    result = plan.standings[job.id].result
    assert result is not None
    if not is_scored_by(job, result):
        result = scored_anew(job, result)
        write_record(job, result)
    return SceneRow(job.id, job.split, "kept", result)


def _tell(row: SceneRow, number: int, total: int, seconds: float, progress: Progress | None) -> None:
    if row.error is not None:
        logger.error("%s: %s", row.id, row.error)
    else:
        assert row.result is not None
        logger.info("%d of %d: %s took %.1f s", number, total, row.id, row.result.seconds)
    if progress is not None:
        progress(number, total, f"{number / seconds:.2f} scenes/s")


def _discard_leftovers(plan: Plan) -> None:
    """Remove half-written files of processes that were killed, in this run or an earlier one."""
    out = plan.jobs[0].task.out
    ids = [job.id for job in plan.jobs]
    written = [f"{one}{ending}" for one in ids for ending in (".png", ".json", ".csv", "_confidence.png")]
    discard_leftovers(out, [*written, *FILES])
    discard_leftovers(out / FOLDER, [f"{one}.json" for one in ids])


def _spread(function: Callable[..., Result], *arguments: Iterable[Item]) -> Iterator[Result]:
    """Apply a function that waits for files in several threads; results come in order."""
    with ThreadPoolExecutor(_NUM_READERS) as executor:
        yield from executor.map(function, *arguments)
