"""What annotating a scene takes from its files to its mask, stage by stage, beside reading its file once.

    python -m benchmarks.scene_speed FOLDER [--recipes best paper-svm] [--scenes lib-hsi hsicity2 hsd] [--rounds 5]

from the repository's root. Files of 0.2 to 1.4 GB are made in FOLDER unless they are there. Every round is in one warm
process; the table has the medians of the rounds, seconds of all cores together for the stages.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

import hyperpoint as hp
from benchmarks.conftest import HSICITY2_SHAPE, LIB_HSI_SHAPE, write_envi
from benchmarks.measuring import markdown
from benchmarks.tracing import STAGES, traced
from hyperpoint.annotation import outputs

NUM_CLASSES, POINTS_PER_CLASS, NUM_COMPONENTS = 8, 25, 24


class Files(NamedTuple):
    """A scene on disk; `data` is the file that holds the cube."""

    cube: Path
    data: Path
    rgb: Path


def lib_hsi(folder: Path, interleave: str = "bil") -> Files:
    """Return a scene of LIB-HSI's size."""
    return _envi(folder, LIB_HSI_SHAPE, interleave)


def hsicity2(folder: Path, interleave: str = "bil") -> Files:
    """Return a scene of HSICityV2's size, as plain float32."""
    return _envi(folder, HSICITY2_SHAPE, interleave)


def hsd(folder: Path) -> Files:
    """Return the scene of HSICityV2's size in the form it is published in: as scores and coefficients."""
    plain = hsicity2(folder)
    path = folder / "scene.hsd"
    if not path.exists():
        _factor(hp.open_scene(plain.cube).cube, path)
    return Files(path, path, plain.rgb)


SCENES: dict[str, Callable[[Path], Files]] = {"lib-hsi": lib_hsi, "hsicity2": hsicity2, "hsd": hsd}


def _envi(folder: Path, shape: tuple[int, int, int], interleave: str) -> Files:
    header = folder / f"{interleave}-{shape[0]}x{shape[1]}.hdr"
    if not header.exists():
        write_envi(folder, shape, interleave)
    rgb = folder / f"{shape[0]}x{shape[1]}.jpg"
    if not rgb.exists():
        cv2.imwrite(str(rgb), hp.render_rgb(hp.open_scene(header).cube)[..., ::-1])
    return Files(header, header.with_suffix(".dat"), rgb)


def _factor(cube: hp.Cube, path: Path) -> None:
    """Write the first principal components of a cube as `.hsd`."""
    height, width, bands = cube.shape
    rng = np.random.default_rng(0)
    sample = cube.pixels(rng.integers(0, height, 5000), rng.integers(0, width, 5000))
    average = sample.mean(axis=0)
    basis = np.linalg.svd(sample - average, full_matrices=False)[2][:NUM_COMPONENTS]
    with path.open("wb") as file:
        file.write(np.array([height, width, bands, NUM_COMPONENTS, 450], "<i4").tobytes())
        file.write(np.float32(500 / (bands - 1)).tobytes() + np.array([950], "<i4").tobytes())
        file.write(average.tobytes() + np.ascontiguousarray(basis).tobytes())
        for _, _, values in cube.blocks():  # of whole rows
            file.write(np.ascontiguousarray((values - average) @ basis.T).tobytes())


def some_points(height: int, width: int) -> hp.PointSet:
    """Draw points of the eight materials of `write_envi`."""
    rng = np.random.default_rng(1)
    material = (np.arange(height)[:, None] // 97 * 3 + np.arange(width) // 131) % NUM_CLASSES
    picked = [rng.permutation(np.argwhere(material == c))[:POINTS_PER_CLASS] for c in range(NUM_CLASSES)]
    rows, cols = np.concatenate(picked).T
    return hp.PointSet(rows, cols, material[rows, cols])


def annotate_files(files: Files, recipe: str, points: hp.PointSet, out: Path) -> None:
    """Open a scene, annotate it and write its mask, as `hyperpoint annotate` does."""
    scene = hp.open_scene(files.cube, files.rgb)
    prepared = hp.prepare(scene, recipe)
    annotation = hp.annotate(prepared, points)
    outputs.write_annotation(
        out, annotation, prepared.scene, points, None, {"cube": str(files.cube)}, preview=False, confidence=False
    )


def floor_of(files: Files) -> float:
    """Return the seconds that reading the cube's file once takes."""
    start = time.perf_counter()
    np.fromfile(files.data, dtype=np.uint8)
    return time.perf_counter() - start


class Round(NamedTuple):
    """The seconds of reading the file, of the scene, and of its stages."""

    floor: float
    scene: float
    stages: dict[str, float]


def measure(files: Files, recipe: str, num_rounds: int) -> list[Round]:
    """Annotate a scene again and again, once more than is measured."""
    height, width = hp.open_scene(files.cube).size
    points, out = some_points(height, width), files.cube.with_name("mask.png")
    rounds = []
    for _ in range(num_rounds + 1):
        floor = floor_of(files)
        with traced() as seconds:
            start = time.perf_counter()
            annotate_files(files, recipe, points, out)
            rounds.append(Round(floor, time.perf_counter() - start, dict(seconds)))
    return rounds[1:]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--recipes", nargs="+", default=["paper-svm", "best"])
    parser.add_argument("--scenes", nargs="+", choices=list(SCENES), default=list(SCENES))
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    lines = []
    for name in args.scenes:
        files = SCENES[name](args.folder)
        for recipe in args.recipes:
            rounds = measure(files, recipe, args.rounds)
            floor, scene = (float(np.median([each[i] for each in rounds])) for i in (0, 1))
            stages = [float(np.median([each.stages.get(stage, 0.0) for each in rounds])) for stage in STAGES]
            seconds = [f"{value:.3f}" for value in (*stages, scene, floor)]
            lines.append([name, recipe, *seconds, f"{scene / floor:.1f}"])
    print(markdown(["scene", "recipe", *STAGES, "in all", "floor", "ratio"], lines))


if __name__ == "__main__":
    main()
