"""Dask's workers in place of processes of our own: other machines, or this one."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from importlib import import_module
from typing import Any

from hyperpoint.batch.job import SceneJob, SceneRow
from hyperpoint.batch.pool import Order
from hyperpoint.batch.processes import children_like_ours, hold_to_one_thread
from hyperpoint.batch.worker import annotate_scene
from hyperpoint.errors import HyperpointError, InputError, MissingExtraError

logger = logging.getLogger(__name__)

LOCAL = "local:"
_SECONDS_TO_CONNECT = 20


class LostSchedulerError(HyperpointError, ConnectionError):
    """The scheduler of a cluster is no longer there."""


class DaskPool:
    """Annotate scenes on the workers of a Dask cluster, which see the same files under the same paths.

    A scene whose worker is lost is sent to another one. After more losses than the scheduler allows (Dask's
    `distributed.scheduler.allowed-failures`, 3 by default) it is tried again, alone, when all others are done: Dask
    blames a lost worker on every scene that was sent there. Then it is an error.

    Parameters
    ----------
    address
        Of the scheduler, "tcp://host:8786"; or "local:N" for N processes on this machine, started for the purpose.

    Raises
    ------
    InputError
        If the address is malformed.
    MissingExtraError
        If Dask is not installed.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        number = address.removeprefix(LOCAL)
        self._num_local = int(number) if address.startswith(LOCAL) and number.isdecimal() else 0
        if not self._num_local and "://" not in address:
            raise InputError(
                f"a Dask cluster is named by its scheduler, as tcp://host:8786, or as local:N for N processes on this "
                f"machine; got {address!r}"
            )
        self._distributed = _import_distributed()

    def run(self, orders: Sequence[Order]) -> Iterator[SceneRow]:
        """Yield a row for every scene, as each is done; whoever stops asking cancels the others.

        Raises
        ------
        InputError
            If no scheduler answers at the address.
        LostSchedulerError
            If the scheduler goes away.
        """
        with ExitStack() as stack:
            client = self._connect(stack)
            self._look_at_workers(client, orders)
            suspects: list[SceneJob] = []
            for job, row in self._rows(client, [order.job for order in orders]):
                if row is None:
                    logger.warning("%s: several workers were lost with it; it is tried again, alone", job.id)
                    suspects.append(job)
                else:
                    yield row
            for suspect in suspects:
                yield from (row or _lost(job) for job, row in self._rows(client, [suspect]))

    def _rows(self, client: Any, jobs: Sequence[SceneJob]) -> Iterator[tuple[SceneJob, SceneRow | None]]:
        """Yield the scenes as they are done, each with its row, None where too many workers were lost with it."""
        futures = {client.submit(_annotate_there, job, pure=False): job for job in jobs}
        try:
            for future in self._distributed.as_completed(list(futures), loop=client.loop):
                job = futures.pop(future)
                yield job, _row_of(future, job)
        finally:
            if futures and client.status == "running":
                client.cancel(list(futures))

    def _connect(self, stack: ExitStack) -> Any:
        place: Any = self.address
        if self._num_local:
            with children_like_ours():
                started = self._distributed.LocalCluster(
                    n_workers=self._num_local, threads_per_worker=1, dashboard_address=None, silence_logs=logging.ERROR
                )
                place = stack.enter_context(started)
        try:
            client = self._distributed.Client(place, timeout=_SECONDS_TO_CONNECT, set_as_default=False)
            return stack.enter_context(client)
        except (OSError, ValueError) as error:
            raise InputError(
                f"no Dask scheduler answers at {self.address} ({error}); is it running, and is the address right?"
            ) from None

    def _look_at_workers(self, client: Any, orders: Sequence[Order]) -> None:
        """Warn of what would keep the work from being done; workers may come and go at any time."""
        workers = client.scheduler_info()["workers"].values()
        if not workers:
            logger.warning("the cluster %s has no worker yet; the work begins when there is one", self.address)
        need = max((order.need for order in orders), default=0)
        for worker in workers:
            limit, num_threads = worker["memory_limit"], worker["nthreads"]
            if limit and limit < need * num_threads:
                logger.warning(
                    "the worker %s has %d threads and %.1f GB of memory, and the largest scene takes about %.1f GB a "
                    "thread: it may be restarted again and again; give workers more memory, or fewer threads",
                    worker["name"], num_threads, limit / 1e9, need / 1e9,
                )  # fmt: skip
                break


def _import_distributed() -> Any:
    try:
        return import_module("distributed")
    except ModuleNotFoundError:
        raise MissingExtraError("a Dask cluster", "distributed", "cluster") from None


def _annotate_there(job: SceneJob) -> SceneRow:
    hold_to_one_thread()
    return annotate_scene(job)


def _row_of(future: Any, job: SceneJob) -> SceneRow | None:
    from distributed.scheduler import KilledWorker

    try:
        row: SceneRow = future.result()
    except KilledWorker:
        return None
    except Exception as error_there:
        # The function turns every error into a row: what comes here is Dask's own, such as a worker without hyperpoint.
        if future.cancelled():
            raise LostSchedulerError(
                "the connection to the Dask scheduler was lost; the same command goes on where it was"
            ) from None
        error = f"{job.cube}: its worker could not annotate it ({type(error_there).__name__}: {error_there})"
    else:
        return row
    return SceneRow(job.id, job.split, "failed", error=" ".join(error.split()))


def _lost(job: SceneJob) -> SceneRow:
    advice = "if memory ran out, give workers more of it, or fewer threads"
    return SceneRow(job.id, job.split, "failed", error=f"{job.cube}: every worker that annotated it was lost; {advice}")
