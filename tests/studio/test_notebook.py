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


def test_no_such_scene(tmp_path: Path) -> None:
    with pytest.raises(hp.HyperpointError):
        hp.open_studio(tmp_path / "missing.hdr")
