"""Where networks compute."""

from __future__ import annotations

import torch

from hyperpoint.errors import RecipeError


def choose_device(wanted: str) -> torch.device:
    """Return the device that "auto" (an accelerator if there is one), "cpu" or "cuda" means.

    Raises
    ------
    RecipeError
        If "cuda" is asked for and PyTorch finds none.
    """
    if wanted == "cuda" and not torch.cuda.is_available():
        raise RecipeError('device "cuda" was asked for, but PyTorch finds none; use "auto" or "cpu"')
    if wanted == "auto":
        wanted = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(wanted)
