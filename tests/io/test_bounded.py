"""Files that libraries cannot ask for more than there is."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

from hyperpoint.io.bounded import open_bounded


def test_it_reads_as_any_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"one\ntwo\nthree")
    with open_bounded(tmp_path / "a") as file:
        assert file.readline() == b"one\n"
        assert file.tell() == 4
        assert file.read(3) == b"two"
        memory = bytearray(3)
        assert file.readinto(memory) == 3
        assert bytes(memory) == b"\nth"
        assert file.read() == b"ree"
        assert file.read(5) == b""
        assert file.seek(-5, 2) == 8
        assert file.read(None) == b"three"
        assert file.seek(100) == 100
        assert file.read(1) == b""


def test_it_takes_no_memory_for_bytes_that_are_not_there(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(10))
    with open_bounded(tmp_path / "a") as file:
        tracemalloc.start()
        assert len(file.read(1 << 34)) == 10
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 1 << 20
