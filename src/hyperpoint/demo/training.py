"""Train the same small network on annotations, on the truth and on the points alone; compare on unseen scenes."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from hyperpoint.annotation.annotate import annotate
from hyperpoint.catalog.dataset import Dataset, load_dataset
from hyperpoint.catalog.layouts import SceneFiles
from hyperpoint.catalog.sampling import sample_regions
from hyperpoint.demo.expected import without_expected_warnings
from hyperpoint.errors import MissingExtraError
from hyperpoint.io.images import read_rgb
from hyperpoint.io.manifest import ManifestRow, read_manifest, write_manifest
from hyperpoint.io.masks import write_mask
from hyperpoint.metrics import ConfusionMatrix
from hyperpoint.opening import open_scene
from hyperpoint.synth import synthesise
from hyperpoint.types import IGNORE, ClassTable, LabelArray, PointSet, Truth, UInt8Array

LAYOUT = "hsicity2"
SIZE = (192, 256)
# Of which the layout sets aside 15 % to test on.
NUM_SCENES = 20
RECIPE = "best"
# What a network is trained on, in the order of the report.
TRUTH, ANNOTATIONS, POINTS = KINDS = ("truth", "annotations", "points")
# A schedule for a CPU: a small network that starts from nothing, and takes a high rate since there are few steps.
SETTINGS: dict[str, Any] = {
    "model": "smp:unet:resnet18",
    "weights": "none",
    "steps": 150,
    "batch_size": 2,
    "crop": (128, 160),
    "scale": (0.75, 1.5),
    "photometric": False,
    "lr": 0.1,
    "accelerator": "cpu",
    "workers": 0,
}

_PACKAGES = ("torch", "torchvision", "timm", "lightning", "segmentation_models_pytorch", "safetensors", "tensorboardX")

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, eq=False)
class UnseenScene:
    """A scene that nothing was trained on, and what each network took it for; `predictions` by kind of labels."""

    name: str
    rgb: UInt8Array
    truth: LabelArray
    predictions: dict[str, LabelArray] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class NetworkScore:
    """How a network did on the unseen scenes; it learned from a `labelled_share` of the pixels, in `seconds`."""

    matrix: ConfusionMatrix
    labelled_share: float
    seconds: float


@dataclass(frozen=True, eq=False)
class TrainingResult:
    """What came of the training.

    Attributes
    ----------
    classes
        Of all scenes.
    settings
        Of every training.
    num_scenes, num_points
        Trained on, and annotated points in all of them.
    annotations
        The annotations that were trained on, scored by the truth of their scenes.
    networks
        By what they were trained on.
    unseen
        The scenes on which they were scored.
    """

    classes: ClassTable
    settings: dict[str, Any]
    num_scenes: int
    num_points: int
    annotations: ConfusionMatrix
    networks: dict[str, NetworkScore]
    unseen: list[UnseenScene]


def check_installed() -> None:
    """Make sure that what training needs is installed; nothing is imported for it.

    Raises
    ------
    MissingExtraError
        If a package is not.
    """
    for package in _PACKAGES:
        if find_spec(package) is None:
            raise MissingExtraError("training a network in the demonstration", package, "deep")


def run_training(out: Path, seed: int = 0, progress: Progress = lambda done, total, what: None) -> TrainingResult:
    """Synthesise small scenes, annotate them from points, train the same network thrice, score on unseen scenes.

    Points are drawn as in `run_demo`: in proportion to the classes, so that those that learn from points alone are not
    misled about how frequent a class is. Scenes, masks, manifests and networks stay in `out`; networks of an earlier
    run are replaced.

    Parameters
    ----------
    out
        Folder to write to; made if needed.
    seed
        Of scenes, points and training. Scenes differ from those that `run_demo` makes of the same seed.
    progress
        Told (done, total, what) of each phase in turn.

    Raises
    ------
    MissingExtraError
        If PyTorch or what else training needs is not installed.
    """
    check_installed()
    dataset = load_dataset(LAYOUT)
    with without_expected_warnings():
        files = synthesise(
            out / "scenes", LAYOUT, NUM_SCENES, SIZE, seed + 1, lambda *told: progress(told[0], told[1], "synthesising")
        )
        material = _label(out, dataset, [one for one in files if one.split == "train"], seed, progress)
        unseen = [
            UnseenScene(one.id, read_rgb(one.rgb), dataset.truth(one).labels) for one in files if one.split == "test"
        ]
        networks = {kind: _score(out, kind, dataset, material, unseen, seed, progress) for kind in KINDS}
    return TrainingResult(
        dataset.classes, SETTINGS, len(files) - len(unseen), material.num_points, material.score, networks, unseen
    )


@dataclass(eq=False)
class _Material:
    """Masks of the training scenes by kind, and what they are worth."""

    score: ConfusionMatrix
    rows: dict[str, list[ManifestRow]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    num_labelled: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    num_pixels: int = 0
    num_points: int = 0


def _label(out: Path, dataset: Dataset, files: list[SceneFiles], seed: int, progress: Progress) -> _Material:
    """Annotate scenes from points, and write masks and a manifest of each kind."""
    material = _Material(ConfusionMatrix(len(dataset.classes), dataset.unscored))
    rng = np.random.default_rng([seed, NUM_SCENES])
    for number, one in enumerate(files):
        progress(number, len(files), "annotating")
        truth = dataset.truth(one)
        points = sample_regions(truth, seed=rng).annotated
        masks = _masks(one, truth, points, seed)
        material.score.update(masks[ANNOTATIONS], truth.labels)
        material.num_points += len(points)
        material.num_pixels += truth.labels.size
        for kind, mask in masks.items():
            path = out / kind / f"{one.id}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_mask(path, mask, dataset.classes)
            material.rows[kind].append(ManifestRow(one.id, "train", one.rgb, path))
            material.num_labelled[kind] += int((mask != IGNORE).sum())
    for kind, rows in material.rows.items():
        write_manifest(_manifest(out, kind), rows, dataset.classes)
    return material


def _masks(files: SceneFiles, truth: Truth, points: PointSet, seed: int) -> dict[str, LabelArray]:
    alone = np.full_like(truth.labels, IGNORE)
    alone[points.rows, points.cols] = points.labels
    annotation = annotate(open_scene(files.cube, files.rgb), points, RECIPE, seed)
    return {TRUTH: truth.labels, ANNOTATIONS: annotation.labels, POINTS: alone}


def _manifest(out: Path, kind: str) -> Path:
    return out / kind / "manifest.csv"


def _score(
    out: Path, kind: str, dataset: Dataset, material: _Material, unseen: list[UnseenScene], seed: int,
    progress: Progress,
) -> NetworkScore:  # fmt: skip
    """Train a network on labels of one kind, let it label the unseen scenes, and score that."""
    from hyperpoint.segment.config import make_config
    from hyperpoint.segment.predictors.opening import open_predictor
    from hyperpoint.segment.run_folder import RunFolder
    from hyperpoint.segment.training import train

    run = RunFolder(out / kind / "run")
    if run.config_file.exists():
        shutil.rmtree(run.path)
    start = time.perf_counter()
    train(
        read_manifest(_manifest(out, kind)),
        make_config(SETTINGS, {"seed": seed}),
        run.path,
        progress=lambda done, total, what: progress(done, total, f"on the {kind}: {what}"),
    )
    seconds = time.perf_counter() - start
    run.checkpoint.unlink(missing_ok=True)  # three times the size of the network, and nobody goes on with it
    predictor = open_predictor(run.path, "cpu")
    matrix = ConfusionMatrix(len(dataset.classes), dataset.unscored)
    for scene in unseen:
        scene.predictions[kind] = predictor.label(scene.rgb[None])[0][0]
        matrix.update(scene.predictions[kind], scene.truth)
    return NetworkScore(matrix, material.num_labelled[kind] / material.num_pixels, seconds)
