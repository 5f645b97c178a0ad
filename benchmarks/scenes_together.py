"""Networks of many scenes: one scene after another against side by side, in seconds and in accuracy.

    python -m benchmarks.scenes_together speed [--bands 204] [--scenes 16] [--iterations 100] [--at-once 1 4 16]
    python -m benchmarks.scenes_together accuracy [--scenes 16] [--at-once 8]

`speed` trains for a fixed number of steps ("paper-twocnn-40k" with fewer, and "paper-twocnn" with its networks of the
folds, which stops nowhere before), in one process of one thread and in two, which share the scenes. `accuracy` fits
"paper-twocnn" to its end, alone and side by side, and scores spectra that were not learned from.
"""

from __future__ import annotations

import multiprocessing
import time
from argparse import ArgumentParser, Namespace
from multiprocessing.pool import Pool
from typing import Any

import numpy as np

from hyperpoint.cube import FloatArray, IndexArray
from hyperpoint.spectral import SpectralClassifier, fit_together, make_classifier

NUM_POINTS = 200
NUM_TEST = 2000
ROUNDS = 3


def draw_scene(seed: int, bands: int) -> tuple[FloatArray, IndexArray, FloatArray, IndexArray]:
    """Return spectra and classes to learn from, and others to score: 10 to 19 classes, shaded, mixed, noisy."""
    rng = np.random.default_rng(seed)
    num_classes = int(rng.integers(10, 20))
    at = np.linspace(0, 1, bands)
    centres, widths = rng.random((num_classes, 6, 1)), rng.uniform(0.05, 0.3, (num_classes, 6, 1))
    pure = (rng.random((num_classes, 6, 1)) * np.exp(-(((at - centres) / widths) ** 2))).sum(axis=1) + 0.2
    count = NUM_POINTS + NUM_TEST
    classes = np.concatenate([np.arange(num_classes), rng.integers(0, num_classes, count - num_classes)])
    share = rng.uniform(0.5, 1, (count, 1))
    spectra = share * pure[classes] + (1 - share) * pure[rng.integers(0, num_classes, count)]
    spectra *= rng.uniform(0.3, 1, (count, 1))
    spectra += rng.normal(0, 0.05, spectra.shape)
    values = (spectra / spectra.max(axis=1, keepdims=True)).astype(np.float32)
    return values[:NUM_POINTS], classes[:NUM_POINTS], values[NUM_POINTS:], classes[NUM_POINTS:]


def fit(seeds: list[int], bands: int, at_once: int, params: dict[str, Any]) -> list[SpectralClassifier]:
    """Fit the scenes of these seeds, so many side by side."""
    scenes = [draw_scene(seed, bands)[:2] for seed in seeds]
    classifiers = [make_classifier("twocnn", seed, **params) for seed in seeds]
    for start in range(0, len(seeds), at_once):
        fit_together(classifiers[start : start + at_once], scenes[start : start + at_once])
    return classifiers


def _fit(work: tuple[list[int], int, int, dict[str, Any]]) -> float:
    """Return the processor's seconds."""
    start = time.process_time()
    fit(*work)
    return time.process_time() - start


def _seconds(pool: Pool, num: int, args: Namespace, at_once: int, params: dict[str, Any]) -> tuple[float, float]:
    """Return seconds, and seconds of the processors, that it takes `num` of the pool's processes."""
    start = time.perf_counter()
    shares = [list(range(first, args.scenes, num)) for first in range(num)]
    used = pool.map(_fit, [(share, args.bands, at_once, params) for share in shares], chunksize=1)
    return time.perf_counter() - start, sum(used)


def speed(args: Namespace) -> None:
    """Print scenes a second, the best of some rounds, which go through all ways in turn."""
    ways = {
        "fixed": {"iterations": args.iterations},
        "cv": {"iterations": "cv", "max_iterations": min(args.iterations, 160)},
    }
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.map(_fit, [([0], args.bands, 1, {"iterations": 2})] * 4, chunksize=1)  # imports
        for name, params in ways.items():
            taken: dict[tuple[int, int], list[tuple[float, float]]] = {}
            for _ in range(args.rounds):
                for num in (1, 2):
                    for at_once in args.at_once:
                        taken.setdefault((num, at_once), []).append(_seconds(pool, num, args, at_once, params))
            for (num, at_once), seconds in taken.items():
                wall, used = np.min(seconds, axis=0)
                print(
                    f"{name:5}  {num} process(es), {at_once:2} at once: {args.scenes / wall:6.3f} scenes/s, "
                    f"{used / args.scenes:6.3f} s of a core a scene",
                    flush=True,
                )


def accuracy(args: Namespace) -> None:
    """Print accuracies alone and side by side, and their paired difference."""
    seeds = list(range(args.scenes))
    alone, together = (fit(seeds, args.bands, at_once, {}) for at_once in (1, args.at_once[-1]))
    scores = []
    for seed, *pair in zip(seeds, alone, together, strict=True):
        *_, spectra, classes = draw_scene(seed, args.bands)
        predicted = [one.predict(spectra) for one in pair]
        scores.append([float((labels == classes).mean()) for labels in predicted])
        steps = [vars(one)["iterations_"] for one in pair]
        print(f"scene {seed}: {scores[-1]}, same labels {(predicted[0] == predicted[1]).mean():.4f}, steps {steps}")
    difference = np.diff(scores, axis=1)
    error = difference.std(ddof=1) / np.sqrt(len(difference))
    print(f"mean accuracy {np.mean(scores, axis=0)}, difference {difference.mean():+.5f} ± {error:.5f}")


def main() -> None:
    """Run what is asked for."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["speed", "accuracy"])
    parser.add_argument("--bands", type=int, default=204)
    parser.add_argument("--scenes", type=int, default=16)
    parser.add_argument("--iterations", type=int, default=100)
    parser.add_argument("--at-once", type=int, nargs="+", default=[1, 4, 8])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    args = parser.parse_args()
    {"speed": speed, "accuracy": accuracy}[args.what](args)


if __name__ == "__main__":
    main()
