"""How long to train, found by cross-validation over the annotated points alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from hyperpoint.cube import FloatArray, IndexArray
from hyperpoint.spectral.networks.training import Samples, weighted_losses

NOT_HELD_OUT = -1


def stratified_folds(targets: IndexArray, num_folds: int, rng: np.random.Generator) -> IndexArray:
    """Deal the points of every class evenly to the folds.

    Parameters
    ----------
    targets
        (n,) class of each point.

    Returns
    -------
    (n,) int64: the fold that holds a point out, 0..num_folds - 1, or -1 for the only point of a class, without
    which no fold could learn that class.
    """
    folds = np.full(len(targets), NOT_HELD_OUT, dtype=np.int64)
    dealt = 0
    for target in np.unique(targets):
        members = rng.permutation(np.flatnonzero(targets == target))
        if len(members) > 1:
            folds[members] = (dealt + np.arange(len(members))) % num_folds
            dealt += len(members)
    return folds


class HeldOutLoss:
    """The mean loss over the held-out points of each scene, every point judged by a network that has not seen it.

    Parameters
    ----------
    samples
        Those of all scenes, one after the other.
    folds
        For each scene (n,) of `stratified_folds`. Of the num_folds + 1 members of the stack that are a scene's, the
        first has seen all points; the next those outside fold 0, and so on.
    """

    def __init__(self, samples: Samples, folds: Sequence[IndexArray], num_folds: int) -> None:
        first = np.cumsum([0, *map(len, folds)])
        none = np.zeros(0, dtype=np.int64)
        held = [
            points
            for start, scene in zip(first, folds, strict=False)
            for points in (none, *(start + np.flatnonzero(scene == fold) for fold in range(num_folds)))
        ]
        # One row a member, filled up with points of weight 0, a first member's with nothing else.
        index = np.zeros((len(held), max(map(len, held))), dtype=np.int64)
        counts = np.zeros(index.shape, dtype=np.float32)
        for row, points in enumerate(held):
            index[row, : len(points)] = points
            counts[row, : len(points)] = 1
        chosen = torch.from_numpy(index).to(samples.spectra.device)
        self._num_members = num_folds + 1
        self._spectra: Tensor = samples.spectra[chosen]
        self._targets: Tensor = samples.targets[chosen]
        self._weights: Tensor = samples.weights[chosen] * torch.from_numpy(counts).to(chosen.device)

    @torch.inference_mode()
    def __call__(self, stack: nn.Module) -> FloatArray:
        """Return the weighted mean cross-entropy of every scene, (scenes,), by `stack` in evaluation mode."""
        losses = weighted_losses(stack(self._spectra), self._targets, self._weights)
        totals = [
            values.reshape(-1, self._num_members * values.shape[1]).sum(dim=1) for values in (losses, self._weights)
        ]
        means: FloatArray = (totals[0] / totals[1]).cpu().numpy()
        return means

    def keep(self, members: Tensor) -> None:
        """Go on with some of the members, all or none of each scene."""
        self._spectra, self._targets = self._spectra[members], self._targets[members]
        self._weights = self._weights[members]
