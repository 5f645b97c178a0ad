"""What a reader may do with any input: accept it, or refuse it with an error of ours; quickly, and in little memory."""

from __future__ import annotations

import logging
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from hyperpoint.errors import HyperpointError

# Inputs are a few kilobytes. What takes so much more than they have is not in proportion to them.
BUDGET_BYTES = 1 << 30
SECONDS = 10.0  # of processor time, so that a busy machine makes no findings

_STATM = Path("/proc/self/statm")
# Not libhdf5's own "memory allocation failed": it asks for what a damaged header says, up to 4 GB, and gives up when
# the file ends before any of it has been touched.
_OUT_OF_MEMORY = ("allocate", "out of memory", "not enough memory")


class FindingError(AssertionError):
    """A reader has done what no input may make it do."""


class _OvertimeError(BaseException):
    """Not an Exception, which some library would catch."""


def is_accepted(read: Callable[[Path], object], folder: Path) -> bool:
    """Read what lies in a folder; return whether it was taken (True) or refused by an error of ours (False).

    Raises
    ------
    FindingError
        If it took too long or too much memory, also where an error of ours came of that.
    Exception
        Any other that the reader raised: a finding as well.
    """
    try:
        with _limits(), _only_our_warnings():
            read(folder)
    except HyperpointError as error:
        _check_memory(error)
        return False
    except _OvertimeError as error:
        where = "".join(traceback.format_tb(error.__traceback__)[-3:])
        raise FindingError(f"it took more than {SECONDS:g} s, the last of them in\n{where}") from None
    return True


def _check_memory(error: BaseException) -> None:
    """Make sure that an error does not come of memory that could not be had."""
    cause: BaseException | None = error
    while cause is not None:
        text = str(cause).lower()
        if isinstance(cause, MemoryError) or any(words in text for words in _OUT_OF_MEMORY):
            raise FindingError(f"it asked for more than {BUDGET_BYTES >> 20} MiB: {cause!r}") from error
        cause = cause.__cause__ or cause.__context__


@contextmanager
def _only_our_warnings() -> Iterator[None]:
    """Let libraries warn of damaged files; computing with values that were not checked is our own fault."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("error", category=RuntimeWarning, module=r"hyperpoint\.")
        before = logging.root.manager.disable
        logging.disable(logging.CRITICAL)
        try:
            yield
        finally:
            logging.disable(before)


@contextmanager
def _limits() -> Iterator[None]:
    """Bound memory and time until the block ends; where the system lets neither be bounded, do nothing."""
    if sys.platform == "win32" or not _STATM.exists():
        yield
        return
    import resource

    def stop(number: int, frame: FrameType | None) -> None:
        raise _OvertimeError

    now = int(_STATM.read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    before = signal.signal(signal.SIGPROF, stop)
    resource.setrlimit(resource.RLIMIT_AS, (now + BUDGET_BYTES, hard))
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
        signal.signal(signal.SIGPROF, before)
