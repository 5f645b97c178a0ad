"""Windows that slide over an image: where they begin, and how many cover a place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def window_starts(length: int, window: int, overlap: float) -> list[int]:
    """Return where windows begin so that they cover 0 to `length`; the last is moved back to end there."""
    step = max(1, round(window * (1 - overlap)))
    return [*range(0, length - window, step), length - window]


def coverage(starts: Sequence[int], window: int, length: int) -> NDArray[np.int64]:
    """Return how many windows cover each place."""
    counts = np.zeros(length, dtype=np.int64)
    for start in starts:
        counts[start : start + window] += 1
    return counts
