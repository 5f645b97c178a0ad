from __future__ import annotations

import numpy as np
import pytest

from hyperpoint.segment.boundaries import BoundaryErrors, close_to_boundary


def test_three_pixels_on_either_side_of_a_straight_boundary() -> None:
    truth = np.zeros((4, 12), np.uint8)
    truth[:, 5:] = 1
    close = close_to_boundary(truth)
    assert (close == close[0]).all()
    assert np.flatnonzero(close[0]).tolist() == [2, 3, 4, 5, 6, 7]
    assert np.flatnonzero(close_to_boundary(truth, 1)[0]).tolist() == [4, 5]


def test_unlabelled_areas_make_no_boundary() -> None:
    truth = np.zeros((6, 9), np.uint8)
    truth[:, 3:5] = 255
    truth[:, 5:] = 1
    assert not close_to_boundary(truth).any()


def test_distance_is_euclidean() -> None:
    truth = np.zeros((15, 15), np.uint8)
    truth[7, 7] = 1
    close = close_to_boundary(truth)
    # From the four pixels around it, (5, 5) lies sqrt(5) away and (4, 6) as well; (5, 4) lies sqrt(8).
    assert close[5, 5]
    assert close[4, 6]
    assert close[5, 4]
    assert not close[4, 4]
    assert not close[3, 7]


def test_errors_are_counted_by_place() -> None:
    truth = np.zeros((1, 12), np.uint8)
    truth[:, 6:] = 1
    truth[0, 0] = 255
    predicted = truth.copy()
    predicted[0, [0, 1, 5, 6]] = [1, 1, 1, 0]
    counted = BoundaryErrors()
    counted.update(predicted, truth)
    counted.update(np.zeros((2, 2), np.uint8), np.zeros((2, 2), np.uint8))
    assert counted.to_dict() == {
        "width": 3,
        "share_of_errors": pytest.approx(2 / 3),
        "share_of_pixels": pytest.approx(6 / 15),
        "accuracy_close": pytest.approx(4 / 6),
        "accuracy_away": pytest.approx(8 / 9),
    }
    assert BoundaryErrors().to_dict()["share_of_errors"] is None
