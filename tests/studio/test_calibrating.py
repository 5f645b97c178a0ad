"""The rectangle on the white panel."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import hyperpoint as hp
from hyperpoint.errors import InputError
from hyperpoint.studio.calibrating import check_panel
from hyperpoint.types import Scene


def test_a_scene_is_calibrated_by_the_rectangle(tmp_path: Path) -> None:
    light = np.array([100, 300, 50], dtype=np.float32)
    cube = np.broadcast_to(0.5 * light, (8, 8, 3)).copy()
    cube[1:4, 2:5] = light
    np.save(tmp_path / "cube.npy", cube)
    panel = (1, 2, 4, 5)
    assert check_panel(hp.open_scene(tmp_path / "cube.npy"), panel) == (9, ())
    scene = hp.open_scene(tmp_path / "cube.npy", white="1,2,4,5")
    np.testing.assert_allclose(scene.cube.read()[6, 6], 0.5)
    np.testing.assert_allclose(scene.cube.read()[2, 3], 1)


def test_a_rectangle_counts_pixels_of_the_cube_not_of_a_finer_rgb_image() -> None:
    scene = Scene(np.ones((10, 10, 3)), rgb=np.zeros((40, 40, 3), dtype=np.uint8))
    assert check_panel(scene, (0, 0, 16, 8)).num_pixels == 8
    assert check_panel(scene, (-5, 0, 16, 8)).num_pixels == 8  # what lies outside does not count
    with pytest.raises(InputError, match=r"covers 1 pixel\(s\) of the cube"):
        check_panel(scene, (0, 0, 4, 4))


def test_what_is_no_panel_is_said() -> None:
    cube = np.ones((10, 10, 3), dtype=np.float32)
    cube[:, 5:] = 3
    assert "varies by 50%" in check_panel(Scene(cube), (0, 0, 10, 10)).warnings[0]
    cube[:2] = np.inf
    assert "20% of the pixels" in check_panel(Scene(cube), (0, 0, 10, 5)).warnings[0]
    cube[:] = np.nan
    with pytest.raises(InputError, match="usable spectrum"):
        check_panel(Scene(cube), (0, 0, 10, 5))
