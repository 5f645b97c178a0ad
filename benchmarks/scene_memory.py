"""How much memory annotating takes beyond the interpreter with its libraries, and whether it grows with the scenes.

    python -m benchmarks.scene_memory FOLDER [--recipes best paper-svm] [--scenes bil bsq bip hsd]

from the repository's root. Files of 0.3 to 1.4 GB are made in FOLDER unless they are there. Each row is a process of
its own: its peak (`ru_maxrss`) after a tiny scene has loaded all libraries, and by how much the large one raised it;
then the same of 30 different scenes of 400 x 400 x 128, one after the other.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
from pathlib import Path

import numpy as np

import hyperpoint as hp
from benchmarks.conftest import write_envi
from benchmarks.measuring import markdown
from benchmarks.scene_speed import Files, annotate_files, hsd, hsicity2, some_points

TOLD = (1, 10, 30)  # scenes after which the peak is told
SMALL = (400, 400, 128)

SCENES = ("bil", "bsq", "bip", "hsd")


def files_of(name: str, folder: Path) -> tuple[Files, tuple[int, int]]:
    """Return a scene of `SCENES`, made if need be, and its size."""
    files = hsd(folder) if name == "hsd" else hsicity2(folder, name)
    return files, hp.open_scene(files.cube).size


def peak_mb() -> float:
    """Return the most memory that this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def load_libraries(recipe: str) -> float:
    """Annotate a tiny scene; return the peak after it."""
    cube = np.random.default_rng(0).uniform(0.1, 1, (32, 32, 8)).astype(np.float32)
    scene = hp.Scene(cube, rgb=(cube[..., :3] * 255).astype(np.uint8))
    at = np.array([1, 2, 30, 31])
    hp.annotate(scene, hp.PointSet(at, at, (at > 16).astype(np.uint8)), recipe)
    return peak_mb()


def peak_of_scene(files: Files, recipe: str, size: tuple[int, int]) -> tuple[float, float]:
    """Return the peak of the libraries, and what a scene adds to it."""
    before = load_libraries(recipe)
    annotate_files(files, recipe, some_points(*size), files.cube.with_name("mask.png"))
    return before, peak_mb() - before


def peaks_of_many(headers: list[Path], recipe: str) -> list[float]:
    """Return what 1, 10 and 30 scenes add to the peak of the libraries."""
    before = load_libraries(recipe)
    added = []
    for header in headers:
        scene = hp.open_scene(header)
        hp.annotate(scene, some_points(*scene.size), recipe)
        added.append(peak_mb() - before)
    return [added[num - 1] for num in TOLD]


def small_scenes(folder: Path) -> list[Path]:
    """Return scenes, of which three differ in their files."""
    headers = [folder / f"{interleave}-{SMALL[0]}x{SMALL[1]}.hdr" for interleave in ("bil", "bsq", "bip")]
    for header in headers:
        if not header.exists():
            write_envi(folder, SMALL, header.stem[:3])
    return headers * (TOLD[-1] // 3)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--recipes", nargs="+", default=["paper-svm", "best"])
    parser.add_argument("--scenes", nargs="+", choices=SCENES, default=SCENES)
    args = parser.parse_args()
    fresh = multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1)  # a new process a task
    lines, growth = [], []
    with fresh:
        for recipe in args.recipes:
            for name in args.scenes:
                # What starts the processes stays small: its own peak counts as that of those it starts.
                files, size = fresh.apply(files_of, (name, args.folder))
                peak = fresh.apply(peak_of_scene, (files, recipe, size))
                lines.append([recipe, name, *(f"{value:.0f}" for value in peak)])
            many = fresh.apply(peaks_of_many, (fresh.apply(small_scenes, (args.folder,)), recipe))
            growth.append([recipe, *(f"{value:.0f}" for value in many)])
    print(markdown(["recipe", "file", "libraries, MB", "scene adds, MB"], lines))
    print()
    print(markdown(["recipe", *(f"{num} scenes, MB" for num in TOLD)], growth))


if __name__ == "__main__":
    main()
