from __future__ import annotations

import numpy as np

from hyperpoint.synth.canvas import Canvas, Material
from hyperpoint.synth.spectra import GRID_NM
from hyperpoint.types import IGNORE

GREY = Material(np.full_like(GRID_NM, 0.2), np.full_like(GRID_NM, 0.6))


def test_painting_covers_the_mask_and_leaves_the_light() -> None:
    canvas = Canvas((3, 4))
    canvas.sun[:] = 0.3
    mask = np.zeros((3, 4), dtype=bool)
    mask[1, 2] = True
    canvas.paint(mask, 5, GREY, tone=0.5, sky=0.7)
    assert canvas.labels[1, 2] == 5
    assert (canvas.labels == IGNORE).sum() == 11
    assert canvas.tone[1, 2] == 0.5
    assert np.isclose(canvas.sun[1, 2], 0.3)
    assert np.isclose(canvas.sky[1, 2], 0.7)
    assert canvas.materials == [GREY]


def test_what_is_drawn_in_a_window_is_drawn_on_the_canvas() -> None:
    canvas = Canvas((6, 6))
    part = canvas.window(slice(2, 4), slice(1, 5))
    assert part.shape == (2, 4)
    part.paint(np.ones((2, 4), dtype=bool), 3, GREY)
    part.shade(np.ones((2, 4), dtype=np.float32), sun=0.5)
    assert (canvas.labels == 3).sum() == 8
    assert canvas.sun.sum() == 36 - 8 * 0.5
    assert canvas.materials == [GREY]


def test_a_warp_moves_every_layer_alike() -> None:
    canvas = Canvas((8, 8))
    canvas.paint(np.ones((8, 8), dtype=bool), 1, GREY)
    canvas.labels[2, 3], canvas.tone[2, 3] = 7, 0.25
    seen = canvas.warp(np.array([[1.0, 0, -1], [0, 1.0, -2], [0, 0, 1.0]]), (4, 5))
    assert seen.labels.shape == (4, 5)
    assert seen.labels[0, 2] == 7
    assert seen.tone[0, 2] == 0.25
    assert (seen.labels == 7).sum() == 1
