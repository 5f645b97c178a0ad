"""A guard against small files that promise huge contents."""

from __future__ import annotations

import os
from pathlib import Path

from hyperpoint.errors import CubeFormatError, HyperpointError

# Deflate, which gzip, zip, PNG and MATLAB use, cannot shrink data further (zlib, technical details: 1032 : 1).
BEST_RATIO = 1032
_SLACK_BYTES = 1 << 16
# What is unpacked as a whole may take half of the machine's memory, or this where the system does not tell.
_USUAL_MOST_BYTES = 8 << 30


def check_promise(path: Path, promised: int, packed: int, error: type[HyperpointError] = CubeFormatError) -> None:
    """Check that `packed` bytes can hold `promised` bytes, and memory too, before any is taken for them.

    Parameters
    ----------
    path
        The file, for messages.
    promised
        Bytes of the contents, which are needed all at once.
    packed
        Bytes that they are stored in.
    error
        The exception to raise if they cannot.
    """
    check_ratio(path, promised, packed, error)
    check_memory(path, promised, error)


def check_ratio(path: Path, promised: int, packed: int, error: type[HyperpointError] = CubeFormatError) -> None:
    """Check that `packed` bytes of a file can hold `promised` bytes at all; raise `error` if not."""
    packed = min(packed, path.stat().st_size)
    if promised > packed * BEST_RATIO + _SLACK_BYTES:
        raise error(
            f"{path} promises {promised} bytes of samples, more than its {packed} packed bytes can hold: it is "
            f"truncated or damaged"
        )


def check_memory(path: Path, num_bytes: int, error: type[HyperpointError] = CubeFormatError) -> None:
    """Check that so many bytes can be unpacked at once; raise `error` if not."""
    most = most_unpacked_bytes()
    if num_bytes > most:
        raise error(
            f"{path} has to be unpacked to {num_bytes / 1e9:.1f} GB at once; more than {most / 1e9:.1f} GB, half of "
            f"this machine's memory, is refused: store it without compression or in smaller chunks, or cut the scene"
        )


def most_unpacked_bytes() -> int:
    """Return how many bytes may be unpacked at once."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    except (AttributeError, OSError, ValueError):
        return _USUAL_MOST_BYTES
