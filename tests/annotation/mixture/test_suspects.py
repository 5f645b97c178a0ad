"""Misclicks are found, and what is merely hard to tell apart is not."""

from __future__ import annotations

import numpy as np
import pytest

from hyperpoint.annotation.annotate import annotate
from hyperpoint.annotation.mixture.held_out import HeldOut
from hyperpoint.annotation.mixture.leave_one_out import Float64Array, Task
from hyperpoint.annotation.mixture.suspects import find_suspects
from hyperpoint.types import LabelArray, PointSet, Scene

SURE = 1e-6


def case(said: list[int], num: int = 12) -> tuple[HeldOut, Task, Float64Array]:
    """`num` points of each of three classes; of the first points of class 0 the others say the classes `said`."""
    classes = np.repeat([0, 1, 2], num)
    predicted = classes.copy()
    predicted[: len(said)] = said
    probabilities = np.full((len(classes), 3), SURE)
    probabilities[np.arange(len(classes)), predicted] = 1 - 2 * SURE
    return HeldOut(np.arange(len(classes)), probabilities, probabilities), Task.of(classes, 3), np.log(probabilities)


def found(said: list[int], num: int = 12) -> list[int]:
    held_out, task, scores = case(said, num)
    return [int(point) for point in find_suspects(held_out, task, scores, 1.0, np.zeros(3))]


def test_who_is_contradicted_alone_is_suspect() -> None:
    assert found([]) == []
    assert found([1]) == [0]
    assert found([0, 2, 1], num=60) == [1, 2]


def test_classes_that_are_confused_are_hard_to_tell_apart() -> None:
    assert found([1, 1]) == []


def test_weak_evidence_accuses_nobody() -> None:
    assert found([1], num=1) == []  # none of the class vouches for it
    held_out, task, scores = case([1])
    own, other = task.classes[24:30], [1, 0, 1, 0, 1, 0]  # class 2 is as surely taken for others, and is right
    held_out.probabilities[np.arange(24, 30), own], held_out.probabilities[np.arange(24, 30), other] = SURE, 1
    assert find_suspects(held_out, task, scores, 1.0, np.zeros(3)).tolist() == []


@pytest.mark.parametrize("part", ["spectrum", "surroundings", "close by"])
def test_one_of_them_in_agreement_is_enough(part: str) -> None:
    held_out, task, scores = case([1])
    fair = np.full(3, 1 / 3)
    if part == "spectrum":
        scores[0] = np.log(fair)
    elif part == "surroundings":
        held_out.probabilities[0] = [0.4, 0.6, 0.0]
    else:
        held_out = HeldOut(held_out.points, held_out.probabilities, held_out.probabilities.copy())
        held_out.around[0] = fair
    assert find_suspects(held_out, task, scores, 1.0, np.zeros(3)).tolist() == []


def test_a_misclick_in_a_scene(scene: Scene, points: PointSet, truth: LabelArray) -> None:
    assert annotate(scene, points, "best").suspects.tolist() == []
    middle = np.hypot(points.rows % 40 - 20, points.cols % 40 - 20)
    chosen = int(middle.argmin())  # far from the edges
    labels = points.labels.copy()
    labels[chosen] = (labels[chosen] + 2) % 4
    annotation = annotate(scene, PointSet(points.rows, points.cols, labels), "best")
    assert annotation.suspects.tolist() == [chosen]
    assert (annotation.labels == truth).mean() > 0.9


def test_nothing_to_leave_out() -> None:
    none = HeldOut(np.zeros(0, dtype=np.int64), np.zeros((0, 2)), np.zeros((0, 2)))
    assert len(find_suspects(none, Task.of(np.array([0, 1]), 2), np.zeros((2, 2)), 1.0, np.zeros(2))) == 0
