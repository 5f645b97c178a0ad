"""Files of torch: tensors and plain values only, whatever else the file may hold."""

from __future__ import annotations

import struct
from pathlib import Path
from pickle import UnpicklingError  # how torch refuses; nothing is unpickled but tensors, numbers, texts and containers
from typing import Any, BinaryIO, cast

from hyperpoint.errors import HyperpointError, MissingExtraError
from hyperpoint.io.bounded import open_bounded

# What torch raises of files that are no such file, or a damaged one; not all of it is meant to be seen.
_DAMAGED = (
    UnpicklingError, ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, MemoryError, OSError,
    RuntimeError, TypeError, ValueError, struct.error,
)  # fmt: skip


def load_tensors(path: Path, what: str, error: type[HyperpointError]) -> Any:
    """Return what a file holds that `torch.save` wrote, on the CPU; mapped, not read, where the file allows it.

    Parameters
    ----------
    path
        The file.
    what
        What it should be, for messages ("checkpoint").
    error
        The exception to raise when it is damaged, or holds anything but tensors and plain values.

    Raises
    ------
    MissingExtraError
        If torch is not installed.
    """
    try:
        import torch
    except ImportError:
        raise MissingExtraError(f"reading {path}", "torch", "deep") from None
    try:
        try:
            return torch.load(path, map_location="cpu", weights_only=True, mmap=True)
        except RuntimeError:  # written by an old torch, which cannot be mapped
            with open_bounded(path) as file:
                return torch.load(cast(BinaryIO, file), map_location="cpu", weights_only=True)
    except _DAMAGED as problem:
        first_line = str(problem).strip().partition("\n")[0]
        raise error(
            f"the {what} {path} cannot be read: it is damaged, or holds other things than tensors and numbers, which "
            f"are not loaded ({first_line or type(problem).__name__})"
        ) from problem
