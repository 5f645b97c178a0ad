from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperpoint.errors import HyperpointError, InputError
from hyperpoint.studio.edits import (
    AddClass,
    AddPoints,
    Edit,
    LockClass,
    MergeClasses,
    MovePoint,
    Paint,
    RemovePoints,
    RenameClass,
)
from hyperpoint.studio.session import REDO, UNDO, Session
from hyperpoint.studio.state import ERASER, State

SIZE = (3, 4)

pixels = st.tuples(st.integers(0, 2), st.integers(0, 3))
labels = st.integers(0, 3)
edits = st.one_of(
    st.builds(lambda pixel, label: AddPoints((pixel[0],), (pixel[1],), label), pixels, labels),
    st.builds(MovePoint, pixels, pixels),
    st.builds(lambda pixel: RemovePoints((pixel[0],), (pixel[1],)), pixels),
    st.builds(
        lambda some, label: Paint(np.array(some), label),
        st.lists(st.integers(0, 11), min_size=1),
        st.sampled_from([0, 1, ERASER]),
    ),
    st.builds(AddClass),
    st.builds(RenameClass, labels, st.sampled_from(["a", "b"])),
    st.builds(LockClass, labels, st.booleans()),
    st.builds(MergeClasses, labels, labels),
)
steps = st.lists(st.one_of(edits, st.sampled_from([UNDO, UNDO, REDO])), max_size=60)


def take(session: Session, step: Edit | str) -> None:
    if step == UNDO:
        session.undo()
    elif step == REDO:
        session.redo()
    else:
        assert isinstance(step, Edit)
        try:
            session.apply(step)
        except HyperpointError:
            return


def facts(state: State) -> Any:
    points = state.points
    triples = points.rows.tolist(), points.cols.tolist(), points.labels.tolist()
    return triples, state.classes, state.corrections.tolist()


def begun(journal: list[dict[str, Any]] | None = None) -> Session:
    session = Session(SIZE, journal)
    for _ in range(2):
        session.apply(AddClass())
    return session


@given(steps)
def test_a_journal_gives_the_same_session_again(done: list[Edit | str]) -> None:
    journal: list[dict[str, Any]] = []
    session = begun(journal)
    seen = []
    for step in done:
        take(session, step)
        seen.append(facts(session.state))
    again = Session.replay(SIZE, json.loads(json.dumps(journal)))
    assert facts(again.state) == facts(session.state)
    assert again.revision == session.revision == len(journal)
    assert (again.can_undo, again.can_redo) == (session.can_undo, session.can_redo)
    while session.undo():
        assert again.undo()
        assert facts(again.state) == facts(session.state)


@given(steps)
def test_to_undo_all_and_redo_all_is_nothing(done: list[Edit | str]) -> None:
    session = begun()
    for step in done:
        take(session, step)
    while session.redo():
        pass
    states = [facts(session.state)]
    while session.undo():
        states.append(facts(session.state))
    assert states[-1] == facts(State(SIZE))
    for expected in states[-2::-1]:
        assert session.redo()
        assert facts(session.state) == expected
    assert not session.redo()


def test_undo_goes_back_however_long_the_history_is() -> None:
    session = begun()
    for number in range(100):
        session.apply(AddPoints((number % 3,), (number // 3 % 4,), number // 50))
    assert session.revision == 2 + sum(1 for number in range(100) if number < 12 or 50 <= number < 62)
    num = 0
    while session.undo():
        num += 1
    assert num == 26
    assert not session.can_undo
    assert len(session.state.classes) == 0


def test_an_edit_after_undo_forgets_what_was_undone() -> None:
    session = begun()
    session.apply(AddPoints((0,), (0,), 0))
    session.undo()
    session.apply(AddPoints((1,), (1,), 1))
    assert not session.redo()
    assert session.state.points.rows.tolist() == [1]
    assert session.revision == 5


def test_a_change_is_written_before_it_is_visible_and_not_made_if_that_fails() -> None:
    told: list[State] = []

    class Full:
        failing = False

        def append(self, record: dict[str, Any], /) -> None:
            self.seen = len(session.state.points)
            if self.failing:
                raise InputError("the disk is full")

    full = Full()
    session = Session(SIZE, full, told.append)
    session.apply(AddClass())
    session.apply(AddPoints((0,), (0,), 0))
    assert full.seen == 0
    full.failing = True
    before = session.state
    changes: list[Callable[[], bool]] = [lambda: session.apply(AddPoints((1,), (0,), 0)), session.undo]
    for change in changes:
        with pytest.raises(InputError, match="disk is full"):
            change()
        assert session.state is before
        assert session.revision == 2
    full.failing = False
    assert session.undo()
    assert session.can_redo
    assert [len(state.points) for state in told] == [0, 1, 0]


def test_what_changes_nothing_is_no_change() -> None:
    journal: list[dict[str, Any]] = []
    session = begun(journal)
    assert session.apply(AddPoints((0,), (0,), 0))
    assert not session.apply(AddPoints((0,), (0,), 0))
    assert not session.redo()
    assert session.revision == len(journal) == 3


@pytest.mark.parametrize("kind", [UNDO, REDO])
def test_a_journal_that_cannot_be_is_refused(kind: str) -> None:
    with pytest.raises(InputError, match=f"nothing to {kind}"):
        Session.replay(SIZE, [{"kind": kind}])
