"""Majority votes in superpixels (paper, equation 2)."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hyperpoint.regions.fusion import SuperpixelVote
from hyperpoint.types import IGNORE

IDS = np.array([3, 200], dtype=np.uint8)


def scores(*rows: tuple[float, float]) -> np.ndarray:
    return np.array(rows, dtype=np.float32)


def test_majority_and_its_share() -> None:
    vote = SuperpixelVote(3, IDS)
    vote.add(np.array([0, 0, 0, 2]), np.array([0, 0, 1, 1]), scores((1, 0), (1, 0), (0, 9), (0, 1)))
    labels, shares = vote.decide()
    assert labels.tolist() == [3, IGNORE, 200]
    np.testing.assert_allclose(shares, [2 / 3, 0, 1])


def test_a_tie_goes_to_the_larger_score_not_to_the_smaller_id() -> None:
    vote = SuperpixelVote(2, IDS)
    vote.add(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), scores((0.6, 0.4), (0.1, 0.9), (0.9, 0.1), (0.4, 0.6)))
    assert vote.decide()[0].tolist() == [200, 3]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1)), max_size=20), st.integers(0, 20))
def test_in_one_go_or_in_two(votes: list[tuple[int, int]], cut: int) -> None:
    places, classes = (np.array([vote[part] for vote in votes], dtype=np.int64) for part in (0, 1))
    weights = np.tile(np.array([[0.25, 0.5]], dtype=np.float32), (len(votes), 1))
    once, twice = SuperpixelVote(4, IDS), SuperpixelVote(4, IDS)
    once.add(places, classes, weights)
    for part in (slice(None, cut), slice(cut, None)):
        twice.add(places[part], classes[part], weights[part])
    for left, right in zip(once.decide(), twice.decide(), strict=True):
        np.testing.assert_array_equal(left, right)
