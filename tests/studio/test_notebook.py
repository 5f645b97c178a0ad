from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import hyperpoint as hp
from hyperpoint.studio.jobs import at_once

pytest.importorskip("panel")


def test_a_scene_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hyperpoint.studio.notebook._in_the_loop", lambda: at_once)  # a browser's tests leave a loop
    cube = np.random.default_rng(0).random((8, 9, 5), dtype=np.float32)
    view = hp.open_studio(hp.Scene(cube), state=tmp_path)
    page = view.page
    page.desk.jobs.wait()
    page.desk.jobs.wait()
    assert view.top["scene"] == "scene"
    assert "hp-alone" not in view.css_classes
    page.hear({"do": "classes.add"})
    page.desk.edit.tap(1, 2)
    assert view.status["status"].startswith("1 point")
    assert any(tmp_path.rglob("journal.jsonl"))
    page.close()


def test_a_cell_that_is_run_again_takes_the_scene_over(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hyperpoint.studio.notebook._in_the_loop", lambda: at_once)
    first = hp.open_studio(folder / "a.npy").page
    second = hp.open_studio(folder / "a.npy").page  # while the first is still opening, or after
    other = hp.open_studio(folder / "b.npy").page
    for page in (second, other):
        page.desk.jobs.wait()
        page.desk.jobs.wait()
    assert second.desk.can_edit
    assert other.desk.can_edit
    assert not first.desk.can_edit
    first.hear({"do": "scenes.take_over"})
    assert second.desk.can_edit
    assert "run its cell again" in first.desk.message
    third = hp.open_studio(folder).page
    third.desk.jobs.wait()
    assert third.desk.can_edit
    assert "A later cell" in second.desk.message
    for page in (other, third):
        page.close()


def test_no_such_scene(tmp_path: Path) -> None:
    with pytest.raises(hp.HyperpointError):
        hp.open_studio(tmp_path / "missing.hdr")
