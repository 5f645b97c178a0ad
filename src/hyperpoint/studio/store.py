"""What is kept of one scene on disk: its journal, its settings, and the files that other programs read."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Literal

from hyperpoint.errors import HyperpointError, InputError, ReadOnlyError
from hyperpoint.io.files import make_folder, read_json, write_json
from hyperpoint.studio.journal import JournalFile, Recovered, count_records, keep_aside, mend_journal, read_journal
from hyperpoint.studio.lease import Lease
from hyperpoint.studio.session import Session
from hyperpoint.studio.snapshots import Snapshots
from hyperpoint.studio.state import State

logger = logging.getLogger(__name__)

Progress = Literal["untouched", "in progress", "done"]

JOURNAL_FILE, SETTINGS_FILE = "journal.jsonl", "settings.json"


class SceneStore:
    """The state of one scene in a folder, which is made when it is opened or changed first.

    Parameters
    ----------
    folder
        Of this scene alone.

    Attributes
    ----------
    notes
        What was wrong with the files when the session was opened: sentences for the user.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.notes: list[str] = []
        self._lease = Lease(folder)
        self._snapshots = Snapshots(folder, allowed=lambda: not self._lease.held_elsewhere())

    def lease(self) -> Lease:
        """Return the right to edit that this store acquires and asks: always the same object."""
        return self._lease

    def open_session(self, size: tuple[int, int]) -> Session:
        """Return the session as it was left, history included, ready to go on: to edit if nobody else does.

        Where somebody else edits the scene, every change raises `ReadOnlyError`; after `lease().take_over()`, open it
        again. What is broken is cut off, and said in `notes`; a journal with damage before its end is kept aside.

        Parameters
        ----------
        size
            (H, W) of the scene's rgb grid.

        Raises
        ------
        InputError
            If the state is of an image of another size, or the folder cannot be written to.
        """
        held = self._lease.holds()
        self._lease.acquire()
        path = self.folder / JOURNAL_FILE
        try:
            with self._lease.guarded():
                editing = self._lease.holds()
                found = read_journal(path, size)
                aside = mend_journal(path, found) if editing else None
        except (HyperpointError, OSError):
            if not held:
                self._lease.release()
            raise
        self.notes = _notes(found, aside)
        session = found.session
        session.journal = JournalFile(path, self._lease, self._lease.token if editing else "", size)
        session.changed = self._snapshots.request
        if editing and session.revision:
            self._snapshots.request(session.state)  # a crash may have come before the last was written
        return session

    def read_state(self, size: tuple[int, int]) -> State:
        """Return the state as it was left, for looking at: nobody is kept from editing. Raises as `open_session`."""
        return read_journal(self.folder / JOURNAL_FILE, size).session.state

    def num_records(self) -> int:
        """Return how many changes have been written: the revision that a session opened now would have."""
        return count_records(self.folder / JOURNAL_FILE)

    @property
    def progress(self) -> Progress:
        """How far the scene is."""
        if self._read_settings()["done"]:
            return "done"
        journal = self.folder / JOURNAL_FILE
        return "in progress" if journal.exists() and journal.stat().st_size else "untouched"

    def set_done(self, done: bool) -> None:
        """Mark the scene as done, or not; raises as `change_settings`."""
        self._write_settings({"done": bool(done)}, {})

    @property
    def settings(self) -> dict[str, Any]:
        """What was chosen for this scene: JSON values by name."""
        settings: dict[str, Any] = self._read_settings()["settings"]
        return settings

    def change_settings(self, **settings: Any) -> None:
        """Keep settings, JSON values by name; None takes one away.

        Raises
        ------
        ReadOnlyError
            If the scene is being edited elsewhere.
        InputError
            If the file cannot be written.
        """
        self._write_settings({}, settings)

    def close(self) -> None:
        """Wait until all files are written, and let others edit."""
        self._snapshots.flush()
        self._lease.release()

    def _read_settings(self) -> dict[str, Any]:
        return self._sound_settings() or {"done": False, "settings": {}}

    def _sound_settings(self) -> dict[str, Any] | None:
        path = self.folder / SETTINGS_FILE
        if not path.exists():
            return None
        try:
            content = read_json(path, "settings", InputError)
        except InputError as error:
            logger.warning("%s; the scene's settings are as for a new one", error)
            return None
        return content if _are_settings(content) else None

    def _write_settings(self, facts: dict[str, Any], settings: dict[str, Any]) -> None:
        make_folder(self.folder)
        path = self.folder / SETTINGS_FILE
        with self._lease.guarded():
            if self._lease.held_elsewhere():
                raise ReadOnlyError("this scene is being edited elsewhere; take it over to change its settings")
            if path.exists() and self._sound_settings() is None:
                keep_aside(path)
            content = self._read_settings()
            merged = {name: value for name, value in {**content["settings"], **settings}.items() if value is not None}
            write_json(path, {**content, **facts, "settings": merged})


def _are_settings(content: Any) -> bool:
    return (
        isinstance(content, dict)
        and isinstance(content.get("done"), bool)
        and isinstance(content.get("settings"), dict)
    )  # fmt: skip


def _notes(found: Recovered, aside: Path | None) -> list[str]:
    num = found.session.revision
    kept = f"the {num} change{'' if num == 1 else 's'} before it {'is' if num == 1 else 'are'} there"
    if found.damage:
        where = f"; the whole file is kept as {aside.name}" if aside else ""
        return [f"The journal of this scene is damaged in {found.damage}; {kept}{where}."]
    if found.torn:
        return [f"The last change was not written completely before the program stopped; {kept}."]
    return []
