from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch", reason="the networks need PyTorch (extra deep)")

import torch

from hyperpoint.spectral.networks.cross_validation import HeldOutLoss, stratified_folds
from hyperpoint.spectral.networks.training import Samples


@given(st.lists(st.integers(0, 5), min_size=1, max_size=60), st.integers(2, 6), st.integers(0, 1000))
def test_folds_are_stratified_and_single_points_stay_in_training(targets: list[int], num_folds: int, seed: int) -> None:
    labels = np.array(targets)
    folds = stratified_folds(labels, num_folds, np.random.default_rng(seed))
    counts = np.bincount(labels)[labels]
    assert np.array_equal(folds == -1, counts == 1)
    assert folds.max(initial=-1) < num_folds
    for target in np.unique(labels[counts > 1]):
        held = np.bincount(folds[labels == target], minlength=num_folds)
        assert held.max() - held.min() <= 1
        # whichever fold is held out, the class remains in training
        assert held.max() < held.sum()
    sizes = np.bincount(folds[folds >= 0], minlength=num_folds)
    assert sizes.max() - sizes.min() <= 1


def test_each_point_is_judged_by_the_member_that_has_not_seen_it() -> None:
    folds = np.array([0, 1, 1, -1, 0])
    samples = Samples(torch.arange(5.0)[:, None], torch.tensor([0, 1, 0, 1, 1]), torch.tensor([1.0, 2, 3, 4, 5]))
    asked: list[torch.Tensor] = []

    class Judge(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            asked.append(x)
            confidence = torch.tensor([9.0, 1.0, 2.0])[:, None, None]  # of each member in class 0
            return torch.cat([confidence.expand_as(x), torch.zeros_like(x)], dim=2)

    loss = HeldOutLoss(samples, [folds], 2)(Judge())

    def penalty(confidence: float, right: bool) -> float:
        return float(np.log1p(np.exp(-confidence if right else confidence)))

    expected = 1 * penalty(1, True) + 5 * penalty(1, False) + 2 * penalty(2, False) + 3 * penalty(2, True)
    assert loss == pytest.approx(expected / (1 + 5 + 2 + 3))
    assert asked[0][1:, :, 0].tolist() == [[0, 4], [1, 2]]


def test_folds_of_unequal_size_weigh_by_their_points() -> None:
    folds = np.array([0, 0, 1])
    samples = Samples(torch.zeros(3, 1), torch.zeros(3, dtype=torch.int64), torch.ones(3))

    class Judge(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            confidence = torch.tensor([0.0, 1.0, -1.0])[:, None, None]
            return torch.cat([confidence.expand_as(x), torch.zeros_like(x)], dim=2)

    expected = (2 * np.log1p(np.exp(-1)) + np.log1p(np.exp(1))) / 3
    assert HeldOutLoss(samples, [folds], 2)(Judge()) == pytest.approx(expected)


def test_scenes_side_by_side_have_losses_of_their_own() -> None:
    """The second scene has twice the points, and its judges are as sure of the wrong class."""
    folds = [np.array([0, 1]), np.array([1, 0, 0, 1])]
    samples = Samples(torch.zeros(6, 1), torch.tensor([0, 0, 1, 1, 1, 1]), torch.ones(6))

    class Judge(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.cat([torch.ones_like(x), torch.zeros_like(x)], dim=2)

    loss = HeldOutLoss(samples, folds, 2)
    expected = [np.log1p(np.exp(-1)), np.log1p(np.exp(1))]
    assert loss(Judge()) == pytest.approx(expected)
    loss.keep(torch.tensor([3, 4, 5]))
    assert loss(Judge()) == pytest.approx(expected[1:])
