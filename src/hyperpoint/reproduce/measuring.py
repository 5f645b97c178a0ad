"""Peak memory of a training and time of an inference, each measured in a process of its own."""

from __future__ import annotations

import resource
import shutil
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

from hyperpoint.errors import InputError
from hyperpoint.io.manifest import read_manifest
from hyperpoint.reproduce.annotating import SceneJob, annotate_scene
from hyperpoint.segment.config import TrainingConfig
from hyperpoint.segment.predictors.inference import Inference

Task = TypeVar("Task")

_STATUS = Path("/proc/self/status")
ACCELERATOR, RSS = "peak of the accelerator", "RSS (peak of the process)"


@dataclass(frozen=True)
class TrainingTask:
    """A training to measure, and the test scenes to label with what comes of it; `folder` is removed afterwards."""

    train_manifest: Path
    test_manifest: Path
    config: TrainingConfig
    inference: Inference
    folder: Path


@dataclass(frozen=True)
class Peak:
    """Peak memory in MiB, of the `kind` that was measured, and seconds for the test set where one was labelled."""

    mib: float
    kind: str
    seconds: float | None = None


def measure_training(task: TrainingTask) -> Peak:
    """Train, read the peak, and label the test scenes: reading and unpacking included in the time, scoring too.

    To be called in a fresh process.
    """
    from hyperpoint.reproduce.study import quiet
    from hyperpoint.segment.evaluation import evaluate
    from hyperpoint.segment.predictors.opening import open_predictor
    from hyperpoint.segment.training import train

    shutil.rmtree(task.folder, ignore_errors=True)
    try:
        with quiet():
            train(read_manifest(task.train_manifest), task.config, task.folder)
            mib, kind = _peak()
            predictor = open_predictor(task.folder, inference=task.inference)
            found = evaluate(predictor, read_manifest(task.test_manifest), "test", num_worst=0)
    finally:
        shutil.rmtree(task.folder, ignore_errors=True)
    return Peak(mib, kind, round(found.seconds, 3))


def measure_annotation(job: SceneJob) -> Peak:
    """Annotate a scene, and read the peak. To be called in a fresh process."""
    from hyperpoint.reproduce.study import quiet

    with quiet():
        annotate_scene(job)
    return Peak(*_peak())


def in_fresh_process(function: Callable[[Task], Peak], task: Task) -> Peak:
    """Call a function in a process that has done nothing before.

    Raises
    ------
    HyperpointError
        As the function; and if the process dies, as for want of memory.
    """
    from concurrent.futures.process import BrokenProcessPool

    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        try:
            return pool.submit(function, task).result()
        except BrokenProcessPool:
            raise InputError("the process that was to be measured died, perhaps for want of memory") from None


def _peak() -> tuple[float, str]:
    cuda = _cuda_peak()
    return (round(cuda / 2**20, 1), ACCELERATOR) if cuda else (round(_rss_peak() / 2**20, 1), RSS)


def _cuda_peak() -> int:
    torch: Any = sys.modules.get("torch")
    return int(torch.cuda.max_memory_allocated()) if torch is not None and torch.cuda.is_available() else 0


def _rss_peak() -> float:
    # Where there is /proc: getrusage would count what the parent had before this process was made of it.
    if _STATUS.exists():
        line = next(one for one in _STATUS.read_text(encoding="ascii").splitlines() if one.startswith("VmHWM:"))
        return float(line.split()[1]) * 2**10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(peak) if sys.platform == "darwin" else float(peak) * 2**10
