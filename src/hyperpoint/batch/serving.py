"""What a process of the pool does."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from multiprocessing.connection import Connection, wait

from hyperpoint.batch.job import SceneRow
from hyperpoint.batch.processes import hold_to_one_thread
from hyperpoint.batch.worker import annotate_scenes


def serve(connection: Connection) -> None:
    """Annotate what comes, row by row, until the other end hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    threading.Thread(target=_end_with_parent, daemon=True).start()
    hold_to_one_thread()
    for answer in _answers(connection):
        try:
            connection.send(answer)
        except OSError:
            return


def _answers(connection: Connection) -> Iterator[SceneRow | None]:
    """Yield None, for ready, and then the rows of what comes."""
    yield None
    while True:
        try:
            jobs = connection.recv()
        except (EOFError, OSError):
            return
        yield from annotate_scenes(jobs)


def _end_with_parent() -> None:
    """End this process when the one that started it is gone, even if that was killed: nobody waits for the result."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)
