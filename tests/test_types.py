"""Types are checked where they are built."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperpoint.errors import ClassTableError, InputError, PointsError
from hyperpoint.types import IGNORE, ClassTable, PointSet, Scene, Truth


def points(rows: list[int], cols: list[int], labels: list[int]) -> PointSet:
    return PointSet(rows=np.array(rows), cols=np.array(cols), labels=np.array(labels))


class TestClassTable:
    def test_id_is_position(self) -> None:
        table = ClassTable(("road", "sky"), ((1, 2, 3), (4, 5, 6)))
        assert table.id_of("sky") == 1
        assert table.palette()[1].tolist() == [4, 5, 6]
        assert table.palette()[IGNORE].tolist() == [0, 0, 0]

    def test_unknown_name_lists_the_known(self) -> None:
        with pytest.raises(ClassTableError, match="unknown class 'tree'; known are: road"):
            ClassTable(("road",), ((0, 0, 0),)).id_of("tree")

    @pytest.mark.parametrize(
        ("names", "colors", "complaint"),
        [
            ((), (), "1 to 255 classes"),
            (("a", "a"), ((0, 0, 0), (1, 1, 1)), "stands twice"),
            (("a", " "), ((0, 0, 0), (1, 1, 1)), "every class needs a name"),
            ((0.5,), ((0, 0, 0),), "every class needs a name of at least one letter; got 0.5"),
            (("a",), ((0, 0, 256),), "0..255"),
            (("a", "b"), ((0, 0, 0),), "2 names and 1 colours"),
        ],
    )
    def test_malformed(self, names: tuple[str, ...], colors: tuple[tuple[int, int, int], ...], complaint: str) -> None:
        with pytest.raises(ClassTableError, match=complaint):
            ClassTable(names, colors)


class TestScene:
    def test_label_grid_is_the_rgbs(self) -> None:
        cube = np.ones((4, 5, 3))
        assert Scene(cube).size == (4, 5)
        assert Scene(cube, rgb=np.zeros((8, 10, 3), np.uint8)).size == (8, 10)

    @pytest.mark.parametrize("shape", [(3, 5, 3), (8, 12, 3), (8, 10), (8, 10, 4)])
    def test_rgb_that_does_not_fit(self, shape: tuple[int, ...]) -> None:
        with pytest.raises(InputError, match="rgb image"):
            Scene(np.ones((4, 5, 3)), rgb=np.zeros(shape, np.uint8))

    def test_rgb_must_be_uint8(self) -> None:
        with pytest.raises(InputError, match="float64"):
            Scene(np.ones((4, 5, 3)), rgb=np.zeros((4, 5, 3)))

    def test_wavelengths_must_match_the_bands(self) -> None:
        with pytest.raises(InputError, match="2 wavelengths were given for 3 bands"):
            Scene(np.ones((4, 5, 3)), wavelengths=[400, 500])

    @given(h=st.integers(1, 40), w=st.integers(1, 40), ratio=st.floats(1, 7))
    def test_to_cube_is_rule_12(self, h: int, w: int, ratio: float) -> None:
        H, W = round(h * ratio), round(w * ratio)
        if not abs((H / h) / (W / w) - 1) <= 0.01:
            return
        scene = Scene(np.ones((h, w, 1)), rgb=np.zeros((H, W, 3), np.uint8))
        rows, cols = scene.to_cube(np.arange(H), np.arange(W))
        assert rows.tolist() == [int((r + 0.5) * h / H + 1e-9) for r in range(H)]
        assert (np.diff(cols) >= 0).all()
        assert rows[-1] == h - 1
        assert cols[0] == 0


class TestPointSet:
    def test_annotated_and_not(self) -> None:
        some = points([1, 2, 3], [4, 5, 6], [7, IGNORE, 0])
        assert some.annotated.labels.tolist() == [7, 0]
        assert some.unannotated.rows.tolist() == [2]
        assert some.class_ids.tolist() == [0, 7]

    def test_two_labels_on_a_pixel(self) -> None:
        with pytest.raises(PointsError, match=r"pixel \(1, 4\) bears two labels, 2 and 7"):
            points([1, 9, 1], [4, 4, 4], [7, 7, 2])

    def test_equal_points_are_one_and_a_label_beats_none(self) -> None:
        some = points([1, 1, 1, 5], [4, 4, 4, 5], [IGNORE, 7, 7, 3])
        assert some.labels.tolist() == [7, 3]

    @pytest.mark.parametrize(
        ("rows", "cols", "labels", "complaint"),
        [
            ([-1], [0], [0], "negative"),
            ([0], [0], [256], "0..255"),
            ([0, 1], [0], [0], "equally long"),
            ([0.5], [0], [0], "whole numbers"),
        ],
    )
    def test_malformed(self, rows: list[int], cols: list[int], labels: list[int], complaint: str) -> None:
        with pytest.raises(PointsError, match=complaint):
            points(rows, cols, labels)

    @given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=30))
    def test_no_pixel_stands_twice_and_none_is_lost(self, pixels: list[tuple[int, int]]) -> None:
        some = points([r for r, _ in pixels], [c for _, c in pixels], [r for r, _ in pixels])
        kept = list(zip(some.rows.tolist(), some.cols.tolist(), strict=True))
        assert len(set(kept)) == len(kept)
        assert set(kept) == set(pixels)


def test_truth_is_uint8() -> None:
    with pytest.raises(InputError, match="uint8"):
        Truth(np.zeros((2, 2), dtype=np.int64))
