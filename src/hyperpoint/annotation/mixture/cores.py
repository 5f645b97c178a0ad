"""Using the cores: NumPy and OpenCV leave the interpreter free while they compute; BLAS's own threads would spin."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

MAX_WORKERS = 8  # each holds buffers of its own; beyond this the scene's memory is what is waited for


def num_workers() -> int:
    """Return how many cores this process may use: those it is bound to, OMP_NUM_THREADS, and `MAX_WORKERS` at most."""
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    allowed = os.environ.get("OMP_NUM_THREADS", "")
    return min(bound, MAX_WORKERS, max(int(allowed), 1) if allowed.isdecimal() else MAX_WORKERS)


def spread(function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Apply `function` to each item on all cores; results come in the items' order, whatever the number of cores.

    `function` does not call this in turn: it would wait for a thread that waits for it.
    """
    if (num := num_workers()) == 1:
        return [function(item) for item in items]
    return list(_threads(num).map(function, items))


@lru_cache(maxsize=1)
def _threads(num: int) -> ThreadPoolExecutor:
    """Return threads that stay: each new one takes memory that the last has left behind in pieces.

    With threads made anew at every call, a process that annotated 30 scenes held twice the memory that one takes.
    """
    return ThreadPoolExecutor(num, thread_name_prefix="hyperpoint")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_threads.cache_clear)  # threads do not survive a fork


class _BlasLimit:
    """Holds BLAS to one thread while anyone asks for it; what it had is given back when the last is done."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holders = 0
        self._limit: Any = None

    def take(self) -> None:
        from threadpoolctl import threadpool_limits

        with self._lock:
            if self._holders == 0:
                _let_this_thread_set_blas()
                self._limit = threadpool_limits(1, "blas")
            self._holders += 1

    def give_back(self) -> None:
        with self._lock:
            self._holders -= 1
            if self._holders == 0:
                _let_this_thread_set_blas()
                self._limit.restore_original_limits()
                _let_this_thread_set_blas()  # or whichever wants to next


def _let_this_thread_set_blas() -> None:
    """Take from another thread the right to set the number of OpenBLAS's threads.

    threadpoolctl 3.8 ignores, without a word, all but the first thread that set it. The number is the process's, and
    here it is set by one thread at a time, under a lock.
    """
    import threadpoolctl

    clear = getattr(threadpoolctl.OpenBLASController, "clear_controlling_thread", None)
    if clear is not None:
        clear(force=True)


_blas_limit = _BlasLimit()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Hold BLAS to one thread. The limit is the process's, so that threads which annotate at once share it."""
    _blas_limit.take()
    try:
        yield
    finally:
        _blas_limit.give_back()
