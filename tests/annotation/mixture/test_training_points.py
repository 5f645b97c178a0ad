"""Which points are learned from."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from hyperpoint.annotation.mixture import training_points
from hyperpoint.annotation.mixture.training_points import learned_from


def test_the_first_of_a_class_in_a_cell_stands_for_all() -> None:
    cells, classes = np.array([5, 3, 5, 5, 3]), np.array([1, 0, 1, 0, 0])
    chosen = learned_from(cells, classes, 2, np.random.default_rng(0))
    np.testing.assert_array_equal(chosen, [0, 1, 3])


def test_of_too_many_the_rare_class_keeps_its_own(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(training_points, "MAX_POINTS", 12)
    classes = np.array([0] * 20 + [1] * 3 + [2] * 20)
    with caplog.at_level(logging.WARNING):
        chosen = learned_from(np.arange(43), classes, 3, np.random.default_rng(0))
    counts = np.bincount(classes[chosen])
    assert counts.sum() == 12
    assert counts[1] == 3
    assert abs(counts[0] - counts[2]) <= 1
    assert (np.diff(chosen) > 0).all()
    assert "12 of 43 points are learned from" in caplog.text
