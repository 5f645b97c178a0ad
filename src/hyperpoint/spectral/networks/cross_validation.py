"""How long to train, found by cross-validation over the annotated points alone."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from hyperpoint.cube import IndexArray
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
    """The mean loss over held-out points, each judged by the member of a stack that has not seen it.

    Parameters
    ----------
    folds
        (n,) of `stratified_folds`. Member 0 of the stack has seen all points; member f + 1 those outside fold f.
    """

    def __init__(self, samples: Samples, folds: IndexArray, num_folds: int) -> None:
        held = [np.flatnonzero(folds == fold) for fold in range(num_folds)]
        # One row a member, filled up with points of weight 0, member 0's with nothing else.
        index = np.zeros((num_folds + 1, max(map(len, held))), dtype=np.int64)
        counts = np.zeros(index.shape, dtype=np.float32)
        for row, points in enumerate(held, start=1):
            index[row, : len(points)] = points
            counts[row, : len(points)] = 1
        chosen = torch.from_numpy(index).to(samples.spectra.device)
        self._spectra: Tensor = samples.spectra[chosen]
        self._targets: Tensor = samples.targets[chosen]
        self._weights: Tensor = samples.weights[chosen] * torch.from_numpy(counts).to(chosen.device)

    @torch.inference_mode()
    def __call__(self, stack: nn.Module) -> float:
        """Return the weighted mean cross-entropy of `stack`, in evaluation mode."""
        losses = weighted_losses(stack(self._spectra), self._targets, self._weights)
        return float(losses.sum() / self._weights.sum())
