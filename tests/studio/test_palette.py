from __future__ import annotations

import numpy as np

from hyperpoint.studio.palette import Color, _seen, next_color


def grow(num: int) -> list[Color]:
    colors: list[Color] = []
    for _ in range(num):
        colors.append(next_color(colors))
    return colors


def test_255_colours_are_distinct_and_neither_black_nor_white() -> None:
    colors = grow(255)
    assert len(set(colors)) == 255
    assert min(max(color) for color in colors) > 60
    assert max(min(color) for color in colors) < 250


def test_twelve_colours_differ_for_every_vision() -> None:
    seen = _seen(grow(12))
    distance = np.linalg.norm(seen[:, :, None] - seen[:, None], axis=3)
    assert distance[:, ~np.eye(12, dtype=np.bool_)].min() > 0.06  # the least of Okabe and Ito's own is 0.07 and more


def test_grey_is_seen_as_grey_by_all() -> None:
    seen = _seen([(128, 128, 128), (255, 255, 255)])
    assert np.abs(seen[:, :, 1:]).max() < 0.002
    assert np.allclose(seen[:, 1, 0], 1, atol=1e-3)
    assert np.allclose(seen[:, 0, 0], 0.5999, atol=1e-3)  # Oklab lightness of sRGB grey 128


def test_a_colour_that_is_taken_is_passed_over() -> None:
    first, second = grow(2)
    assert next_color([first]) == second
    assert next_color([second]) == first
    assert next_color([(first[0] - 3, first[1], 2)]) != first
