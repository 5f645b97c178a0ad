"""The scenes and the scoring of the common measure, which is kept beside the project."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from hyperpoint.cube import IndexArray
from hyperpoint.types import LabelArray

SETS = {"street": None, "jasper": "jasper_ridge", "berlin": "berlin_enmap30m"}
BESIDE_THE_PROJECT = Path(__file__).resolve().parents[2] / "shared" / "bench"


@dataclass(frozen=True)
class CommonMeasure:
    """Its scenes, points and scores.

    Attributes
    ----------
    data
        The folder of its data.
    split, num_street
        Which CamVid-HS frames are the set "street".
    """

    scenes: Any
    scoring: Any
    data: Path
    split: str
    num_street: int

    def scenes_of(self, name: str) -> Iterator[Any]:
        """Yield the scenes of a set of `SETS`; each has name, cube, rgb, labels."""
        if name == "street":
            yield from self.scenes.street_scenes(self.data, self.split, self.num_street)
        else:
            yield from (scene for scene in self.scenes.real_scenes(self.data) if scene.name == SETS[name])

    def draw_points(self, scene: Any, per_class: int, seed: int) -> tuple[IndexArray, IndexArray, LabelArray]:
        """Draw points of every class with enough truth, (n,) rows, cols, labels; takes other classes from the truth."""
        rows, cols, labels = self.scoring.draw_points(scene, per_class, seed)
        return rows, cols, labels

    def score(self, predicted: LabelArray, truth: LabelArray) -> tuple[float, float]:
        """Return pixel accuracy and mIoU."""
        accuracy, miou = self.scoring.score(predicted, truth)
        return float(accuracy), float(miou)


def add_arguments(parser: ArgumentParser, *, keeps_rows: bool = True) -> None:
    """Add what says where the scenes are, which, and how many points and seeds."""
    parser.add_argument("--bench", type=Path, default=BESIDE_THE_PROJECT, help="folder of annotation_bench.py")
    parser.add_argument("--data", type=Path, help="its data; default: the folder data beside it")
    parser.add_argument("--sets", nargs="+", choices=list(SETS), default=list(SETS))
    parser.add_argument("--street", type=int, default=8, help="how many CamVid-HS frames")
    parser.add_argument("--split", default="train", choices=["train", "val"])
    parser.add_argument("--points", nargs="+", type=int, default=[5, 20], help="points a class")
    parser.add_argument("--seeds", type=int, default=2, help="seeds 0 to this, itself left out")
    if keeps_rows:
        parser.add_argument("--out", type=Path, required=True, help="CSV that grows by a row a run; rows kept")


def open_measure(bench: Path, data: Path | None, split: str, num_street: int) -> CommonMeasure:
    """Import the common measure from its folder."""
    if not (bench / "annotation_bench.py").is_file():
        sys.exit(f"no annotation_bench.py in {bench}; name its folder with --bench")
    sys.path.insert(0, str(bench))
    scenes, scoring = import_module("scenes"), import_module("annotation_bench")
    return CommonMeasure(scenes, scoring, data or bench.parent / "data", split, num_street)
