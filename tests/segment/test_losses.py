from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy, one_hot

from hyperpoint.segment.losses import SegmentationLoss, balanced_weights


@pytest.fixture
def batch() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    label = torch.randint(0, 3, (2, 5, 6), generator=generator)
    label[0, :2] = 255
    return torch.randn(2, 3, 5, 6, generator=generator, requires_grad=True), label


def test_cross_entropy_agrees_with_torch(batch: tuple[torch.Tensor, torch.Tensor]) -> None:
    logits, label = batch
    weights = np.array([0.5, 1, 4], np.float32)
    wanted = cross_entropy(logits, label, ignore_index=255)
    torch.testing.assert_close(SegmentationLoss(["cross-entropy"])(logits, label), wanted)
    wanted = cross_entropy(logits, label, torch.from_numpy(weights), ignore_index=255)
    torch.testing.assert_close(SegmentationLoss(["cross-entropy"], weights)(logits, label), wanted)


def test_a_pixel_of_no_confidence_counts_as_unlabelled(batch: tuple[torch.Tensor, torch.Tensor]) -> None:
    logits, label = batch
    loss = SegmentationLoss(["cross-entropy"])
    weight = (torch.arange(6) < 3).float().expand(2, 5, 6)
    wanted = loss(logits, torch.where(weight > 0, label, 255))
    torch.testing.assert_close(loss(logits, label, weight), wanted)
    torch.testing.assert_close(loss(logits, label, weight * 0.25), wanted)
    assert loss(logits, label, 1 - 0.9 * weight) != wanted


@pytest.mark.parametrize("term", ["cross-entropy", "dice", "lovasz"])
def test_ignored_pixels_have_no_part(batch: tuple[torch.Tensor, torch.Tensor], term: str) -> None:
    logits, label = batch
    loss = SegmentationLoss([term])
    loss(logits, label).backward()
    assert logits.grad is not None
    assert not logits.grad[0, :, :2].any()
    assert logits.grad[1].any()
    changed = logits.detach().clone()
    changed[0, :, :2] = 7
    torch.testing.assert_close(loss(changed, label), loss(logits, label))


@pytest.mark.parametrize("term", ["cross-entropy", "dice", "lovasz"])
def test_the_right_answer_costs_nothing(batch: tuple[torch.Tensor, torch.Tensor], term: str) -> None:
    logits, label = batch
    right = 50.0 * one_hot(label.clamp(max=2), 3).permute(0, 3, 1, 2)
    assert SegmentationLoss([term])(right, label) < 1e-5
    assert SegmentationLoss([term])(logits, label) > 0.1


def test_losses_add_up(batch: tuple[torch.Tensor, torch.Tensor]) -> None:
    parts = sum(SegmentationLoss([term])(*batch) for term in ("cross-entropy", "dice", "lovasz"))
    torch.testing.assert_close(SegmentationLoss(["cross-entropy", "dice", "lovasz"])(*batch), parts)


def test_without_any_label_the_loss_is_zero(batch: tuple[torch.Tensor, torch.Tensor]) -> None:
    logits, label = batch
    loss = SegmentationLoss(["cross-entropy", "dice", "lovasz"])(logits, torch.full_like(label, 255))
    loss.backward()
    assert loss == 0
    assert logits.grad is not None
    assert not logits.grad.any()


def test_half_precision_is_summed_in_full(batch: tuple[torch.Tensor, torch.Tensor]) -> None:
    logits, label = batch
    assert SegmentationLoss(["cross-entropy"])(logits.bfloat16(), label).dtype == torch.float32


def test_rare_classes_weigh_more() -> None:
    weights = balanced_weights(np.array([98, 2, 0]))
    np.testing.assert_allclose(weights, 1 / np.log([1.02 + 0.98, 1.02 + 0.02, 1.02]), rtol=1e-6)
