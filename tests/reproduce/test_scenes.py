from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hyperpoint.io.classes import classes_from_names
from hyperpoint.reproduce.scenes import ShownScene, colored, first_rows, richest_scene
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


def test_what_is_not_known_is_black() -> None:
    classes = classes_from_names(["wall", "sky"])
    labels, known = np.array([[0, 1, 1]], np.uint8), np.array([[0, 1, 255]], np.uint8)
    picture = colored(labels, classes, known)
    assert picture[0, 0].tolist() == list(classes.colors[0])
    assert picture[0, 2].tolist() == [0, 0, 0]
    assert colored(labels, classes)[0, 2].tolist() == list(classes.colors[1])


def test_first_and_last_scene_are_shown(make_study: MakeStudy) -> None:
    rows = make_study().train_rows * 2
    assert first_rows(rows) == [rows[0], rows[-1]]
    assert first_rows(rows[:1]) == rows[:1]
