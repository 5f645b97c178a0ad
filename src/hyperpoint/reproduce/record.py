"""What a reproduction was made with: code, versions, machine."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_DISTRIBUTIONS = ("hyperpoint", "numpy", "scipy", "scikit-learn", "opencv-contrib-python-headless", "torch", "timm",
                  "lightning", "segmentation-models-pytorch", "matplotlib")  # fmt: skip
_GIT_SECONDS = 10


def describe_machine() -> dict[str, Any]:
    """Return commit, versions and hardware, JSON-serialisable; what cannot be found out is None."""
    return {
        "commit": _commit(),
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in _DISTRIBUTIONS},
        "system": f"{platform.system()} {platform.machine()}",
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "threads": os.environ.get("OMP_NUM_THREADS"),
        "memory_gib": _memory(),
        # Importing PyTorch takes seconds, and what was made without it had no use for an accelerator.
        "accelerator": accelerator() if "torch" in sys.modules else None,
    }


def accelerator() -> str | None:
    """Return the name of the accelerator that networks are trained on; None if there is none, or no PyTorch."""
    if find_spec("torch") is None:
        return None
    import torch

    return torch.cuda.get_device_name() if torch.cuda.is_available() else None


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _commit() -> str | None:
    """Return the commit of the checkout that this code lies in, with "+changes" where files differ from it."""
    here = Path(__file__).parent

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(here), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=_GIT_SECONDS)
        return done.stdout.strip()

    try:
        # An installed package may lie in somebody else's repository, whose commit says nothing of it.
        git("ls-files", "--error-unmatch", str(here / "__init__.py"))
        return git("rev-parse", "HEAD") + ("+changes" if git("status", "--porcelain", "--", str(here.parent)) else "")
    except (OSError, subprocess.SubprocessError):
        return None


def _memory() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (AttributeError, OSError, ValueError):
        return None
