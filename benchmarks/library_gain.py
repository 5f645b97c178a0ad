"""What a spectral library of earlier scenes is worth, and what one that does not fit costs.

    python -m benchmarks.library_gain [--points 1 5 20] [--seeds 4] [--street 8] [--libraries ...]

from the repository's root. The library has 20 points a class of 20 other CamVid frames, each with spectra drawn for it
under a light of its own. Every scene is annotated from the same points with and without it, by the recipe `best`.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import hyperpoint as hp
from benchmarks.scenes_on_disk import BESIDE_THE_PROJECT, CommonMeasure, open_measure
from hyperpoint.library import SpectralLibrary

NUM_FRAMES, POINTS_PER_CLASS = 20, 20
CHOSEN_ON = (6, 20)  # number and first of the frames that constants were chosen on: not in the library either
FIRST_SEED = 50_000
NUM_BINS = 15

Rows = dict[tuple[str, str, int], list[dict[str, Any]]]


def street_library(bench: CommonMeasure) -> SpectralLibrary:
    """Return the library of `NUM_FRAMES` train frames that are neither measured nor were chosen on."""
    scenes, data = bench.scenes, bench.data
    taken = {*scenes.street_frames(data, "train", bench.num_street), *scenes.street_frames(data, "train", *CHOSEN_ON)}
    names = [name for name in scenes.street_frames(data, "train", 2 * NUM_FRAMES, 5) if name not in taken]
    model = scenes.SpectralModel(data / "hsicityv2_class_spectra.npz")
    kept = []
    for i, at in enumerate(np.linspace(0, len(names) - 1, NUM_FRAMES).round().astype(int)):
        scene = scenes.street_scene(data, "train", names[at], model, FIRST_SEED + i)
        points = hp.PointSet(*bench.draw_points(scene, POINTS_PER_CLASS, i))
        kept.append(SpectralLibrary.of(hp.Scene(scene.cube, scene.wavelengths), points))
    return hp.join_libraries(kept)


def few_points(library: SpectralLibrary) -> SpectralLibrary:
    """Keep one spectrum of each class of each scene."""
    keys = library.scene_of * 256 + library.labels
    return library.subset(np.unique(keys, return_index=True)[1])


def other_classes(library: SpectralLibrary) -> SpectralLibrary:
    """Give every class the id of another: what a table with another order would do."""
    ids = library.class_ids
    labels = np.roll(ids, 3)[np.searchsorted(ids, library.labels)]
    return SpectralLibrary(library.spectra, labels, library.wavelengths, library.scenes)


def at_other_bands(library: SpectralLibrary, num_bands: int) -> SpectralLibrary:
    """Stretch the spectra over another camera's bands, without wavelengths: a library that fits in form alone.

    The four commonest classes get the ids 0 to 3, so that every class of a scene of four has wrong spectra.
    """
    at = np.linspace(0, library.spectra.shape[1] - 1, num_bands)
    stretched = np.stack([np.interp(at, np.arange(library.spectra.shape[1]), row) for row in library.spectra])
    commonest = np.argsort(-np.bincount(library.labels), kind="stable")[:4]
    keep = np.isin(library.labels, commonest)
    ids = np.searchsorted(np.sort(commonest), library.labels[keep]).astype(np.uint8)
    return SpectralLibrary(stretched[keep].astype(np.float32), ids, None, library.scene_of[keep])


LIBRARIES: dict[str, Callable[[SpectralLibrary], SpectralLibrary]] = {
    "20 scenes": lambda library: library,
    "20 scenes, 1 point a class": few_points,
    "5 scenes": lambda library: library.subset(np.isin(library.scene_of, (1, 5, 9, 13, 17))),
    "1 scene": lambda library: library.subset(library.scene_of == 9),
    "other classes": other_classes,
}


def measure(bench: CommonMeasure, args: argparse.Namespace) -> Rows:
    """Annotate every scene without and with each library."""
    library = street_library(bench)
    libraries = {name: LIBRARIES[name](library) for name in args.libraries}
    rows: Rows = defaultdict(list)
    for scene in bench.scenes_of("street") if args.street else ():
        _measure_scene(rows, "street", bench, scene, libraries, args.points, args.seeds)
    for scene in bench.scenes_of("jasper"):
        fitted = {"street, as bands 1 to 198": at_other_bands(library, scene.cube.shape[2])}
        _measure_scene(rows, "jasper", bench, scene, fitted, args.points, args.seeds_jasper)
    return rows


def _measure_scene(
    rows: Rows, group: str, bench: CommonMeasure, scene: Any, libraries: dict[str, SpectralLibrary],
    numbers: list[int], num_seeds: int,
) -> None:  # fmt: skip
    prepared = hp.prepare(hp.Scene(scene.cube, scene.wavelengths, scene.rgb), "best")
    for num, seed in ((num, seed) for num in numbers for seed in range(num_seeds)):
        points = hp.PointSet(*bench.draw_points(scene, num, seed))
        plain = hp.annotate(prepared, points, seed=seed)
        for name, library in libraries.items():
            found = hp.annotate(prepared, points, seed=seed, library=library)
            rows[group, name, num].append({
                "scene": scene.name,
                "without": bench.score(plain.labels, scene.labels)[1],
                "with": bench.score(found.labels, scene.labels)[1],
                "weight": found.provenance["library"]["weight"],
                "reliability": np.stack([reliability(one, scene.labels) for one in (plain, found)]),
            })  # fmt: skip


def reliability(annotation: hp.Annotation, truth: Any) -> Any:
    """Return pixels, sum of confidences and hits of each of `NUM_BINS` equal bins of confidence, (3, bins)."""
    scored = truth != hp.IGNORE
    confidence, hit = annotation.confidence[scored], (annotation.labels == truth)[scored]
    bins = np.minimum((confidence * NUM_BINS).astype(int), NUM_BINS - 1)
    return np.stack([np.bincount(bins, weights, NUM_BINS) for weights in (None, confidence, hit)])


def calibration_error(tables: list[Any]) -> float:
    """Return the expected calibration error of pooled `reliability` tables."""
    count, confidence, hit = np.sum(tables, axis=0)
    return float(np.abs(confidence - hit).sum() / count.sum())


def lines(rows: Rows) -> Iterator[str]:
    """Yield a Markdown table: means over runs, standard errors over scenes (over seeds where there is one scene)."""
    yield "| scenes | library | points a class | without | with | difference | worst scene | weight | ECE | with |"
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for (group, name, num), runs in rows.items():
        gains: dict[str, list[float]] = defaultdict(list)
        for run in runs:
            gains[run["scene"]].append(run["with"] - run["without"])
        units = [float(np.mean(v)) for v in gains.values()] if len(gains) > 1 else next(iter(gains.values()))
        error = np.std(units, ddof=1) / np.sqrt(len(units)) if len(units) > 1 else np.nan
        without, found, weight = (np.mean([run[key] for run in runs]) for key in ("without", "with", "weight"))
        before, after = (calibration_error([run["reliability"][k] for run in runs]) for k in (0, 1))
        yield (
            f"| {group} | {name} | {num} | {without:.3f} | {found:.3f} | {found - without:+.3f} ± {error:.3f} | "
            f"{min(units):+.3f} | {weight:.2f} | {before:.3f} | {after:.3f} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--bench", type=Path, default=BESIDE_THE_PROJECT, help="folder of annotation_bench.py")
    parser.add_argument("--data", type=Path, help="its data; default: the folder data beside it")
    parser.add_argument("--split", default="train", choices=["train", "val"])
    parser.add_argument("--street", type=int, default=8, help="how many CamVid-HS frames")
    parser.add_argument("--points", nargs="+", type=int, default=[1, 5, 20], help="points a class")
    parser.add_argument("--seeds", type=int, default=4, help="draws of points on each street scene")
    parser.add_argument("--seeds-jasper", type=int, default=10, help="and on jasper_ridge")
    parser.add_argument("--libraries", nargs="+", choices=list(LIBRARIES), default=list(LIBRARIES))
    args = parser.parse_args()
    bench = open_measure(args.bench, args.data, args.split, args.street)
    for line in lines(measure(bench, args)):
        print(line)


if __name__ == "__main__":
    main()
