"""Training the networks of several scenes side by side, as one stack: what a scene gets, it would get alone."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from hyperpoint.cube import IndexArray
from hyperpoint.spectral.networks.cross_validation import HeldOutLoss
from hyperpoint.spectral.networks.members import cut, join
from hyperpoint.spectral.networks.training import Samples, Schedule, Training

logger = logging.getLogger(__name__)

EVALUATE_EVERY = 20
# Early stopping gives up after so many iterations in which the loss has not fallen by MIN_GAIN: easy points let it fall
# for ever.
PATIENCE = 160
MIN_GAIN = 0.002

State = dict[str, Tensor]


@dataclass(frozen=True, eq=False)
class Pupil:
    """What one scene brings.

    Attributes
    ----------
    samples
        Its annotated points.
    folds
        Which fold holds each of them out, (n,), of `stratified_folds`.
    stack
        Its untrained networks: a member for all points, and after it, where there is to be early stopping, one for all
        points but those of each fold.
    rngs
        One generator a member, which orders its batches.
    """

    samples: Samples
    folds: IndexArray
    stack: nn.Module
    rngs: Sequence[np.random.Generator]

    def parts(self, start: int) -> list[IndexArray]:
        """Return what each member learns from, where this scene's samples begin at `start`."""
        left_out = (None, *range(len(self.rngs) - 1))
        return [start + np.flatnonzero(self.folds != fold) for fold in left_out]

    def own(self, state: State) -> State:
        """Return the part of the state of one member, which was trained beside others, that its own network has."""
        return {name: cut(state[name], values.shape) for name, values in self.stack.state_dict().items()}


def train_for(pupils: Sequence[Pupil], num_iterations: int) -> list[State]:
    """Train each scene's network on all its points for so many iterations; return their states, of one member each."""
    training, _ = _begin(pupils, num_iterations)
    while training.done < num_iterations:
        training.step()
    state = training.averaged.state_dict()
    return [pupil.own(_member(state, at)) for at, pupil in enumerate(pupils)]


def train_early_stopped(pupils: Sequence[Pupil], num_folds: int, max_iterations: int) -> tuple[list[State], list[int]]:
    """Train each scene's network until the loss on points that its neighbours in the stack have not seen is lowest.

    The network of all points and one for each fold are trained side by side, and the former is taken as it was when the
    mean loss of the others on what they have not seen was lowest. A scene whose loss has not fallen for long
    leaves the stack.

    Returns
    -------
    A state of one member for each scene, and after how many iterations it was.
    """
    training, samples = _begin(pupils, max_iterations)
    held_out_loss = HeldOutLoss(samples, [pupil.folds for pupil in pupils], num_folds)
    members = num_folds + 1
    best = {name: values[::members].clone() for name, values in training.averaged.state_dict().items()}
    lowest, reached = np.full(len(pupils), np.inf), np.zeros(len(pupils), dtype=np.int64)
    running = np.arange(len(pupils))
    while len(running):
        training.step()
        if training.done % EVALUATE_EVERY and training.done < max_iterations:
            continue
        losses = held_out_loss(training.averaged)
        better = np.flatnonzero((reached[running] == 0) | (losses < lowest[running] - MIN_GAIN))
        lowest[running[better]], reached[running[better]] = losses[better], training.done
        _copy(training.averaged, better * members, best, running[better])
        goes_on = (training.done - reached[running] < PATIENCE) & (training.done < max_iterations)
        if goes_on.any() and not goes_on.all():
            left = torch.from_numpy(np.flatnonzero(np.repeat(goes_on, members))).to(samples.spectra.device)
            training.keep(left)
            held_out_loss.keep(left)
        running = running[goes_on]
    logger.debug("lowest held-out losses %s after %s iterations", lowest, reached)
    return [pupil.own(_member(best, at)) for at, pupil in enumerate(pupils)], reached.tolist()


def _begin(pupils: Sequence[Pupil], num_iterations: int) -> tuple[Training, Samples]:
    """Return the joint stack, ready to be trained, and the samples of all scenes one after the other."""
    every = [pupil.samples for pupil in pupils]
    samples = Samples(*(torch.cat([getattr(one, part) for one in every]) for part in ("spectra", "targets", "weights")))
    starts = np.cumsum([0, *(len(one.targets) for one in every[:-1])])
    parts = [part for start, pupil in zip(starts, pupils, strict=True) for part in pupil.parts(start)]
    rngs = [rng for pupil in pupils for rng in pupil.rngs]
    stack = join([pupil.stack for pupil in pupils])
    return Training(stack, samples, parts, rngs, num_iterations, Schedule()), samples


def _member(state: State, at: int) -> State:
    return {name: values[at : at + 1] for name, values in state.items()}


def _copy(stack: nn.Module, members: IndexArray, state: State, places: IndexArray) -> None:
    """Copy the state of some members of a stack to places of another state."""
    for name, values in stack.state_dict().items():
        source, target = (torch.from_numpy(index).to(values.device) for index in (members, places))
        state[name][target] = values[source]
