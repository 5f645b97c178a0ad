from __future__ import annotations

import os
import sys

import numpy as np
import pytest

from hyperpoint.errors import InputError
from hyperpoint.reproduce.measuring import RSS, Peak, _rss_peak, in_fresh_process


def _take(mib: int) -> Peak:
    block = np.ones(mib * 2**17)  # 8 bytes each
    return Peak(_rss_peak() / 2**20, RSS, float(block[-1]))


def _die(_task: int) -> Peak:
    os._exit(9)


def _refuse(_task: int) -> Peak:
    raise InputError("no")


@pytest.mark.skipif(sys.platform == "win32", reason="measures as POSIX does")
def test_the_peak_is_that_of_the_function_alone() -> None:
    ballast = np.ones(300 * 2**17)  # what this process holds is not to count
    small, large = (in_fresh_process(_take, mib) for mib in (10, 210))
    assert 150 < large.mib - small.mib < 250
    assert small.mib < 300 <= ballast.nbytes / 2**20


def test_a_process_that_dies_is_an_error_and_an_error_is_passed_on() -> None:
    with pytest.raises(InputError, match="died, perhaps for want of memory"):
        in_fresh_process(_die, 0)
    with pytest.raises(InputError, match=r"^no$"):
        in_fresh_process(_refuse, 0)
