"""Whether `reject` finds what nothing labelled is like: every class hidden in turn.

    python -m benchmarks.rejection [--sets street jasper berlin] [--points 5 20] [--seeds 2] [--street 8]

from the repository's root. All points of one class are taken away; of the pixels that are truly of it as many as
possible should be rejected, of the others as few as possible. Classes of less than 1 % of the labelled pixels are not
hidden. `by mistake, none hidden` is the share rejected where every class has its points.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

import hyperpoint as hp
from benchmarks.scenes_on_disk import add_arguments, open_measure
from hyperpoint.annotation.prepare import PreparedScene
from hyperpoint.types import LabelArray

MIN_SHARE = 0.01


class Outcome(NamedTuple):
    """Shares of the pixels that are rejected: of the hidden class, and of all others; NaN where none is hidden."""

    hidden: float
    others: float


def hide_in_turn(prepared: PreparedScene, points: hp.PointSet, truth: LabelArray, seed: int) -> Iterator[Outcome]:
    """Yield the outcome of hiding each class, and last that of hiding none."""
    known = truth != hp.IGNORE
    for hidden in points.class_ids:
        own = truth == hidden
        rest = points.subset(points.labels != hidden)
        if own.sum() < MIN_SHARE * known.sum() or len(rest.class_ids) < 2:
            continue
        gone = hp.annotate(prepared, rest, seed=seed, reject=True).labels == hp.IGNORE
        yield Outcome(float(gone[own].mean()), float(gone[known & ~own].mean()))
    gone = hp.annotate(prepared, points, seed=seed, reject=True).labels == hp.IGNORE
    yield Outcome(float("nan"), float(gone[known].mean()))


def main() -> None:
    """Print a table: means over scenes, ± their standard error (over seeds where there is one scene)."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_arguments(parser, keeps_rows=False)
    args = parser.parse_args()
    bench = open_measure(args.bench, args.data, args.split, args.street)
    print("| set | points a class | hidden class rejected | others by mistake | by mistake, none hidden |")
    print("|---|---|---|---|---|")
    for name in args.sets:
        units: dict[int, list[list[float]]] = {points: [] for points in args.points}
        for scene in bench.scenes_of(name):
            prepared = hp.prepare(hp.Scene(scene.cube, wavelengths=scene.wavelengths, rgb=scene.rgb), "best")
            for points, rows in units.items():
                runs = []
                for seed in range(args.seeds):
                    drawn = hp.PointSet(*bench.draw_points(scene, points, seed))
                    *hidden, none = hide_in_turn(prepared, drawn, scene.labels, seed)
                    runs.append([*np.mean(hidden, axis=0).tolist(), none.others])
                rows += [np.mean(runs, axis=0).tolist()] if name == "street" else runs
        for points, rows in units.items():
            means, errors = np.mean(rows, axis=0), np.std(rows, axis=0, ddof=1) / np.sqrt(len(rows))
            cells = [f"{mean:.3f} ± {error:.3f}" for mean, error in zip(means, errors, strict=True)]
            print(f"| {name} | {points} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
