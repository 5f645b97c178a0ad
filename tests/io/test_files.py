from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from hyperpoint.errors import ClassTableError, InputError, MissingFileError
from hyperpoint.io import files
from hyperpoint.io.files import (
    atomic_path,
    check_writable,
    discard_leftovers,
    existing_file,
    fingerprint,
    is_there,
    make_folder,
    read_json,
    read_text,
    write_json,
)


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def test_atomic_path_replaces_the_file_at_the_end_only(tmp_path: Path) -> None:
    target = tmp_path / "a.png"
    target.write_text("old")
    with atomic_path(target) as temporary:
        assert temporary.parent == tmp_path
        assert temporary.suffix == ".png"
        assert temporary.name.startswith(".")
        temporary.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new"
    assert names(tmp_path) == ["a.png"]


@pytest.mark.parametrize("failure", [ValueError("no"), KeyboardInterrupt()])
def test_atomic_path_leaves_everything_as_it_was_after_a_failure(tmp_path: Path, failure: BaseException) -> None:
    target = tmp_path / "a.png"
    target.write_text("old")
    with pytest.raises(type(failure)), atomic_path(target) as temporary:
        temporary.write_text("half")
        raise failure
    assert target.read_text() == "old"
    assert names(tmp_path) == ["a.png"]


def test_atomic_path_gives_the_permissions_of_the_umask(tmp_path: Path) -> None:
    with atomic_path(tmp_path / "a") as temporary:
        pass
    (tmp_path / "b").write_text("")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "b").stat().st_mode
    assert not temporary.exists()


def test_atomic_path_follows_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link.txt").symlink_to(tmp_path / "real" / "a.txt")
    with atomic_path(tmp_path / "link.txt") as temporary:
        temporary.write_text("new")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real" / "a.txt").read_text() == "new"


def test_atomic_path_names_the_folder_that_is_missing_and_makes_it_on_demand(tmp_path: Path) -> None:
    target = tmp_path / "no" / "such" / "a.png"
    with pytest.raises(InputError, match=r"the folder .*such does not exist"), atomic_path(target):
        pass
    assert names(tmp_path) == []
    with atomic_path(target, parents=True) as temporary:
        temporary.write_text("new")
    assert target.read_text() == "new"


@pytest.mark.parametrize("parents", [False, True])
def test_atomic_path_refuses_a_file_as_folder(tmp_path: Path, parents: bool) -> None:
    (tmp_path / "file").write_text("")
    for target in ("file/a.png", "file/b/a.png"):
        with (
            pytest.raises(InputError, match="file is a file, not a folder"),
            atomic_path(tmp_path / target, parents=parents),
        ):
            pass


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="a folder in which nothing can be made, as on Linux")
def test_a_folder_that_exists_but_takes_nothing_is_not_called_missing() -> None:
    for write in (
        lambda: check_writable("/proc/a.png"),
        lambda: make_folder("/proc/a/b"),
        lambda: atomic_path("/proc/a/b.png", parents=True).__enter__(),
    ):
        with pytest.raises(InputError, match="the system lets nothing be made in the folder /proc;"):
            write()
    with pytest.raises(InputError, match="the folder /proc/a does not exist; make it first"):
        check_writable("/proc/a/b.png")
    with pytest.raises(InputError, match="/dev/null is a device or the like, not a folder"):
        make_folder("/dev/null/a/b")


def test_atomic_path_refuses_folders_and_devices(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="it is a folder"), atomic_path(tmp_path):
        pass
    with pytest.raises(InputError, match="not a regular file"), atomic_path("/dev/null"):
        pass
    with pytest.raises(InputError, match="cannot write"), atomic_path(tmp_path / ("a" * 300)):
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_atomic_path_refuses_a_folder_without_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(InputError, match="can be written to"), atomic_path(tmp_path / "a"):
            pass
    finally:
        tmp_path.chmod(0o700)


def test_a_full_disk_is_an_input_error(tmp_path: Path) -> None:
    import errno

    with pytest.raises(InputError, match="No space left"), atomic_path(tmp_path / "a"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with pytest.raises(OSError, match="Input/output"), atomic_path(tmp_path / "a"):
        raise OSError(errno.EIO, os.strerror(errno.EIO))
    assert names(tmp_path) == []


def test_existing_file_says_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"the mask .*a\.png does not exist"):
        existing_file(tmp_path / "a.png", "mask")
    with pytest.raises(InputError, match=r"the mask .* is a folder"):
        existing_file(tmp_path, "mask")


def test_read_text_drops_the_byte_order_mark_and_refuses_what_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("Küche\r\n".encode("utf-8-sig"))
    assert read_text(path, "list", ClassTableError) == "Küche\r\n"
    path.write_bytes("Küche".encode("latin-1"))
    with pytest.raises(ClassTableError, match="not UTF-8 text \\(byte 1 is 0xfc\\)"):
        read_text(path, "list", ClassTableError)
    path.write_bytes("wall".encode("utf-16"))
    with pytest.raises(ClassTableError, match="zero bytes"):
        read_text(path, "list", ClassTableError)


def test_read_json_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('[\n1,\n"a]')
    with pytest.raises(ClassTableError, match=r"a\.json is not JSON: .* in line 3"):
        read_json(path, "list", ClassTableError)
    path.write_text("[" * 100_000)
    with pytest.raises(ClassTableError, match="nested too deeply"):
        read_json(path, "list", ClassTableError)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("9" * 5000, "Exceeds the limit"),
        ('{"a": ' * 100_000, "nested too deeply"),
        ('["\\ud800"]', "half of a character"),
        ('{"\\u0000": 1}', "zero byte"),
    ],
)
def test_json_that_python_reads_and_nobody_can_use(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=f"is not usable JSON: .*{problem}"):
        read_json(tmp_path / "a.json", "file", InputError)


def test_escapes_of_whole_characters_are_fine(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('["\\ud83d\\ude00", "\\\\u0000"]', encoding="utf-8")
    assert read_json(tmp_path / "a.json", "file", InputError) == ["\U0001f600", "\\u0000"]


@pytest.mark.parametrize("name", ["a" * 5000, "a\0b"])
def test_names_that_no_file_can_have(tmp_path: Path, name: str) -> None:
    assert not is_there(tmp_path / name)
    with pytest.raises((InputError, MissingFileError), match=r"cannot be opened|does not exist"):
        existing_file(tmp_path / name, "table")


def test_leftovers_of_killed_writers_are_discarded_and_nothing_else(tmp_path: Path) -> None:
    long = "x" * 50
    for name in ("a.png", f"{long}.json"):
        with pytest.raises(KeyboardInterrupt), atomic_path(tmp_path / name) as temporary:
            kept = temporary.with_name(temporary.name)
            raise KeyboardInterrupt
        kept.touch()  # as if there had been no time to remove it
    others = [".b-0123456789ab.png", ".a-0123456789ab.json", "a-0123456789ab.png", ".a-0123.png", "a.png"]
    for other in others:
        (tmp_path / other).touch()
    assert discard_leftovers(tmp_path, ["a.png", f"{long}.json"]) == 2
    assert sorted(entry.name for entry in tmp_path.iterdir()) == sorted(others)
    assert discard_leftovers(tmp_path / "absent", ["a.png"]) == 0


def test_write_json_writes_utf8_and_refuses_nan(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"a": "Küche"})
    assert path.read_bytes() == '{\n  "a": "Küche"\n}\n'.encode()
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(path, float("nan"))
    assert json.loads(path.read_text(encoding="utf-8")) == {"a": "Küche"}


def test_fingerprint_of_a_small_file_is_its_sha256(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    assert fingerprint(path) == f"sha256:{hashlib.sha256(b'abc').hexdigest()}"


def test_fingerprint_of_a_large_file_sees_size_first_and_last_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "FULL_HASH_BYTES", 1000)
    monkeypatch.setattr(files, "SAMPLE_BYTES", 8)
    path = tmp_path / "a"
    content = bytes(2000)
    path.write_bytes(content)
    marks = {fingerprint(path)}
    for other in (bytes(2001), b"\1" + content[1:], content[:-1] + b"\1"):
        path.write_bytes(other)
        marks.add(fingerprint(path))
    assert len(marks) == 4
    assert all(mark.startswith("sha256-sampled:") for mark in marks)
