"""Lightning's trainer as we use it: quiet, without global seeding, and with Ctrl-C that ends as elsewhere."""

from __future__ import annotations

import atexit
import copy
import logging
import signal
import threading
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch import Callback, Trainer
from lightning.pytorch.strategies import DDPStrategy
from lightning.pytorch.utilities.exceptions import SIGTERMException

from hyperpoint.errors import InputError
from hyperpoint.segment.config import TrainingConfig
from hyperpoint.segment.models.base import SegmentationModel

logger = logging.getLogger(__name__)

_PRECISIONS = {"32": "32-true", "bf16": "bf16-mixed", "fp16": "16-mixed"}
_SECONDS_FOR_THE_FIRST = 10
_TALKATIVE = ("lightning", "lightning.pytorch", "lightning.fabric")
# What Lightning and torch say of what is meant to be so.
_IGNORED_WARNINGS: tuple[tuple[str, type[Warning]], ...] = (
    # The number of workers is chosen by `default_num_workers`, or by the user.
    (r".*does not have many workers which may be a bottleneck", UserWarning),
    # Lightning's own use of torch.
    (r"`isinstance\(treespec, LeafSpec\)` is deprecated", FutureWarning),
)


def make_trainer(
    config: TrainingConfig,
    model: SegmentationModel,
    folder: Path,
    has_validation: bool,
    callbacks: Sequence[Callback],
) -> Trainer:
    """Return the trainer for a configuration.

    Parameters
    ----------
    model
        What is going to be trained.
    folder
        Where Lightning may put what it leaves; it is given no reason to.
    has_validation
        Whether there are images to validate on.
    callbacks
        Called in this order.

    Raises
    ------
    InputError
        If the devices are not there or cannot compute in that precision, or the network cannot learn from one image.
    """
    is_gpu = config.accelerator == "gpu" or (config.accelerator == "auto" and torch.cuda.is_available())
    if config.precision == "fp16" and not is_gpu:
        raise InputError("the precision fp16 needs a GPU; take bf16 or 32 on the CPU")
    is_distributed = config.num_processes > 1
    shares_statistics = is_distributed and is_gpu
    if config.batch_size == 1 and not shares_statistics:
        _check_learns_from_one(model, config.crop)
    try:
        return Trainer(
            accelerator=config.accelerator,
            devices=config.devices,
            num_nodes=config.nodes,
            strategy=DDPStrategy(find_unused_parameters=has_unused_parameters(model)) if is_distributed else "auto",
            sync_batchnorm=shares_statistics,
            precision=_PRECISIONS[config.precision],  # type: ignore[arg-type]
            benchmark=is_gpu,
            max_steps=config.steps,
            accumulate_grad_batches=config.accumulate,
            val_check_interval=config.val_every * config.accumulate,
            check_val_every_n_epoch=None,
            limit_val_batches=1.0 if has_validation else 0,
            num_sanity_val_steps=0,
            callbacks=list(callbacks),
            default_root_dir=folder,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            use_distributed_sampler=False,
        )
    except (MisconfigurationException, RuntimeError) as error:
        raise InputError(
            f"cannot train on {config.devices} x {config.accelerator}, {config.nodes} nodes: {error}"
        ) from error


def _check_learns_from_one(model: SegmentationModel, crop: tuple[int, int]) -> None:
    """Make sure that no batch normalisation of the network is left with one value, of which there is no spread."""
    # Shapes alone are computed, which takes next to no time at any size.
    shapes = copy.deepcopy(model).to("meta").train()
    try:
        shapes.forward_with_auxiliary(torch.empty(1, model.in_channels, *crop, device="meta"))
    except ValueError as error:
        raise InputError(
            f"the network {model.name} cannot learn from one crop of {crop[0]} x {crop[1]} at a time, for its batch "
            f"normalisation would see a single value ({error}); take at least two (--batch-size 2)"
        ) from None


def has_unused_parameters(model: SegmentationModel) -> bool:
    """Say whether the network computes features that its head does not use: DDP must know, and complains if not."""
    was_training = model.training
    logits, auxiliary = model.eval().forward_with_auxiliary(
        torch.zeros(1, model.in_channels, model.stride, model.stride)
    )
    total = logits.sum() + sum(more.sum() for more, _ in auxiliary)
    parameters = [one for one in model.parameters() if one.requires_grad]
    gradients = torch.autograd.grad(total, parameters, allow_unused=True)
    model.train(was_training)
    return any(gradient is None for gradient in gradients)


@contextmanager
def quiet_lightning() -> Iterator[None]:
    """Let Lightning say nothing but errors, and drop those of its warnings that do not concern us."""
    loggers = [logging.getLogger(name) for name in _TALKATIVE]
    levels = [one.level for one in loggers]
    try:
        for one in loggers:
            one.setLevel(logging.ERROR)
        with warnings.catch_warnings():
            for message, category in _IGNORED_WARNINGS:
                warnings.filterwarnings("ignore", message, category)
            yield
    finally:
        for one, level in zip(loggers, levels, strict=True):
            one.setLevel(level)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed torch's random state, and put it back afterwards as it was."""
    devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else ()  # type: ignore[no-untyped-call]
    with torch.random.fork_rng(devices):
        torch.manual_seed(seed)
        yield


@contextmanager
def stoppable(trainer: Trainer, folder: Path) -> Iterator[None]:
    """End as other code does: with an exception, and without leaving processes behind.

    Ctrl-C, on which Lightning ends the program, becomes a KeyboardInterrupt. A log line says that `folder` can be gone
    on with. After any error the processes that the trainer started, which would wait for this one forever, end with it.

    Raises
    ------
    KeyboardInterrupt
        If it was pressed.
    """
    is_main_thread = threading.current_thread() is threading.main_thread()
    handler = signal.getsignal(signal.SIGINT)
    try:
        yield
    except BaseException as error:
        _end_together(trainer)
        if isinstance(error, SystemExit):
            logger.warning("stopped; what %s holds can be gone on with (--resume)", folder)
        if isinstance(error, SystemExit) and not isinstance(error, SIGTERMException):
            raise KeyboardInterrupt from error
        raise
    finally:
        if is_main_thread:
            signal.signal(signal.SIGINT, handler)


def _end_together(trainer: Trainer) -> None:
    if trainer.world_size == 1:
        return
    if not trainer.is_global_zero:
        # The first process, which likely fails for the same reason, is to say why, and its end is ours.
        time.sleep(_SECONDS_FOR_THE_FIRST)
    elif trainer.strategy.launcher is not None:
        # Not now: Lightning kills this process too when it misses one of the others, before it has said why.
        atexit.register(trainer.strategy.launcher.kill, getattr(signal, "SIGKILL", signal.SIGTERM))
