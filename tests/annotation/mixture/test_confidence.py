"""Tempering by left-out points, and the decision, on inputs with known answers."""

from __future__ import annotations

import numpy as np
import pytest

from hyperpoint.annotation.mixture.confidence import UNTESTED_POWER, decide, tempered, tempering
from hyperpoint.annotation.mixture.held_out import HeldOut
from hyperpoint.annotation.mixture.leave_one_out import Float64Array, Task


def held_out(num: int, right: float, sure: float) -> tuple[HeldOut, Task]:
    """Points of two classes in turn, of which a share `right` is predicted rightly, each with probability `sure`."""
    classes = np.arange(num) % 2
    predicted = np.where(np.arange(num) < right * num, classes, 1 - classes)
    probabilities = np.full((num, 2), 1 - sure)
    probabilities[np.arange(num), predicted] = sure
    return HeldOut(np.arange(num), probabilities, probabilities), Task.of(classes, 2)


def power_of(num: int, right: float, sure: float, bias: Float64Array | None = None) -> float:
    found, task = held_out(num, right, sure)
    return tempering(found, task, np.zeros(2) if bias is None else bias)


def test_probabilities_become_what_left_out_points_bear_out() -> None:
    power = power_of(1000, right=0.9, sure=0.999)
    odds = (0.999 / 0.001) ** power
    assert odds / (1 + odds) == pytest.approx(0.9, abs=0.02)


def test_what_is_borne_out_is_left_as_it_is() -> None:
    assert power_of(1000, right=0.9, sure=0.9) == pytest.approx(1.0, abs=0.1)
    assert power_of(1000, right=1.0, sure=0.9) == 1.0  # and not sharpened


def test_few_points_without_an_error_do_not_prove_certainty() -> None:
    few, many = power_of(10, 1.0, 0.9999), power_of(2000, 1.0, 0.9999)
    assert few < 0.5 < many


def test_points_weigh_as_their_classes_are_common() -> None:
    """Half the points, one class, are all wrong: it matters as much as that class is common."""
    classes = np.repeat([0, 1], 50)
    probabilities = np.tile([0.99, 0.01], (100, 1))
    found = HeldOut(np.arange(100), probabilities, probabilities)
    task = Task.of(classes, 2)
    rare, common = (tempering(found, task, np.log([1 - share, share])) for share in (0.05, 0.5))
    assert rare > 2 * common


def test_nothing_to_leave_out() -> None:
    none = HeldOut(np.zeros(0, dtype=np.int64), np.zeros((0, 2)), np.zeros((0, 2)))
    assert tempering(none, Task.of(np.array([0, 1]), 2), np.zeros(2)) == UNTESTED_POWER


def test_tempered() -> None:
    first = np.array([[0.9, 0.5], [0.2, 0.0]], dtype=np.float32)
    probabilities = np.stack([first, 1 - first])
    np.testing.assert_allclose(tempered(probabilities, 1.0), probabilities, atol=2e-6)
    half = tempered(probabilities, 0.5)
    np.testing.assert_allclose(half.sum(axis=0), 1, atol=1e-6)
    assert half[0, 0, 0] == pytest.approx(0.75)  # 3 / (3 + 1)
    assert 0 < half[0, 1, 1] < 0.01
    assert probabilities[0, 0, 0] == np.float32(0.9)  # the input is left alone


def test_decide() -> None:
    first = np.array([[0.9, 0.5], [0.2, 0.0]], dtype=np.float32)
    best, confidence = decide([first, 1 - first])
    np.testing.assert_array_equal(best, [[0, 0], [1, 1]])
    np.testing.assert_allclose(confidence, [[0.9, 0.5], [0.8, 1.0]], atol=1e-6)


def test_decide_where_planes_do_not_quite_sum_to_one() -> None:
    planes = [np.array([[0.6, 0.0]], dtype=np.float32), np.array([[0.6, 0.0]], dtype=np.float32)]
    np.testing.assert_allclose(decide(planes)[1], [[0.5, 0.0]])
