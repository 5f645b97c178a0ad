"""Runs of methods on scenes, kept in a CSV file, and tables of them."""

from __future__ import annotations

import csv
import time
from argparse import Namespace
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.peers.contract import Peer
from benchmarks.scenes_on_disk import CommonMeasure, open_measure


class Row(NamedTuple):
    """One method on one scene from one draw of points."""

    method: str
    scene: str
    points: int
    seed: int
    miou: float
    accuracy: float
    seconds: float


class Problem(NamedTuple):
    """What methods are paired by."""

    scene: str
    points: int
    seed: int


class Table:
    """The rows of one set of scenes."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows: dict[str, dict[Problem, Row]] = defaultdict(dict)
        for row in rows:
            self.rows[row.method][Problem(row.scene, row.points, row.seed)] = row

    def miou(self, method: str, points: int) -> str:
        """Return the mean ± standard error."""
        return _in_words({p: row.miou for p, row in self.rows[method].items() if p.points == points}, "{:.3f}")

    def difference(self, method: str, to: str, points: int) -> str:
        """Return the mean ± standard error of `method` - `to`, on the problems that both have."""
        mine, other = self.rows[method], self.rows[to]
        common = {p: mine[p].miou - other[p].miou for p in mine if p in other and p.points == points}
        return _in_words(common, "{:+.3f}")

    def mean(self, method: str, points: int) -> float:
        """Return the mean mIoU; NaN without rows."""
        values = [row.miou for p, row in self.rows[method].items() if p.points == points]
        return float(np.mean(values)) if values else float("nan")

    def seconds(self, method: str, points: int) -> str:
        """Return the median time of a run."""
        values = [row.seconds for p, row in self.rows[method].items() if p.points == points]
        return f"{np.median(values):.2f}" if values else ""

    def num_runs(self, method: str, points: int) -> int:
        """Return how many runs there are."""
        return sum(p.points == points for p in self.rows[method])


def measure(methods: Mapping[str, Peer], args: Namespace) -> dict[str, list[Row]]:
    """Run what the CSV file lacks, and return the rows of each set, of these and of other methods."""
    measure_ = open_measure(args.bench, args.data, args.split, args.street)
    return {name: _measure_set(name, measure_, methods, args) for name in args.sets}


def _measure_set(name: str, bench: CommonMeasure, methods: Mapping[str, Peer], args: Namespace) -> list[Row]:
    done = {(row.method, Problem(row.scene, row.points, row.seed)) for row in _read(args.out)}
    names = set()
    for scene in bench.scenes_of(name):
        names.add(scene.name)
        for points in args.points:
            for seed in range(args.seeds):
                problem = Problem(scene.name, points, seed)
                missing = [method for method in methods if (method, problem) not in done]
                rows, cols, labels = bench.draw_points(scene, points, seed)
                for method in missing:
                    start = time.perf_counter()
                    predicted = methods[method](scene.cube, scene.rgb, rows, cols, labels, seed)
                    seconds = time.perf_counter() - start
                    accuracy, miou = bench.score(predicted, scene.labels)
                    _append(args.out, Row(method, *problem, miou, accuracy, seconds))
    return [row for row in _read(args.out) if row.scene in names and row.points in args.points]


def _read(path: Path) -> list[Row]:
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [
            Row(r["method"], r["scene"], int(r["points"]), int(r["seed"]),
                float(r["miou"]), float(r["accuracy"]), float(r["seconds"]))
            for r in csv.DictReader(file)
        ]  # fmt: skip


def _append(path: Path, row: Row) -> None:
    is_new = not path.exists()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if is_new:
            writer.writerow(Row._fields)
        writer.writerow([*row[:4], f"{row.miou:.5f}", f"{row.accuracy:.5f}", f"{row.seconds:.3f}"])


def _in_words(values: Mapping[Problem, float], form: str) -> str:
    """Return mean ± standard error over scenes, each averaged over its seeds; of a single scene over its seeds."""
    if not values:
        return ""
    scenes = defaultdict(list)
    for problem, value in values.items():
        scenes[problem.scene].append(value)
    units = [np.mean(v) for v in scenes.values()] if len(scenes) > 1 else list(values.values())
    mean = form.format(np.mean(list(values.values())))
    return f"{mean} ± {np.std(units, ddof=1) / np.sqrt(len(units)):.3f}" if len(units) > 1 else mean


def markdown(header: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [header, ["---"] * len(header), *lines])
