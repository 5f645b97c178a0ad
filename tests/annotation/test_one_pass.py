"""A scene's cube is read once, block by block, in the order of the file, and a factored one stays factored."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hyperpoint.annotation.annotate import annotate
from hyperpoint.annotation.prepare import prepare
from hyperpoint.cube import ArrayCube, CubeBlock, FloatArray
from hyperpoint.io.cubes import open_cube
from hyperpoint.io.cubes._flat import FlatCube
from hyperpoint.io.cubes.hsicityv2 import FactoredCube
from hyperpoint.preprocess.rendering import render_rgb
from hyperpoint.preprocess.scanning import Scanner
from hyperpoint.types import LabelArray, PointSet, Scene

AXES = {"bil": (0, 2, 1), "bsq": (2, 0, 1), "bip": (0, 1, 2)}


class Factors:
    """What a `.hsd` file holds of the scene of the fixtures."""

    def __init__(self, values: FloatArray, num: int = 10) -> None:
        height, width, bands = values.shape
        flat = values.reshape(-1, bands)
        self.average = flat.mean(axis=0)
        self.coefficients = np.linalg.svd(flat - self.average, full_matrices=False)[2][:num]
        self.scores = ((flat - self.average) @ self.coefficients.T).reshape(height, width, num)

    def write(self, path: Path) -> FactoredCube:
        height, width, num = self.scores.shape
        header = np.array([height, width, len(self.average), num, 400], "<i4").tobytes()
        header += np.array([0], "<f4").tobytes() + np.array([1000], "<i4").tobytes()
        body = [part.astype("<f4").tobytes() for part in (self.average, self.coefficients, self.scores)]
        path.write_bytes(header + b"".join(body))
        cube = open_cube(path)
        assert isinstance(cube, FactoredCube)
        return cube


def write_envi(folder: Path, values: FloatArray, interleave: str) -> Path:
    height, width, bands = values.shape
    (folder / "cube.dat").write_bytes(np.ascontiguousarray(values.transpose(AXES[interleave])).tobytes())
    path = folder / "cube.hdr"
    path.write_text(f"ENVI\nsamples={width}\nlines={height}\nbands={bands}\ndata type=4\ninterleave={interleave}\n")
    return path


@pytest.fixture
def tops(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Rows at which the blocks that are read from flat files begin; blocks are of few rows."""
    seen: list[int] = []
    blocks = FlatCube.blocks

    def counting(self: FlatCube) -> Iterator[CubeBlock]:
        for block in blocks(self):
            seen.append(block.rows.start)
            yield block

    monkeypatch.setattr("hyperpoint.cube.BLOCK_BYTES", 80_000)
    monkeypatch.setattr(FlatCube, "blocks", counting)
    return seen


@pytest.mark.parametrize("interleave", list(AXES))
@pytest.mark.parametrize("recipe", ["paper-svm", "best"])
def test_every_block_of_a_file_is_read_once(
    recipe: str, interleave: str, scene: Scene, points: PointSet, truth: LabelArray, tops: list[int], tmp_path: Path
) -> None:
    cube = open_cube(write_envi(tmp_path, scene.cube.read(), interleave))
    found = annotate(Scene(cube, rgb=scene.rgb), points, recipe)
    assert (found.labels == truth).mean() > 0.95
    assert tops == list(range(0, 80, 10))


def test_an_image_is_rendered_in_the_same_pass(scene: Scene, points: PointSet, tops: list[int], tmp_path: Path) -> None:
    cube = open_cube(write_envi(tmp_path, scene.cube.read(), "bil"))
    prepared = prepare(Scene(cube), "best")
    annotate(prepared, points)
    assert len(tops) == 8
    assert prepared.scene.rgb is not None
    np.testing.assert_array_equal(prepared.scene.rgb, render_rgb(cube))


def test_best_never_reconstructs_a_factored_cube(
    scene: Scene, points: PointSet, truth: LabelArray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cube = Factors(scene.cube.read()).write(tmp_path / "cube.hsd")
    monkeypatch.setattr(FactoredCube, "blocks", None)
    found = annotate(Scene(cube, rgb=scene.rgb), points, "best")
    assert (found.labels == truth).mean() > 0.95


@pytest.mark.parametrize("recipe", ["paper-svm", "best", "paper-svm-rgb"])
def test_factored_or_reconstructed_is_the_same(recipe: str, scene: Scene, points: PointSet, tmp_path: Path) -> None:
    factors = Factors(scene.cube.read())
    factors.scores[3, 4:9] = np.nan
    factored = factors.write(tmp_path / "cube.hsd")
    plain = ArrayCube(factored.read(), factored.wavelengths)
    first, second = (annotate(Scene(cube), points, recipe) for cube in (factored, plain))
    assert (first.labels == second.labels).mean() > 0.999
    assert first.provenance["masked_pixels"] == second.provenance["masked_pixels"] == {
        "no_data": 5, "saturated": 0, "dead": 0
    }  # fmt: skip


@pytest.mark.parametrize("largest", [1.0, 3e37])
def test_a_factored_pixel_is_judged_as_its_spectrum(largest: float, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    factors = Factors(rng.uniform(-3, 1, (30, 20, 6)).astype(np.float32), 3)
    factors.scores[:2] = rng.choice([np.nan, np.inf, -np.inf, 0, -largest, largest], (2, 20, 3))
    factored = factors.write(tmp_path / "cube.hsd")
    expected = Scanner(ArrayCube(factored.read())).scan()
    found = Scanner(factored).scan()
    assert expected.num_masked > 0
    assert expected.num_dead > 5
    np.testing.assert_array_equal(found.usable, expected.usable)
    assert found.num_masked == expected.num_masked


def test_what_is_read_twice_is_judged_once(scene: Scene) -> None:
    scanner = Scanner(scene.cube, np.arange(80 * 80).reshape(80, 80) > 5)
    first, second = ([usable for _, usable in scanner.blocks()] for _ in range(2))
    assert sum(int(usable.sum()) for usable in first) == 80 * 80 - 6
    np.testing.assert_array_equal(np.concatenate(first), np.concatenate(second))
    assert scanner.scan().num_masked == 0


_MANY_SCENES = """
import resource, sys
import numpy as np
import hyperpoint as hp

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

recipe = sys.argv[1]
rng = np.random.default_rng(0)
material = np.arange(200)[:, None] // 50 * 4 + np.arange(200) // 50
rows, cols = rng.integers(0, 200, (2, 60))
for number in range(16):
    cube = rng.uniform(0.1, 1, (16, 64))[material] * rng.normal(1, 0.1, (200, 200, 64))
    rgb = (cube[..., :3].clip(0, 1) * 255).astype(np.uint8)
    hp.annotate(hp.Scene(cube.astype(np.float32), rgb=rgb), hp.PointSet(rows, cols, material[rows, cols]), recipe)
    if number == 3:
        early = peak()
print(early, peak())
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="peaks are in KiB on Linux only")
@pytest.mark.parametrize("recipe", ["paper-svm", "best"])
def test_memory_does_not_grow_with_the_scenes(recipe: str) -> None:
    command: list[Any] = [sys.executable, "-c", _MANY_SCENES, recipe]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    early, late = (float(part) for part in done.stdout.split())
    assert late - early < 40
