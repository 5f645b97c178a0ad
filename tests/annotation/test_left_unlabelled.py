"""Pixels that are left unlabelled on request: below a confidence, or like nothing labelled."""

from __future__ import annotations

import json

import numpy as np
import pytest

from hyperpoint.annotation.annotate import annotate
from hyperpoint.annotation.prepare import prepare
from hyperpoint.annotation.recipe import Recipe
from hyperpoint.errors import InputError, RecipeError
from hyperpoint.types import IGNORE, LabelArray, PointSet, Scene

VOTE = Recipe(name="vote", classifier="linear-svm", region_size=10)


@pytest.mark.parametrize("recipe", ["best", VOTE])
def test_pixels_below_a_confidence(scene: Scene, points: PointSet, recipe: str | Recipe) -> None:
    prepared = prepare(scene, recipe)
    whole = annotate(prepared, points)
    threshold = float(whole.confidence.min() + whole.confidence.max()) / 2
    part = annotate(prepared, points, min_confidence=threshold)
    unsure = whole.confidence < threshold
    assert 0 < unsure.sum() < unsure.size
    np.testing.assert_array_equal(part.labels, np.where(unsure, IGNORE, whole.labels))
    np.testing.assert_array_equal(part.confidence, np.where(unsure, 0, whole.confidence))
    facts = json.loads(json.dumps(part.provenance))
    assert facts["min_confidence"] == {"threshold": threshold, "pixels": int(unsure.sum())}
    assert facts["unlabelled_pixels"] == int(unsure.sum())
    assert sum(facts["pixels_per_class"].values()) == int((~unsure).sum())
    assert "min_confidence" not in whole.provenance


@pytest.mark.parametrize("threshold", [-0.1, 1.1, float("nan")])
def test_a_confidence_lies_between_0_and_1(scene: Scene, points: PointSet, threshold: float) -> None:
    with pytest.raises(InputError, match="min_confidence must lie in"):
        annotate(scene, points, VOTE, min_confidence=threshold)


def test_a_class_without_points_is_rejected(scene: Scene, points: PointSet, truth: LabelArray) -> None:
    known = points.subset(points.labels != 1)
    prepared = prepare(scene, "best")
    annotation = annotate(prepared, known, reject=True)
    gone = annotation.labels == IGNORE
    assert gone[truth == 1].mean() > 0.8
    assert gone[truth != 1].mean() < 0.15
    assert (annotation.confidence[gone] == 0).all()
    assert annotation.provenance["reject"] == {"pixels": int(gone.sum())}
    assert (annotate(prepared, known).labels != IGNORE).all()


def test_both(scene: Scene, points: PointSet) -> None:
    annotation = annotate(scene, points.subset(points.labels != 1), "best", reject=True, min_confidence=0.9)
    facts = annotation.provenance
    assert facts["unlabelled_pixels"] == facts["reject"]["pixels"] + facts["min_confidence"]["pixels"]


def test_a_vote_cannot_reject(scene: Scene, points: PointSet) -> None:
    with pytest.raises(RecipeError, match="'vote' cannot tell"):
        annotate(scene, points, VOTE, reject=True)
