"""Memory that stays with the process while networks compute."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

# Parameters of mallopt(3).
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_ALL = 2**30
# What glibc's own adaptation ends at, which setting them has switched off.
_AFTERWARDS = {_MMAP_THRESHOLD: 2**25, _TRIM_THRESHOLD: 2**26}


@contextmanager
def kept_heap() -> Iterator[None]:
    """Let freed memory stay with the process meanwhile, where the C library is glibc; elsewhere do nothing.

    Each step of a network on a CPU frees some megabytes and takes them again. Given back to the system in between, they
    come as pages that it has to fill with zeros: a third of the time where the machine is busy (`docs/results.md`).
    """
    mallopt, malloc_trim = _glibc()
    if mallopt is None or malloc_trim is None:
        yield
        return
    for parameter in _AFTERWARDS:
        mallopt(parameter, _ALL)
    try:
        yield
    finally:
        for parameter, value in _AFTERWARDS.items():
            mallopt(parameter, value)
        malloc_trim(0)


@cache
def _glibc() -> tuple[Callable[[int, int], int] | None, Callable[[int], int] | None]:
    try:
        library = ctypes.CDLL(None)
        return library.mallopt, library.malloc_trim
    except (AttributeError, OSError, TypeError):  # another C library, or none to ask
        return None, None
