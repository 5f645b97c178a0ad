"""Keep the disk busy while the network computes: read ahead of it, write behind it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")


def read_ahead(items: Iterable[T], work: Callable[[T], R], num_threads: int, num_ahead: int) -> Iterator[R]:
    """Yield what `work` makes of each item, in order, while the next `num_ahead` are being worked on in threads."""
    waiting: deque[Future[R]] = deque()
    pool = ThreadPoolExecutor(num_threads)
    try:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > num_ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


class WriteBehind:
    """Does work in threads while others go on; at most `num_behind` pieces wait, and an error of one is raised soon.

    Leaving the block waits for all that was submitted.
    """

    def __init__(self, num_threads: int, num_behind: int) -> None:
        self._pool = ThreadPoolExecutor(num_threads)
        self._num_behind = num_behind
        self._waiting: deque[Future[Any]] = deque()

    def submit(self, work: Callable[..., Any], *arguments: Any) -> None:
        """Have `work(*arguments)` done; wait first if too much is waiting."""
        self._waiting.append(self._pool.submit(work, *arguments))
        while len(self._waiting) > self._num_behind or (self._waiting and self._waiting[0].done()):
            self._waiting.popleft().result()

    def __enter__(self) -> WriteBehind:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=kind is not None)
        while kind is None and self._waiting:
            self._waiting.popleft().result()


def grouped(items: Iterable[T], key: Callable[[T], object], num: int) -> Iterator[list[T]]:
    """Yield up to `num` successive items of equal key at a time."""
    group: list[T] = []
    for item in items:
        if group and key(item) != key(group[0]):
            yield group
            group = []
        group.append(item)
        # At once, for the next frame of a camera may be long in coming.
        if len(group) == num:
            yield group
            group = []
    if group:
        yield group
