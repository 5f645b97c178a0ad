from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hyperpoint.reproduce.scenes import ShownScene, first_rows, richest_scene, where_known
from hyperpoint.reproduce.study import Study

MakeStudy = Callable[..., Study]


def test_the_scene_with_the_most_classes_is_shown(make_study: MakeStudy) -> None:
    study = make_study()
    num = {row.id: len(np.unique(ShownScene(study, row).truth)) for row in study.train_rows}
    assert num[richest_scene(study).row.id] == max(num.values())


def test_spectra_are_divided_by_their_maximum(make_study: MakeStudy) -> None:
    shown = richest_scene(make_study("lib-hsi"))
    spectra, usable = shown.spectra(np.array([5, 30]), np.array([7, 40]))
    assert spectra.shape == (2, 204)
    np.testing.assert_allclose(spectra[usable].max(axis=1), 1)


def test_what_is_not_known_is_not_shown() -> None:
    labels, truth = np.array([[0, 1, 1]], np.uint8), np.array([[1, 1, 255]], np.uint8)
    assert where_known(labels, truth).tolist() == [[0, 1, 255]]


def test_first_and_last_scene_are_shown(make_study: MakeStudy) -> None:
    rows = make_study().train_rows * 2
    assert first_rows(rows) == [rows[0], rows[-1]]
    assert first_rows(rows[:1]) == rows[:1]
