from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from sklearn.metrics import jaccard_score

from hyperpoint.errors import InputError
from hyperpoint.metrics import ConfusionMatrix
from hyperpoint.types import ClassTable

NUM = 5
LABELS = st.sampled_from([0, 1, 2, 3, 4, 255])
IMAGES = st.integers(1, 30).flatmap(
    lambda num: st.tuples(arrays(np.uint8, num, elements=LABELS), arrays(np.uint8, num, elements=LABELS))
)


def matrix(predicted: Any, truth: Any, num_classes: int = NUM, unscored: tuple[int, ...] = ()) -> ConfusionMatrix:
    scores = ConfusionMatrix(num_classes, unscored)
    scores.update(np.asarray(predicted, np.uint8), np.asarray(truth, np.uint8))
    return scores


def test_a_case_computed_by_hand() -> None:
    truth = [0, 0, 0, 0, 1, 1, 2, 255, 255]
    predicted = [0, 0, 1, 255, 1, 1, 0, 0, 1]
    scores = matrix(predicted, truth)
    assert scores.num_pixels == 7
    assert scores.accuracy == pytest.approx(4 / 7)
    assert scores.coverage == pytest.approx(6 / 7)
    np.testing.assert_allclose(scores.class_accuracy, [2 / 4, 1, 0, np.nan, np.nan])
    assert scores.mean_accuracy == pytest.approx(0.5)
    np.testing.assert_allclose(scores.iou, [2 / 5, 2 / 3, 0, np.nan, np.nan])
    assert scores.miou == pytest.approx((2 / 5 + 2 / 3) / 3)
    assert scores.support.tolist() == [4, 2, 1, 0, 0]


def test_a_class_that_is_predicted_but_not_in_the_truth_lowers_no_mean_but_is_listed() -> None:
    scores = matrix([0, 3, 3], [0, 0, 255])
    assert scores.miou == pytest.approx(0.5)
    assert [(one.id, one.support) for one in scores.per_class] == [(0, 2), (3, 0)]
    assert np.isnan(scores.per_class[1].iou)


def test_a_prediction_that_is_no_class_is_wrong_and_not_covered() -> None:
    truth = np.zeros(5, np.uint8)
    for predicted in (np.array([0, 255, 5, 100, 254], np.uint8), np.array([0, 255, 5, -1, 70_000])):
        scores = ConfusionMatrix(NUM)
        scores.update(predicted, truth)
        assert scores.accuracy == scores.miou == scores.coverage == pytest.approx(1 / 5)


def test_unscored_classes_are_not_counted_but_predicting_them_is_wrong() -> None:
    scores = matrix([0, 1, 1, 0, 0], [0, 0, 1, 1, 255], unscored=(1,))
    assert scores.num_pixels == 2
    assert scores.accuracy == scores.miou == pytest.approx(1 / 2)
    assert np.isnan(scores.iou[1])


@given(st.lists(IMAGES, min_size=1, max_size=4))
def test_sums_and_updates_are_pooling(images: list[tuple[NDArray[np.uint8], NDArray[np.uint8]]]) -> None:
    pooled = matrix(np.concatenate([one for one, _ in images]), np.concatenate([one for _, one in images]))
    updated, added = ConfusionMatrix(NUM), ConfusionMatrix(NUM)
    for predicted, truth in images:
        updated.update(predicted, truth)
        added = added + matrix(predicted, truth)
    np.testing.assert_array_equal(updated.counts, pooled.counts)
    np.testing.assert_array_equal(added.counts, pooled.counts)


@given(IMAGES)
def test_agreement_with_scikit_learn(image: tuple[NDArray[np.uint8], NDArray[np.uint8]]) -> None:
    predicted, truth = image
    scores = matrix(predicted, truth)
    known = truth != 255
    if not known.any():
        assert np.isnan([scores.accuracy, scores.miou, scores.mean_accuracy, scores.coverage]).all()
        return
    present = np.unique(truth[known])
    expected = jaccard_score(truth[known], predicted[known], labels=present, average=None, zero_division=0)
    np.testing.assert_allclose(scores.iou[present], expected)
    assert np.isnan(np.delete(scores.iou, present)).all()
    assert scores.miou == pytest.approx(expected.mean())
    assert scores.accuracy == pytest.approx((truth == predicted)[known].mean())
    assert scores.coverage == pytest.approx((predicted != 255)[known].mean())


@pytest.mark.slow
def test_agreement_with_torchmetrics() -> None:
    torch = pytest.importorskip("torch")
    classification = pytest.importorskip("torchmetrics.classification")
    rng = np.random.default_rng(0)
    truth = rng.choice(np.array([0, 1, 2, 3, 4, 255], np.uint8), size=(40, 50))
    predicted = np.where(rng.random(truth.shape) < 0.6, truth % 5, rng.integers(0, 5, truth.shape)).astype(np.uint8)
    scores = matrix(predicted, truth)
    guess, wanted = torch.from_numpy(predicted).long(), torch.from_numpy(truth).long()

    def theirs(metric: Any, average: str | None) -> Any:
        return metric(num_classes=NUM, average=average, ignore_index=255)(guess, wanted).numpy()

    np.testing.assert_allclose(scores.iou, theirs(classification.MulticlassJaccardIndex, None), rtol=1e-6)
    assert scores.miou == pytest.approx(float(theirs(classification.MulticlassJaccardIndex, "macro")), rel=1e-6)
    assert scores.accuracy == pytest.approx(float(theirs(classification.MulticlassAccuracy, "micro")), rel=1e-6)
    assert scores.mean_accuracy == pytest.approx(float(theirs(classification.MulticlassAccuracy, "macro")), rel=1e-6)


def test_where_torchmetrics_differs_a_class_was_predicted_that_is_not_in_the_truth() -> None:
    """Ours is a mean over the classes of the truth; torchmetrics' counts such a class too, with an IoU of 0.

    Both count the pixels that it takes from others as wrong there, and agree in the IoU of every class of the truth.
    """
    torch = pytest.importorskip("torch")
    classification = pytest.importorskip("torchmetrics.classification")
    truth, predicted = np.array([[0, 0, 1, 1, 255]], np.uint8), np.array([[0, 0, 1, 3, 2]], np.uint8)
    scores = matrix(predicted, truth)

    def theirs(average: str | None) -> Any:
        metric = classification.MulticlassJaccardIndex(num_classes=NUM, average=average, ignore_index=255)
        return metric(torch.from_numpy(predicted).long(), torch.from_numpy(truth).long()).numpy()

    np.testing.assert_allclose(scores.iou[:2], theirs(None)[:2])
    assert scores.miou == pytest.approx((1 + 1 / 2) / 2)
    assert float(theirs("macro")) == pytest.approx((1 + 1 / 2 + 0) / 3)
    # 2 was predicted too, but where nothing is known; 4 occurs nowhere. Neither counts, here or there.
    assert [one.id for one in scores.per_class] == [0, 1, 3]


def test_what_cannot_be_scored_is_refused_and_not_counted() -> None:
    scores = ConfusionMatrix(NUM)
    zeros = np.zeros((2, 3), np.uint8)
    with pytest.raises(InputError, match="must be equally large; got 2 x 3 and 3 x 2"):
        scores.update(zeros, zeros.T)
    with pytest.raises(InputError, match="the truth holds class 5, but the classes are 0 to 4"):
        scores.update(zeros, np.full((2, 3), 5, np.uint8))
    with pytest.raises(InputError, match="the truth holds class -1"):
        scores.update(zeros, np.full((2, 3), -1))
    with pytest.raises(InputError, match="labels must be integers; got float64"):
        scores.update(zeros, zeros.astype(float))
    assert scores.num_pixels == 0
    with pytest.raises(InputError, match="the same classes; got 5 and 4"):
        scores + ConfusionMatrix(4)
    for num, unscored in ((0, ()), (256, ()), (5, (5,)), (5, (-1,))):
        with pytest.raises(InputError):
            ConfusionMatrix(num, unscored)


def test_all_255_classes_can_be_scored() -> None:
    labels = np.arange(256, dtype=np.uint8)
    scores = matrix(labels, labels, num_classes=255)
    assert (scores.accuracy, scores.miou, scores.num_pixels) == (1, 1, 255)


def test_the_dictionary_is_json_with_names_and_null_for_what_is_absent() -> None:
    scores = matrix([0, 1, 1], [0, 0, 255], num_classes=3)
    table = ClassTable(("wall", "door", "roof"), ((1, 1, 1), (2, 2, 2), (3, 3, 3)))
    found = json.loads(json.dumps(scores.to_dict(table), allow_nan=False))
    assert found == {
        "accuracy": 0.5,
        "mean_accuracy": 0.5,
        "miou": 0.5,
        "coverage": 1.0,
        "num_pixels": 2,
        "per_class": [
            {"id": 0, "name": "wall", "iou": 0.5, "accuracy": 0.5, "support": 2},
            {"id": 1, "name": "door", "iou": None, "accuracy": None, "support": 0},
        ],
    }
    assert ConfusionMatrix(3).to_dict()["miou"] is None
    assert "name" not in scores.to_dict()["per_class"][0]
