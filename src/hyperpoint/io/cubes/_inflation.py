"""A guard against small files that promise huge contents."""

from __future__ import annotations

from pathlib import Path

from hyperpoint.errors import CubeFormatError

# Deflate, which gzip, zip and MATLAB use, cannot shrink data further (zlib, technical details: 1032 : 1).
_BEST_RATIO = 1032
_SLACK_BYTES = 1 << 16


def check_promise(path: Path, promised: int, packed: int) -> None:
    """Check that `packed` bytes can hold `promised` bytes at all, before memory is taken for them.

    Raises
    ------
    CubeFormatError
        If they cannot.
    """
    if promised > packed * _BEST_RATIO + _SLACK_BYTES:
        raise CubeFormatError(
            f"{path} promises {promised} bytes of samples, more than its {packed} packed bytes can hold: it is "
            f"truncated or damaged"
        )
