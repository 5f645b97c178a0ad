from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

import hyperpoint as hp
from hyperpoint.studio.desk import Desk

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


def test_the_first_scene_has_none_to_start_from(desk: Desk, settle: Settle) -> None:
    settle(desk)
    desk.out.start_from_previous()
    assert "No scene before this one" in desk.message
