from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hyperpoint as hp
from hyperpoint.studio.desk import Desk
from hyperpoint.studio.preparing import SceneCache

Settle = Callable[[Desk], None]
Open = Callable[[Desk, int], None]


def test_what_is_exported_is_what_is_shown(labelled: Desk, settle: Settle) -> None:
    labelled.edit.choose(1)
    labelled.edit.paint(np.arange(5, dtype=np.int64))
    settle(labelled)
    labelled.out.export(["masks", "points", "manifest"])
    settle(labelled)
    assert labelled.current is not None
    folder = labelled.workspace.export_dir
    assert str(folder) in labelled.message
    manifest = hp.read_manifest(folder / "manifest.csv")
    assert manifest.classes.names == ("left", "right")
    label = manifest.rows[0].label
    assert label is not None
    np.testing.assert_array_equal(hp.read_label_ids(label), labelled.current.labels)


def test_all_scenes_are_exported_without_opening_them(labelled: Desk, settle: Settle, open_and_wait: Open) -> None:
    assert labelled.current is not None
    expected = labelled.current.labels
    open_and_wait(labelled, 2)
    labelled.out.export(["masks"], everything=True)
    settle(labelled)
    masks = sorted((labelled.workspace.export_dir / "masks").iterdir())
    assert [mask.name for mask in masks] == ["a.png"]
    np.testing.assert_array_equal(hp.read_label_ids(masks[0]), expected)


def test_an_export_waits_for_the_last_click(
    labelled: Desk, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    def slowly(*args: Any, **options: Any) -> hp.Annotation:
        time.sleep(0.3)
        return hp.annotate(*args, **options)

    monkeypatch.setattr("hyperpoint.studio.refitting.annotate", slowly)
    labelled.edit.add_class("middle")
    labelled.edit.tap(10, 15)
    labelled.out.export(["masks"])
    settle(labelled)
    assert labelled.current is not None
    mask = hp.read_label_ids(labelled.workspace.export_dir / "masks" / "a.png")
    assert mask[10, 15] == 2
    np.testing.assert_array_equal(mask, labelled.current.labels)


def test_a_scene_that_fails_keeps_no_other_from_being_exported(
    labelled: Desk, settle: Settle, open_and_wait: Open, folder: Path
) -> None:
    open_and_wait(labelled, 1)
    labelled.edit.add_class("left")
    labelled.edit.tap(3, 3)
    open_and_wait(labelled, 2)
    labelled.edit.add_class()
    labelled.edit.undo()  # begun, but there is nothing to export
    labelled.scenes = SceneCache(labelled.workspace)
    (folder / "b.npy").write_bytes(b"nothing of the kind")
    labelled.out.export(["masks"], everything=True)
    settle(labelled)
    assert "b was left out: " in labelled.message
    assert [mask.name for mask in (labelled.workspace.export_dir / "masks").iterdir()] == ["a.png"]


def test_nothing_is_written_outside(labelled: Desk, settle: Settle, tmp_path: Path) -> None:
    labelled.out.export(["masks"], folder=tmp_path / "elsewhere")
    settle(labelled)
    assert not (tmp_path / "elsewhere").exists()
    assert "Exporting" in labelled.message


def test_the_next_scene_starts_with_the_classes_and_spectra_of_the_last(
    labelled: Desk, settle: Settle, open_and_wait: Open
) -> None:
    open_and_wait(labelled, 2)  # b, between them, is untouched
    labelled.out.start_from_previous()
    settle(labelled)
    current = labelled.current
    assert current is not None
    assert current.session.state.classes.table().names == ("left", "right")
    assert current.library is not None
    assert current.library.labels.tolist() == [0, 1]
    open_and_wait(labelled, 0)
    open_and_wait(labelled, 2)
    assert labelled.current is not None
    assert labelled.current.library is not None


def test_merged_and_locked_classes_are_taken_along_as_they_are_meant(
    labelled: Desk, settle: Settle, open_and_wait: Open
) -> None:
    labelled.edit.add_class("shadow")
    labelled.edit.merge_classes(2, 0)
    labelled.edit.lock_class(1, True)
    open_and_wait(labelled, 1)
    labelled.edit.add_class()  # begun, but without points: a is the one to start from
    open_and_wait(labelled, 2)
    labelled.out.start_from_previous()
    settle(labelled)
    assert labelled.current is not None
    classes = labelled.current.session.state.classes
    assert [classes[number].name for number in classes.live] == ["left", "right"]
    assert not any(entry.locked for entry in classes.entries)
    assert labelled.current.library is not None


def test_the_first_scene_has_none_to_start_from(desk: Desk, settle: Settle) -> None:
    settle(desk)
    desk.out.start_from_previous()
    settle(desk)
    assert "No scene before this one" in desk.message
