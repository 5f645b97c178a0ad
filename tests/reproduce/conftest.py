from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hyperpoint.catalog.dataset import load_dataset
from hyperpoint.reproduce.keeping import Kept
from hyperpoint.reproduce.protocol import Protocol
from hyperpoint.reproduce.sizes import QUICK, Size
from hyperpoint.reproduce.study import Study
from hyperpoint.synth import synthesise

MakeStudy = Callable[..., Study]

# What --quick does, and still less of it.
SMALL = "smp:linknet:resnet18"
TINY = replace(
    QUICK,
    name="tiny",
    num_train=2,
    num_test=1,
    num_seeds=2,
    twocnn_iterations=20,
    models={"fcn": SMALL, "deeplab": SMALL, "hrnet": SMALL, "pspnet": SMALL},
    settings={**QUICK.settings, "steps": 2, "crop": (32, 32), "accelerator": "cpu"},
    longest=64,
    patch_settings={"iterations": 2, "batch_size": 4, "device": "cpu"},
    classified=3,
    num_embedded=60,
    memory_steps=1,
)


@pytest.fixture
def tiny() -> Size:
    """What the commands of the tests compute."""
    return TINY


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Networks as small as these wait for other threads rather than compute, where cores are shared."""
    pytest.importorskip("torch")
    from hyperpoint.spectral.networks.training import single_thread

    with single_thread():
        yield


@pytest.fixture(scope="session")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with synthetic copies of both data sets: lib-hsi (2 + 1 + 1 scenes) and hsicity2 (3 + 1)."""
    root = tmp_path_factory.mktemp("copies")
    for layout in ("lib-hsi", "hsicity2"):
        synthesise(root / layout, layout, 4, (64, 64), seed=3)
    return root


@pytest.fixture
def make_study(copies: Path, tmp_path: Path) -> MakeStudy:
    """Call `make_study("lib-hsi", protocol=...)`: a study of tiny size that keeps its results in `tmp_path`."""

    def make(dataset: str = "hsicity2", size: Size = TINY, **more: Any) -> Study:
        options: dict[str, Any] = {"protocol": Protocol(36, 5), "weights": "none", **more}
        return Study(load_dataset(dataset), copies / dataset, size, kept=Kept(tmp_path / "kept"), **options)

    return make
