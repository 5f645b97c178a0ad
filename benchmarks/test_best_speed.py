"""The recipe `best`: preparing a scene, and every click after it; from file to mask on the command line."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hyperpoint as hp

# benchmarks/conftest.py: rows by 97 and columns by 131 pixels, eight materials.
STREET_SHAPE = (480, 360, 128)


def _points(height: int, width: int, per_class: int = 20) -> hp.PointSet:
    rng = np.random.default_rng(1)
    material = (np.arange(height)[:, None] // 97 * 3 + np.arange(width) // 131) % 8
    picked = [rng.permutation(np.argwhere(material == c))[:per_class] for c in range(8)]
    rows, cols = np.concatenate(picked).T
    return hp.PointSet(rows, cols, material[rows, cols])


def _click(prepared: hp.PreparedScene, points: hp.PointSet, seeds: Iterator[int]) -> hp.Annotation:
    """Annotate with a new seed, for a request that repeats the last one is answered from memory."""
    return hp.annotate(prepared, points, seed=next(seeds))


@pytest.fixture(scope="module")
def street_scene() -> hp.Scene:
    """A noisy scene in memory."""
    height, width, bands = STREET_SHAPE
    rng = np.random.default_rng(0)
    spectra = rng.uniform(0.1, 0.9, (8, bands)).astype(np.float32)
    material = (np.arange(height)[:, None] // 97 * 3 + np.arange(width) // 131) % 8
    cube = spectra[material] * rng.normal(1, 0.2, (height, width, 1)).astype(np.float32)
    cube += rng.normal(0, 0.1, STREET_SHAPE).astype(np.float32)
    return hp.Scene(np.maximum(cube, 1e-3), rgb=(cube[..., [90, 60, 30]].clip(0, 1) * 255).astype(np.uint8))


def test_prepare_480x360x128(benchmark: Any, street_scene: hp.Scene) -> None:
    """Aim: 1.0 s on 2 cores."""
    benchmark.pedantic(hp.prepare, args=(street_scene, "best"), rounds=3, warmup_rounds=1)


def test_annotate_480x360x128(benchmark: Any, street_scene: hp.Scene) -> None:
    """Aim: 0.25 s."""
    prepared = hp.prepare(street_scene, "best")
    benchmark(_click, prepared, _points(*STREET_SHAPE[:2]), count())


def test_prepare_512x512x204(benchmark: Any, lib_hsi_cube: Path) -> None:
    """Aim: 1.5 s, with an rgb image of the scene's own; from the file."""
    scene = hp.open_scene(lib_hsi_cube)
    with_rgb = scene.with_rgb(hp.render_rgb(scene.cube))
    benchmark.pedantic(hp.prepare, args=(with_rgb, "best"), rounds=3, warmup_rounds=1)


def test_annotate_512x512x204(benchmark: Any, lib_hsi_cube: Path) -> None:
    """Aim: 0.3 s."""
    prepared = hp.prepare(hp.open_scene(lib_hsi_cube), "best")
    benchmark(_click, prepared, _points(512, 512), count())


def test_file_to_mask_512x512x204(benchmark: Any, lib_hsi_cube: Path) -> None:
    """Aim: 4 s, a new process each time."""
    points, out = lib_hsi_cube.with_name("points.csv"), lib_hsi_cube.with_name("best.png")
    arguments = ["annotate", lib_hsi_cube, "--points", points, "--out", out, "--recipe", "best", "--quiet"]
    command = [sys.executable, "-m", "hyperpoint", *map(str, arguments)]
    benchmark.pedantic(subprocess.run, args=(command,), kwargs={"check": True}, rounds=3, warmup_rounds=1)
    assert out.is_file()
