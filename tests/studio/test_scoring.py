from __future__ import annotations

import numpy as np
import pytest

from hyperpoint.errors import InputError
from hyperpoint.studio.scoring import score_against_truth
from hyperpoint.types import ClassTable, Truth

BLACK = (0, 0, 0)
LABELS = np.array([[0, 0], [1, 255]], dtype=np.uint8)


def test_classes_are_matched_by_name() -> None:
    own, theirs = ClassTable(("Road", "tree"), (BLACK, BLACK)), ClassTable(("tree", "sky", "road"), (BLACK,) * 3)
    truth = Truth(np.array([[2, 2], [0, 1]], dtype=np.uint8))
    score = score_against_truth(LABELS, truth, own, theirs)
    assert score["accuracy"] == pytest.approx(0.75)
    assert score["coverage"] == pytest.approx(0.75)


def test_without_names_the_ids_mean_the_same() -> None:
    truth = Truth(np.array([[0, 1], [1, 255]], dtype=np.uint8))
    score = score_against_truth(LABELS, truth, ClassTable(("a",), (BLACK,)), None)
    assert score["accuracy"] == pytest.approx(2 / 3)


def test_a_truth_of_another_size_is_refused() -> None:
    with pytest.raises(InputError, match="does not fit"):
        score_against_truth(LABELS, Truth(np.zeros((3, 2), dtype=np.uint8)), ClassTable(("a",), (BLACK,)), None)
