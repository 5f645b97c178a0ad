from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from hyperpoint.io.manifest import ManifestRow
from hyperpoint.reproduce.study import Study, evenly, quiet

MakeStudy = Callable[..., Study]


def _rows(num: int) -> list[ManifestRow]:
    return [ManifestRow(str(number), "train", Path(f"{number}.png"), None) for number in range(num)]


def test_scenes_are_evenly_spread_from_first_to_last() -> None:
    assert [row.id for row in evenly(_rows(9), 3)] == ["0", "4", "8"]
    assert [row.id for row in evenly(_rows(9), 1)] == ["0"]
    assert len(evenly(_rows(2), 5)) == 2


def test_train_and_test_are_disjoint(make_study: MakeStudy) -> None:
    study = make_study()
    assert {row.split for row in study.train_rows} == {"train"}
    assert {row.split for row in study.test_rows} == {"test"}
    assert (len(study.train_rows), len(study.test_rows)) == (2, 1)


def test_only_chooses_by_part_of_the_name(make_study: MakeStudy) -> None:
    assert make_study().wants("hrnet, GT, seed 0")
    study = make_study(only=["HRNet", "rssan"])
    assert study.wants("hrnet, GT, seed 0")
    assert study.wants("rssan, seed 1")
    assert not study.wants("fcn, GT, seed 0")


def test_a_mark_changes_with_the_content_of_the_files(make_study: MakeStudy) -> None:
    study = make_study()
    first, second = study.train_rows
    assert study.mark(first) != study.mark(second)
    assert study.mark(first) == make_study().mark(first)
    assert study.mark_of([first, second]) != study.mark_of([second, first])


def test_a_problem_is_told_once(make_study: MakeStudy, caplog: pytest.LogCaptureFixture) -> None:
    study = make_study()
    study.complain("scene 1 is damaged")
    study.complain("scene 1 is damaged")
    assert study.problems == ["scene 1 is damaged"]
    assert "Problem: scene 1 is damaged" in study.describe()


def test_packages_are_quiet_for_a_while() -> None:
    logger = logging.getLogger("hyperpoint.segment")
    before = logger.level
    with quiet():
        assert logger.level == logging.ERROR
    assert logger.level == before
