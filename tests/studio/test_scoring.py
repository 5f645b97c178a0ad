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
    assert (score["unmatched"], score["known"]) == ([], ["tree", "sky", "road"])


def test_classes_that_the_truth_does_not_have_are_named() -> None:
    own, theirs = ClassTable(("Class 1", "tree", "unused"), (BLACK,) * 3), ClassTable(("tree", "sky"), (BLACK,) * 2)
    score = score_against_truth(LABELS, Truth(np.array([[1, 1], [0, 0]], dtype=np.uint8)), own, theirs)
    assert (score["by_name"], score["unmatched"], score["known"]) == (True, ["Class 1"], ["tree", "sky"])


def test_without_names_the_ids_mean_the_same() -> None:
    truth = Truth(np.array([[0, 1], [1, 255]], dtype=np.uint8))
    score = score_against_truth(LABELS, truth, ClassTable(("a", "b"), (BLACK, BLACK)), None)
    assert score["accuracy"] == pytest.approx(2 / 3)
    assert (score["by_name"], score["unmatched"], score["known"]) == (False, [], ["0", "1"])


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([[255, 255], [255, 255]], "no labelled pixel"),
        ([[0, 0], [0, 2]], r"class id 2, but its class table only 0\.\.1"),
    ],
)
def test_a_truth_that_says_nothing_or_too_much_is_refused(labels: list[list[int]], message: str) -> None:
    truth, table = Truth(np.array(labels, dtype=np.uint8)), ClassTable(("a", "b"), (BLACK, BLACK))
    with pytest.raises(InputError, match=message):
        score_against_truth(LABELS, truth, table, table)


def test_a_truth_of_another_size_is_refused() -> None:
    with pytest.raises(InputError, match="does not fit"):
        score_against_truth(LABELS, Truth(np.zeros((3, 2), dtype=np.uint8)), ClassTable(("a",), (BLACK,)), None)
