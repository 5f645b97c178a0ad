"""Where the time of a scene goes: named functions are wrapped while it is measured, so the code has no timers."""

from __future__ import annotations

import functools
import importlib
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

# What each stage of an annotation does, as "module:name" where the name is looked up.
STAGES: dict[str, tuple[str, ...]] = {
    "read": (
        "hyperpoint.opening:open_cube",
        "hyperpoint.opening:read_rgb",
        "hyperpoint.io.cubes._flat:read_box",
        "hyperpoint.io.cubes.hsicityv2:FactoredCube._band_by_band",
        "hyperpoint.io.cubes.hsicityv2:FactoredCube.from_scores",
    ),
    "scan": ("hyperpoint.preprocess.scanning:usable_pixels",),
    "normalise": (
        "hyperpoint.annotation.voting:normalise",
        "hyperpoint.annotation.voting:normalising_factors",
        "hyperpoint.annotation.mixture.scene:CellMeans.add",
        "hyperpoint.annotation.mixture.scene:compute_features",
        "hyperpoint.annotation.mixture.features:_representations",
        "hyperpoint.annotation.mixture.features:_smooth",
        "hyperpoint.annotation.mixture.features:_normalised",
    ),
    "classify": (
        "hyperpoint.spectral.linear_svm:LinearSVM._learn",
        "hyperpoint.spectral.linear_svm:LinearSVM._decide_scaled",
        "hyperpoint.annotation.mixture.scene:score_cells",
        "hyperpoint.annotation.mixture.scene:hold_out",
    ),
    "superpixels": (
        "hyperpoint.annotation.voting:slic",
        "hyperpoint.annotation.mixture.features:_small_regions",
    ),
    "refine": (
        "hyperpoint.annotation.voting:SuperpixelVote.add",
        "hyperpoint.annotation.voting:SuperpixelVote.decide",
        "hyperpoint.annotation.mixture.scene:infer",
        "hyperpoint.annotation.mixture.scene:Upsampler.of",
        "hyperpoint.annotation.mixture.scene:MixtureScene._enlarge",
    ),
    "write": ("hyperpoint.annotation.outputs:write_annotation",),
}


@contextmanager
def traced(stages: Mapping[str, Sequence[str]] = STAGES) -> Iterator[Mapping[str, float]]:
    """Yield the seconds spent in each stage so far, less those of stages within it, summed over all threads."""
    seconds: dict[str, float] = defaultdict(float)
    inner = threading.local()
    with ExitStack() as stack:
        for stage, targets in stages.items():
            for target in targets:
                owner, name = _find(target)
                stack.enter_context(patch.object(owner, name, _timed(owner.__dict__[name], stage, seconds, inner)))
        yield seconds


def _find(target: str) -> tuple[Any, str]:
    module, _, path = target.partition(":")
    *outer, name = path.split(".")
    return functools.reduce(getattr, outer, importlib.import_module(module)), name


def _timed(function: Any, stage: str, seconds: dict[str, float], inner: threading.local) -> Any:
    """Return `function`, or a class method, such that its own time is added to its stage."""
    call: Callable[..., Any] = getattr(function, "__func__", function)

    @functools.wraps(call)
    def timed(*args: Any, **kwargs: Any) -> Any:
        start, outside = time.perf_counter(), getattr(inner, "seconds", 0.0)
        inner.seconds = 0.0
        try:
            return call(*args, **kwargs)
        finally:
            whole = time.perf_counter() - start
            seconds[stage] += whole - inner.seconds
            inner.seconds = outside + whole

    return classmethod(timed) if isinstance(function, classmethod) else timed
