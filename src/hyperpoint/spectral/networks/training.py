"""Stochastic gradient descent on a stack of networks, each on its own part of the samples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from hyperpoint.cube import IndexArray
from hyperpoint.spectral.networks.members import keep


@dataclass(frozen=True)
class Schedule:
    """Stochastic gradient descent of the paper (section 4.2): learning rate 0.01, batches of 32.

    The paper does not say more. Momentum and averaging are ours, chosen on the cross-validated loss of annotated
    points: 0.5 reaches the loss of plain descent in half the iterations (0.9 in a tenth, but ends 10 to 20 % above it,
    surer of its mistakes), and a moving average of the weights takes away what small batches make an iterate
    jump about. Every `average_every` iterations the average keeps `averaging` of itself.
    """

    learning_rate: float = 0.01
    batch_size: int = 32
    momentum: float = 0.5
    averaging: float = 0.9
    average_every: int = 5


@contextmanager
def single_thread() -> Iterator[None]:
    """Keep PyTorch to one thread of the CPU.

    A step is a hundred small operations. Shared between threads it gains a third on an idle machine, but where another
    process takes a core, each operation waits for the scheduler: 65 s were seen where one thread takes 4.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@dataclass(frozen=True, eq=False)
class Samples:
    """What networks learn from: `spectra` (n, bands) float32, `targets` (n,) int64, `weights` (n,) float32."""

    spectra: Tensor
    targets: Tensor
    weights: Tensor


class Training:
    """Gradient descent on the members of a stack, each on its own part of the samples.

    Parameters
    ----------
    stack
        (members, samples, bands) -> logits (members, samples, num_classes); it is put into training mode.
    samples
        Those of all members together.
    parts
        Indices into `samples`, one array a member, none empty. A member goes through its part in random order, and
        again in another, in batches of fixed size: a part smaller than a batch is seen several times in it.
    rngs
        One generator a member, which orders its batches.
    num_iterations
        How many steps there will be at most.

    Attributes
    ----------
    averaged
        The stack with averaged weights, in evaluation mode.
    done
        How many steps were made.
    """

    def __init__(
        self,
        stack: nn.Module,
        samples: Samples,
        parts: Sequence[IndexArray],
        rngs: Sequence[np.random.Generator],
        num_iterations: int,
        schedule: Schedule,
    ) -> None:
        self.averaged = deepcopy(stack).requires_grad_(False).eval()
        self.done = 0
        self._stack, self._samples, self._schedule = stack.train(), samples, schedule
        # As torch.optim.SGD, whose first use takes two seconds of imports.
        self._velocities = [torch.zeros_like(parameter) for parameter in stack.parameters()]
        order = np.empty((len(parts), num_iterations, schedule.batch_size), dtype=np.int32)
        for row, part, rng in zip(order, parts, rngs, strict=True):
            row[:] = _batches(part, num_iterations, schedule.batch_size, rng)
        self._order = torch.from_numpy(order).to(samples.spectra.device)

    def step(self) -> None:
        """Move every member one step down the gradient of its own loss, and now and then the average after it."""
        samples, batch = self._samples, self._order[:, self.done]
        weights = samples.weights[batch]
        losses = weighted_losses(self._stack(samples.spectra[batch]), samples.targets[batch], weights)
        # A sum over members: none's loss depends on another's weights, so each gets its own gradient.
        self._descend((losses.sum(dim=1) / weights.sum(dim=1)).sum())
        self.done += 1
        if self.done % self._schedule.average_every == 0 or self.done == self._order.shape[1]:
            # The first averages are over few iterations, so that the random start is soon forgotten.
            self._average(max(1 - self._schedule.averaging, 10 / (10 + self.done)))

    def keep(self, members: Tensor) -> None:
        """Go on with some of the members only, (n,) int64 on the device of the samples, in that order."""
        for stack in (self._stack, self.averaged):
            keep(stack, members)
        self._velocities = [velocity[members] for velocity in self._velocities]
        self._order = self._order[members]

    def _descend(self, loss: Tensor) -> None:
        parameters = list(self._stack.parameters())
        gradients = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            for parameter, velocity, gradient in zip(parameters, self._velocities, gradients, strict=True):
                torch.add(gradient, velocity, alpha=self._schedule.momentum, out=velocity)
                parameter.sub_(velocity, alpha=self._schedule.learning_rate)

    @torch.no_grad()
    def _average(self, share: float) -> None:
        states = self.averaged.state_dict().values(), self._stack.state_dict().values()
        for mean, value in zip(*states, strict=True):
            mean.lerp_(value, share)


def weighted_losses(logits: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
    """Return the cross-entropy (paper, equation 1) of each sample times its weight, (members, samples).

    logits: (members, samples, num_classes); targets and weights: (members, samples).
    """
    losses = nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
    return losses.view_as(weights) * weights


def _batches(part: IndexArray, num_iterations: int, batch_size: int, rng: np.random.Generator) -> IndexArray:
    """Return (num_iterations, batch_size) indices: `part` in one random order after another."""
    needed = num_iterations * batch_size
    rounds = -(-needed // len(part))
    order = rng.permuted(np.tile(part, (rounds, 1)), axis=1)
    return order.ravel()[:needed].reshape(num_iterations, batch_size)
