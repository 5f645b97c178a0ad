"""Annotating anew at every click, in a thread of its own, so that the page never waits."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from hyperpoint.annotation.annotate import annotate
from hyperpoint.annotation.prepared import PreparedScene
from hyperpoint.errors import HyperpointError
from hyperpoint.library import SpectralLibrary
from hyperpoint.types import Annotation, PointSet

logger = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Refit:
    """What came of a request.

    Attributes
    ----------
    revision
        The session's, as it was given with the request.
    annotation
        The new annotation, or None.
    error
        A sentence, where there is none: what to click next, or what went wrong.
    seconds
        How long it took, waiting excluded.
    points
        What it was asked for.
    """

    revision: int
    annotation: Annotation | None
    error: str | None
    seconds: float
    points: PointSet


@dataclass(frozen=True, eq=False)
class _Wanted:
    """A request; what two of them have in common need not be computed twice."""

    points: PointSet
    revision: int
    library: SpectralLibrary | None
    seed: int
    min_confidence: float
    reject: bool


class Refitter:
    """Annotates one prepared scene from the latest points, in one worker thread.

    Parameters
    ----------
    prepared
        The scene.
    on_done
        Called in the worker thread with each `Refit` that ran its course: with an annotation, or, where fewer than two
        classes have points, with a sentence that says what to click.
    on_error
        Called in the worker thread with each `Refit` that failed; the last annotation stays what it is.
    """

    def __init__(
        self, prepared: PreparedScene, on_done: Callable[[Refit], None], on_error: Callable[[Refit], None]
    ) -> None:
        self.prepared = prepared
        self._on_done, self._on_error = on_done, on_error
        self._changed = threading.Condition()
        self._wanted: _Wanted | None = None
        self._jobs: dict[str, tuple[Callable[[], None], Callable[[str], None]]] = {}
        self._busy = self._closed = False
        # A daemon: leaving the program need not wait for a click.
        self._thread = threading.Thread(target=self._work, name="hyperpoint-refit", daemon=True)
        self._thread.start()

    def request(
        self,
        points: PointSet,
        revision: int,
        library: SpectralLibrary | None = None,
        *,
        seed: int = 0,
        min_confidence: float = 0.0,
        reject: bool = False,
    ) -> None:
        """Ask for an annotation from `points`; a request that has not begun yet is dropped for it.

        Parameters are those of `hyperpoint.annotate`; `revision` comes back with the answer. Returns at once.
        """
        with self._changed:
            if not self._closed:
                self._wanted = _Wanted(points, revision, library, seed, min_confidence, reject)
                self._changed.notify_all()

    def later(self, key: str, job: Callable[[], None], on_error: Callable[[str], None]) -> None:
        """Run `job` in the worker thread once no annotation is wanted; an older job of the same `key` is dropped.

        What needs an annotation's inner workings (suggestions, feedback) is quickest there, straight after it.
        `on_error` is told in a sentence what went wrong.
        """
        with self._changed:
            if not self._closed:
                self._jobs.pop(key, None)
                self._jobs[key] = (job, on_error)
                self._changed.notify_all()

    @property
    def is_busy(self) -> bool:
        """Whether something is being done or waiting to be."""
        with self._changed:
            return self._busy or self._wanted is not None or bool(self._jobs)

    @property
    def is_requested(self) -> bool:
        """Whether an annotation waits to be begun: a long job had better give way."""
        with self._changed:
            return self._closed or self._wanted is not None

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until all is done and delivered, `timeout` seconds at most; say whether it is."""
        with self._changed:
            return self._changed.wait_for(
                lambda: not self._busy and self._wanted is None and not self._jobs, timeout=timeout
            )

    def close(self) -> None:
        """Drop what is waiting; what is under way ends unheard. Returns at once."""
        with self._changed:
            self._closed = True
            self._wanted = None
            self._jobs.clear()
            self._changed.notify_all()

    def _work(self) -> None:
        last: tuple[_Wanted, Annotation] | None = None
        while True:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._closed or self._wanted is not None or bool(self._jobs))
                if self._closed:
                    return
                self._busy = True
                wanted, self._wanted = self._wanted, None
                job = None if wanted else self._jobs.pop(next(iter(self._jobs)))
            if wanted is not None:
                last = self._refit(wanted, last) or last
            elif job is not None:
                self._run(*job)

    def _refit(self, wanted: _Wanted, last: tuple[_Wanted, Annotation] | None) -> tuple[_Wanted, Annotation] | None:
        """Annotate and deliver; return what was made, for a request that repeats it."""
        hint = what_to_click(wanted.points)
        if hint is not None:
            self._deliver(self._on_done, Refit(wanted.revision, None, hint, 0.0, wanted.points))
            return None
        start = time.perf_counter()
        try:
            annotation = last[1] if last and _are_alike(last[0], wanted) else self._annotate(wanted)
        except Exception as error:  # whatever it is, the page goes on and says it
            if self._closed:  # a program that ends takes away what is needed
                return None
            took = time.perf_counter() - start
            self._deliver(self._on_error, Refit(wanted.revision, None, in_a_sentence(error), took, wanted.points))
            return None
        took = time.perf_counter() - start
        self._deliver(self._on_done, Refit(wanted.revision, annotation, None, took, wanted.points))
        return wanted, annotation

    def _annotate(self, wanted: _Wanted) -> Annotation:
        return annotate(
            self.prepared, wanted.points, seed=wanted.seed, library=wanted.library,
            min_confidence=wanted.min_confidence, reject=wanted.reject,
        )  # fmt: skip

    def _run(self, job: Callable[[], None], on_error: Callable[[str], None]) -> None:
        try:
            job()
        except Exception as error:  # as above
            if not self._closed:
                self._deliver(on_error, in_a_sentence(error))

    def _deliver(self, hear: Callable[[T], None], what: T) -> None:
        with self._changed:
            if self._closed:
                return
        try:
            hear(what)
        except Exception:  # a listener's fault must not end the thread, for the next click needs it
            logger.exception("a listener failed")


def what_to_click(points: PointSet) -> str | None:
    """Say what is missing before anything can be annotated; None if nothing is."""
    num_classes = len(points.class_ids)
    if num_classes >= 2:
        return None
    if num_classes == 0:
        return "Choose a class and click a pixel that belongs to it."
    return "Now choose a second class and click a pixel of it: two classes can be told apart."


def in_a_sentence(error: BaseException) -> str:
    """Say to a person what went wrong; errors that are not ours go to the log in full."""
    if isinstance(error, HyperpointError):
        return str(error)
    logger.error("an unexpected error", exc_info=error)
    if isinstance(error, MemoryError):
        return "There was not enough memory; close other scenes or programs and try again."
    if isinstance(error, OSError):
        return f"A file could not be read or written: {error}."
    first_line = str(error).partition("\n")[0]
    return f"Something unexpected went wrong ({type(error).__name__}: {first_line}); the log has the details."


def _are_alike(one: _Wanted, other: _Wanted) -> bool:
    """Say whether two requests have the same answer."""
    same_settings = (one.library is other.library) and (
        (one.seed, one.min_confidence, one.reject) == (other.seed, other.min_confidence, other.reject)
    )
    return same_settings and all(
        len(mine) == len(theirs) and bool((mine == theirs).all())
        for mine, theirs in (
            (getattr(one.points, part), getattr(other.points, part)) for part in ("rows", "cols", "labels")
        )
    )
