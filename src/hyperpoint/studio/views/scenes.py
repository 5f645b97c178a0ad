"""The list of scenes, and their thumbnails."""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from hyperpoint.errors import HyperpointError
from hyperpoint.studio.views.section import Section, Values, do

if TYPE_CHECKING:
    from hyperpoint.studio.desk import Desk
    from hyperpoint.studio.workspace import SceneEntry

logger = logging.getLogger(__name__)


class Progress:
    """How far the scenes are, each read from disk once; that of the open one always anew."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._known: dict[str, str] = {}

    def describe(self, desk: Desk) -> dict[str, Any]:
        """Say what the list shows."""
        current = None if desk.current is None else desk.current.entry
        return {
            "rows": [
                {"key": e.key, "title": e.key, "state": self._of(e, e == current), "current": e == current}
                for e in desk.workspace.entries
            ]
        }

    def _of(self, entry: SceneEntry, is_open: bool) -> str:
        if is_open and self._desk.current is not None:
            self._known[entry.key] = self._desk.current.store.progress
        elif entry.key not in self._known:
            try:
                self._known[entry.key] = self._desk.workspace.store(entry).progress
            except (HyperpointError, OSError) as error:
                logger.warning("the state of %s cannot be read: %s", entry.key, error)
                self._known[entry.key] = "untouched"
        return self._known[entry.key]


class Thumbnails:
    """Makes thumbnails beside the page and hands them to it, as data addresses.

    Parameters
    ----------
    desk
        Whose scenes they are.
    send
        Takes a scene's key and its picture, where the page lives.
    """

    def __init__(self, desk: Desk, send: Callable[[str, str], None]) -> None:
        self._desk, self._send = desk, send
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hyperpoint-thumbnails")

    def ask(self, _desk: Desk, values: Values) -> None:
        """Send the thumbnail of the scene `values["key"]`, soon."""
        entry = self._desk.workspace.entry(str(values["key"]))
        self._pool.submit(self._make, entry)

    def close(self) -> None:
        """Make no more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _make(self, entry: SceneEntry) -> None:
        try:
            png = self._desk.workspace.thumbnail(entry)
        except (HyperpointError, OSError) as error:
            logger.warning("there is no thumbnail of %s: %s", entry.key, error)
            return
        picture = f"data:image/png;base64,{base64.b64encode(png).decode()}"
        self._desk.later(lambda: self._send(entry.key, picture))


def _open(desk: Desk, values: Values) -> None:
    desk.open(desk.workspace.entry(str(values["key"])))


def scenes_section(desk: Desk, thumbnails: Thumbnails) -> Section:
    """Return the section of a desk."""
    return Section(
        Progress(desk).describe,
        frozenset({"scene", "scenes"}),
        {
            "scenes.open": _open,
            "scenes.step": do("step", "by"),
            "scenes.done": do("set_done", "done"),
            "scenes.take_over": do("take_over"),
            "scenes.thumbnail": thumbnails.ask,
        },
    )
