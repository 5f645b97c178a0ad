"""Run the command line in this process."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from hyperpoint.cli.main import main


class Outcome(NamedTuple):
    status: int
    stdout: str
    stderr: str


Run = Callable[..., Outcome]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Call `run("inspect", path, "--json")`; the log's handlers are put back afterwards."""
    logger = logging.getLogger("hyperpoint")
    before = (logger.handlers[:], logger.propagate, logger.level)

    def call(*arguments: object) -> Outcome:
        capsys.readouterr()
        status = main([str(argument) for argument in arguments])
        return Outcome(status, *capsys.readouterr())

    yield call
    logger.handlers[:], logger.propagate = before[0], before[1]
    logger.setLevel(before[2])


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with cube.npz of two halves (100 x 120 x 12), rgb.png, points.csv with names, and classes.json."""
    from hyperpoint.io.images import write_png

    rng = np.random.default_rng(0)
    spectra = np.stack([np.linspace(0.1, 0.9, 12), np.linspace(0.9, 0.1, 12)])
    truth = np.zeros((100, 120), dtype=np.uint8)
    truth[:, 60:] = 1
    cube = (spectra[truth] + rng.normal(0, 0.01, (100, 120, 12))).astype(np.float32)
    np.savez(tmp_path / "cube.npz", cube=cube, wavelengths=np.linspace(400, 950, 12))
    write_png(tmp_path / "rgb.png", np.repeat((60 + 120 * truth)[..., None], 3, axis=2).astype(np.uint8))
    (tmp_path / "points.csv").write_text("row,col,label\n5,5,wall\n80,40,wall\n5,90,sky\n75,110,sky\n")
    (tmp_path / "classes.json").write_text(
        '[{"name": "sky", "color": [0, 0, 255]}, {"name": "wall", "color": [255, 0, 0]}]'
    )
    return tmp_path
