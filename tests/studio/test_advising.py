from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hyperpoint.studio.desk import Desk
from hyperpoint.studio.workspace import Workspace

Settle = Callable[[Desk], None]
Open = Callable[[Desk, int], None]


def test_an_annotation_is_judged(labelled: Desk) -> None:
    said = labelled.advice.feedback
    assert said is not None
    assert said.coverage == 1
    assert [(one.class_id, one.num_points) for one in said.classes] == [(0, 1), (1, 1)]
    assert sum(one.num_pixels for one in said.classes) == 24 * 32


def test_suggestions_come_only_when_there_is_something_to_go_by(desk: Desk, settle: Settle) -> None:
    settle(desk)
    desk.advice.suggest()
    assert "two classes" in desk.message
    assert desk.advice.suggestions is None


def test_the_view_jumps_from_suggestion_to_suggestion(labelled: Desk, settle: Settle) -> None:
    labelled.advice.suggest()
    settle(labelled)
    found = labelled.advice.suggestions
    assert found is not None
    assert 1 <= len(found) <= 5
    assert labelled.advice.centre is None
    labelled.advice.next()
    assert labelled.advice.centre == (found.rows[0], found.cols[0])


def test_an_answered_suggestion_goes_away(labelled: Desk, settle: Settle) -> None:
    labelled.advice.next()  # asks, and jumps to the first
    settle(labelled)
    found, centre = labelled.advice.suggestions, labelled.advice.centre
    assert found is not None
    assert centre is not None
    labelled.edit.tap(*centre)
    left = labelled.advice.suggestions
    assert left is not None
    assert len(left) < len(found)
    assert centre not in set(zip(left.rows.tolist(), left.cols.tolist(), strict=True))


def test_another_scene_has_no_suggestions_yet(labelled: Desk, settle: Settle, open_and_wait: Open) -> None:
    labelled.advice.suggest()
    settle(labelled)
    open_and_wait(labelled, 1)
    assert labelled.advice.suggestions is None
    assert labelled.advice.feedback is None


def test_a_score_is_shown_only_when_asked_for(labelled: Desk, settle: Settle, monkeypatch: pytest.MonkeyPatch) -> None:
    labelled.show(show_score=True)
    settle(labelled)
    assert labelled.advice.score is not None
    assert "no truth lies beside" in labelled.advice.score["problem"]
    assert labelled.advice.feedback is not None


def test_the_score_of_a_truth_beside_the_scene(synthetic: Path, settle: Settle, open_and_wait: Open) -> None:
    desk = Desk(Workspace([synthetic]))
    open_and_wait(desk, 0)
    entry = desk.workspace.entries[0]
    assert entry.truth is not None
    truth = desk.workspace.truth(entry).labels
    names = desk.workspace.classes_of(entry)
    assert names is not None
    for class_id in np.unique(truth[truth != 255])[:2]:
        desk.edit.add_class(names.names[class_id])
        row, col = np.argwhere(truth == class_id)[0]
        desk.edit.tap(int(row), int(col))
    settle(desk)
    assert desk.advice.score is None
    desk.show(show_score=True)
    settle(desk)
    assert desk.advice.score is not None
    assert 0 < desk.advice.score["accuracy"] <= 1
    desk.close()


@pytest.fixture
def synthetic(tmp_path: Path) -> Path:
    """A scene in the layout of HSICityV2."""
    from hyperpoint.synth import synthesise

    synthesise(tmp_path / "city", "hsicity2", 2, (48, 64), 0)
    return tmp_path / "city"
