"""Train a patch classifier on the points of many scenes."""

from __future__ import annotations

import logging
import math
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from hyperpoint.comparisons.config import PatchConfig
from hyperpoint.comparisons.methods import get_method
from hyperpoint.comparisons.model import PatchModel
from hyperpoint.comparisons.networks.base import PatchNetwork
from hyperpoint.comparisons.patches import PatchSource, Pool, Progress, locate
from hyperpoint.comparisons.preparation import fit_preparation
from hyperpoint.comparisons.scenes import PointScene
from hyperpoint.errors import InputError
from hyperpoint.spectral.networks.device import choose_device
from hyperpoint.types import MAX_CLASSES

logger = logging.getLogger(__name__)

# How often the loss is looked at and progress told: looking waits for the accelerator.
REPORT_EVERY = 50


def fit(
    method: str,
    scenes: Sequence[PointScene],
    num_classes: int,
    config: PatchConfig | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> PatchModel:
    """Train a patch classifier on the annotated points of scenes; no other label is looked at.

    The weights are those of the last step: nothing is chosen by a validation score. On the CPU the same arguments give
    the same weights.

    Parameters
    ----------
    method
        One of `methods.method_names`.
    scenes
        Their points bear classes 0 to `num_classes` - 1.
    num_classes
        1 to 255.
    config
        The schedule; None: the defaults.
    seed
        Of weights, dropout and the order of the patches.
    progress
        Called with (done, total, what): of the scenes while their points are read, then of the steps.

    Raises
    ------
    InputError
        If there is no such method, cubes differ in their number of bands, or the loss becomes NaN or infinite.
    PointsError
        If a label is no class, or there are fewer than two classes.
    MissingFileError, CubeFormatError
        If a scene cannot be opened.
    """
    described, config = get_method(method), config or PatchConfig()
    if not 1 <= num_classes <= MAX_CLASSES:
        raise InputError(f"a classifier has 1 to {MAX_CLASSES} classes; got {num_classes}")
    tell: Progress = progress or (lambda done, total, what: None)
    device = choose_device(config.device)
    located, spectra = locate(scenes, num_classes, config.normalisation, tell)
    preparation = fit_preparation(spectra, config.normalisation, described.num_components)
    del spectra
    source = PatchSource(located, preparation, described.width, config.memory_gb * 2**30)
    order = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(1,)))
    with _seeded(seed, device):
        network = described.build(preparation.num_channels, num_classes).to(device)
        loss = _descend(network, source.batches(config.batch_size, order), config, tell)
    facts = {
        "config": config.to_dict(),
        "seed": seed,
        "num_scenes": len(located),
        "num_points": sum(len(one.targets) for one in located),
        "loss": loss,
    }
    return PatchModel(described.name, num_classes, preparation, network.eval(), facts)


def _descend(network: PatchNetwork, batches: Generator[Pool], config: PatchConfig, tell: Progress) -> float:
    """Train a network, and return the mean loss of the last steps."""
    device = next(network.parameters()).device
    optimiser = torch.optim.Adam(network.parameters(), lr=config.learning_rate)
    network.train()
    total, mean = torch.zeros((), device=device), math.nan
    try:
        for step in range(config.iterations):
            for group in optimiser.param_groups:
                group["lr"] = config.learning_rate * (1 + math.cos(math.pi * step / config.iterations)) / 2
            patches, targets = _to(next(batches), device)
            loss = nn.functional.cross_entropy(network(patches), targets)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            total += loss.detach()
            done = step + 1
            since = done % REPORT_EVERY or REPORT_EVERY
            if since == REPORT_EVERY or done == config.iterations:
                mean = _checked(float(total) / since, done)
                total.zero_()
                tell(done, config.iterations, f"loss {mean:.3f}")
    finally:
        batches.close()  # ends the thread that reads ahead
    return mean


def _to(batch: Pool, device: torch.device) -> tuple[Tensor, Tensor]:
    # Channels last, as patches are stored, is what convolutions like best, too.
    patches = torch.from_numpy(batch.patches).to(device).permute(0, 3, 1, 2)
    return patches, torch.from_numpy(batch.targets).to(device)


def _checked(loss: float, step: int) -> float:
    if not math.isfinite(loss):
        raise InputError(f"the loss became {loss} at step {step}; lower learning_rate")
    return loss


@contextmanager
def _seeded(seed: int, device: torch.device) -> Iterator[None]:
    """Seed PyTorch's random state, and put it back afterwards as it was."""
    devices = [torch.cuda.current_device()] if device.type == "cuda" else []
    with torch.random.fork_rng(devices):
        torch.manual_seed(seed)
        yield
