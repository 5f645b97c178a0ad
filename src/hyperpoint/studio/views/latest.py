"""Pictures that take a while, made beside the page: only the latest of each kind that was asked for."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from hyperpoint.studio.jobs import Later
from hyperpoint.studio.refitting import in_a_sentence

T = TypeVar("T")


class Latest:
    """Runs work in one thread; of several of one kind that wait, the last.

    Parameters
    ----------
    later
        Runs a function where the page lives, soon.
    say
        Told there, in a sentence, what went wrong.
    """

    def __init__(self, later: Later, say: Callable[[str], None]) -> None:
        self._later, self._say = later, say
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hyperpoint-pictures")
        self._wanted: dict[str, object] = {}

    def run(self, kind: str, work: Callable[[], T], done: Callable[[T], None]) -> None:
        """Do `work`, then `done` with its result where the page lives, unless more of the kind is asked for by then."""
        self._wanted[kind] = mark = object()
        self._pool.submit(self._do, kind, mark, work, done)

    def drop(self, kind: str) -> None:
        """Want nothing of a kind any more."""
        self._wanted.pop(kind, None)

    def close(self) -> None:
        """Begin nothing more."""
        self._wanted.clear()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _do(self, kind: str, mark: object, work: Callable[[], T], done: Callable[[T], None]) -> None:
        if self._wanted.get(kind) is not mark:
            return
        try:
            result = work()
        except Exception as error:  # whatever it is, the page says so and goes on
            if self._wanted.get(kind) is not mark:
                return
            sentence = in_a_sentence(error)
            self._later(lambda: self._say(sentence))
            return

        def hand_over() -> None:
            if self._wanted.get(kind) is mark:
                done(result)

        self._later(hand_over)
