"""Processes that annotate: how they are started, held to one thread, and measured."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from pathlib import Path

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def hold_to_one_thread() -> None:
    """Let the numerical libraries of this process use one thread each, those loaded later too.

    As many processes as cores keep the machine busy, and sums of one thread are always the same.
    """
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))
    import cv2
    from threadpoolctl import threadpool_limits

    threadpool_limits(1)
    cv2.setNumThreads(1)


@contextmanager
def children_like_ours() -> Iterator[None]:
    """Let processes that are started meanwhile have libraries of one thread each, and never hear of Ctrl-C.

    Ctrl-C goes to all processes of a terminal; who started these ends them in order.
    """
    before = {name: os.environ.get(name) for name in THREAD_VARIABLES}
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))
    can_block = hasattr(signal, "pthread_sigmask")
    if can_block:
        resource_tracker.ensure_running()  # multiprocessing starts it with the first process, and unblocks signals then
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if can_block else None
    try:
        yield
    finally:
        if mask is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def peak_memory() -> int | None:
    """Return the most memory that this process ever held, in bytes; None where the system does not tell."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), None)
