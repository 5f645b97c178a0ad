"""Leaving points out in closed form is the same as fitting without them."""

from __future__ import annotations

import numpy as np
import pytest

from hyperpoint.annotation.mixture.leave_one_out import NUM_FOLDS, RIDGE, Float64Array, Task, fit, kernel
from hyperpoint.cube import IndexArray


def problem(num: int, seed: int = 0) -> tuple[Float64Array, Task]:
    rng = np.random.default_rng(seed)
    places = rng.normal(size=(num, 3))
    squared = ((places[:, None] - places[None]) ** 2).sum(axis=2)
    classes = np.concatenate([[0, 1, 2], rng.integers(0, 3, num - 3)])
    return kernel(squared, "gauss", 1.0), Task.of(classes, 3)


def predicted_without(gram: Float64Array, task: Task, out: IndexArray) -> Float64Array:
    keep = np.setdiff1d(np.arange(len(gram)), out)
    system = gram[np.ix_(keep, keep)] + np.diag(RIDGE / task.weights[keep])
    return np.asarray(gram[np.ix_(out, keep)] @ np.linalg.solve(system, task.targets[keep]))


@pytest.mark.parametrize("num", [12, 130])  # inverted at once, and by halves
def test_closed_form(num: int) -> None:
    gram, task = problem(num)
    fitted = fit(gram.copy(), task)
    for point in (0, 7):
        np.testing.assert_allclose(
            fitted.without_one()[point], predicted_without(gram, task, np.array([point]))[0], atol=1e-9
        )
    some = np.array([1, 4, 5, 10])
    np.testing.assert_allclose(fitted.without(some), predicted_without(gram, task, some), atol=1e-9)


def test_classes_weigh_the_same_and_halves_leave_some_of_each() -> None:
    task = Task.of(np.array([0, 0, 0, 0, 1, 2, 2]), 3)
    sums = [task.weights[task.classes == c].sum() for c in range(3)]
    np.testing.assert_allclose(sums, sums[0])
    np.testing.assert_array_equal(task.testable, [0, 1, 2, 3, 5, 6])
    for half in task.halves(5, np.random.default_rng(0)):
        np.testing.assert_array_equal(np.bincount(task.classes[half], minlength=3), [2, 0, 1])


def test_best_slope_is_steep_where_scores_are_right_and_flat_where_they_are_not() -> None:
    task = Task.of(np.array([0, 0, 1, 1]), 2)
    every = np.arange(4)
    steep, small = task.best_slope(task.targets, every)
    flat, large = task.best_slope(-task.targets, every)
    assert steep > flat
    assert small < np.log(2) < large


def test_a_thousand_alike_points_are_inverted_to_many_digits() -> None:
    # Smooth features are nearly collinear; without care, rounding then grows with every halving.
    rng = np.random.default_rng(1)
    places = np.linspace(0, 1, 1000)[:, None] * rng.normal(size=(1, 6)) + rng.normal(0, 0.01, (1000, 6))
    squared = ((places[:, None] - places[None]) ** 2).sum(axis=2)
    task = Task.of(np.repeat([0, 1, 1, 1], 250), 2)
    gram = kernel(squared, "gauss", 2.0)
    inverse = fit(gram.copy(), task).inverse
    product = (gram + np.diag(RIDGE / task.weights)) @ inverse
    np.testing.assert_allclose(product, np.eye(1000), atol=1e-8)


def test_folds_deal_every_point_out_once_and_no_class_wholly() -> None:
    task = Task.of(np.repeat([0, 1, 2, 3], [1, 2, 7, 30]), 4)
    folds = task.folds(np.random.default_rng(0))
    assert len(folds) == NUM_FOLDS
    np.testing.assert_array_equal(np.sort(np.concatenate(folds)), task.testable)
    sizes = [len(held) for held in folds]
    assert max(sizes) - min(sizes) <= 1
    for held in folds:
        assert (np.bincount(task.classes, minlength=4) > np.bincount(task.classes[held], minlength=4)).all()
