"""What an annotation says of itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import hyperpoint as hp
from hyperpoint.annotation.recipe import Recipe, get_recipe
from hyperpoint.errors import PointsError
from hyperpoint.studio import feedback as module
from hyperpoint.studio.feedback import CrossValidation, cross_validate, feedback, suggestions
from hyperpoint.types import IGNORE, Annotation, PointSet, Scene

SIZE = 40


@pytest.fixture(scope="module")
def scene() -> Scene:
    """A left and a right half that differ in the second half of their bands."""
    rng = np.random.default_rng(0)
    cube = np.full((SIZE, SIZE, 6), 0.5)
    cube[:, SIZE // 2 :, 3:] = 0.8
    cube += rng.normal(0, 0.02, cube.shape)
    rgb = np.full((SIZE, SIZE, 3), 90, dtype=np.uint8)
    rgb[:, SIZE // 2 :] = 160
    return Scene(cube.astype(np.float32), rgb=rgb)


def recipe(name: str) -> Recipe:
    """Return a recipe whose superpixels are smaller than the halves."""
    return replace(get_recipe(name), region_size=8)


@pytest.fixture(scope="module")
def points() -> PointSet:
    rows = np.array([5, 12, 20, 30, 35, 6, 13, 22, 28, 36])
    cols = np.array([4, 10, 15, 8, 12, 25, 30, 36, 28, 33])
    return PointSet(rows, cols, (cols >= SIZE // 2).astype(int))


def test_counts_by_class_with_corrections_on_top() -> None:
    labels = np.array([[0, 0, 1, IGNORE]], dtype=np.uint8)
    confidence = np.array([[0.9, 0.3, 0.5, 0]], dtype=np.float32)
    annotation = Annotation(labels, confidence, suspects=np.array([1]))
    points = PointSet(np.zeros(3, dtype=int), np.array([0, 1, 3]), np.array([0, 1, 4], dtype=np.uint8))
    plain = feedback(annotation, points)
    assert [(one.class_id, one.num_points, one.num_pixels) for one in plain.classes] == [
        (0, 1, 2),
        (1, 1, 1),
        (4, 1, 0),
    ]
    assert plain.classes[0].mean_confidence == pytest.approx(0.6) and plain.classes[0].uncertain_share == 0.5
    assert np.isnan(plain.classes[2].mean_confidence) and np.isnan(plain.classes[2].uncertain_share)
    assert plain.coverage == 0.75 and plain.suspects.tolist() == [1]
    assert [one.class_id for one in plain.least_certain] == [1, 0]

    corrections = np.array([[IGNORE, 1, IGNORE, 1]], dtype=np.uint8)
    corrected = feedback(annotation, points, corrections)
    assert [one.num_pixels for one in corrected.classes] == [1, 3, 0] and corrected.coverage == 1
    assert corrected.classes[1].mean_confidence == pytest.approx((1 + 0.5 + 1) / 3)


def test_best_knows_its_cross_validation(scene: Scene, points: PointSet, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared = hp.prepare(scene, "best")
    hp.annotate(prepared, points)
    monkeypatch.setattr(module, "annotate", None)  # nothing is annotated anew
    assert cross_validate(prepared, points) == CrossValidation(10, 10, {0: (5, 5), 1: (5, 5)})


def test_other_recipes_annotate_without_each_fifth(scene: Scene, points: PointSet) -> None:
    prepared = hp.prepare(scene, recipe("paper-svm"))
    found = cross_validate(prepared, points)
    assert found is not None and found.num_tested == 10 and found.accuracy >= 0.9
    assert sum(right for right, _ in found.by_class.values()) == found.num_right


@pytest.mark.parametrize("name", ["best", "paper-svm"])
def test_a_wrong_label_is_predicted_otherwise(scene: Scene, points: PointSet, name: str) -> None:
    labels = points.labels.copy()
    labels[0] = 1
    found = cross_validate(hp.prepare(scene, recipe(name)), PointSet(points.rows, points.cols, labels))
    assert found is not None and found.by_class[1][0] < found.by_class[1][1]


@pytest.mark.parametrize("name", ["best", "paper-svm"])
def test_a_class_of_one_point_cannot_be_tested(scene: Scene, points: PointSet, name: str) -> None:
    prepared = hp.prepare(scene, recipe(name))
    assert cross_validate(prepared, points.subset(np.array([0, 5]))) is None
    found = cross_validate(prepared, points.subset(np.array([0, 1, 5])))
    assert found is not None and found.num_tested == 2 and set(found.by_class) == {0}


def test_cross_validation_ends_when_nobody_wants_it(scene: Scene, points: PointSet) -> None:
    asked = []

    def is_wanted() -> bool:
        asked.append(True)
        return len(asked) < 3

    assert cross_validate(hp.prepare(scene, recipe("paper-svm")), points, is_wanted=is_wanted) is None
    assert len(asked) == 3


def test_one_class_is_refused_in_words(scene: Scene, points: PointSet) -> None:
    with pytest.raises(PointsError, match="two classes"):
        cross_validate(hp.prepare(scene, "best"), points.subset(np.array([0, 1])))


def test_suggestions_are_new_pixels_with_reasons(scene: Scene, points: PointSet) -> None:
    found = suggestions(hp.prepare(scene, "best"), points, 3)
    assert len(found) == 3 and all(found.reasons)
    clicked = set(zip(points.rows.tolist(), points.cols.tolist(), strict=True))
    assert not clicked & set(zip(found.rows.tolist(), found.cols.tolist(), strict=True))
