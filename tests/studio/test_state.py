from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperpoint.studio.classes import StudioClasses
from hyperpoint.studio.state import ERASER, State, Stroke
from hyperpoint.types import PointSet

strokes = st.lists(
    st.builds(
        lambda pixels, label: Stroke(np.array(sorted(pixels)), label),
        st.sets(st.integers(0, 11), min_size=1),
        st.sampled_from([0, 1, ERASER]),
    ),
    max_size=6,
)


@given(strokes, st.booleans())
def test_corrections_grow_as_they_would_from_the_beginning(painted: list[Stroke], ask: bool) -> None:
    state = State((3, 4))
    for stroke in painted:
        if ask:
            _ = state.corrections
        state = state.with_classes(StudioClasses()).painted(stroke)
    expected = {}
    for stroke in painted:
        expected.update(dict.fromkeys(stroke.pixels.tolist(), stroke.label))
    flat = [expected.get(pixel, 255) for pixel in range(12)]
    assert state.corrections.ravel().tolist() == flat
    assert state.without_pictures().corrections.ravel().tolist() == flat
    merged = state.relabelled(0, 1)
    assert merged.corrections.ravel().tolist() == [1 if label == 0 else label for label in flat]
    assert merged.without_pictures().corrections.tolist() == merged.corrections.tolist()


def test_corrections_cannot_be_written_to_and_are_computed_once() -> None:
    state = State((2, 2)).painted(Stroke(np.array([1]), 7))
    assert state.corrections.tolist() == [[255, 7], [255, 255]]
    assert state.corrections.dtype == np.uint8
    with pytest.raises(ValueError, match="read-only"):
        state.corrections[0, 0] = 1
    other = state.with_points(PointSet(np.array([0]), np.array([1]), np.array([7], dtype=np.uint8)))
    assert other.corrections is state.corrections
    assert other.pixels.tolist() == [1]


def test_relabelled_points() -> None:
    points = PointSet(np.array([0, 1, 1]), np.array([0, 0, 1]), np.array([0, 1, 2], dtype=np.uint8))
    assert State((2, 2), points).relabelled(2, 0).points.labels.tolist() == [0, 1, 0]
