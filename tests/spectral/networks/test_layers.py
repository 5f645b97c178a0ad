from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="the networks need PyTorch (extra deep)")

import torch
from torch import nn

from hyperpoint.spectral.networks.layers import (
    Convolution,
    Dense,
    Dropout,
    NormalisedConvolution,
    PooledConvolution,
)

pytestmark = pytest.mark.usefixtures("torch_on_one_thread")


def generators(num: int, first: int = 0) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(first + member) for member in range(num)]


def spectra(*shape: int) -> torch.Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(9))


def test_dense_is_a_linear_layer_for_each_member() -> None:
    layer, x = Dense(5, 3, generators(2)), spectra(2, 7, 5)
    for member in range(2):
        expected = x[member] @ layer.weight[member] + layer.bias[member]
        assert torch.allclose(layer(x)[member], expected, atol=1e-6)


def test_convolution_agrees_with_torch() -> None:
    layer, x = Convolution(4, 6, 3, generators(2)), spectra(2, 4, 5, 11)
    nn.init.uniform_(layer.bias, generator=generators(1)[0])
    y = layer(x)
    assert y.shape == (2, 6, 5, 9)
    for member in range(2):
        weight = layer.weight[member].view(6, 3, 4).transpose(1, 2)
        expected = nn.functional.conv1d(x[member].transpose(0, 1), weight, layer.bias[member].squeeze(1))
        assert torch.allclose(y[member].transpose(0, 1), expected, atol=1e-5)


def reference_norm(layer: NormalisedConvolution | PooledConvolution, member: int, num: int) -> nn.BatchNorm1d:
    norm = nn.BatchNorm1d(num)
    with torch.no_grad():
        norm.weight.copy_(layer.gain[member])
        norm.bias.copy_(layer.shift[member])
    return norm


def randomise(layer: NormalisedConvolution | PooledConvolution) -> None:
    with torch.no_grad():
        layer.gain.uniform_(-1, 2, generator=generators(1)[0])
        layer.shift.uniform_(-1, 1, generator=generators(1)[0])


def test_normalised_convolution_agrees_with_torch() -> None:
    layer, x = NormalisedConvolution(4, 6, 3, generators(2)), spectra(2, 4, 5, 11)
    randomise(layer)
    norms = [reference_norm(layer, member, 6) for member in range(2)]
    for _ in range(2):  # once with the batch's moments, once with the running ones
        y = layer(x)
        for member, norm in enumerate(norms):
            weight = layer.weight[member].view(6, 3, 4).transpose(1, 2)
            expected = norm(nn.functional.conv1d(x[member].transpose(0, 1), weight)).relu()
            assert torch.allclose(y[member].transpose(0, 1), expected, atol=1e-4)
        layer.eval()
        for norm in norms:
            norm.eval()


@pytest.mark.parametrize(("kernel", "pool", "bands"), [(3, 5, 23), (3, 1, 3), (2, 2, 5), (1, 1, 1)])
def test_pooled_convolution_and_its_gradient_agree_with_torch(kernel: int, pool: int, bands: int) -> None:
    layer, x = PooledConvolution(8, kernel, pool, generators(2)), spectra(2, 6, bands)
    randomise(layer)
    weights = [layer.weight[member].detach().clone().requires_grad_() for member in range(2)]
    norms = [reference_norm(layer, member, 8) for member in range(2)]
    for _ in range(2):
        y = layer(x)
        expected = torch.stack(
            [
                nn.functional.max_pool1d(norm(nn.functional.conv1d(part[:, None], weight[:, None])), pool).relu()
                for part, weight, norm in zip(x, weights, norms, strict=True)
            ]
        )
        assert y.shape == (2, 8, 6, (bands - kernel + 1) // pool)
        assert torch.allclose(y.transpose(1, 2), expected, atol=1e-4)
        if layer.training:
            spread = spectra(*expected.shape)
            ours = torch.autograd.grad((y.transpose(1, 2) * spread).sum(), [layer.weight, layer.gain, layer.shift])
            theirs = torch.autograd.grad(
                (expected * spread).sum(), [*weights, *[n.weight for n in norms], *[n.bias for n in norms]]
            )
            for at, gradient in enumerate(ours):
                assert torch.allclose(gradient, torch.stack(theirs[2 * at : 2 * at + 2]), atol=2e-3)
        layer.eval()
        for norm in norms:
            norm.eval()


def test_a_member_starts_alike_in_any_stack() -> None:
    alone, among = Dense(5, 3, generators(1, first=1)), Dense(5, 3, generators(3))
    assert torch.equal(alone.weight[0], among.weight[1])
    assert not torch.equal(among.weight[0], among.weight[1])


def test_dropout_keeps_the_mean_and_rests_in_evaluation() -> None:
    layer, x = Dropout(0.4, generators(2)), torch.ones(2, 100, 100)
    y = layer(x)
    assert y.unique().tolist() == pytest.approx([0, 1 / 0.6])
    assert float(y.mean()) == pytest.approx(1, abs=0.02)
    assert not torch.equal(y[0], y[1])
    assert torch.equal(layer.eval()(x), x)
