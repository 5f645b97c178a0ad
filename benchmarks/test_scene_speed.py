"""From files to mask in a warm process; how often the file could have been read meanwhile is in `extra_info`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hyperpoint as hp
from benchmarks.scene_speed import SCENES, Files, annotate_files, floor_of, some_points
from benchmarks.tracing import traced


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the files are made, once."""
    return tmp_path_factory.mktemp("scenes")


@pytest.fixture(params=list(SCENES))
def files(request: pytest.FixtureRequest, folder: Path) -> Files:
    """Scenes of both sizes."""
    return SCENES[request.param](folder)


@pytest.mark.parametrize("recipe", ["paper-svm", "best"])
def test_file_to_mask(benchmark: Any, files: Files, recipe: str) -> None:
    """Aims: `paper-svm` at LIB-HSI's size 4 times the floor and 0.5 s, `best` at HSICityV2's 6 s on 2 cores."""
    arguments = files, recipe, some_points(*hp.open_scene(files.cube).size), files.cube.with_name("mask.png")
    benchmark.pedantic(annotate_files, args=arguments, rounds=3, warmup_rounds=1)
    benchmark.extra_info["floor"] = float(np.median([floor_of(files) for _ in range(3)]))
    with traced() as seconds:
        annotate_files(*arguments)
    benchmark.extra_info["stages"] = dict(seconds)
