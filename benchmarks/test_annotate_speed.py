"""From file to mask, as a user waits for it: a new process each time, start-up included."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np


def test_floor_reading_the_file_once(benchmark: Any, lib_hsi_cube: Path) -> None:
    """What nothing that looks at every sample can be faster than."""
    benchmark(np.fromfile, lib_hsi_cube.with_suffix(".dat"), dtype=np.float32)


def test_paper_svm_512x512x204_file_to_mask(benchmark: Any, lib_hsi_cube: Path) -> None:
    """Aim: under 2 s on 2 cores."""
    out = lib_hsi_cube.with_name("mask.png")
    arguments = [
        "annotate",
        lib_hsi_cube,
        "--points",
        lib_hsi_cube.with_name("points.csv"),
        "--out",
        out,
        "--recipe",
        "paper-svm",
    ]
    command = [sys.executable, "-m", "hyperpoint", *map(str, arguments), "--quiet"]
    benchmark.pedantic(subprocess.run, args=(command,), kwargs={"check": True}, rounds=5, warmup_rounds=1)
    assert out.is_file()
