"""A pool of processes on this machine that survives the death of any of them, and holds to a bound of memory."""

from __future__ import annotations

import logging
import multiprocessing
import signal
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import wait
from typing import Any

from hyperpoint.batch.job import SceneJob, SceneRow
from hyperpoint.batch.processes import children_like_ours
from hyperpoint.batch.serving import serve
from hyperpoint.errors import HyperpointError

logger = logging.getLogger(__name__)

MAX_TRIES = 2
# A process that is told to end removes its half-written file first; one that is deep in a library may not listen.
_SECONDS_TO_END = 10.0


class WorkerStartError(HyperpointError, RuntimeError):
    """A process of the pool died before it could take any work."""


@dataclass(frozen=True)
class Order:
    """A scene to annotate, and how many bytes of memory that is thought to take.

    `kept` is how many of them stay taken while other scenes are prepared that it is learned from together with.
    """

    job: SceneJob
    need: int
    kept: int = 0


def need_together(orders: Sequence[Order]) -> int:
    """Return how many bytes scenes take that learn together: what each keeps, and what one of them takes beside."""
    return sum(order.kept for order in orders) + max(order.need - order.kept for order in orders)


class LocalPool:
    """Annotate scenes in processes of one thread each.

    Parameters
    ----------
    num_workers
        How many processes there are at most.
    memory
        How many bytes the scenes that are annotated at once may take together. A need that turns out to be
        underestimated raises those of the scenes still to come.
    scenes_at_once
        How many scenes a process is given at a time, to train their classifiers side by side. Which these are, follows
        from the order of the scenes alone, not from who is done first; only where memory does not suffice, or
        a process dies, are they fewer.
    """

    def __init__(self, num_workers: int, memory: int, scenes_at_once: int = 1) -> None:
        self.num_workers, self.memory, self.scenes_at_once = num_workers, memory, scenes_at_once

    def run(self, orders: Sequence[Order]) -> Iterator[SceneRow]:
        """Yield a row for every scene, as each is done; whoever stops asking stops the processes.

        A scene whose process dies is tried once more, by itself, after the others, and then an error.

        Raises
        ------
        WorkerStartError
            If a process dies before it can take any work.
        """
        staff = _Staff(self.num_workers, self.memory)
        starts = range(0, len(orders), self.scenes_at_once)
        waiting = deque(_Try(list(orders[start : start + self.scenes_at_once])) for start in starts)
        try:
            while waiting or staff.busy:
                while waiting and staff.has_room_for(waiting[0]):
                    staff.give(waiting.popleft())
                if not staff.busy:
                    attempt = waiting.popleft()
                    if len(attempt.orders) > 1:
                        waiting.extendleft(reversed(attempt.halves()))
                    else:
                        yield staff.refuse(attempt.orders[0])
                    continue
                for attempt, row in staff.answers():
                    if row is not None:
                        yield row
                    elif attempt.number < MAX_TRIES:
                        waiting.extend(_again(attempt))
                    else:
                        yield _died(attempt)
        finally:
            staff.dismiss()


@dataclass
class _Try:
    """An attempt at some scenes, those that are not done yet; `death` tells how its process died, if it did."""

    orders: list[Order]
    number: int = 1
    death: str = ""

    @property
    def need(self) -> int:
        """How many bytes it is thought to take."""
        return need_together(self.orders)

    def halves(self) -> list[_Try]:
        half = len(self.orders) // 2
        return [_Try(self.orders[:half], self.number), _Try(self.orders[half:], self.number)]


def _again(attempt: _Try) -> list[_Try]:
    """Return a new attempt at each of the scenes by itself: nobody knows which of them its process died of."""
    for order in attempt.orders:
        logger.warning("%s: %s; it is tried again", order.job.id, attempt.death)
    return [_Try([order], attempt.number + 1) for order in attempt.orders]


class _Worker:
    """A process, and the line to it."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, its_end = context.Pipe()
        self.process = context.Process(target=serve, args=(its_end,), daemon=True, name="hyperpoint worker")
        with children_like_ours():
            self.process.start()
        its_end.close()
        self.attempt: _Try | None = None
        self.is_ready = False
        self.need = 0  # of the attempt as it began
        self.largest_need = 1

    def begin(self) -> None:
        """Send the scenes of the attempt; if the process is dead already, waiting for the answer shows it."""
        assert self.attempt is not None
        self.largest_need = max(self.largest_need, self.need)
        with suppress(OSError):
            self.connection.send([order.job for order in self.attempt.orders])

    def death(self) -> str:
        """Say how the process ended, which has just hung up."""
        self.process.join(_SECONDS_TO_END)
        code = self.process.exitcode
        if code is None or code >= 0:
            return f"the process that annotated it ended with status {code}"
        name = signal.Signals(-code).name if -code in {one.value for one in signal.Signals} else str(-code)
        return f"the process that annotated it was killed ({name})"

    def end(self) -> None:
        """End the process, and give back what it held; it may be dead already."""
        self.connection.close()
        self.process.join(_SECONDS_TO_END)
        if self.process.exitcode is None:
            self.process.kill()
            self.process.join()
        self.process.close()


class _Staff:
    """The processes there are, and who does what."""

    def __init__(self, num_workers: int, memory: int) -> None:
        self._num_workers, self._memory = num_workers, memory
        self._idle: list[_Worker] = []
        self.busy: dict[Any, _Worker] = {}  # by the connection
        self._excess = 1.0  # how far needs have been underestimated

    def has_room_for(self, attempt: _Try) -> bool:
        if len(self.busy) >= self._num_workers:
            return False
        taken = sum(worker.need for worker in self.busy.values())
        return (taken + attempt.need) * self._excess <= self._memory

    def give(self, attempt: _Try) -> None:
        worker = self._idle.pop() if self._idle else _Worker()
        worker.attempt, worker.need = attempt, attempt.need
        self.busy[worker.connection] = worker
        if worker.is_ready:
            worker.begin()

    def refuse(self, order: Order) -> SceneRow:
        """Return the row of a scene that is too large even alone."""
        job, need = order.job, order.need * self._excess
        error = (
            f"{job.cube}: annotating it takes about {need / 1e9:.1f} GB of memory, and {self._memory / 1e9:.1f} GB are "
            f"allowed; raise --memory, or close other programs"
        )
        return SceneRow(job.id, job.split, "failed", error=error)

    def answers(self) -> Iterator[tuple[_Try, SceneRow | None]]:
        """Wait until somebody answers; yield the attempts and the rows of scenes that are done, None where one died."""
        for worker in [self.busy[connection] for connection in wait(list(self.busy))]:
            attempt = worker.attempt
            assert attempt is not None
            try:
                answer: SceneRow | None = worker.connection.recv()
            except (EOFError, OSError):
                self._bury(worker)
                yield attempt, None
                continue
            if answer is None:
                worker.is_ready = True
                worker.begin()
                continue
            attempt.orders = [order for order in attempt.orders if order.job.id != answer.id]
            if not attempt.orders:
                self._release(worker)
            self._learn_from(worker, answer)
            yield attempt, answer

    def _release(self, worker: _Worker) -> None:
        del self.busy[worker.connection]
        worker.attempt = None
        self._idle.append(worker)

    def _learn_from(self, worker: _Worker, answer: SceneRow) -> None:
        if answer.peak_bytes:  # of all the scenes that it ever did
            self._excess = max(self._excess, answer.peak_bytes / worker.largest_need)

    def _bury(self, worker: _Worker) -> None:
        assert worker.attempt is not None
        del self.busy[worker.connection]
        worker.attempt.death = worker.death()
        code = worker.process.exitcode
        worker.end()
        if not worker.is_ready and (code is None or code >= 0):
            raise WorkerStartError(
                f"a worker process could not start (exit status {code}); its own message is above. A script that "
                f'annotates a set must do so below `if __name__ == "__main__":`'
            )

    def dismiss(self) -> None:
        """End all processes; those that are busy have their half-written files removed."""
        for worker in self.busy.values():
            worker.process.terminate()
        for worker in (*self._idle, *self.busy.values()):
            worker.end()


def _died(attempt: _Try) -> SceneRow:
    job = attempt.orders[0].job  # a further attempt is at one scene
    advice = "if memory ran out, lower --memory or --workers, or close other programs"
    error = f"{job.cube}: {attempt.death}, {attempt.number} times; {advice}"
    return SceneRow(job.id, job.split, "failed", error=error)
