"""`hyperpoint doctor`: what this installation has to work with."""

from __future__ import annotations

import json
import os
import platform
import shutil
from importlib import metadata
from importlib.util import find_spec
from typing import Any

import click

_EXTRAS = {
    "deep": ("torch", "torchvision", "timm", "segmentation_models_pytorch", "lightning", "torchmetrics", "onnx"),
    "deploy": ("onnxruntime",),
    "studio": ("panel", "bokeh"),
    "cluster": ("distributed",),
    "geo": ("rasterio",),
}
_DISTRIBUTIONS = ("hyperpoint", "numpy", "scipy", "scikit-learn", "opencv-contrib-python-headless", "spectral", "h5py")
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "firefox", "safari")


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object to stdout.")
def command(as_json: bool) -> None:
    """Show versions, extras, threads, memory, accelerator and browser found on this machine."""
    facts = _facts()
    if as_json:
        click.echo(json.dumps(facts))
        return
    for name, value in facts.items():
        lines = [f"{key}: {part}" for key, part in value.items()] if isinstance(value, dict) else [str(value)]
        for number, line in enumerate(lines):
            click.echo(f"{name if number == 0 else '':<14}{line}")


def _facts() -> dict[str, Any]:
    return {
        "python": f"{platform.python_version()} on {platform.system()} {platform.machine()}",
        "versions": {name: metadata.version(name) for name in _DISTRIBUTIONS},
        "extras": {extra: _extra_state(extra, modules) for extra, modules in _EXTRAS.items()},
        "threads": _threads(),
        "memory": _memory(),
        "accelerator": _accelerator(),
        "browser": next((found for name in _BROWSERS if (found := shutil.which(name))), "none found"),
    }


def _extra_state(extra: str, modules: tuple[str, ...]) -> str:
    missing = [module for module in modules if find_spec(module) is None]
    if not missing:
        return "installed"
    return f'missing {", ".join(missing)}: pip install "hyperpoint[{extra}]"'


def _threads() -> dict[str, int]:
    import cv2
    import numpy as np  # noqa: F401  (loads the BLAS that is asked below)
    from threadpoolctl import threadpool_info

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    blas = max((pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"), default=1)
    return {"cores": cores, "blas": blas, "opencv": cv2.getNumThreads()}


def _memory() -> str:
    try:
        page = os.sysconf("SC_PAGE_SIZE")
        total, free = os.sysconf("SC_PHYS_PAGES") * page, os.sysconf("SC_AVPHYS_PAGES") * page
    except (AttributeError, OSError, ValueError):
        return "unknown on this system"
    return f"{total / 2**30:.1f} GiB, of which {free / 2**30:.1f} GiB free"


def _accelerator() -> str:
    if find_spec("torch") is None:
        return "unknown: torch is not installed"
    import torch

    if torch.cuda.is_available():
        return ", ".join(torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count()))
    if torch.backends.mps.is_available():
        return "Apple GPU (mps)"
    return "none: networks run on the CPU"
