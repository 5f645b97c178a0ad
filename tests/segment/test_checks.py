from __future__ import annotations

import logging
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hyperpoint.errors import InputError
from hyperpoint.io.images import write_png
from hyperpoint.io.manifest import ManifestRow
from hyperpoint.io.masks import write_mask
from hyperpoint.segment.checks import check_images
from hyperpoint.segment.inputs import InputSpec
from hyperpoint.types import ClassTable

TABLE = ClassTable(("wall", "door", "roof"), ((200, 80, 60), (0, 0, 255), (1, 2, 3)))


@pytest.fixture
def rows(tmp_path: Path) -> list[ManifestRow]:
    """Training images of wall and door, and one for validation of roof."""
    found = []
    for number, (split, ids) in enumerate([("train", [0, 1]), ("train", [1, 255]), ("val", [2, 2])]):
        write_png(tmp_path / f"{number}.png", np.random.default_rng(0).integers(0, 256, (8, 10, 3), np.uint8))
        write_mask(tmp_path / f"{number}_mask.png", np.repeat([np.repeat(ids, 5)], 8, axis=0).astype(np.uint8))
        found.append(ManifestRow(str(number), split, tmp_path / f"{number}.png", tmp_path / f"{number}_mask.png"))
    return found


def test_pixels_of_training_are_counted_and_absent_classes_named(
    rows: list[ManifestRow], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert check_images(rows, TABLE).tolist() == [40, 80, 0]
    assert caplog.messages == ["no training mask bears the class roof, which cannot be learned"]
    caplog.clear()
    assert check_images(rows[2:], TABLE).tolist() == [0, 0, 0]
    assert not caplog.messages


def test_what_cannot_be_trained_on_stops_it(rows: list[ManifestRow], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no image to check"):
        check_images([], TABLE)
    with pytest.raises(InputError, match="1 of 3 images cannot be used: the input cube needs cubes, but '0' has none"):
        np.save(tmp_path / "c.npy", np.ones((8, 10, 3), np.float32))
        cubes = [rows[0], *(replace(row, cube=tmp_path / "c.npy") for row in rows[1:])]
        check_images(cubes, TABLE, inputs=InputSpec("cube"))
    rows[2].image.write_bytes(rows[2].image.read_bytes()[:-30])
    with pytest.raises(InputError, match=r"1 of 3 images cannot be used: .*2\.png is damaged or incomplete"):
        check_images(rows, TABLE)
    for row in rows[:2]:
        write_mask(row.label or "", np.full((8, 10), 255, np.uint8))
    with pytest.raises(InputError, match="every pixel of the training masks is unlabelled"):
        check_images(rows[:2], TABLE)


def test_neither_the_checks_nor_the_inputs_need_torch() -> None:
    code = (
        "import sys, hyperpoint.segment.checks, hyperpoint.segment.data.transforms; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
