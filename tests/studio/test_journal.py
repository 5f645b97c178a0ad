from __future__ import annotations

import errno
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from hyperpoint.errors import InputError, ReadOnlyError
from hyperpoint.studio.edits import AddClass, AddPoints
from hyperpoint.studio.journal import JournalFile, count_records, mend_journal, read_journal
from hyperpoint.studio.lease import Lease

SIZE = (4, 5)
RECORDS: list[dict[str, Any]] = [
    AddClass("wall", (1, 2, 3)).to_record(), AddPoints((0,), (1,), 0).to_record(), {"kind": "undo"}, {"kind": "redo"},
]  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.jsonl"


def writer(path: Path) -> JournalFile:
    lease = Lease(path.parent)
    lease.take_over()
    return JournalFile(path, lease, lease.token, SIZE)


def write_all(path: Path) -> bytes:
    journal = writer(path)
    for record in RECORDS:
        journal.append(record)
    return path.read_bytes()


def test_one_line_of_json_a_change_after_a_line_about_the_image(path: Path) -> None:
    header, *lines = write_all(path).decode().splitlines()
    assert json.loads(header) == {"kind": "journal", "version": 1, "size": [4, 5]}
    assert [json.loads(line) for line in lines] == RECORDS
    assert count_records(path) == 4
    found = read_journal(path, SIZE)
    assert found.session.revision == 4
    assert len(found.session.state.points) == 1
    assert mend_journal(path, found) is None


def test_every_change_reaches_the_disk(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    journal = writer(path)
    monkeypatch.setattr(os, "fsync", lambda file: synced.append(os.fstat(file).st_size))
    for record in RECORDS:
        journal.append(record)
        assert path.stat().st_size in synced


def test_no_journal_is_an_untouched_scene(path: Path) -> None:
    assert read_journal(path, SIZE).session.revision == 0
    assert count_records(path) == 0


@pytest.mark.parametrize("cut", [1, 5, 30])
def test_a_torn_line_is_cut_off(path: Path, cut: int) -> None:
    data = write_all(path)
    path.write_bytes(data[:-cut])
    found = read_journal(path, SIZE)
    assert found.session.revision == (3 if cut < 15 else 2)
    assert found.torn
    assert not found.damage
    assert mend_journal(path, found) is None
    assert path.read_bytes() == data[: found.num_bytes]
    assert data.startswith(path.read_bytes())
    writer(path).append({"kind": "undo"})
    assert read_journal(path, SIZE).session.revision == found.session.revision + 1


@pytest.mark.parametrize(
    "line",
    [b"{", b"\0\0\0\0", b"\xff", b"[]", b'{"kind":"redo"}', b'{"kind":"fly"}', b"", b"[" * 100_000,
     b'{"kind":"add points","rows":[99],"cols":[0],"label":0}'],
)  # fmt: skip
def test_damage_before_the_end_keeps_what_is_before_it_and_the_file(path: Path, line: bytes) -> None:
    lines = write_all(path).split(b"\n")
    damaged = b"\n".join([*lines[:3], line, *lines[3:]])
    path.write_bytes(damaged)
    found = read_journal(path, SIZE)
    assert found.session.revision == 2
    assert found.damage.startswith("line 4 of 6: ")
    path.with_name("journal.broken-1").write_bytes(b"an earlier one")
    aside = mend_journal(path, found)
    assert aside == path.with_name("journal.broken-2")
    assert aside.read_bytes() == damaged
    assert path.read_bytes() == b"\n".join([*lines[:3], b""])


def test_a_file_of_something_else_is_kept_aside(path: Path) -> None:
    path.write_bytes(b"row,col,label\n1,2,3\n")
    found = read_journal(path, SIZE)
    assert found.session.revision == 0
    assert mend_journal(path, found) is not None
    assert path.read_bytes() == b""
    assert write_all(path).startswith(b'{"kind":"journal"')


def test_another_image_or_a_later_version_is_refused_and_left_alone(path: Path) -> None:
    data = write_all(path)
    with pytest.raises(InputError, match="about an image of 4 x 5 pixels, but this one has 5 x 4"):
        read_journal(path, (5, 4))
    path.write_bytes(data.replace(b'"version":1', b'"version":2'))
    with pytest.raises(InputError, match="another version"):
        read_journal(path, SIZE)
    path.write_bytes(data.replace(b"[4,5]", b"null"))
    with pytest.raises(InputError, match="an image of None"):
        read_journal(path, SIZE)


def test_without_the_lease_nothing_is_written(path: Path) -> None:
    journal = writer(path)
    journal.append(RECORDS[0])
    before = path.read_bytes()
    Lease(path.parent).take_over()
    with pytest.raises(ReadOnlyError):
        journal.append(RECORDS[1])
    assert path.read_bytes() == before


def test_a_full_disk_leaves_no_half_a_line(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = writer(path)
    journal.append(RECORDS[0])
    before = path.read_bytes()

    class AlmostFull(io.FileIO):
        def write(self, data: Any, /) -> int:
            if len(data) < 30:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(data[:10])

    monkeypatch.setattr(Path, "open", lambda self, mode, **_: AlmostFull(self, mode))
    with pytest.raises(InputError, match=r"the change was not made.*No space left"):
        journal.append(RECORDS[1])
    monkeypatch.undo()
    assert path.read_bytes() == before
    journal.append(RECORDS[1])
    assert read_journal(path, SIZE).session.revision == 2
