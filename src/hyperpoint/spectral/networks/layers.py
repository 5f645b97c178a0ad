"""Layers of several networks of one architecture at once.

The networks are tiny, so one alone is all overhead. A "stack" holds `num` of them, its members: every parameter and
buffer has the member as its first axis, and one batched matrix product serves all. Between layers a tensor is
(members, channels, samples, length), float32.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

# PyTorch's defaults for batch normalisation.
BN_MOMENTUM = 0.1
BN_EPSILON = 1e-5

Generators = Sequence[torch.Generator]


def he_normal(shape: tuple[int, ...], fan_in: int, generators: Generators) -> nn.Parameter:
    """Draw weights (members, *shape) from N(0, 2 / fan_in) (He et al., ICCV 2015), each member by its own generator."""
    draws = [torch.randn(shape, generator=generator) for generator in generators]
    return nn.Parameter(torch.stack(draws) * math.sqrt(2 / fan_in))


class Dense(nn.Module):
    """Fully connected layer: (members, samples, num_in) -> (members, samples, num_out)."""

    def __init__(self, num_in: int, num_out: int, generators: Generators) -> None:
        super().__init__()
        self.weight = he_normal((num_in, num_out), num_in, generators)
        self.bias = nn.Parameter(torch.zeros(len(generators), 1, num_out))

    def forward(self, x: Tensor) -> Tensor:
        """Return x · weight + bias."""
        return torch.baddbmm(self.bias, x, self.weight)


class Dropout(nn.Module):
    """Dropout whose masks come from the members' own generators, so that a seed decides them."""

    def __init__(self, probability: float, generators: Generators) -> None:
        super().__init__()
        self.probability, self.generators = probability, generators

    def forward(self, x: Tensor) -> Tensor:
        """(members, ...): zero entries and scale the others up while training; else nothing."""
        if not self.training:
            return x
        draws = [torch.rand(x.shape[1:], generator=generator) for generator in self.generators]
        return x * (torch.stack(draws).to(x.device) >= self.probability) / (1 - self.probability)


class Convolution(nn.Module):
    """Convolution along the spectrum, without padding: length becomes length - kernel + 1."""

    def __init__(self, num_in: int, num_out: int, kernel: int, generators: Generators) -> None:
        super().__init__()
        self.kernel = kernel
        self.weight = he_normal((num_out, kernel * num_in), kernel * num_in, generators)
        self.bias = nn.Parameter(torch.zeros(len(generators), num_out, 1))

    def forward(self, x: Tensor) -> Tensor:
        """(members, num_in, samples, length) -> (members, num_out, samples, length - kernel + 1)."""
        return _unflatten(torch.baddbmm(self.bias, self.weight, _flatten(_windows(x, self.kernel))), x, self.kernel)


class NormalisedConvolution(nn.Module):
    """`Convolution` followed by batch normalisation and ReLU (the bias would be normalised away)."""

    mean: Tensor
    variance: Tensor

    def __init__(self, num_in: int, num_out: int, kernel: int, generators: Generators) -> None:
        super().__init__()
        self.kernel = kernel
        members = len(generators)
        self.weight = he_normal((num_out, kernel * num_in), kernel * num_in, generators)
        self.gain = nn.Parameter(torch.ones(members, num_out))
        self.shift = nn.Parameter(torch.zeros(members, num_out))
        self.register_buffer("mean", torch.zeros(members, num_out))
        self.register_buffer("variance", torch.ones(members, num_out))

    def forward(self, x: Tensor) -> Tensor:
        """(members, num_in, samples, length) -> (members, num_out, samples, length - kernel + 1)."""
        y = torch.bmm(self.weight, _flatten(_windows(x, self.kernel)))
        normal = nn.functional.batch_norm(
            y.view(1, -1, y.shape[2]),  # each channel of each member is a channel of its own
            self.mean.view(-1),
            self.variance.view(-1),
            self.gain.view(-1),
            self.shift.view(-1),
            self.training,
            BN_MOMENTUM,
            BN_EPSILON,
        )
        return _unflatten(normal.relu().view_as(y), x, self.kernel)


class PooledConvolution(nn.Module):
    """Convolution of a plain spectrum, batch normalisation, ReLU and max-pooling, in few passes over memory.

    This layer's output before pooling is the largest tensor of the network. Since its input has one channel, mean and
    variance of that output follow from those of the input's windows, so that normalisation becomes part of the
    convolution's weights; and the convolution writes the `pool` values that are to be compared beside each other.

    (members, samples, bands) -> (members, num_out, samples, (bands - kernel + 1) // pool).
    """

    mean: Tensor
    variance: Tensor

    def __init__(self, num_out: int, kernel: int, pool: int, generators: Generators) -> None:
        super().__init__()
        self.kernel, self.pool = kernel, pool
        members = len(generators)
        self.weight = he_normal((num_out, kernel), kernel, generators)
        self.gain = nn.Parameter(torch.ones(members, num_out))
        self.shift = nn.Parameter(torch.zeros(members, num_out))
        self.register_buffer("mean", torch.zeros(members, num_out))
        self.register_buffer("variance", torch.ones(members, num_out))

    def forward(self, x: Tensor) -> Tensor:
        """(members, samples, bands) -> (members, num_out, samples, length)."""
        mean, variance = self._moments(x) if self.training else (self.mean, self.variance)
        scale = self.gain * torch.rsqrt(variance + BN_EPSILON)
        weight, bias = self.weight * scale[:, :, None], self.shift - mean * scale
        # Row (offset, channel) of the product is the convolution at that offset within the pooling window.
        pad = self.pool - 1
        offsets = torch.cat([nn.functional.pad(weight, (at, pad - at)) for at in range(self.pool)], dim=1)
        windows = x.unfold(2, self.kernel + pad, self.pool)  # (members, samples, length, kernel + pool - 1)
        members, samples, length, _ = windows.shape
        y = torch.bmm(offsets, windows.flatten(1, 2).transpose(1, 2)).view(members, self.pool, -1, samples * length)
        best: Tensor = _LargestOffset.apply(y) if self.training else y.amax(dim=1)
        return (best + bias[:, :, None]).relu_().view(members, -1, samples, length)

    def _moments(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and variance of the convolution's output, (members, num_out) each, and keep running averages."""
        windows = x.unfold(2, self.kernel, 1).flatten(1, 2)
        centre = windows.mean(dim=1, keepdim=True)
        apart = windows - centre
        covariance = torch.bmm(apart.transpose(1, 2), apart) / apart.shape[1]
        mean = torch.bmm(self.weight, centre.transpose(1, 2)).squeeze(2)
        variance = (torch.bmm(self.weight, covariance) * self.weight).sum(dim=2)
        with torch.no_grad():
            count = apart.shape[1]
            self.mean.lerp_(mean, BN_MOMENTUM)
            self.variance.lerp_(variance * (count / max(1, count - 1)), BN_MOMENTUM)
        return mean, variance


class _LargestOffset(torch.autograd.Function):
    """The maximum over axis 1, with a backward pass several times faster than that of `Tensor.amax`.

    It overwrites its input, which nothing else may use. Equal largest values each get the whole gradient.
    """

    @staticmethod
    def forward(ctx: Any, y: Tensor) -> Tensor:
        best = y.amax(dim=1, keepdim=True)
        ctx.save_for_backward(y, best)
        return best.squeeze(1)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        y: Tensor
        y, best = ctx.saved_tensors
        return y.sub_(best).ge_(0.0).mul_(gradient.unsqueeze(1))


def _windows(x: Tensor, kernel: int) -> Tensor:
    """(members, channels, samples, length) -> (members, kernel · channels, samples, length - kernel + 1)."""
    length = x.shape[3] - kernel + 1
    return torch.cat([x[..., at : at + length] for at in range(kernel)], dim=1)


def _flatten(x: Tensor) -> Tensor:
    return x.flatten(2)


def _unflatten(y: Tensor, x: Tensor, kernel: int) -> Tensor:
    return y.view(*y.shape[:2], x.shape[2], x.shape[3] - kernel + 1)
