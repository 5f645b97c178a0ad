"""Taking stacks apart and together: the members of a stack never see each other, so they may stand in any."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy

import torch
from torch import Tensor, nn

from hyperpoint.spectral.networks.layers import Dropout

# What a network with fewer classes than its neighbours gets for those that it lacks, by the parameter's name. With so
# low a bias their probabilities are 0 exactly, and so is every gradient that comes from them.
_NO_CLASS = {"weight": 0.0, "bias": -1e9}


def join(stacks: Sequence[nn.Module]) -> nn.Module:
    """Return one stack with the members of all, which must differ in nothing but their numbers of classes.

    The logits of a member with fewer classes than another are about -1e9 in the columns that it lacks. A stack that
    comes alone is returned itself.
    """
    if len(stacks) == 1:
        return stacks[0]
    joined = deepcopy(stacks[0])
    for module, *parts in zip(joined.modules(), *(stack.modules() for stack in stacks), strict=True):
        for name, values in _own_tensors(module):
            _put(module, name, _side_by_side([getattr(part, name) for part in parts], _NO_CLASS.get(name, 0.0)), values)
        if isinstance(module, Dropout):
            module.generators = [generator for part in parts for generator in part.generators]
    return joined


def keep(stack: nn.Module, members: Tensor) -> None:
    """Leave only some `members` in a stack, (n,) int64 on its device, in that order."""
    for module in stack.modules():
        for name, values in _own_tensors(module):
            _put(module, name, values.detach()[members], values)
        if isinstance(module, Dropout):
            module.generators = [module.generators[member] for member in members.tolist()]


def cut(values: Tensor, shape: Sequence[int]) -> Tensor:
    """Return the part of a tensor of one member that its own network has, without classes of its neighbours."""
    return values[tuple(slice(length) for length in shape)]


def _own_tensors(module: nn.Module) -> list[tuple[str, Tensor]]:
    return [*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)]


def _put(module: nn.Module, name: str, values: Tensor, like: Tensor) -> None:
    """Set a parameter or buffer to `values`, whichever `like` was."""
    setattr(module, name, nn.Parameter(values, like.requires_grad) if isinstance(like, nn.Parameter) else values)


def _side_by_side(parts: Sequence[Tensor], fill: float) -> Tensor:
    widest = max(part.shape[-1] for part in parts)
    return torch.cat([nn.functional.pad(part.detach(), (0, widest - part.shape[-1]), value=fill) for part in parts])
