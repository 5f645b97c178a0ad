"""The rectangle on the white panel, and the swipe."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import hyperpoint as hp
from hyperpoint.errors import InputError
from hyperpoint.studio.calibrating import Rectangle, check_panel, rectangle_between, swipe
from hyperpoint.types import Scene

SIZE = (20, 30)


@pytest.mark.parametrize("corners", [((2, 3), (5, 9)), ((5, 9), (2, 3)), ((2, 9), (5, 3))])
def test_a_rectangle_may_be_drawn_from_any_corner(corners: tuple[tuple[int, int], tuple[int, int]]) -> None:
    assert rectangle_between(*corners, SIZE) == Rectangle(2, 3, 6, 10)


def test_a_rectangle_is_cut_to_the_image() -> None:
    assert rectangle_between((-4, 25), (3, 99), SIZE) == Rectangle(0, 25, 4, 30)
    with pytest.raises(InputError, match="outside the image"):
        rectangle_between((30, 2), (40, 9), SIZE)


def test_a_scene_is_calibrated_by_the_rectangle(tmp_path: Path) -> None:
    light = np.array([100, 300, 50], dtype=np.float32)
    cube = np.broadcast_to(0.5 * light, (8, 8, 3)).copy()
    cube[1:4, 2:5] = light
    np.save(tmp_path / "cube.npy", cube)
    panel = rectangle_between((1, 2), (3, 4), (8, 8))
    assert check_panel(hp.open_scene(tmp_path / "cube.npy"), panel) == (9, ())
    scene = hp.open_scene(tmp_path / "cube.npy", white=panel.text)
    np.testing.assert_allclose(scene.cube.read()[6, 6], 0.5)
    np.testing.assert_allclose(scene.cube.read()[2, 3], 1)


def test_a_rectangle_counts_pixels_of_the_cube_not_of_a_finer_rgb_image() -> None:
    scene = Scene(np.ones((10, 10, 3)), rgb=np.zeros((40, 40, 3), dtype=np.uint8))
    assert check_panel(scene, Rectangle(0, 0, 16, 8)).num_pixels == 8
    with pytest.raises(InputError, match=r"covers 1 pixel\(s\) of the cube"):
        check_panel(scene, Rectangle(0, 0, 4, 4))


def test_what_is_no_panel_is_said() -> None:
    cube = np.ones((10, 10, 3), dtype=np.float32)
    cube[:, 5:] = 3
    assert "varies by 50%" in check_panel(Scene(cube), Rectangle(0, 0, 10, 10)).warnings[0]
    cube[:2] = np.inf
    assert "20% of the pixels" in check_panel(Scene(cube), Rectangle(0, 0, 10, 5)).warnings[0]
    cube[:] = np.nan
    with pytest.raises(InputError, match="usable spectrum"):
        check_panel(Scene(cube), Rectangle(0, 0, 10, 5))


@pytest.mark.parametrize(("column", "expected"), [(0, 0), (2, 2), (4, 4), (99, 4), (-3, 0)])
def test_a_swipe_shows_the_left_picture_up_to_the_column(column: int, expected: int) -> None:
    left, right = np.zeros((2, 4, 3), dtype=np.uint8), np.full((2, 4, 3), 9, dtype=np.uint8)
    assert (swipe(left, right, column)[..., 0] == 0).sum() == 2 * expected
    assert not left.any()
    with pytest.raises(InputError, match="one size"):
        swipe(left, right[:1], 1)
