"""One editor a scene: who may write its state, also when several tabs, processes and machines look at it."""

from __future__ import annotations

import json
import logging
import os
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import BinaryIO

from hyperpoint.errors import InputError, ReadOnlyError
from hyperpoint.io.files import make_folder, write_json

logger = logging.getLogger(__name__)

# An editor that has not been heard of for so long is gone: s.
STALE_AFTER = 30.0
_BEAT_EVERY = 5.0

EDITOR_FILE = "editor.json"
_LOCK_FILE = ".lock"

# Locks of files do not hold among the threads of one process on every file system.
_IN_PROCESS = Lock()


@dataclass(frozen=True)
class Holder:
    """Who edits a scene.

    Attributes
    ----------
    token
        Tells this editor from all others.
    pid, started
        Its process, and when that started in the machine's own count, empty where it does not say: numbers of
        processes are used again.
    host
        Its machine.
    since
        When it began to edit, in seconds since 1970.
    """

    token: str
    pid: int
    started: str
    host: str
    since: float

    def is_alive(self) -> bool:
        """Say whether its process may still run: unknown machines are believed to be there."""
        if self.host != socket.gethostname():
            return True
        started = _started(self.pid)
        return started is not None and self.started in ("", started)


class Lease:
    """The right to write the state of the scene in `folder`. Whoever has it is asked before each write, not trusted.

    Parameters
    ----------
    folder
        Where the scene's state is; made when the lease is acquired.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._token = ""
        self._beaten = 0.0

    @property
    def token(self) -> str:
        """Tells this tenure from all others, earlier ones of the same object included; empty if there was none."""
        return self._token

    @property
    def holder(self) -> Holder | None:
        """Who edits the scene now, here or elsewhere; None if nobody does, or whoever did is gone."""
        found = self._read()
        if found is None or (found.token != self._token and self._is_stale(found)):
            return None
        return found

    def acquire(self) -> bool:
        """Take the lease if nobody else has it; say whether it is held now.

        Raises
        ------
        InputError
            If the folder cannot be made or written to.
        """
        make_folder(self.folder)
        with self.guarded():
            found = self.holder
            if found is None:
                self._take()
            return found is None or found.token == self._token

    def take_over(self) -> None:
        """Take the lease, whoever has it: the other cannot write from now on, and loses nothing it has written.

        Raises
        ------
        InputError
            As `acquire`.
        """
        make_folder(self.folder)
        with self.guarded():
            self._take()

    def holds(self) -> bool:
        """Say whether the lease is held by this object now."""
        found = self._read()
        return bool(self._token) and found is not None and found.token == self._token

    def held_elsewhere(self) -> bool:
        """Say whether somebody else holds the lease now."""
        found = self.holder
        return found is not None and found.token != self._token

    def check(self, token: str) -> None:
        """Make sure that the lease is held as it was when its `token` was that, and say that its holder is there.

        Raises
        ------
        ReadOnlyError
            If it is not, or was held by others in between.
        """
        if token != self._token or not self.holds():
            raise ReadOnlyError("this scene is being edited elsewhere; take it over to go on here")
        self.beat()

    def beat(self) -> None:
        """Say that the holder is still there: to be called every few seconds, and does nothing without the lease."""
        now = time.time()
        if 0 <= now - self._beaten < _BEAT_EVERY or not self.holds():
            return
        self._beaten = now
        # The time of the file is the heartbeat: to write it anew could undo that somebody has just taken over.
        with suppress(FileNotFoundError):
            os.utime(self.folder / EDITOR_FILE, (now, now))

    def release(self) -> None:
        """Give the lease back, if it is held."""
        if not self._token or not self.folder.is_dir():
            return
        with self.guarded():
            if self.holds():
                (self.folder / EDITOR_FILE).unlink()
            self._token = ""

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Keep all others from writing, taking over and acquiring until the block ends; not to be nested."""
        with _IN_PROCESS, _opened_lock(self.folder / _LOCK_FILE):
            yield

    def _take(self) -> None:
        token = secrets.token_hex(16)
        now = time.time()
        holder = Holder(token, os.getpid(), _started(os.getpid()) or "", socket.gethostname(), now)
        write_json(self.folder / EDITOR_FILE, asdict(holder))
        self._token, self._beaten = token, now

    def _is_stale(self, found: Holder) -> bool:
        try:
            silent = time.time() - (self.folder / EDITOR_FILE).stat().st_mtime
        except FileNotFoundError:
            return True
        return silent > STALE_AFTER or not found.is_alive()

    def _read(self) -> Holder | None:
        try:
            return Holder(**json.loads((self.folder / EDITOR_FILE).read_bytes()))
        except (FileNotFoundError, NotADirectoryError, ValueError, TypeError, RecursionError):
            # What is no description of an editor (a disk that was full, another program) holds nobody off.
            return None


@contextmanager
def _opened_lock(path: Path) -> Iterator[None]:
    try:
        stream = path.open("ab")
    except OSError as error:
        raise InputError(
            f"cannot write in the folder {path.parent}: {error.strerror}; choose another (--state)"
        ) from None
    # Closing the file unlocks it.
    with stream:
        _lock(stream)
        yield


def _lock(stream: BinaryIO) -> None:
    # Without fcntl (Windows), and on network file systems that know no locks, those in other processes who write
    # within the same millisecond may both do so.
    try:
        import fcntl

        fcntl.flock(stream, fcntl.LOCK_EX)
    except (ImportError, OSError):
        logger.debug("no lock on %s", stream.name)


def _started(pid: int) -> str | None:
    """Return when a process of this machine started, empty if the machine does not say; None if it does not run."""
    try:
        # The name of the program stands in brackets and may hold anything; state is the first field after it.
        after_name = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        return None if after_name[0] in "ZX" else after_name[19]
    except OSError:
        if Path("/proc/self/stat").exists():
            return None
    return "" if _answers(pid) else None


def _answers(pid: int) -> bool:
    if os.name == "nt":  # signal 0 would end the process there
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
