from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from hyperpoint.io.masks import read_label_ids
from hyperpoint.reproduce.labelling import AnnotationLabels, HuangLabels, Labels, PointLabels, TruthLabels
from hyperpoint.reproduce.protocol import scored_truth
from hyperpoint.reproduce.study import Study
from hyperpoint.types import IGNORE

MakeStudy = Callable[..., Study]


def test_point_masks_hold_the_annotated_points_alone(make_study: MakeStudy) -> None:
    study = make_study()
    masks = PointLabels().masks(study, seed=1)
    for row in study.train_rows:
        labels = read_label_ids(masks[row.id])
        points = study.protocol.draw(row, study.dataset, 1).annotated
        assert (labels != IGNORE).sum() == len(points)
        np.testing.assert_array_equal(labels[points.rows, points.cols], points.labels)


def test_the_masks_of_the_truth_leave_out_what_is_not_scored(make_study: MakeStudy) -> None:
    study = make_study("lib-hsi")
    for row in study.train_rows:
        labels = read_label_ids(TruthLabels().masks(study, 0)[row.id])
        np.testing.assert_array_equal(labels, scored_truth(row, study.dataset).labels)
        assert not np.isin(labels, study.dataset.unscored).any()


@pytest.mark.parametrize("labels", [PointLabels(), AnnotationLabels("svm"), HuangLabels()])
def test_labels_from_points_depend_on_the_seed_and_the_protocol(labels: Labels, make_study: MakeStudy) -> None:
    from hyperpoint.reproduce.protocol import Protocol

    study = make_study()
    assert labels.signature(study, 0) != labels.signature(study, 1)
    assert labels.signature(study, 0) != labels.signature(make_study(protocol=Protocol(36, 6)), 0)
    assert TruthLabels().signature(study, 0) == TruthLabels().signature(study, 1)


def test_titles() -> None:
    assert AnnotationLabels("twocnn").title == "TwoCNN+SLIC"
    assert AnnotationLabels("twocnn", (1, 8)).title == "TwoCNN+SLIC, 1:8"
    assert [one.title for one in (PointLabels(), TruthLabels())] == ["Point-based", "GT"]
