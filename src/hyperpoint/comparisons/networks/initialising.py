"""The weights that networks start from."""

from __future__ import annotations

import torch
from torch import nn


def generator() -> torch.Generator:
    """Return a generator that continues PyTorch's random state, so that whoever seeded that decides what it draws."""
    return torch.Generator().manual_seed(int(torch.randint(2**31, ())))


def initialise_convolutions(network: nn.Module) -> None:
    """Draw the weights of convolutions that ReLU follows from N(0, 2 / fan-in) (He et al., ICCV 2015); biases are 0.

    PyTorch's own start is a fraction of that: after four convolutions without batch normalisation little is left of a
    signal.
    """
    for part in network.modules():
        if isinstance(part, nn.Conv2d | nn.Conv3d):
            nn.init.kaiming_normal_(part.weight, nonlinearity="relu")
            if part.bias is not None:
                nn.init.zeros_(part.bias)
