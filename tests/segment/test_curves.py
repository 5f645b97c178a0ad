from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from hyperpoint.io.images import read_rgb
from hyperpoint.segment.curves import draw_curves, ticks

BLUE, GREEN = (0, 114, 178), (0, 158, 115)


def has_color(path: Path, color: tuple[int, int, int]) -> NDArray[np.intp]:
    return np.argwhere((read_rgb(path)[60:] == color).all(axis=-1))


def test_draws_what_there_is(tmp_path: Path) -> None:
    path = tmp_path / "c.png"
    rows = [{"step": 10.0 * k, "train_loss": 1 / k} for k in range(1, 11)]
    draw_curves(path, rows)
    blue = has_color(path, BLUE)
    assert len(blue) > 50
    assert len(has_color(path, GREEN)) == 0
    assert blue[blue[:, 1].argmin(), 0] < blue[blue[:, 1].argmax(), 0]  # falls
    draw_curves(path, [*rows, {"step": 50.0, "val_miou": 0.3}, {"step": 100.0, "val_miou": 0.5}])
    assert len(has_color(path, GREEN)) > 20


@pytest.mark.parametrize("rows", [[], [{"step": 1.0, "train_loss": math.nan}], [{"step": 0.0, "train_loss": 0.0}]])
def test_draws_hardly_anything(tmp_path: Path, rows: list[dict[str, float]]) -> None:
    draw_curves(tmp_path / "c.png", rows)
    assert read_rgb(tmp_path / "c.png").shape == (360, 1120, 3)


def test_a_loss_that_is_out_of_all_bounds_hides_nothing(tmp_path: Path) -> None:
    rows = [{"step": float(k), "train_loss": 1.0} for k in range(1, 9)]
    draw_curves(tmp_path / "a.png", [*rows, {"step": 5.0, "val_loss": 1e6}])
    assert 100 < has_color(tmp_path / "a.png", BLUE)[:, 0].mean() < 200


@given(st.floats(1e-6, 1e9))
def test_ticks_reach_the_top(high: float) -> None:
    found = ticks(0, high)
    assert 3 <= len(found) <= 7
    assert found[0] == 0
    assert found[-2] < high <= found[-1] * (1 + 1e-6)
