"""How good annotations get with every click: suggested points against random ones.

    python -m benchmarks.click_curves --out curves.csv --picture curves.png [--sets street jasper berlin] [--seeds 4]

from the repository's root. An annotator who always answers with the truth starts from one random point a class. Where
the truth has no label the answer is an unannotated point, which is not counted as a click but in a column of its own.
"Balanced" points are drawn by class, as only somebody who knows the truth can. Rows that the CSV file has are kept.
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageDraw

import hyperpoint as hp
from benchmarks.scenes_on_disk import CommonMeasure, add_arguments, open_measure

CLICKS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)  # a class, on average
OTHER_CLICKS = (1, 2, 3, 5, 8, 12, 20)
PER_ROUND, LATER_PER_ROUND, LATER = 5, 10, 5  # clicks at a time, up to `LATER` a class and beyond
SPARE = 10  # suggestions beside those wanted, for where the truth has no label
METHODS = ("suggested", "random", "balanced")
COLORS = {"suggested": (0, 90, 200), "random": (200, 60, 30), "balanced": (110, 110, 110)}


class Row(NamedTuple):
    """mIoU after so many clicks a class; `voids` are clicks so far where the truth has no label."""

    set: str
    scene: str
    seed: int
    method: str
    clicks: float
    miou: float
    voids: int


class Annotator:
    """Somebody who knows the truth, and the points they have set."""

    def __init__(self, start: hp.PointSet, truth: Any) -> None:
        self.points, self.truth = start, truth

    @property
    def num_labelled(self) -> int:
        """Clicks that count."""
        return int(self.points.is_annotated.sum())

    def click(self, row: int, col: int) -> None:
        """Label a pixel."""
        given = self.points
        if not ((given.rows == row) & (given.cols == col)).any():
            self.points = hp.PointSet(
                np.append(given.rows, row), np.append(given.cols, col), np.append(given.labels, self.truth[row, col])
            )


def suggested(prepared: hp.PreparedScene, annotator: Annotator, num: int, seed: int) -> Iterator[tuple[int, int]]:
    found = hp.suggest(prepared, annotator.points, num + SPARE, seed)
    yield from zip(found.rows.tolist(), found.cols.tolist(), strict=True)


def random(prepared: hp.PreparedScene, annotator: Annotator, num: int, seed: int) -> Iterator[tuple[int, int]]:
    rng = np.random.default_rng([seed, len(annotator.points)])
    height, width = prepared.scene.size
    while True:
        yield int(rng.integers(height)), int(rng.integers(width))


def click_along(
    bench: CommonMeasure, name: str, scene: Any, prepared: hp.PreparedScene, seed: int, method: str
) -> Iterator[Row]:
    """Yield the curve of one way to choose points, from one random point a class on."""
    choose: Callable[..., Iterator[tuple[int, int]]] = suggested if method == "suggested" else random
    annotator = Annotator(hp.PointSet(*bench.draw_points(scene, 1, seed)), scene.labels)
    num_classes = annotator.num_labelled
    for clicks in CLICKS if method == "suggested" else OTHER_CLICKS:
        while (lacking := clicks * num_classes - annotator.num_labelled) > 0:
            at_a_time = PER_ROUND if annotator.num_labelled < LATER * num_classes else LATER_PER_ROUND
            at_a_time = lacking if method == "random" else at_a_time
            goal, before = annotator.num_labelled + min(at_a_time, lacking), len(annotator.points)
            for row, col in choose(prepared, annotator, goal - annotator.num_labelled, seed):
                annotator.click(row, col)
                if annotator.num_labelled >= goal:
                    break
            if len(annotator.points) == before:
                return  # nothing is left to ask
        labels = hp.annotate(prepared, annotator.points, seed=seed).labels
        voids = len(annotator.points) - annotator.num_labelled
        yield Row(name, scene.name, seed, method, clicks, bench.score(labels, scene.labels)[1], voids)


def balanced(bench: CommonMeasure, name: str, scene: Any, prepared: hp.PreparedScene, seed: int) -> Iterator[Row]:
    """Yield the curve of points drawn by class, anew for each number."""
    for clicks in OTHER_CLICKS:
        points = hp.PointSet(*bench.draw_points(scene, clicks, seed))
        labels = hp.annotate(prepared, points, seed=seed).labels
        yield Row(name, scene.name, seed, "balanced", clicks, bench.score(labels, scene.labels)[1], 0)


def measure(args: argparse.Namespace) -> list[Row]:
    bench = open_measure(args.bench, args.data, args.split, args.street)
    rows = read(args.out)
    done = {(row.set, row.scene, row.seed, row.method) for row in rows}
    for name in args.sets:
        for scene in bench.scenes_of(name):
            bench.draw_points(scene, 1, 0)  # takes classes too small to be drawn out of the truth
            prepared = hp.prepare(hp.Scene(scene.cube, wavelengths=scene.wavelengths, rgb=scene.rgb), args.recipe)
            for seed in range(args.seeds):
                for method in METHODS:
                    if (name, scene.name, seed, method) in done:
                        continue
                    curve = (
                        balanced(bench, name, scene, prepared, seed)
                        if method == "balanced"
                        else click_along(bench, name, scene, prepared, seed, method)
                    )
                    new = list(curve)
                    append(args.out, new)
                    rows += new
    return rows


def read(path: Path) -> list[Row]:
    if not path.is_file():
        return []
    with path.open(newline="") as stream:
        return [
            Row(r[0], r[1], int(r[2]), r[3], float(r[4]), float(r[5]), int(r[6])) for r in list(csv.reader(stream))[1:]
        ]


def append(path: Path, rows: list[Row]) -> None:
    is_new = not path.is_file()
    with path.open("a", newline="") as stream:
        writer = csv.writer(stream)
        if is_new:
            writer.writerow(Row._fields)
        writer.writerows((*row[:5], f"{row.miou:.4f}", row.voids) for row in rows)


Curve = dict[float, tuple[float, float]]


def curves_of(rows: list[Row], name: str) -> dict[str, Curve]:
    """Return mean and standard error (over scene and seed) of each method at each number of clicks a class."""
    values: dict[str, dict[float, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row.set == name:
            values[row.method][row.clicks].append(row.miou)
    return {
        method: {x: (float(np.mean(v)), float(np.std(v) / np.sqrt(len(v)))) for x, v in sorted(points.items())}
        for method, points in values.items()
    }


def report(rows: list[Row], name: str) -> None:
    curves = curves_of(rows, name)
    print(f"\n{name}: mIoU ± s.e. by clicks a class")
    for method in (m for m in METHODS if m in curves):
        print(f"  {method:<10}", *(f"{x:g}: {mean:.3f}±{error:.3f}" for x, (mean, error) in curves[method].items()))
    if not {"suggested", "balanced"} <= curves.keys():
        return
    mine, other = curves["suggested"], curves["balanced"]
    paired = {(r.scene, r.seed): r.miou for r in rows if (r.set, r.method, r.clicks) == (name, "balanced", 5)}
    gains = [
        r.miou - paired[r.scene, r.seed]
        for r in rows
        if (r.set, r.method, r.clicks) == (name, "suggested", 5) and (r.scene, r.seed) in paired
    ]
    print(
        f"  at 5 clicks a class, suggested - balanced: {np.mean(gains):+.3f} ± {np.std(gains) / len(gains) ** 0.5:.3f}"
    )
    reached = next((x for x in mine if mine[x][0] >= other[20][0]), None)
    print(f"  as good as 20 balanced points a class ({other[20][0]:.3f}) from {reached} clicks a class on")
    means = [mean for mean, _ in mine.values()]
    print(f"  deepest dip below an earlier value: {max(max(means[: i + 1]) - m for i, m in enumerate(means)):.3f}")
    last = max(mine)
    voids = [r.voids for r in rows if (r.set, r.method, r.clicks) == (name, "suggested", last)]
    print(f"  clicks where the truth has no label, by {last:g} clicks a class: {np.mean(voids):.1f} a scene")


def draw(rows: list[Row], names: list[str], path: Path) -> None:
    """Draw the curves, a panel a set."""
    width, height, left, top, bottom = 330, 260, 44, 26, 34
    picture = Image.new("RGB", (width * len(names), height), "white")
    pen = ImageDraw.Draw(picture)
    for number, name in enumerate(names):
        curves = curves_of(rows, name)
        x0, y0, x1, y1 = number * width + left, height - bottom, (number + 1) * width - 12, top
        means = [mean for curve in curves.values() for mean, _ in curve.values()]
        low, high = np.floor(min(means) * 10) / 10, np.ceil(max(means) * 10) / 10

        def place(x: float, y: float, box: Any = (x0, y0, x1, y1), low: float = low, high: float = high) -> Any:
            return (box[0] + (box[2] - box[0]) * x / 20, box[1] - (box[1] - box[3]) * (y - low) / (high - low))

        for value in np.arange(low, high + 0.01, 0.1):
            pen.line([place(0, value), place(20, value)], fill=(225, 225, 225))
            pen.text((x0 - 26, place(0, value)[1] - 6), f"{value:.1f}", fill=(60, 60, 60))
        for value in (0, 5, 10, 15, 20):
            pen.text((place(value, low)[0] - 5, y0 + 4), str(value), fill=(60, 60, 60))
        pen.text((x0, 6), f"{name}: mIoU", fill=(0, 0, 0))
        pen.text((x1 - 110, y0 + 17), "clicks a class", fill=(60, 60, 60))
        for order, (method, curve) in enumerate(curves.items()):
            pen.line([place(x, mean) for x, (mean, _) in curve.items()], fill=COLORS[method], width=2, joint="curve")
            for x, (mean, _) in curve.items():
                px, py = place(x, mean)
                pen.ellipse((px - 2, py - 2, px + 2, py + 2), fill=COLORS[method])
            pen.text((x1 - 62, y0 - 16 - 13 * order), method, fill=COLORS[method])
    picture.quantize(64).save(path, optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_arguments(parser)
    parser.add_argument("--recipe", default="best")
    parser.add_argument("--picture", type=Path, help="PNG to draw the curves into")
    args = parser.parse_args()
    rows = measure(args)
    for name in args.sets:
        report(rows, name)
    if args.picture:
        draw(rows, args.sets, args.picture)


if __name__ == "__main__":
    main()
