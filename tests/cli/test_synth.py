from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hyperpoint.catalog.dataset import load_dataset

Run = Callable[..., tuple[int, str, str]]


def test_scenes_are_written_and_counted(run: Run, tmp_path: Path) -> None:
    status, out, _ = run("synth", tmp_path / "s", "--layout", "hsicity2", "--scenes", 3, "--size", 32, 40, "--seed", 1)
    assert status == 0
    assert "wrote 2 train, 1 test scenes" in out
    assert len(load_dataset("hsicity2").scenes(tmp_path / "s", "train")) == 2


def test_a_written_scene_opens_turned_as_its_photo(run: Run, tmp_path: Path) -> None:
    run("synth", tmp_path, "--layout", "lib-hsi", "--scenes", 3, "--size", 40, 56)
    (scene,) = load_dataset("lib-hsi").scenes(tmp_path, "test")
    status, out, _ = run("inspect", scene.cube, "--rgb", scene.rgb, "--rotate", 270)
    assert status == 0
    assert "40" in out


def test_too_few_scenes_are_refused_in_one_line(run: Run, tmp_path: Path) -> None:
    status, _, err = run("synth", tmp_path / "s", "--layout", "lib-hsi", "--scenes", 2)
    assert status == 2
    assert "at least 3" in err
    assert not (tmp_path / "s").exists()
