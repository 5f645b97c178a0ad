"""Whether the confidence of the recipe `best` means something: reliability, calibration error, accuracy by coverage.

    python -m benchmarks.calibration [--points 5 20] [--seeds 4] [--street 8] [--split train] [--picture FILE]

from the repository's root. Pixels of all scenes and seeds of a set are pooled in 15 bins of equal width; the expected
calibration error is the mean distance of confidence and accuracy over the bins, weighted by pixels. The picture is
drawn of the street scenes.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import hyperpoint as hp
from benchmarks.scenes_on_disk import add_arguments, open_measure
from hyperpoint.types import UInt8Array

NUM_BINS = 15
COVERAGE = 0.8
FINE_BINS = 10_000  # of confidence, to find the surest pixels by
SIZE, MARGIN = 420, 60  # of one diagram of the picture, in pixels

Counts = NDArray[np.float64]


def _zeros() -> Counts:
    return np.zeros(FINE_BINS)


@dataclass
class Reliability:
    """Pixels, hits and summed confidence in fine bins of confidence."""

    pixels: Counts = field(default_factory=_zeros)
    hits: Counts = field(default_factory=_zeros)
    sums: Counts = field(default_factory=_zeros)

    def add(self, confidence: NDArray[np.float32], hit: NDArray[np.bool_]) -> None:
        """Count pixels, (n,) each."""
        bins = np.minimum((confidence * FINE_BINS).astype(int), FINE_BINS - 1)
        self.pixels += np.bincount(bins, minlength=FINE_BINS)
        self.hits += np.bincount(bins, hit, FINE_BINS)
        self.sums += np.bincount(bins, confidence, FINE_BINS)

    def in_bins(self) -> tuple[Counts, Counts, Counts]:
        """Return share of the pixels, mean confidence and accuracy of each of the `NUM_BINS` bins; NaN where empty."""
        edge = np.arange(FINE_BINS) * NUM_BINS // FINE_BINS
        pixels, hits, sums = (np.bincount(edge, part, NUM_BINS) for part in (self.pixels, self.hits, self.sums))
        with np.errstate(invalid="ignore"):
            return pixels / pixels.sum(), sums / pixels, hits / pixels

    @property
    def calibration_error(self) -> float:
        """The expected calibration error."""
        share, confidence, accuracy = self.in_bins()
        return float(np.nansum(share * np.abs(confidence - accuracy)))

    @property
    def accuracy(self) -> float:
        """Of all pixels."""
        return float(self.hits.sum() / self.pixels.sum())

    @property
    def confidence(self) -> float:
        """Mean of all pixels."""
        return float(self.sums.sum() / self.pixels.sum())

    def accuracy_at(self, coverage: float) -> float:
        """Return the accuracy of the surest pixels, a share `coverage` of all."""
        reached = np.cumsum(self.pixels[::-1])
        wanted = coverage * reached[-1]
        last = int(np.searchsorted(reached, wanted))
        before = reached[last - 1] if last else 0.0
        part = (wanted - before) / self.pixels[::-1][last]
        return float((self.hits[::-1][:last].sum() + part * self.hits[::-1][last]) / wanted)


def draw(found: dict[int, Reliability]) -> UInt8Array:
    """Draw reliability diagrams side by side, by points a class: accuracy over confidence, dots as large as bins."""
    import cv2

    side = SIZE + 2 * MARGIN
    picture = np.full((side, side * len(found), 3), 255, dtype=np.uint8)

    def place(panel: int, x: float, y: float) -> tuple[int, int]:
        return panel * side + MARGIN + round(x * SIZE), MARGIN + round((1 - y) * SIZE)

    def write(text: str, at: tuple[int, int], scale: float = 0.45) -> None:
        cv2.putText(picture, text, at, cv2.FONT_HERSHEY_SIMPLEX, scale, (40, 40, 40), 1, cv2.LINE_AA)

    for panel, (points, one) in enumerate(found.items()):
        for tick in np.linspace(0, 1, 6):
            cv2.line(picture, place(panel, tick, 0), place(panel, tick, 1), (230, 230, 230), 1)
            cv2.line(picture, place(panel, 0, tick), place(panel, 1, tick), (230, 230, 230), 1)
            (x, y), (left, beside) = place(panel, tick, 0), place(panel, 0, tick)
            write(f"{tick:.1f}", (x - 12, y + 20))
            write(f"{tick:.1f}", (left - 34, beside + 5))
        cv2.line(picture, place(panel, 0, 0), place(panel, 1, 1), (150, 150, 150), 1, cv2.LINE_AA)
        dots = [dot for dot in zip(*one.in_bins(), strict=True) if dot[0] > 0]
        for share, confidence, accuracy in dots:
            radius = max(3, round(30 * np.sqrt(share)))
            cv2.circle(picture, place(panel, confidence, accuracy), radius, (31, 119, 180), cv2.FILLED, cv2.LINE_AA)
        write(f"{points} points a class, calibration error {one.calibration_error:.3f}", (panel * side + 70, 35), 0.5)
        write("confidence", (panel * side + side // 2 - 35, side - 12))
        write("accuracy", (panel * side + 6, MARGIN - 14))
    return picture


def measure(args: argparse.Namespace, name: str) -> dict[int, Reliability]:
    """Annotate the scenes of a set and count."""
    bench = open_measure(args.bench, args.data, args.split, args.street)
    found = {points: Reliability() for points in args.points}
    for scene in bench.scenes_of(name):
        prepared = hp.prepare(hp.Scene(scene.cube, wavelengths=scene.wavelengths, rgb=scene.rgb), "best")
        for points, one in found.items():
            for seed in range(args.seeds):
                drawn = hp.PointSet(*bench.draw_points(scene, points, seed))
                annotation = hp.annotate(prepared, drawn, seed=seed)
                known = scene.labels != hp.IGNORE
                one.add(annotation.confidence[known], (annotation.labels == scene.labels)[known])
    return found


def main() -> None:
    """Print a table, and write the picture if one is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_arguments(parser, keeps_rows=False)
    parser.add_argument("--picture", type=Path, help="PNG of the first set's reliability diagrams")
    args = parser.parse_args()
    print("| set | points a class | calibration error | accuracy | confidence | accuracy at 80 % coverage |")
    print("|---|---|---|---|---|---|")
    for number, name in enumerate(args.sets):
        found = measure(args, name)
        for points, one in found.items():
            print(f"| {name} | {points} | {one.calibration_error:.4f} | {one.accuracy:.3f} | {one.confidence:.3f} | "
                  f"{one.accuracy_at(COVERAGE):.4f} |", flush=True)  # fmt: skip
        if args.picture and number == 0:
            from hyperpoint.io.images import write_png

            write_png(args.picture, draw(found))


if __name__ == "__main__":
    main()
