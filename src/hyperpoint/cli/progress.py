"""Progress on stderr, drawn with rich where somebody looks; importing rich waits until then."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from hyperpoint.cli.common import is_quiet


def _is_watched() -> bool:
    return sys.stderr.isatty() and not is_quiet()


@contextmanager
def progress_bar(description: str, seconds_of_rate: float = 30.0) -> Iterator[Callable[..., None]]:
    """Yield a callback (done, total, what="") that draws a bar with the time left.

    The time left is reckoned from the rate of the last `seconds_of_rate`.
    """
    if not _is_watched():
        yield lambda done, total, what="": None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, speed_estimate_period=seconds_of_rate) as progress:
        task = progress.add_task(description, total=None)
        yield lambda done, total, what="": progress.update(
            task, completed=done, total=total, description=f"{description} {what}".strip()
        )


@contextmanager
def busy(description: str) -> Iterator[None]:
    """Show that something is being done whose length is not known."""
    if not _is_watched():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(description):
        yield
