from __future__ import annotations

import numpy as np
import pytest

from hyperpoint.errors import InputError
from hyperpoint.io.preview import draw_points, overlay
from hyperpoint.types import ClassTable, PointSet

TABLE = ClassTable(("a", "b"), ((200, 100, 0), (0, 0, 250)))


def test_overlay_blends_labelled_pixels_only() -> None:
    rgb = np.full((1, 3, 3), 100, np.uint8)
    shown = overlay(rgb, np.array([[0, 1, 255]], np.uint8), TABLE, opacity=0.5)
    assert shown.tolist() == [[[150, 100, 50], [50, 50, 175], [100, 100, 100]]]
    assert (rgb == 100).all()


@pytest.mark.parametrize(("opacity", "expected"), [(0.0, [10, 20, 30]), (1.0, [200, 100, 0])])
def test_overlay_at_the_ends_of_opacity(opacity: float, expected: list[int]) -> None:
    rgb = np.array([[(10, 20, 30)]], np.uint8)
    assert overlay(rgb, np.zeros((1, 1), np.uint8), TABLE, opacity)[0, 0].tolist() == expected


def test_overlay_refuses_what_does_not_fit() -> None:
    rgb = np.zeros((2, 3, 3), np.uint8)
    with pytest.raises(InputError, match="sizes must agree"):
        overlay(rgb, np.zeros((3, 2), np.uint8))
    with pytest.raises(InputError, match="opacity"):
        overlay(rgb, np.zeros((2, 3), np.uint8), opacity=2)
    np.testing.assert_array_equal(overlay(rgb, np.full((2, 3), 255, np.uint8)), rgb)


def test_points_have_the_colour_of_their_class_and_a_halo() -> None:
    image = np.full((40, 60, 3), 90, np.uint8)
    shown = draw_points(image, PointSet([10, 30], [20, 50], [1, 255]), TABLE)  # type: ignore[arg-type]
    assert shown[10, 20].tolist() == [0, 0, 250]
    assert shown[10, 17].tolist() != [90, 90, 90]
    assert (shown[5:16, 15:26].reshape(-1, 3) > 200).all(axis=1).any()  # the white ring
    assert shown[30, 50].tolist() == [160, 160, 160]
    assert shown[20, 40].tolist() == [90, 90, 90]
    assert (image == 90).all()


def test_points_at_the_edge_and_without_table_can_be_drawn() -> None:
    image = np.zeros((5, 5, 3), np.uint8)
    assert draw_points(image, PointSet([0, 4], [0, 4], [3, 254])).any()  # type: ignore[arg-type]
    assert not draw_points(image, PointSet([], [], [])).any()  # type: ignore[arg-type]
