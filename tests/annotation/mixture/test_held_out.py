"""Cross-validation through the whole inference."""

from __future__ import annotations

import numpy as np

from hyperpoint.annotation.mixture.held_out import HeldOut, _coarse, _coefficients_without
from hyperpoint.annotation.mixture.leave_one_out import RIDGE, Task, fit, kernel
from hyperpoint.annotation.mixture.scene import Inference, MixtureScene
from hyperpoint.annotation.prepare import prepare
from hyperpoint.annotation.prepared import Request
from hyperpoint.types import PointSet, Scene


def infer(scene: Scene, points: PointSet) -> Inference:
    prepared = prepare(scene, "best")
    assert isinstance(prepared, MixtureScene)
    return prepared.infer(Request(points, points, 0))


def test_coefficients_without_a_fold_are_those_of_the_other_points() -> None:
    rng = np.random.default_rng(1)
    places = rng.normal(size=(20, 3))
    task = Task.of(np.arange(20) % 3, 3)
    gram = kernel(((places[:, None] - places[None]) ** 2).sum(axis=2), "gauss", 1.0)
    held, rest = np.arange(0, 20, 4), np.setdiff1d(np.arange(20), np.arange(0, 20, 4))
    found = _coefficients_without(fit(gram.copy(), task), held)
    system = gram[np.ix_(rest, rest)] + np.diag(RIDGE / task.weights[rest])
    np.testing.assert_allclose(found[rest], np.linalg.solve(system, task.targets[rest]), atol=1e-9)
    assert (found[held] == 0).all()


def test_coarse_grid_covers_the_fine_one() -> None:
    for shape in ((1, 1), (3, 400), (100, 100), (180, 240), (257, 255)):
        rows, cols, step = _coarse(shape)
        assert 0 <= rows[0] <= rows[-1] < shape[0]
        assert 0 <= cols[0] <= cols[-1] < shape[1]
        assert shape[0] - 1 - rows[-1] <= step
        assert len(rows) * len(cols) <= 6000


def test_points_are_predicted_without_their_own_labels(scene: Scene, points: PointSet) -> None:
    right = infer(scene, points).held_out
    labels = points.labels.copy()
    labels[7] = (labels[7] + 1) % 4
    wrong = infer(scene, PointSet(points.rows, points.cols, labels)).held_out
    for found in (right, wrong):
        np.testing.assert_allclose(found.probabilities.sum(axis=1), 1)
        assert found.probabilities[7].argmax() == points.labels[7]
    assert (right.probabilities.argmax(axis=1) == points.labels[right.points]).mean() > 0.9


def test_classes_of_one_point_cannot_be_left_out(scene: Scene, points: PointSet) -> None:
    first = np.array([np.flatnonzero(points.labels == c)[0] for c in range(4)])
    found = infer(scene, points.subset(first))
    assert isinstance(found.held_out, HeldOut)
    assert found.held_out.probabilities.shape == (0, 4)
    assert found.power == 0.5
