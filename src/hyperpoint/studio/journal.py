"""The journal of a scene: one JSON line a change, on the disk before the change counts, mended after a crash."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hyperpoint.errors import InputError
from hyperpoint.io.files import atomic_path
from hyperpoint.studio.lease import Lease
from hyperpoint.studio.records import member
from hyperpoint.studio.session import Session

_KIND, _VERSION = "journal", 1


@dataclass(frozen=True)
class JournalFile:
    """Writes the changes of one session; a `Journal`.

    Attributes
    ----------
    path
        The file; made with the first change.
    lease, token
        Asked before each line: the lease, and its token when the session was opened.
    size
        (H, W) of the rgb grid.
    """

    path: Path
    lease: Lease
    token: str
    size: tuple[int, int]

    def append(self, record: dict[str, Any], /) -> None:
        """Write a change and wait until it is on the disk.

        Raises
        ------
        ReadOnlyError
            If the scene is edited elsewhere.
        InputError
            If the disk is full or the file cannot be written. Nothing of the change is in it then.
        """
        line = _line(record)
        with self.lease.guarded():
            self.lease.check(self.token)
            try:
                self._write(line)
            except OSError as error:
                raise InputError(
                    f"the change was not made, for it cannot be saved in {self.path}: {error.strerror or error}; make "
                    f"room, or choose another place (--state)"
                ) from error

    def _write(self, line: bytes) -> None:
        with self.path.open("ab", buffering=0) as stream:
            before = os.fstat(stream.fileno()).st_size
            if before == 0:
                line = _line({"kind": _KIND, "version": _VERSION, "size": list(self.size)}) + line
            try:
                rest = memoryview(line)
                while rest:
                    rest = rest[stream.write(rest) :]
                os.fsync(stream.fileno())
            except BaseException:
                # Half a line would spoil the next one.
                with suppress(OSError):
                    stream.truncate(before)
                raise
        if before == 0:
            _sync_folder(self.path.parent)


@dataclass(frozen=True, eq=False)
class Recovered:
    """What a journal says.

    Attributes
    ----------
    session
        The state and history that it describes, up to the first damage.
    num_bytes
        How long the sound part is; the file may be longer.
    torn
        Whether the last line is incomplete, as after a crash.
    damage
        What is wrong before the last line, or empty.
    """

    session: Session
    num_bytes: int
    torn: bool
    damage: str


def read_journal(path: Path, size: tuple[int, int]) -> Recovered:
    """Return what a journal says about an image of (H, W) pixels; a file that is not there says nothing.

    Raises
    ------
    InputError
        If it was written about an image of another size, or by a later version of hyperpoint.
    """
    data = path.read_bytes() if path.exists() else b""
    *lines, rest = data.split(b"\n")
    session = Session(size)
    num_bytes = 0
    for number, line in enumerate(lines):
        try:
            record = json.loads(line)
            if number:
                session.recall(record)
            else:
                header = _header(record)
        except (ValueError, RecursionError) as error:  # every error of ours is a ValueError here
            damage = f"line {number + 1} of {len(lines)}: {error}"
            return Recovered(session, num_bytes, torn=False, damage=damage)
        if number == 0:
            _check_header(path, header, size)
        num_bytes += len(line) + 1
    return Recovered(session, num_bytes, torn=bool(rest), damage="")


def mend_journal(path: Path, found: Recovered) -> Path | None:
    """Cut a journal down to its sound part; if it was damaged, return the copy of the whole that was kept aside."""
    if not found.torn and not found.damage:
        return None
    aside = keep_aside(path) if found.damage else None
    with path.open("r+b") as stream:
        stream.truncate(found.num_bytes)
        os.fsync(stream.fileno())
    return aside


def count_records(path: Path) -> int:
    """Return how many changes a journal holds, without reading what they are."""
    try:
        return max(0, path.read_bytes().count(b"\n") - 1)
    except FileNotFoundError:
        return 0


def keep_aside(path: Path) -> Path:
    """Copy a file that is damaged to `NAME.broken-1` beside it, or the next number that is free; return that."""
    number = 1
    while (aside := path.with_name(f"{path.stem}.broken-{number}")).exists():
        number += 1
    with atomic_path(aside) as temporary, temporary.open("wb") as stream:
        stream.write(path.read_bytes())
        stream.flush()
        os.fsync(stream.fileno())
    return aside


def _header(record: Any) -> tuple[Any, Any]:
    if member(record, "kind") != _KIND:
        raise InputError("it does not begin as the journal of a scene")
    return member(record, "version"), member(record, "size")


def _check_header(path: Path, header: tuple[Any, Any], size: tuple[int, int]) -> None:
    version, written = header
    if version != _VERSION:
        raise InputError(f"the journal {path} was written by another version of hyperpoint; open it with that one")
    if written != list(size):
        try:
            about = f"{written[0]} x {written[1]}"
        except (TypeError, IndexError, KeyError):
            about = repr(written)
        raise InputError(
            f"the journal {path} is about an image of {about} pixels, but this one has {size[0]} x {size[1]}; open the "
            f"scene with the rgb image and the turn it was annotated with, or move the folder away to begin anew"
        )


def _line(record: dict[str, Any]) -> bytes:
    return json.dumps(record, separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n"


def _sync_folder(folder: Path) -> None:
    # A new name in a folder is safe only once the folder itself is; not every system lets folders be opened.
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
