"""How a training went: metrics.csv, TensorBoard, curves.png and the progress bar."""

from __future__ import annotations

import csv
import io
import math
import time
from collections.abc import Callable, Sequence
from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer

from hyperpoint.errors import InputError
from hyperpoint.io.files import atomic_path, read_text
from hyperpoint.segment.config import TrainingConfig
from hyperpoint.segment.curves import draw_curves
from hyperpoint.segment.run_folder import RunFolder
from hyperpoint.segment.task import learning_rate

Progress = Callable[[int, int, str], None]
Row = dict[str, float]

COLUMNS = ("step", "train_loss", "lr", "images_per_second", "waiting_share", "val_loss", "val_miou", "val_accuracy")
# Steps between entries: MMSegmentation's, but at least a hundred entries in a short run.
_LOG_EVERY = 50
_MIN_ENTRIES = 100
_SECONDS_BETWEEN_DRAWING = 0.5


class Stopwatch:
    """Tells time spent training from time spent waiting for samples; validation and checkpoints are neither.

    Attributes
    ----------
    training, waiting
        Seconds; `waiting` is a part of `training`.
    num_batches
        Timed so far: all but the first, which waits for the worker processes to start.
    """

    def __init__(self) -> None:
        self.training = self.waiting = 0.0
        self.num_batches = 0
        self._ended: float | None = None
        self._started: float | None = None

    def pause(self) -> None:
        """What follows until the next batch is neither."""
        self._ended = None

    def start_batch(self) -> None:
        """A batch has arrived."""
        self._started = time.perf_counter()

    def end_batch(self) -> None:
        """A batch has been learned from."""
        now = time.perf_counter()
        if self._ended is not None and self._started is not None:
            self.waiting += self._started - self._ended
            self.training += now - self._ended
            self.num_batches += 1
        self._ended = now

    @property
    def waiting_share(self) -> float | None:
        """Share of the time in training that went into waiting, 0..1; None if nothing was timed."""
        return self.waiting / self.training if self.training else None


class History(Callback):
    """Write what happens into the folder of the run; before a checkpoint is saved, or it would be forgotten with it.

    Parameters
    ----------
    progress
        Called with (steps done, steps in all, what the loss and mIoU are).
    """

    def __init__(self, run: RunFolder, config: TrainingConfig, progress: Progress | None) -> None:
        self._run, self._config, self._progress = run, config, progress
        self._every = max(1, min(_LOG_EVERY, config.steps // _MIN_ENTRIES))
        self._rows: list[Row] = []
        self._writer: Any = None
        self._losses: list[torch.Tensor] = []
        self._shown = {"loss": "", "val mIoU": ""}
        self._drawn = -math.inf
        self.stopwatch = Stopwatch()

    def open(self, step: int) -> None:
        """Begin to write, keeping the entries up to `step` of a run that is resumed there; in the first process only.

        Raises
        ------
        InputError
            If the entries of the earlier part are malformed.
        """
        from tensorboardX import SummaryWriter

        if step:
            self._rows = [row for row in read_metrics(self._run) if row["step"] <= step]
        # What a run that begins anew has left there is taken back, too.
        self._writer = SummaryWriter(str(self._run.tensorboard_folder), purge_step=step + 1)

    def close(self) -> None:
        """Write the last entries and draw the curves."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
            if self._rows:
                draw_curves(self._run.curves_file, self._rows)

    @property
    def images_per_second(self) -> float | None:
        """Of all processes together, while training; None if nothing was timed."""
        watch = self.stopwatch
        num_images = watch.num_batches * self._config.batch_size * self._config.num_processes
        return num_images / watch.training if watch.training else None

    def on_train_batch_start(self, *_: Any) -> None:
        """Note that the batch is there."""
        self.stopwatch.start_batch()

    def on_train_batch_end(self, trainer: Trainer, pl_module: LightningModule, *_: Any) -> None:
        """Note the loss, and every so many steps write it."""
        last_loss: Any = pl_module.last_loss
        self._losses.append(last_loss)
        step = trainer.global_step
        is_whole_step = len(self._losses) % self._config.accumulate == 0
        if is_whole_step and (step % self._every == 0 or step == self._config.steps):
            loss = float(torch.stack(self._losses).mean())
            self._losses = []
            timed = {"images_per_second": self.images_per_second, "waiting_share": self.stopwatch.waiting_share}
            speed = {name: value for name, value in timed.items() if value is not None}
            self._add({"step": step, "train_loss": loss, "lr": learning_rate(self._config, step - 1), **speed})
            self._shown["loss"] = f"{loss:.3f}"
        self._show(step)
        self.stopwatch.end_batch()

    def on_save_checkpoint(self, *_: Any) -> None:
        """Stop the watch."""
        self.stopwatch.pause()

    def on_validation_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Stop the watch."""
        self.stopwatch.pause()

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write the score and draw the curves."""
        score: Any = pl_module.score
        loss: Any = pl_module.val_loss
        entry = {"val_loss": loss, "val_miou": score.miou, "val_accuracy": score.accuracy}
        self._add({"step": trainer.global_step, **entry})
        self._shown["val mIoU"] = f"{score.miou:.3f}"
        if self._writer is not None:
            draw_curves(self._run.curves_file, self._rows)

    def _add(self, row: Row) -> None:
        if self._writer is None:
            return
        # A run that is resumed at its end validates anew.
        self._rows = [one for one in self._rows if (one["step"], one.keys()) != (row["step"], row.keys())]
        self._rows.append(row)
        write_metrics(self._run, self._rows)
        for key, value in row.items():
            if key != "step" and math.isfinite(value):
                self._writer.add_scalar(key, value, int(row["step"]))

    def _show(self, step: int) -> None:
        now = time.perf_counter()
        if self._progress is not None and now - self._drawn > _SECONDS_BETWEEN_DRAWING:
            shown = ", ".join(f"{name} {value}" for name, value in self._shown.items() if value)
            self._progress(step, self._config.steps, f"training {shown}".strip())
            self._drawn = now


def read_metrics(run: RunFolder) -> list[Row]:
    """Return the entries of a run's metrics.csv, in order; none if there is no such file.

    Raises
    ------
    InputError
        If it is malformed.
    """
    if not run.metrics_file.exists():
        return []
    reader = csv.DictReader(io.StringIO(read_text(run.metrics_file, "metrics file", InputError), newline=""))
    try:
        return [{key: float(text) for key, text in row.items() if text} for row in reader]
    except (ValueError, TypeError, AttributeError) as error:
        raise InputError(f"{run.metrics_file} is malformed ({error}); move it away, and a new one is begun") from None


def write_metrics(run: RunFolder, rows: Sequence[Row]) -> None:
    """Write entries as metrics.csv, atomically; what an entry lacks stays empty.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([f"{row[name]:.8g}" if name in row else "" for name in COLUMNS] for row in rows)
    with atomic_path(run.metrics_file) as temporary:
        temporary.write_text(text.getvalue(), encoding="utf-8", newline="\n")
