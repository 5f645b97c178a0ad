"""Train a network on a manifest."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hyperpoint.errors import InputError
from hyperpoint.io.files import StrPath
from hyperpoint.io.manifest import Manifest, ManifestRow
from hyperpoint.metrics import ConfusionMatrix
from hyperpoint.segment.bundle import ModelBundle
from hyperpoint.segment.checkpointing import BestModel, LastCheckpoint
from hyperpoint.segment.checks import check_images
from hyperpoint.segment.config import TrainingConfig
from hyperpoint.segment.data.module import SegmentationData
from hyperpoint.segment.data.transforms import Augmentation
from hyperpoint.segment.history import History, Progress
from hyperpoint.segment.inputs import InputSpec, Standardisation
from hyperpoint.segment.launching import make_trainer, quiet_lightning, seeded, stoppable
from hyperpoint.segment.losses import SegmentationLoss, balanced_weights
from hyperpoint.segment.models import build_model, check_model_name
from hyperpoint.segment.models.pretrained import weights_file
from hyperpoint.segment.non_finite import NonFiniteLossError, batch_file, save_and_explain
from hyperpoint.segment.provenance import describe_labels
from hyperpoint.segment.resuming import checkpoint_step, signature_of
from hyperpoint.segment.run_folder import RunFolder, is_first_process
from hyperpoint.segment.task import SegmentationTask

logger = logging.getLogger(__name__)

TRAIN, VAL = "train", "val"
# The checkpoint holds weights and momentum, the bundle weights; the next of each is written before the last one goes.
_COPIES_ON_DISK = 2 * (2 + 1)


@dataclass(frozen=True, eq=False)
class _Material:
    """What is trained on: nothing of it comes from the test split."""

    manifest: Manifest
    inputs: InputSpec
    standardisation: Standardisation
    augmentation: Augmentation
    pixels: NDArray[np.int64]

    @property
    def train_rows(self) -> tuple[ManifestRow, ...]:
        return self.manifest.of_split(TRAIN)

    @property
    def has_validation(self) -> bool:
        return VAL in self.manifest.splits


def train(
    manifest: Manifest,
    config: TrainingConfig,
    out: StrPath,
    resume: bool = False,
    progress: Progress | None = None,
) -> RunFolder:
    """Train a network on the split "train", and keep the one with the best mIoU on the split "val".

    The test split is never looked at. Without a split "val" the last network is kept, and a warning says so. On the
    CPU, a run that was stopped at any time and is resumed ends with the same weights as one that was not.

    Parameters
    ----------
    manifest
        Images with their masks.
    config
        All settings. When resuming, those on which the weights depend must be those of the run.
    out
        Folder of the run: config.toml, model.safetensors and model.json (the best network), last.ckpt, metrics.csv,
        tensorboard/, curves.png.
    resume
        Go on from last.ckpt, or begin anew if there is none; else a folder that holds a run is refused.
    progress
        Called with (done, total, what) in the first process.

    Raises
    ------
    InputError
        If an image is damaged or does not fit its mask, a split is empty, the folder holds another run or cannot be
        written to, the disk is too full, weights or devices are not to be had, or the network cannot learn from a
        batch of one: all before the first step.
    NonFiniteLossError
        If the loss becomes NaN or infinite, in training or validation; the batch is saved in the folder.
    KeyboardInterrupt
        If it is interrupted (Ctrl-C).
    """
    run = RunFolder(Path(out))
    is_first = is_first_process()
    if not is_first:
        progress = None
    check_model_name(config.model)
    if is_first:
        run.prepare(config, resume)
        if not (resume and run.checkpoint.exists()):
            weights_file(config.model, config.weights)  # before all that takes time
    material = _gather(manifest, config, progress, is_first)
    with quiet_lightning(), seeded(config.seed):
        return _fit(material, config, run, resume, progress)


def _gather(manifest: Manifest, config: TrainingConfig, progress: Progress | None, is_first: bool) -> _Material:
    augmentation = Augmentation(config.crop, config.scale, config.max_class_share, config.flip, config.photometric)
    inputs = InputSpec.parse(config.input)
    used = replace(manifest, rows=tuple(row for row in manifest.rows if row.split in (TRAIN, VAL)))
    rows = manifest.of_split(TRAIN)
    if config.confidence_weighted and not any(row.confidence for row in rows):
        raise InputError(
            f"--confidence-weighted needs a column `confidence`, and {manifest.path} has none for a training image; "
            f"annotate with --confidence, or leave it out"
        )
    pixels = np.zeros(len(manifest.classes), np.int64)
    # One process of many is enough to find what is wrong, unless the others need the counts too.
    if is_first or config.class_weights != "none":
        pixels = check_images(used.rows, manifest.classes, _telling(progress, "checking"), inputs=inputs)
    if VAL not in used.splits and is_first:
        logger.warning(
            "%s has no split %r: the last network is kept, not the best (`hyperpoint manifest --val 0.1` makes one)",
            manifest.path, VAL,
        )  # fmt: skip
    standardisation = inputs.fit(rows, _telling(progress, "sampling spectra of"))
    return _Material(used, inputs, standardisation, augmentation, pixels)


def _telling(progress: Progress | None, doing: str) -> Progress | None:
    return None if progress is None else lambda done, total, what: progress(done, total, f"{doing} {what}")


def _fit(
    material: _Material, config: TrainingConfig, run: RunFolder, resume: bool, progress: Progress | None
) -> RunFolder:
    signature = signature_of(material.manifest, config.confidence_weighted) if is_first_process() else None
    start = checkpoint_step(run.checkpoint, material.manifest.path, signature) if resume else 0
    # A checkpoint replaces whatever a run started from, which may not be at hand any more.
    task = _task(material, config, "none" if start else config.weights)
    history = History(run, config, progress)
    best = BestModel(partial(_save_bundle, run, task, material, config), material.has_validation)
    every = config.val_every if material.has_validation else None
    last = LastCheckpoint(run.checkpoint, config.checkpoint_every, config.steps, every, signature)
    trainer = make_trainer(config, task.model, run.path, material.has_validation, [best, history, last])
    if is_first_process():
        num_bytes = _COPIES_ON_DISK * sum(value.nbytes for value in task.state_dict().values())
        run.check_space(num_bytes)
        run.write_config(config)
        history.open(start)
    data = _data(material, config)
    try:
        with stoppable(trainer, run.path):
            trainer.fit(task, datamodule=data, ckpt_path=run.checkpoint if start else None, weights_only=True)
            if material.has_validation and best.validated_step != trainer.global_step:
                trainer.validate(task, datamodule=data, verbose=False)
    except NonFiniteLossError as error:
        rows = material.manifest.of_split(VAL if error.in_validation else TRAIN)
        file = batch_file(run.path, trainer.global_rank, trainer.world_size)
        raise save_and_explain(error, file, rows) from None
    finally:
        history.close()
    return RunFolder(run.path, best.miou, best.step, history.images_per_second, history.stopwatch.waiting_share)


def _task(material: _Material, config: TrainingConfig, start_from: str) -> SegmentationTask:
    model = build_model(config.model, len(material.manifest.classes), material.standardisation.num_channels, start_from)
    class_weights = balanced_weights(material.pixels) if config.class_weights == "balanced" else None
    return SegmentationTask(model, SegmentationLoss(config.loss_terms, class_weights), config)


def _data(material: _Material, config: TrainingConfig) -> SegmentationData:
    return SegmentationData(
        material.manifest,
        material.inputs,
        material.standardisation,
        material.augmentation,
        batch_size=config.batch_size,
        seed=config.seed,
        confidence_weighted=config.confidence_weighted,
        num_workers=config.workers,
        train_split=TRAIN,
        # Without validation images the trainer takes none; the data module wants a split nevertheless.
        val_split=VAL if material.has_validation else TRAIN,
    )


def _save_bundle(
    run: RunFolder,
    task: SegmentationTask,
    material: _Material,
    config: TrainingConfig,
    step: int,
    score: ConfusionMatrix | None,
) -> None:
    manifest = material.manifest
    facts: dict[str, Any] = {
        "data": {
            "manifest": str(manifest.path),
            "num_images": {split: len(manifest.of_split(split)) for split in manifest.splits},
        },
        "labels": describe_labels(material.train_rows),
        "step": step,
        "config": config.to_dict(),
    }
    if score is not None:
        facts["score"] = _score(score, manifest)
    bundle = ModelBundle.of(task.model, manifest.classes, material.inputs, material.standardisation, facts)
    bundle.save(run.path)


def _score(score: ConfusionMatrix, manifest: Manifest) -> dict[str, Any]:
    scores = score.to_dict(manifest.classes)
    iou = {one["name"]: one["iou"] for one in scores.pop("per_class")}
    return {"split": VAL, **scores, "iou": iou}
