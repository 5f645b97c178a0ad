from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hyperpoint.io.masks import read_label_ids
from hyperpoint.reproduce.patching import patch_scores, point_scenes, refine_training, score_signature
from hyperpoint.reproduce.protocol import Protocol
from hyperpoint.reproduce.study import Study
from hyperpoint.types import IGNORE

MakeStudy = Callable[..., Study]


def test_patch_classifiers_get_the_points_of_all_other_methods(make_study: MakeStudy) -> None:
    study = make_study("lib-hsi")
    for scene, row in zip(point_scenes(study, 1), study.train_rows, strict=True):
        expected = study.protocol.draw(row, study.dataset, 1)
        np.testing.assert_array_equal(scene.points.rows, expected.rows)
        np.testing.assert_array_equal(scene.points.labels, expected.labels)


def test_a_classifier_is_trained_once(make_study: MakeStudy) -> None:
    first = make_study()
    (matrix,) = patch_scores(first, "cnn1d")
    assert matrix.num_pixels > 0
    again = make_study()
    np.testing.assert_array_equal(patch_scores(again, "cnn1d")[0].counts, matrix.counts)
    assert (again.kept.num_found, again.kept.num_made) == (1, 0)


def test_a_score_depends_on_points_and_method(make_study: MakeStudy) -> None:
    study = make_study()
    assert score_signature(study, "cnn1d", 0) != score_signature(study, "cnn-hsi", 0)
    assert score_signature(study, "cnn1d", 0) != score_signature(study, "cnn1d", 1)
    assert score_signature(study, "cnn1d", 0) != score_signature(make_study(protocol=Protocol(9, 3)), "cnn1d", 0)


def test_refined_points_label_every_pixel_and_are_found_again(make_study: MakeStudy) -> None:
    study = make_study()
    masks = refine_training(study, 0)
    assert masks.keys() == {row.id for row in study.train_rows}
    for path in masks.values():
        assert (read_label_ids(path) != IGNORE).all()
    times = {path: path.stat().st_mtime_ns for path in masks.values()}
    assert {path: path.stat().st_mtime_ns for path in refine_training(make_study(), 0).values()} == times
