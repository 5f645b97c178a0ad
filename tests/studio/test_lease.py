from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hyperpoint.errors import InputError, ReadOnlyError
from hyperpoint.studio.lease import EDITOR_FILE, STALE_AFTER, Lease


def forge(folder: Path, **changes: object) -> None:
    path = folder / EDITOR_FILE
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def age(folder: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(folder / EDITOR_FILE, (then, then))


def test_one_at_a_time(tmp_path: Path) -> None:
    first, second = Lease(tmp_path / "scene"), Lease(tmp_path / "scene")
    assert not first.holds()
    assert first.holder is None
    assert first.acquire()
    assert first.acquire()
    assert first.holds()
    assert not second.acquire()
    assert not second.holds()
    assert second.held_elsewhere()
    assert not first.held_elsewhere()
    assert second.holder is not None
    assert second.holder.pid == os.getpid()
    with pytest.raises(ReadOnlyError, match="take it over"):
        second.check(second.token)
    first.release()
    assert not first.holds()
    assert second.acquire()


def test_whoever_is_taken_over_is_out_even_if_it_comes_back(tmp_path: Path) -> None:
    first, second = Lease(tmp_path), Lease(tmp_path)
    first.acquire()
    token = first.token
    first.check(token)
    second.take_over()
    assert second.holds()
    assert not first.holds()
    first.release()
    assert second.holds()
    first.take_over()
    assert first.holds()
    with pytest.raises(ReadOnlyError):
        first.check(token)  # a session of the first tenure has not seen what the second wrote


def test_the_dead_hold_nobody_off(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    lease = Lease(tmp_path)
    lease.acquire()
    forge(tmp_path, token="other", pid=gone.pid)
    assert lease.holder is None
    assert lease.acquire()


def test_a_number_of_a_process_that_is_used_again_is_not_the_old_one(tmp_path: Path) -> None:
    lease = Lease(tmp_path)
    lease.acquire()
    forge(tmp_path, token="other")
    assert lease.held_elsewhere()
    if not Path("/proc/self/stat").exists():
        pytest.skip("this system does not say when a process started")
    forge(tmp_path, token="other", started="1")
    assert lease.holder is None


def test_silence_means_gone_and_a_heartbeat_means_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hyperpoint.studio.lease._BEAT_EVERY", 0.0)
    first, second = Lease(tmp_path), Lease(tmp_path)
    first.acquire()
    forge(tmp_path, host="elsewhere", pid=1)
    age(tmp_path, STALE_AFTER - 5)
    assert second.held_elsewhere()
    age(tmp_path, STALE_AFTER + 5)
    assert not second.held_elsewhere()
    assert first.holds()  # as long as nobody else wants it
    first.beat()
    assert second.held_elsewhere()
    age(tmp_path, STALE_AFTER + 5)
    assert second.acquire()
    age(tmp_path, STALE_AFTER - 5)
    first.beat()  # not the holder any more
    assert time.time() - (tmp_path / EDITOR_FILE).stat().st_mtime > STALE_AFTER - 10


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"token": 1}', b"\xff"])
def test_a_damaged_file_holds_nobody_off(tmp_path: Path, content: bytes) -> None:
    (tmp_path / EDITOR_FILE).write_bytes(content)
    assert Lease(tmp_path).acquire()


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="is a file, not a folder"):
        Lease(tmp_path / "file" / "scene").acquire()


def test_another_process_is_held_off_and_freed_by_its_death(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from hyperpoint.studio.lease import Lease\n"
        "lease = Lease(Path(sys.argv[1])); print(lease.acquire(), flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        lease = Lease(tmp_path)
        assert not lease.acquire()
        other.kill()
        other.wait()
        assert lease.acquire()
