from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hyperpoint.studio.views.strokes import pixels_along, pixels_under_brush

SIZE = (12, 15)
PATHS = st.lists(st.tuples(st.integers(-5, 17), st.integers(-5, 20)), min_size=1, max_size=6)


def test_a_line_has_every_pixel_once_and_in_order() -> None:
    rows, cols = pixels_along([2, 2, 4], [1, 4, 4], SIZE)
    assert list(zip(rows.tolist(), cols.tolist(), strict=True)) == [(2, 1), (2, 2), (2, 3), (2, 4), (3, 4), (4, 4)]


def test_a_click_is_one_pixel() -> None:
    rows, cols = pixels_along([3], [4], SIZE)
    assert (rows.tolist(), cols.tolist()) == ([3], [4])
    assert pixels_under_brush([3], [4], 0, SIZE).tolist() == [3 * 15 + 4]


def test_nothing_is_covered_by_an_empty_stroke() -> None:
    assert len(pixels_along([], [], SIZE)[0]) == 0
    assert len(pixels_under_brush([], [], 3, SIZE)) == 0


@given(PATHS)
def test_a_line_is_connected_and_inside(path: list[tuple[int, int]]) -> None:
    inside = [(row % SIZE[0], col % SIZE[1]) for row, col in path]
    rows, cols = pixels_along([row for row, _ in inside], [col for _, col in inside], SIZE)
    line = list(zip(rows.tolist(), cols.tolist(), strict=True))
    assert len(set(line)) == len(line)
    assert set(inside) <= set(line)
    for number, (row, col) in enumerate(line[1:], start=1):
        assert min(max(abs(row - r), abs(col - c)) for r, c in line[:number]) == 1


@given(PATHS, st.sampled_from([0, 1, 1.5, 2, 3.7]))
def test_the_brush_covers_what_is_within_its_radius(path: list[tuple[int, int]], radius: float) -> None:
    rows, cols = zip(*path, strict=True)
    wide_rows, wide_cols = pixels_along(np.array(rows) + 9, np.array(cols) + 9, (60, 60))
    row, col = np.mgrid[: SIZE[0], : SIZE[1]]
    squared = [(row - r) ** 2 + (col - c) ** 2 for r, c in zip(wide_rows - 9, wide_cols - 9, strict=True)]
    expected = np.flatnonzero(np.min(squared, axis=0) <= radius**2 + 1e-6)
    np.testing.assert_array_equal(pixels_under_brush(rows, cols, radius, SIZE), expected)
