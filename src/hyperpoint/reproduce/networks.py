"""RGB networks: trained on one kind of labels, scored on the test scenes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from hyperpoint.errors import HyperpointError, InputError
from hyperpoint.io.images import picture_size
from hyperpoint.io.manifest import Manifest, ManifestRow, read_manifest, write_manifest
from hyperpoint.metrics import ConfusionMatrix
from hyperpoint.reproduce.counts import add_to, to_json
from hyperpoint.reproduce.labelling import Labels, truth_mask
from hyperpoint.reproduce.study import Study
from hyperpoint.segment.config import TrainingConfig, make_config
from hyperpoint.segment.predictors.inference import Inference
from hyperpoint.segment.run_folder import RunFolder

KIND, RUNS = "network", "run"


def training_config(study: Study, network: str, seed: int = 0, **more: Any) -> TrainingConfig:
    """Return the settings of a training of the network that stands for `network`, one of `sizes.PAPER_MODELS`."""
    scale = image_scale(study)
    config = make_config(study.size.settings, {"model": study.size.models[network], "weights": study.weights})
    low, high = config.scale
    # No validation: nothing is chosen by a score, so that nobody profits from labels that others do not have.
    return replace(config, seed=seed, scale=(scale * low, scale * high), **more)


def image_scale(study: Study) -> float:
    """Return by which factor networks see the images smaller than they are; one for all, that of the first."""
    return study.size.image_scale(picture_size(study.train_rows[0].image))


def inference(study: Study) -> Inference:
    """Return how networks are applied to test images: whole, at the scale they were trained at."""
    return Inference(scales=(image_scale(study),))


def name_of(network: str, labels: Labels, seed: int) -> str:
    """Return what a training is called in progress and by --only."""
    return f"{network}, {labels.title}, seed {seed}"


def network_scores(study: Study, network: str, labels: Labels) -> list[ConfusionMatrix]:
    """Train a network on labels with every seed, and return the scores on the test scenes.

    What --only leaves out is there only if an earlier run has made it. What fails is left out, and the study told why.
    """
    found = []
    for seed in study.network_seeds:
        name = name_of(network, labels, seed)
        try:
            if study.wants(name):
                score: dict[str, Any] | None = score_network(study, network, labels, seed)
            else:
                score = study.kept.find(KIND, _signature(study, network, labels, seed))
        except HyperpointError as error:
            study.complain(f"{name}: {error}")
            continue
        if score is not None:
            found.append(add_to(study.matrix(), [score]))
    return found


def score_network(study: Study, network: str, labels: Labels, seed: int) -> dict[str, Any]:
    """Train a network on labels of the training scenes and score it on the test scenes, or find that done.

    An interrupted training is gone on with.

    Returns
    -------
    `counts` and `boundary` as `counts.to_json`; `seconds` of everything, `train_seconds`, `num_labelled` (scenes).
    """

    def compute() -> dict[str, Any]:
        from hyperpoint.segment.evaluation import evaluate
        from hyperpoint.segment.predictors.opening import open_predictor

        folder = run_folder(study, network, labels, seed)
        start = time.perf_counter()
        num_labelled = _train(study, network, labels, seed, folder)
        seconds = time.perf_counter() - start
        predictor = open_predictor(folder, inference=inference(study))
        tell = _telling(study, f"{name_of(network, labels, seed)}: scoring")
        found = evaluate(predictor, scored_manifest(study), "test", num_worst=0, progress=tell)
        # Three times the size of the network, and nobody goes on with it.
        RunFolder(folder).checkpoint.unlink(missing_ok=True)
        return {
            **to_json(found.matrix, found.boundaries),
            "train_seconds": round(seconds, 3),
            "test_seconds": round(found.seconds, 3),
            "num_labelled": num_labelled,
        }

    return study.kept.get(KIND, _signature(study, network, labels, seed), compute)


def run_folder(study: Study, network: str, labels: Labels, seed: int) -> Path:
    """Return the folder of a training; `open_predictor` takes it once the training is done."""
    return study.kept.path(RUNS, _signature(study, network, labels, seed), "")


def train_manifest(study: Study, masks: dict[str, Path], path: Path) -> Manifest:
    """Write a manifest of the training scenes that have a mask."""
    rows = [replace(row, label=masks[row.id]) for row in study.train_rows if row.id in masks]
    if not rows:
        raise InputError("no training scene could be labelled, so no network can be trained; see the warnings")
    return _manifest(study, rows, path)


def scored_manifest(study: Study) -> Manifest:
    """Write a manifest of the test scenes with their truth, classes that are not scored being unlabelled."""
    rows = [replace(row, label=truth_mask(study, row)) for row in study.test_rows]
    signature = {"test": study.mark_of(study.test_rows)}
    return _manifest(study, rows, study.kept.path("manifest", signature, "") / "test.csv")


def _manifest(study: Study, rows: Sequence[ManifestRow], path: Path) -> Manifest:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_manifest(path, rows, study.dataset.classes)
    return read_manifest(path)


def _train(study: Study, network: str, labels: Labels, seed: int, folder: Path) -> int:
    """Train in `folder`, or go on, and return how many scenes had labels."""
    from hyperpoint.segment.training import train

    masks = labels.masks(study, seed)
    signature = _signature(study, network, labels, seed)
    manifest = train_manifest(study, masks, study.kept.path("manifest", signature, "") / "train.csv")
    tell = _telling(study, name_of(network, labels, seed))
    train(manifest, training_config(study, network, seed), folder, resume=True, progress=tell)
    return len(manifest.rows)


def _signature(study: Study, network: str, labels: Labels, seed: int) -> dict[str, Any]:
    return {
        "labels": labels.signature(study, seed),
        "train": study.mark_of(study.train_rows),
        "test": study.mark_of(study.test_rows),
        "config": training_config(study, network, seed).to_dict(),
        "inference": str(inference(study)),
    }


def _telling(study: Study, doing: str) -> Any:
    return lambda done, total, what: study.progress(done, total, f"{doing} {what}")
