from __future__ import annotations

import pytest
import torch
from torch import nn

from hyperpoint.segment.models.base import pad_to_multiple
from hyperpoint.segment.models.heads import AdaptiveAveragePool, OnAllBranches, make_pools_exportable


@pytest.mark.parametrize("size", [2, 3, 6])
@pytest.mark.parametrize("shape", [(12, 12), (7, 10), (6, 3), (1, 13)])
def test_pool_is_that_of_torch(size: int, shape: tuple[int, int]) -> None:
    x = torch.randn(2, 3, *shape)
    torch.testing.assert_close(AdaptiveAveragePool(size)(x), nn.AdaptiveAvgPool2d(size)(x))


def test_only_pools_to_several_cells_are_replaced() -> None:
    module = nn.Sequential(
        nn.AdaptiveAvgPool2d(1), nn.AdaptiveAvgPool2d((6, 6)), nn.Sequential(nn.AdaptiveAvgPool2d(2))
    )
    make_pools_exportable(module)
    kinds = [type(part) for part in module.modules() if not isinstance(part, nn.Sequential)]
    assert kinds == [nn.AdaptiveAvgPool2d, AdaptiveAveragePool, AdaptiveAveragePool]


def test_branches_are_brought_to_the_size_of_the_first() -> None:
    fine, coarse = torch.randn(1, 2, 8, 12), torch.full((1, 3, 4, 6), 7.0)
    joined = OnAllBranches(nn.Identity())([fine, coarse])
    assert joined.shape == (1, 5, 8, 12)
    assert torch.equal(joined[:, :2], fine)
    assert torch.equal(joined[:, 2:], torch.full((1, 3, 8, 12), 7.0))


def test_padding_repeats_the_last_row_and_column() -> None:
    x = torch.arange(6.0).reshape(1, 1, 2, 3)
    assert pad_to_multiple(x, 4)[0, 0].tolist() == [[0, 1, 2, 2], [3, 4, 5, 5], [3, 4, 5, 5], [3, 4, 5, 5]]
    assert pad_to_multiple(x, 1) is x
