"""Lightning's module: one step of training, validation, and how the weights move."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from lightning.pytorch import LightningModule
from torch import Tensor

from hyperpoint.metrics import ConfusionMatrix
from hyperpoint.segment.config import TrainingConfig
from hyperpoint.segment.data.samples import PADDING
from hyperpoint.segment.losses import SegmentationLoss
from hyperpoint.segment.models.base import SegmentationModel
from hyperpoint.segment.non_finite import NonFiniteLossError

# Keeps the draws of dropout apart from those of the samples, which take the same seed.
_DROPOUT = 2


class SegmentationTask(LightningModule):
    """Trains a network as `TrainingConfig` says.

    Nothing depends on torch's global random state: dropout is seeded anew at each batch with the run's seed and the
    number of the batch, so that a resumed run draws what an uninterrupted one would.

    Attributes
    ----------
    last_loss
        Of the last batch of this process, on its device.
    score
        Of the last validation, over the images of all processes; None before the first.
    val_loss
        Mean over these images.
    """

    def __init__(self, model: SegmentationModel, criterion: SegmentationLoss, config: TrainingConfig) -> None:
        super().__init__()
        self.model, self.criterion, self.config = model, criterion, config
        self.last_loss = torch.zeros(())
        self.score: ConfusionMatrix | None = None
        self.val_loss = float("nan")
        self._counting = ConfusionMatrix(model.num_classes)
        self._val_losses: list[Tensor] = []
        forward: Callable[[Tensor], tuple[Tensor, list[tuple[Tensor, float]]]] = model.forward_with_auxiliary
        self._forward = torch.compile(forward) if config.compile else forward

    def training_step(self, batch: dict[str, Any], batch_idx: int) -> Tensor:
        """Return the loss of a batch, with that of auxiliary heads.

        Raises
        ------
        NonFiniteLossError
            If it is NaN or infinite.
        """
        torch.manual_seed(self._dropout_seed(batch_idx))
        label, weight = batch["label"], batch.get("weight")
        logits, auxiliary = self._forward(batch["image"])
        loss: Tensor = self.criterion(logits, label, weight)
        for more, share in auxiliary:
            loss = loss + share * self.criterion(more, label, weight)
        self.last_loss = loss.detach()
        if not torch.isfinite(self.last_loss):
            raise NonFiniteLossError(self.global_step + 1, float(self.last_loss), batch)
        return loss

    def _dropout_seed(self, batch_idx: int) -> int:
        number = self.global_step * self.config.accumulate + batch_idx % self.config.accumulate
        place = number * self.trainer.world_size + self.global_rank
        return int(np.random.SeedSequence([self.config.seed, _DROPOUT, place]).generate_state(1)[0])

    def on_validation_epoch_start(self) -> None:
        """Forget the last validation."""
        self._counting = ConfusionMatrix(self.model.num_classes)
        self._val_losses = []

    def validation_step(self, batch: dict[str, Any], batch_idx: int) -> None:
        """Count how the pixels of one whole image are labelled.

        Raises
        ------
        NonFiniteLossError
            If the loss is NaN or infinite: such a network may have a score, but labels nothing.
        """
        if int(batch["index"][0]) == PADDING:
            return
        logits = self.model(batch["image"])
        loss = self.criterion(logits, batch["label"])
        if not torch.isfinite(loss):
            raise NonFiniteLossError(self.global_step, float(loss), batch, in_validation=True)
        self._val_losses.append(loss)
        labels = logits.argmax(dim=1).to(torch.uint8)
        self._counting.update(labels.cpu().numpy(), batch["label"].cpu().numpy())

    def on_validation_epoch_end(self) -> None:
        """Put the counts of all processes together."""
        counts = self._sum_over_processes(torch.from_numpy(self._counting.counts))
        self.score = ConfusionMatrix(self.model.num_classes)
        self.score.counts = counts.cpu().numpy()
        losses = torch.stack([*self._val_losses, torch.zeros((), device=self.device)])
        total = self._sum_over_processes(torch.stack([losses.sum(), losses.new_tensor(len(self._val_losses))]))
        self.val_loss = float(total[0] / total[1].clamp_min(1))

    def _sum_over_processes(self, values: Tensor) -> Tensor:
        reduced: Tensor = self.trainer.strategy.reduce(values.to(self.device), reduce_op="sum")
        return reduced

    def configure_optimizers(self) -> Any:
        """Return stochastic gradient descent with a rate that falls as a polynomial of the step."""
        config = self.config
        optimizer = torch.optim.SGD(
            self.model.parameters(), config.lr, momentum=config.momentum, weight_decay=config.weight_decay
        )
        scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: learning_rate(config, step) / config.lr)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}


def learning_rate(config: TrainingConfig, step: int) -> float:
    """Return the learning rate after `step` steps: (lr - min_lr) (1 - step/steps)^power + min_lr, as MMSegmentation."""
    left = max(0.0, 1 - step / config.steps)
    return float((config.lr - config.min_lr) * left**config.lr_power + config.min_lr)
