"""How much memory annotating a scene takes, and how much there is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from hyperpoint.annotation.mixture.grid import grid_shape
from hyperpoint.annotation.recipe import Recipe
from hyperpoint.batch.job import SceneJob
from hyperpoint.cube import BLOCK_BYTES
from hyperpoint.errors import HyperpointError, InputError
from hyperpoint.io.cubes import open_cube
from hyperpoint.io.images import picture_size
from hyperpoint.spectral import is_network

# Measured as the peak of a whole process (VmHWM, Linux) for recipes of either method on scenes of 256 x 256 x 204 to
# 1422 x 1889 x 128, with up to 30 classes and 1000 points; tests/batch/test_memory.py measures some of that again.
_PROCESS_BYTES = 150e6
_NETWORK_BYTES = 700e6  # PyTorch, and the activations of a small network
_BYTES_PER_PIXEL = 48
_NUM_GRIDS = 5  # copies of the working grid's spectra that the kernel mixture holds at once
_NUM_SCORES = 6  # copies of the scores of a block's pixels that a vote holds at once
_MARGIN = 1.25
# What a prepared scene holds (picture, superpixels, usable pixels), and its networks while they are trained side by
# side with others: measured with 204 bands, 200 points and 15 classes, four networks a scene.
_KEPT_BYTES_PER_PIXEL = 10
_TRAINED_BYTES = {"twocnn": 50e6, "hybridsn": 190e6}

_CONTROL_GROUPS = Path("/sys/fs/cgroup")


def need_of(job: SceneJob) -> int:
    """Return about how many bytes a process takes at most that annotates a scene; nothing but headers is read.

    A scene whose files cannot be opened needs no more than it takes to find that out.
    """
    try:
        if job.cube is None:
            return int(_PROCESS_BYTES)
        height, width = picture_size(job.rgb)
        rows, cols, bands = open_cube(job.cube).shape
    except (HyperpointError, OSError):
        return int(_PROCESS_BYTES)
    recipe = job.task.recipe
    size = (height, width) if recipe.modality == "rgb" else (rows, cols)
    need = _PROCESS_BYTES + _BYTES_PER_PIXEL * height * width
    need += _method_bytes(recipe, size, 3 if recipe.modality == "rgb" else bands, len(job.task.classes))
    return int(_MARGIN * need)


def _method_bytes(recipe: Recipe, size: tuple[int, int], bands: int, num_classes: int) -> float:
    if recipe.method == "kernel-mixture":
        rows, cols = grid_shape(*size)
        return 4.0 * _NUM_GRIDS * rows * cols * bands
    pixels = min(size[0] * size[1], BLOCK_BYTES // (4 * bands))
    return 4.0 * _NUM_SCORES * pixels * num_classes + (_NETWORK_BYTES if is_network(recipe.classifier) else 0)


def kept_of(job: SceneJob) -> int:
    """Return about how many bytes a scene holds that is prepared and waits for others to learn together with."""
    try:
        height, width = picture_size(job.rgb)
    except (HyperpointError, OSError):
        return 0
    recipe = job.task.recipe
    trained = _TRAINED_BYTES[recipe.classifier] if is_network(recipe.classifier) else 0
    return int(_MARGIN * (_KEPT_BYTES_PER_PIXEL * height * width + trained))


def available_memory() -> int:
    """Return how many bytes can be had: what the system has left, or this process's control group.

    Raises
    ------
    InputError
        If the system does not tell.
    """
    found = [_free_of_system() or _half_of_system(), *map(_free_of_group, _control_groups())]
    known = [free for free in found if free is not None]
    if not known:
        raise InputError("this system does not say how much memory is free; say how much may be used (--memory)")
    return max(0, min(known))


def _free_of_system() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), None)


def _half_of_system() -> int | None:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    except (AttributeError, OSError, ValueError):
        return None


def _control_groups() -> Iterator[Path]:
    """Yield the folders of the control groups that bound this process's memory, as containers and cluster jobs do."""
    try:
        lines = Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, group = line.split(":", 2)
        if controllers in ("", "memory"):  # the second version of control groups, and the first
            folder = _CONTROL_GROUPS / controllers / group.strip("/")
            yield from (one for one in (folder, *folder.parents) if one.is_relative_to(_CONTROL_GROUPS))


def _free_of_group(folder: Path) -> int | None:
    for limit, use, prefix in (
        ("memory.max", "memory.current", ""),
        ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_"),
    ):
        with suppress(OSError, ValueError):  # no such group, or "max": not bounded
            allowed = int((folder / limit).read_text(encoding="ascii"))
            used = int((folder / use).read_text(encoding="ascii"))
            return allowed - used + _cached_files(folder, prefix)
    return None


def _cached_files(group: Path, prefix: str) -> int:
    """Return how many bytes of files the system keeps for a group that it gives up as soon as they are needed."""
    lines = (group / "memory.stat").read_text(encoding="ascii").splitlines()
    numbers = dict(line.split() for line in lines)
    return sum(int(numbers.get(f"{prefix}{kind}_file", 0)) for kind in ("active", "inactive"))
