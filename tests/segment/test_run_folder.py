from __future__ import annotations

import os
from pathlib import Path

import pytest

from hyperpoint.errors import InputError
from hyperpoint.segment.config import TrainingConfig
from hyperpoint.segment.run_folder import RunFolder, is_first_process

CONFIG = TrainingConfig(steps=10)


def test_a_new_folder(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "a" / "b")
    run.prepare(CONFIG, resume=False)
    run.prepare(CONFIG, resume=True)  # a start that failed leaves no run
    run.write_config(CONFIG)
    assert run.config() == CONFIG


def test_a_run_is_not_overwritten(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    run.write_config(CONFIG)
    run.checkpoint.touch()
    with pytest.raises(InputError, match=r"already holds a run; go on with it \(--resume\)"):
        run.prepare(CONFIG, resume=False)
    run.prepare(CONFIG, resume=True)
    with pytest.raises(InputError, match="steps was 10, not 20"):
        run.prepare(TrainingConfig(steps=20), resume=True)


def test_what_a_killed_process_left_is_cleared_away(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    (tmp_path / ".last-0123456789ab.ckpt").write_bytes(b"half")
    run.checkpoint.write_bytes(b"whole")
    run.prepare(CONFIG, resume=True)
    assert list(tmp_path.iterdir()) == [run.checkpoint]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_to(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match=r"cannot write .*last\.ckpt"):
        RunFolder(tmp_path).prepare(CONFIG, resume=False)


def test_a_file_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="is a file, not a folder"):
        RunFolder(tmp_path / "file" / "run").prepare(CONFIG, resume=False)


def test_a_full_disk(tmp_path: Path) -> None:
    RunFolder(tmp_path).check_space(1)
    with pytest.raises(InputError, match=r"take up to 1000000000.00 GB, but only .* GB are free"):
        RunFolder(tmp_path).check_space(10**18)


@pytest.mark.parametrize("name", ["RANK", "LOCAL_RANK", "NODE_RANK", "SLURM_PROCID"])
def test_one_process_is_the_first(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    assert is_first_process()
    monkeypatch.setenv(name, "0")
    assert is_first_process()
    monkeypatch.setenv(name, "1")
    assert not is_first_process()
