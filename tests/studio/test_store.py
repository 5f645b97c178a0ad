from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hyperpoint.errors import HyperpointError, InputError, ReadOnlyError
from hyperpoint.studio.edits import AddClass, AddPoints, Edit, LockClass, MergeClasses, MovePoint, Paint, RemovePoints
from hyperpoint.studio.lease import EDITOR_FILE
from hyperpoint.studio.session import Session
from hyperpoint.studio.state import State
from hyperpoint.studio.store import SceneStore

SIZE = (3, 4)

pixels = st.tuples(st.integers(0, 2), st.integers(0, 3))
labels = st.integers(0, 2)
steps = st.lists(
    st.one_of(
        st.builds(lambda pixel, label: AddPoints((pixel[0],), (pixel[1],), label), pixels, labels),
        st.builds(MovePoint, pixels, pixels),
        st.builds(lambda pixel: RemovePoints((pixel[0],), (pixel[1],)), pixels),
        st.builds(lambda start, label: Paint(np.array([start, start + 1]), label), st.integers(0, 10), labels),
        st.just(AddClass()),
        st.builds(MergeClasses, labels, labels),
        st.builds(LockClass, labels, st.booleans()),
        st.sampled_from(["undo", "redo"]),
    ),
    max_size=15,
)


def facts(state: State) -> Any:
    points = state.points
    triples = points.rows.tolist(), points.cols.tolist(), points.labels.tolist()
    return triples, state.classes, state.corrections.tolist()


def take(session: Session, step: Edit | str) -> None:
    try:
        if isinstance(step, Edit):
            session.apply(step)
        else:
            getattr(session, step)()
    except HyperpointError:
        return


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SceneStore]:
    store = SceneStore(tmp_path / "scene")
    yield store
    store.close()


def begun(store: SceneStore) -> Session:
    session = store.open_session(SIZE)
    session.apply(AddClass("wall", (1, 2, 3)))
    session.apply(AddPoints((0,), (1,), 0))
    return session


@settings(max_examples=40)
@given(steps, st.data())
def test_after_a_kill_at_any_moment_a_prefix_is_there(done: list[Edit | str], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder, patch("os.fsync"):  # what the file holds is tested, not the disk
        store = SceneStore(Path(folder))
        session = store.open_session(SIZE)
        prefixes = {0: facts(session.state)}
        for step in [AddClass(), AddClass(), *done]:
            take(session, step)
            prefixes[session.revision] = facts(session.state)
        store.close()
        journal = Path(folder, "journal.jsonl")
        whole = journal.read_bytes()
        left = whole[: data.draw(st.integers(0, len(whole)))]
        journal.write_bytes(left)
        num_lines = max(0, left.count(b"\n") - 1)

        reopened = SceneStore(Path(folder))
        again = reopened.open_session(SIZE)
        assert again.revision == num_lines == reopened.num_records()
        assert facts(again.state) == prefixes[num_lines]
        assert bool(reopened.notes) == bool(left and not left.endswith(b"\n"))
        take(again, AddClass("after"))
        reopened.close()
        last = SceneStore(Path(folder))
        assert facts(last.open_session(SIZE).state) == facts(again.state)
        assert not last.notes
        last.close()


def test_work_goes_on_where_it_was_with_its_history(store: SceneStore) -> None:
    session = begun(store)
    session.undo()
    store.close()
    again = SceneStore(store.folder).open_session(SIZE)
    assert again.revision == 3
    assert again.redo()
    assert again.state.points.cols.tolist() == [1]


def test_a_torn_line_is_said(store: SceneStore) -> None:
    begun(store)
    store.close()
    journal = store.folder / "journal.jsonl"
    journal.write_bytes(journal.read_bytes()[:-3])
    assert store.open_session(SIZE).revision == 1
    assert store.notes == [
        "The last change was not written completely before the program stopped; the 1 change before it is there."
    ]


def test_damage_is_said_and_kept_aside(store: SceneStore) -> None:
    begun(store)
    store.close()
    journal = store.folder / "journal.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b"add class", b"add glass"))
    assert store.open_session(SIZE).revision == 0
    assert "damaged in line 2 of 3" in store.notes[0]
    assert "kept as journal.broken-1." in store.notes[0]
    assert b"add glass" in (store.folder / "journal.broken-1").read_bytes()


def test_a_second_tab_only_looks_until_it_takes_over_and_then_the_first_does(store: SceneStore) -> None:
    first = begun(store)
    other = SceneStore(store.folder)
    looking = other.open_session(SIZE)
    assert len(looking.state.points) == 1
    changes: list[Callable[[], bool]] = [lambda: looking.apply(AddPoints((1,), (1,), 0)), looking.undo]
    for change in changes:
        with pytest.raises(ReadOnlyError):
            change()
    with pytest.raises(ReadOnlyError):
        other.set_done(True)
    first.apply(AddPoints((2,), (2,), 0))
    assert other.num_records() == 3

    other.lease().take_over()
    with pytest.raises(ReadOnlyError):
        looking.undo()  # it has not seen the last change
    taken = other.open_session(SIZE)
    assert len(taken.state.points) == 2
    assert taken.undo()
    before = facts(first.state)
    with pytest.raises(ReadOnlyError, match="edited elsewhere"):
        first.undo()
    assert facts(first.state) == before
    other.close()
    assert SceneStore(store.folder).open_session(SIZE).revision == 4


def test_another_size_is_refused_and_the_lease_given_back(store: SceneStore) -> None:
    begun(store)
    store.close()
    with pytest.raises(InputError, match="3 x 4 pixels, but this one has 4 x 3"):
        store.open_session((4, 3))
    assert not (store.folder / EDITOR_FILE).exists()


def test_progress_and_settings(store: SceneStore) -> None:
    seen = [store.progress]
    assert store.settings == {}
    assert not store.folder.exists()
    store.open_session(SIZE)
    seen.append(store.progress)
    begun(store)
    seen.append(store.progress)
    assert seen == ["untouched", "untouched", "in progress"]
    store.change_settings(recipe="best", white=[1, 2, 3, 4])
    store.set_done(True)
    store.change_settings(white=None)
    again = SceneStore(store.folder)
    seen = [again.progress]
    assert again.settings == {"recipe": "best"}
    store.set_done(False)
    assert [*seen, again.progress] == ["done", "in progress"]


@pytest.mark.parametrize("content", ["{", "[]", '{"done": 1, "settings": {}}', '{"done": true}'])
def test_damaged_settings_are_kept_aside(store: SceneStore, content: str) -> None:
    store.folder.mkdir()
    path = store.folder / "settings.json"
    path.write_text(content)
    assert store.settings == {}
    store.change_settings(recipe="best")
    assert store.settings == {"recipe": "best"}
    assert (store.folder / "settings.broken-1").read_text() == content


def test_the_files_of_a_killed_process_are_brought_up_to_date(store: SceneStore) -> None:
    begun(store)
    store.close()
    (store.folder / "points.csv").write_text("row,col,label\n")
    store.open_session(SIZE)
    store.close()
    assert (store.folder / "points.csv").read_text() == "row,col,label\n0,1,wall\n"


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no kill -9")
def test_kill_9_loses_nothing_that_was_visible(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from hyperpoint.studio.edits import AddClass, AddPoints
from hyperpoint.studio.store import SceneStore
session = SceneStore(Path(sys.argv[1])).open_session((100, 100))
session.apply(AddClass())
for number in range(10_000):
    session.apply(AddPoints((number // 100,), (number % 100,), 0))
    print(session.revision, flush=True)
"""
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        for _ in range(25):
            program.stdout.readline()
        os.kill(program.pid, signal.SIGKILL)
        program.wait()
        visible = [int(line) for line in program.stdout.read().split()]
    store = SceneStore(tmp_path)
    session = store.open_session((100, 100))
    last = visible[-1] if visible else 26
    assert last <= session.revision <= last + 1
    assert len(session.state.points) == session.revision - 1
    session.apply(AddPoints((99,), (99,), 0))
    store.close()
    assert json.loads((tmp_path / "journal.jsonl").read_text().splitlines()[-1])["rows"] == [99]
