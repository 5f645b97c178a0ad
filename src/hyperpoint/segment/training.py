"""Train a network on a manifest."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from hyperpoint.errors import InputError
from hyperpoint.io.files import StrPath, atomic_path
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
from hyperpoint.segment.provenance import describe_labels
from hyperpoint.segment.run_folder import RunFolder, is_first_process
from hyperpoint.segment.task import NonFiniteLossError, SegmentationTask

logger = logging.getLogger(__name__)

TRAIN, VAL = "train", "val"
NON_FINITE_NAME = "non_finite_batch.npz"
# The checkpoint holds weights and momentum, the bundle weights; the next of each is written before the last one goes.
_COPIES_ON_DISK = 2 * (2 + 1)
_NUM_NAMED = 4


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
        Go on from last.ckpt, if there is one; else a folder that holds a run is refused.
    progress
        Called with (done, total, what) in the first process.

    Raises
    ------
    InputError
        If an image is damaged or does not fit its mask, a split is empty, the folder holds another run or cannot be
        written to, the disk is too full, or weights or devices are not to be had: all before the first step.
    NonFiniteLossError
        If the loss becomes NaN or infinite; the batch is saved in the folder.
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
    start = _checkpoint_step(run.checkpoint, material) if resume else 0
    # A checkpoint replaces whatever a run started from, which may not be at hand any more.
    task = _task(material, config, "none" if start else config.weights)
    history = History(run, config, progress)
    best = BestModel(partial(_save_bundle, run, task, material, config), material.has_validation)
    every = config.val_every if material.has_validation else None
    last = LastCheckpoint(run.checkpoint, config.checkpoint_every, config.steps, every, _signature(material.manifest))
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
        raise _explained(error, run, material.train_rows) from None
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


def _signature(manifest: Manifest) -> str:
    """Return a text that changes when other images, splits or classes are trained on; where they lie has no part."""
    content = [[row.id, row.split] for row in manifest.rows], manifest.classes.names
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _checkpoint_step(path: Path, material: _Material) -> int:
    """Return after which step a checkpoint was saved, 0 if there is none; refuse one of other images."""
    if not path.exists():
        return 0
    try:
        content = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
        step, signature = int(content["global_step"]), content["callbacks"][LastCheckpoint.STATE_KEY]["signature"]
    except (UnpicklingError, RuntimeError, OSError, EOFError, ValueError, KeyError, TypeError) as error:
        first_line = str(error).strip().partition("\n")[0]
        raise InputError(
            f"the checkpoint {path} cannot be read ({first_line}); delete it to begin the run anew"
        ) from error
    if signature != _signature(material.manifest):
        raise InputError(
            f"{material.manifest.path} is not what the run in {path.parent} was trained on: ids, splits or classes "
            f"differ; give that manifest, or start a new run"
        )
    return step


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


def _explained(error: NonFiniteLossError, run: RunFolder, rows: Sequence[ManifestRow]) -> NonFiniteLossError:
    """Save the batch, and return the error with what to do about it."""
    shown = [rows[int(index)] for index in error.batch["index"]]
    arrays: dict[str, Any] = {name: value.cpu().numpy() for name, value in error.batch.items() if name != "index"}
    path = run.path / NON_FINITE_NAME
    with atomic_path(path) as temporary:
        np.savez_compressed(temporary, images=[str(row.image) for row in shown], **arrays)
    names = ", ".join(str(row.image) for row in shown[:_NUM_NAMED]) + (", ..." if len(shown) > _NUM_NAMED else "")
    explained = NonFiniteLossError(error.step, error.value, error.batch)
    explained.args = (
        f"{error}; the batch is saved as {path}, and shows {names}: look whether these are in order, else lower the "
        f"learning rate (--lr) or take another --precision, in a new --out",
    )
    return explained
