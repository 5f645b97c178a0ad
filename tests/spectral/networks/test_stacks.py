"""The architectures: sizes, and members that do not see each other."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="the networks need PyTorch (extra deep)")

import torch
from torch import nn

from hyperpoint.spectral.networks.hybridsn import HybridSNStack
from hyperpoint.spectral.networks.twocnn import TwoCNNStack

pytestmark = pytest.mark.usefixtures("torch_on_one_thread")
STACKS = [TwoCNNStack, HybridSNStack]


def generators(num: int) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(member) for member in range(num)]


def num_parameters(stack: nn.Module) -> int:
    return sum(parameter.numel() for parameter in stack.parameters())


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("num_bands", [3, 4, 5, 7, 8, 12, 13, 31, 600])
def test_any_number_of_bands_gives_logits(stack: type[nn.Module], num_bands: int) -> None:
    network = stack(num_bands, 4, generators(2))
    assert network(torch.rand(2, 5, num_bands)).shape == (2, 5, 4)
    assert network.eval()(torch.rand(2, 1, num_bands)).shape == (2, 1, 4)


def test_twocnn_has_the_sizes_of_the_released_network() -> None:
    """175 bands, as the reference uses of LIB-HSI, leave 600 spectral features before the layer of 400."""
    stack = TwoCNNStack(175, 9, generators(1))
    convolutions = (3 * 32 + 2 * 32) + (5 * 32 * 20 + 2 * 20)
    dense = (1 * 16 + 16) + ((600 + 16) * 400 + 400) + (400 * 9 + 9)
    assert num_parameters(stack) == convolutions + dense


def test_hybridsn_has_the_sizes_of_the_paper() -> None:
    stack = HybridSNStack(204, 9, generators(1))
    convolutions = (7 * 8 + 8) + (5 * 8 * 16 + 16) + (3 * 16 * 32 + 32)
    dense = (192 * 32 * 256 + 256) + (256 * 128 + 128) + (128 * 9 + 9)
    assert num_parameters(stack) == convolutions + dense


def test_lightness_tells_flat_spectra_apart() -> None:
    """Two flat spectra differ in nothing but their mean."""
    network = TwoCNNStack(40, 2, generators(1)).eval()
    dark, light = network(torch.stack([torch.full((40,), 0.2), torch.full((40,), 0.9)])[None])[0]
    assert not torch.allclose(dark, light, atol=1e-3)


@pytest.mark.parametrize("stack", STACKS)
def test_members_do_not_see_each_other(stack: type[nn.Module]) -> None:
    pair, alone = stack(30, 3, generators(2)).eval(), stack(30, 3, generators(1)).eval()
    x = torch.rand(2, 6, 30)
    assert torch.allclose(pair(x)[:1], alone(x[:1]), atol=1e-5)
    changed = x.clone()
    changed[1] = 0
    assert torch.allclose(pair(changed)[0], pair(x)[0], atol=1e-6)
    assert not torch.allclose(pair(changed)[1], pair(x)[1])


@pytest.mark.parametrize("stack", STACKS)
def test_every_parameter_and_buffer_has_the_member_as_first_axis(stack: type[nn.Module]) -> None:
    assert {len(values) for values in stack(30, 3, generators(4)).state_dict().values()} == {4}
