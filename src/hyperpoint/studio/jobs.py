"""Long work beside the page: in a thread, one piece after another, its result handed back where the page lives."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from hyperpoint.studio.refitting import in_a_sentence

logger = logging.getLogger(__name__)

T = TypeVar("T")
Later = Callable[[Callable[[], None]], Any]
Report = Callable[[float], None]


def at_once(call: Callable[[], None]) -> None:
    """Run `call` now: for a desk without a page."""
    call()


class Jobs:
    """Runs long work in one thread, and says what is being done and how far it is.

    Parameters
    ----------
    later
        Runs a function in the thread in which the page lives, soon.
    on_change
        Called there when `title` or `share` change.
    on_error
        Called there with one sentence when work fails.
    """

    def __init__(self, later: Later, on_change: Callable[[], None], on_error: Callable[[str], None]) -> None:
        self.title = ""
        self.share: float | None = None
        self._later, self._on_change, self._on_error = later, on_change, on_error
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hyperpoint-studio")
        self._last: Future[None] | None = None
        self._is_closed = False

    def run(self, title: str, work: Callable[[Report], T], done: Callable[[T], None]) -> None:
        """Do `work` after what is running; then `done` with its result, where the page lives.

        Parameters
        ----------
        title
            What the page says meanwhile, such as "Opening facade 3".
        work
            Gets a function that takes the share that is done, 0..1.
        done
            Takes what `work` returned.
        """
        self._last = self._pool.submit(self._do, title, work, done)

    def wait(self, seconds: float = 120) -> None:
        """Return when everything is done that was asked for before, and its result is handed over."""
        if self._last is not None:
            self._last.result(seconds)

    def close(self, wait: bool = False) -> None:
        """Begin nothing more; `wait` for what is under way."""
        self._is_closed = True
        self._pool.shutdown(wait=wait, cancel_futures=True)

    def _do(self, title: str, work: Callable[[Report], T], done: Callable[[T], None]) -> None:
        self._say(title, None)
        try:
            result = work(lambda share: self._say(title, share))
        except Exception as error:  # whatever it is, the page says so and goes on
            logger.debug("%s failed", title, exc_info=True)
            if self._is_closed:  # a program that ends takes away what is needed
                return
            sentence = f"{title}: {in_a_sentence(error)}"
            self._later(lambda: self._on_error(sentence))
        else:
            self._later(lambda: self._hand_over(title, done, result))
        finally:
            self._say("", None)

    def _hand_over(self, title: str, done: Callable[[T], None], result: T) -> None:
        try:
            done(result)
        except Exception as error:  # as above: a page that only stands still says nothing
            logger.debug("what follows %s failed", title, exc_info=True)
            self._on_error(f"{title}: {in_a_sentence(error)}")

    def _say(self, title: str, share: float | None) -> None:
        def change() -> None:
            self.title, self.share = title, share
            self._on_change()

        self._later(change)
