"""Table 2 on CamVid-HS: label every train photo from points, one manifest for each way of labelling.

    python -m benchmarks.camvid_labels --out OUT [--labels truth points best paper-svm paper-twocnn] [--per-class 20]

writes OUT/<labels>/manifest.csv, whose train split has the labels of that name and whose val split has the truth, and
OUT/seconds.csv, how long annotating took. A rerun goes on where it was. The spectra are semi-synthetic.

"points" are as many of each class, and teach a network that all classes are as frequent; "regional" are equally many
points an image, but spread evenly over it, as the paper draws them.
"""

from __future__ import annotations

import csv
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import hyperpoint as hp
from benchmarks.scenes_on_disk import BESIDE_THE_PROJECT, CommonMeasure, open_measure
from hyperpoint.catalog.dataset import load_dataset
from hyperpoint.cube import FloatArray
from hyperpoint.io.manifest import ManifestRow, write_manifest
from hyperpoint.types import IGNORE, LabelArray

WITHOUT_RECIPE = ("truth", "points", "regional")


def main() -> None:
    parser = ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--bench", type=Path, default=BESIDE_THE_PROJECT, help="folder of annotation_bench.py")
    parser.add_argument("--data", type=Path, help="its data; default: the folder data beside it")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--labels", nargs="+", default=[*WITHOUT_RECIPE, "best", "paper-svm", "paper-twocnn"])
    parser.add_argument("--per-class", type=int, default=20)
    arguments = parser.parse_args()
    measure = open_measure(arguments.bench, arguments.data, "train", 0)
    classes = load_dataset("hsicity2").classes
    photos = {split: sorted((measure.data / "camvid" / split / "rgb").glob("*.jpg")) for split in ("train", "val")}
    for photo in photos["val"]:
        _write(_mask_of(arguments, "truth", photo), partial(_truth, measure, "val", photo.stem), classes)
    _annotate_all(arguments, measure, photos["train"], classes)
    for labels in arguments.labels:
        rows = [
            ManifestRow(
                photo.stem,
                split,
                photo,
                _mask_of(arguments, labels if split == "train" else "truth", photo),
                confidence=_confidence_of(arguments, labels, photo) if split == "train" else None,
            )
            for split, them in photos.items()
            for photo in them
        ]
        write_manifest(arguments.out / labels / "manifest.csv", rows, classes)


def _annotate_all(arguments: Namespace, measure: CommonMeasure, photos: list[Path], classes: hp.ClassTable) -> None:
    model = None
    for number, photo in enumerate(photos):
        missing = [labels for labels in arguments.labels if not _mask_of(arguments, labels, photo).is_file()]
        if not missing:
            continue
        model = model or measure.scenes.SpectralModel(measure.data / "hsicityv2_class_spectra.npz")
        scene = measure.scenes.street_scene(measure.data, "train", photo.stem, model, number)
        truth = scene.labels.copy()
        points = hp.PointSet(*measure.draw_points(scene, arguments.per_class, number))
        for labels in missing:
            start = time.perf_counter()
            mask, confidence = _label(labels, scene, truth, points, number)
            with (arguments.out / "seconds.csv").open("a", newline="") as file:
                csv.writer(file).writerow([labels, photo.stem, f"{time.perf_counter() - start:.3f}"])
            if confidence is not None:
                _confidence_path(arguments, labels, photo).parent.mkdir(parents=True, exist_ok=True)
                hp.write_confidence(_confidence_path(arguments, labels, photo), confidence)
            _write(_mask_of(arguments, labels, photo), partial(np.asarray, mask), classes)
        print(f"{number + 1}/{len(photos)} {photo.stem}", flush=True)


def _label(
    labels: str, scene: Any, truth: LabelArray, points: hp.PointSet, seed: int
) -> tuple[LabelArray, FloatArray | None]:
    """Return the labels of a photo, and their confidence where a recipe made them."""
    if labels == "truth":
        return truth, None
    if labels in ("points", "regional"):
        known = points if labels == "points" else hp.sample_regions(hp.Truth(truth), len(points), 1, (1, 0), seed)
        mask = np.full(truth.shape, IGNORE, dtype=np.uint8)
        mask[known.rows, known.cols] = known.labels
        return mask, None
    annotation = hp.annotate(hp.Scene(scene.cube, wavelengths=scene.wavelengths, rgb=scene.rgb), points, labels)
    return annotation.labels, annotation.confidence


def _truth(measure: CommonMeasure, split: str, name: str) -> LabelArray:
    camvid = hp.read_label_ids(measure.data / "camvid" / split / "labels" / f"{name}.png")
    table = np.full(256, IGNORE, dtype=np.uint8)
    table[: len(measure.scenes.CAMVID_TO_CITYSCAPES)] = measure.scenes.CAMVID_TO_CITYSCAPES
    return table[camvid]


def _mask_of(arguments: Namespace, labels: str, photo: Path) -> Path:
    return Path(arguments.out, labels, photo.parent.parent.name, f"{photo.stem}.png")


def _confidence_path(arguments: Namespace, labels: str, photo: Path) -> Path:
    return Path(arguments.out, labels, "confidence", f"{photo.stem}.png")


def _confidence_of(arguments: Namespace, labels: str, photo: Path) -> Path | None:
    path = _confidence_path(arguments, labels, photo)
    return path if path.is_file() else None


def _write(path: Path, mask: Callable[[], LabelArray], classes: hp.ClassTable) -> None:
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        hp.write_mask(path, mask(), classes)


if __name__ == "__main__":
    main()
