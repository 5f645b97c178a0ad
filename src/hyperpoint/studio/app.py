"""One tab of the studio: a desk, the page that shows it, and what becomes of them when the tab is closed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from importlib.resources import files
from threading import Lock
from typing import TYPE_CHECKING, Any

import panel as pn

from hyperpoint.studio.desk import Desk
from hyperpoint.studio.preparing import SceneCache
from hyperpoint.studio.views.page import Page

if TYPE_CHECKING:
    from bokeh.document import Document

    from hyperpoint.studio.workspace import Workspace

logger = logging.getLogger(__name__)

TICK_MS = 1000


class Tabs:
    """Makes the page of each tab that is opened on a workspace.

    Parameters
    ----------
    workspace
        The scenes, which all tabs share.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._scenes = SceneCache(workspace)
        self._open: dict[int, Page] = {}

    def open(self) -> pn.Template:
        """Return the page of a new tab; to be called by the server for each session."""
        doc = pn.state.curdoc
        assert doc is not None
        later = InDocument(doc)
        desk = Desk(self._workspace, self._scenes, later)
        page = Page(desk)
        self._open[id(page)] = page

        def gone(_context: Any) -> None:
            later.stop()
            self._open.pop(id(page), None)
            page.close()

        doc.on_session_destroyed(gone)
        doc.add_periodic_callback(desk.tick, TICK_MS)
        template = pn.Template(_shell())
        template.add_panel("page", page.model)
        open_first(desk)
        return template

    def close(self) -> None:
        """Close every tab: the server stops."""
        for page in list(self._open.values()):
            page.close()
        self._open.clear()


class InDocument:
    """Runs functions where a page lives, soon, from any thread; not once the tab is gone.

    Parameters
    ----------
    doc
        The page's document.
    """

    def __init__(self, doc: Document) -> None:
        self._doc = doc
        self._is_gone = False
        self._lock = Lock()

    def __call__(self, call: Callable[[], None]) -> None:
        """Run `call` there."""
        with self._lock:
            if not self._is_gone:
                self._doc.add_next_tick_callback(lambda: None if self._is_gone else call())

    def stop(self) -> None:
        """Run nothing more."""
        with self._lock:
            self._is_gone = True


def open_first(desk: Desk) -> None:
    """Open the first scene that is not done; if all are, the first."""
    entries = desk.workspace.entries
    todo = (entry for entry in entries if desk.workspace.store(entry).progress != "done")
    if entries:
        desk.open(next(todo, entries[0]))


def _shell() -> str:
    return (files("hyperpoint.studio.views") / "page" / "shell.html").read_text(encoding="utf-8")
