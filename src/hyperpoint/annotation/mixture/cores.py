"""Using every core: NumPy and OpenCV leave the interpreter free while they compute."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

MAX_WORKERS = 8  # each holds buffers of its own; beyond this the scene's memory is what is waited for


def num_workers() -> int:
    """Return how many cores this process may use, at most `MAX_WORKERS`."""
    return min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, MAX_WORKERS)


def spread(function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Apply `function` to each item on all cores; results come in the items' order, whatever the number of cores."""
    with ThreadPoolExecutor(num_workers()) as pool:
        return list(pool.map(function, items))
