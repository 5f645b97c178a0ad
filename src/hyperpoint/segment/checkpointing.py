"""Keep the last state, to go on from, and the best network, to use."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.trainer.states import TrainerFn

from hyperpoint.io.files import atomic_path
from hyperpoint.metrics import ConfusionMatrix

logger = logging.getLogger(__name__)

SaveBundle = Callable[[int, ConfusionMatrix | None], None]


class LastCheckpoint(Callback):
    """Save the state of the run every so many steps and at the end; after the validation, where one is due.

    Parameters
    ----------
    path
        Replaced atomically.
    every, num_steps
        Between checkpoints, and of the run.
    val_every
        Steps between validations; None: there are none.
    signature
        Of what is trained on; is saved too, by the first process, which alone needs it.
    """

    STATE_KEY = "LastCheckpoint"

    def __init__(
        self, path: Path, every: int, num_steps: int, val_every: int | None, signature: dict[str, str] | None
    ) -> None:
        self._path, self._every, self._num_steps, self._val_every = path, every, num_steps, val_every
        self._signature = signature
        self._saved_step = 0

    @property
    def state_key(self) -> str:
        """Under which name Lightning saves the state."""
        return self.STATE_KEY

    def state_dict(self) -> dict[str, Any]:
        """Return what is trained on."""
        return {"signature": self._signature}

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """A resumed run has its checkpoint already."""
        self._saved_step = trainer.global_step

    def on_train_batch_end(self, trainer: Trainer, *_: Any) -> None:
        """Save if it is time, unless validation comes first."""
        if self._val_every is None or trainer.global_step % self._val_every:
            self._save_if_due(trainer)

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Save if it is time; a validation after the training has no state to save."""
        if trainer.state.fn == TrainerFn.FITTING:
            self._save_if_due(trainer)

    def _save_if_due(self, trainer: Trainer) -> None:
        step = trainer.global_step
        if step == self._saved_step or (step % self._every and step != self._num_steps):
            return
        # The other processes take part, but the first alone writes.
        with atomic_path(self._path) if trainer.is_global_zero else nullcontext(self._path) as target:
            trainer.save_checkpoint(target)
        self._saved_step = step
        logger.info("saved %s after step %d", self._path, step)


class BestModel(Callback):
    """Save the network whenever its validation mIoU is the best so far; without validation, at the end.

    Parameters
    ----------
    save
        Called with the step and the score in the first process.
    has_validation
        Whether there are validation images.
    """

    def __init__(self, save: SaveBundle, has_validation: bool) -> None:
        self._save, self._has_validation = save, has_validation
        self.miou: float | None = None
        self.step = 0
        self.validated_step = 0

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Compare and save."""
        score = pl_module.score
        assert isinstance(score, ConfusionMatrix)
        self.validated_step = trainer.global_step
        logger.info("step %d: val mIoU %.4f", self.validated_step, score.miou)
        # NaN, where the validation images have no label, is better than nothing, and any number better than it.
        if self.miou is None or math.isnan(self.miou) or score.miou > self.miou:
            self.miou, self.step = score.miou, self.validated_step
            if trainer.is_global_zero:
                self._save(self.step, score)

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Without validation the last network is the best."""
        if not self._has_validation:
            self.step = trainer.global_step
            if trainer.is_global_zero:
                self._save(self.step, None)

    def state_dict(self) -> dict[str, Any]:
        """Return what a resumed run must know."""
        return {"miou": self.miou, "step": self.step, "validated_step": self.validated_step}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take up what `state_dict` returned."""
        self.miou, self.step = state_dict["miou"], state_dict["step"]
        self.validated_step = state_dict["validated_step"]
