from __future__ import annotations

import json
import logging
from pathlib import Path

import numpy as np
import pytest

from hyperpoint.io.classes import read_classes
from hyperpoint.io.masks import read_mask
from hyperpoint.io.points import read_points
from hyperpoint.studio.edits import AddClass, AddPoints, Edit, LockClass, MergeClasses, Paint, RemovePoints
from hyperpoint.studio.snapshots import Snapshots
from hyperpoint.studio.state import State

EMPTY = State((4, 5))


def after(*edits: Edit, state: State = EMPTY) -> State:
    for edit in edits:
        state = edit.apply(state)
    return state


def write(folder: Path, *states: State, allowed: bool = True) -> Snapshots:
    snapshots = Snapshots(folder, lambda: allowed)
    for state in states:
        snapshots.request(state)
    snapshots.flush()
    return snapshots


FULL = after(AddClass("wall"), AddClass("glass"), AddPoints((1, 2), (3, 4), 1), Paint(np.array([5]), 0))


def test_the_files_are_read_by_the_rest_of_hyperpoint(tmp_path: Path) -> None:
    write(tmp_path, EMPTY, FULL)
    classes = read_classes(tmp_path / "classes.json")
    assert classes == FULL.classes.table()
    points, _ = read_points(tmp_path / "points.csv", classes, (4, 5))
    assert points.labels.tolist() == [1, 1]
    assert (tmp_path / "points.csv").read_text() == "row,col,label\n1,3,glass\n2,4,glass\n"
    assert (read_mask(tmp_path / "corrections.png") == FULL.corrections).all()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["classes.json", "corrections.png", "points.csv"]


def test_what_is_undone_is_taken_away(tmp_path: Path) -> None:
    snapshots = write(tmp_path, FULL)
    snapshots.request(after(Paint(np.array([5]), 255), RemovePoints((1, 2), (3, 4)), state=FULL))
    snapshots.flush()
    assert not (tmp_path / "corrections.png").exists()
    assert (tmp_path / "points.csv").read_text() == "row,col,label\n"
    snapshots.request(EMPTY)
    snapshots.flush()
    assert not (tmp_path / "classes.json").exists()


def test_locks_and_merges_are_written_beside_the_names(tmp_path: Path) -> None:
    write(tmp_path, after(MergeClasses(0, 1), AddClass("wall"), LockClass(2, True), state=FULL))
    entries = json.loads((tmp_path / "classes.json").read_text())
    assert [entry["name"] for entry in entries] == ["wall (merged into glass)", "glass", "wall"]
    assert entries[0]["merged_into"] == 1
    assert entries[2]["locked"] is True
    assert len(read_classes(tmp_path / "classes.json")) == 3
    assert (read_mask(tmp_path / "corrections.png") == 1).sum() == 1


def test_nothing_is_written_while_somebody_else_edits(tmp_path: Path) -> None:
    write(tmp_path, FULL, allowed=False)
    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_written_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        snapshots = write(tmp_path / "gone", FULL)
    assert "safe in the journal, but: cannot write" in caplog.text
    (tmp_path / "gone").mkdir()
    snapshots.request(FULL)
    snapshots.flush()
    assert len(list((tmp_path / "gone").iterdir())) == 3
