"""Opening a large cube reads a header, not the cube."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import hyperpoint as hp

_PEAK_OF_OPENING = """
import resource, sys
import hyperpoint as hp, hyperpoint.opening, hyperpoint.io.cubes.envi, spectral.io.envi
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
hp.open_scene(sys.argv[1])
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


def test_opening_1889x1422x128(benchmark: Any, hsicity2_cube: Path) -> None:
    """Aim: under 0.2 s and 100 MB; the memory is in the benchmark's `extra_info`."""
    benchmark(hp.open_scene, hsicity2_cube)
    done = subprocess.run(
        [sys.executable, "-c", _PEAK_OF_OPENING, str(hsicity2_cube)], check=True, capture_output=True, text=True
    )
    benchmark.extra_info["peak_mb"] = float(done.stdout)
    assert benchmark.extra_info["peak_mb"] < 100
