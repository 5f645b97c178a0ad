"""One tab of the studio: a desk, the page that shows it, and what becomes of them when the tab is closed."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from importlib.resources import files
from threading import Lock
from typing import TYPE_CHECKING, Any

import panel as pn
from bokeh.events import ConnectionLost
from bokeh.models import CustomJS
from panel.io.state import set_curdoc
from tornado.ioloop import IOLoop

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
        later = InDocument(doc, IOLoop.current().add_callback)
        desk = Desk(self._workspace, self._scenes, later)
        page = Page(desk)
        self._open[id(page)] = page
        page.on_leave = self._look_around
        page.is_seen = lambda: later.is_connected

        def gone(_context: Any) -> None:
            later.stop()
            self._open.pop(id(page), None)
            page.close()

        doc.on_session_destroyed(gone)
        doc.js_on_event(ConnectionLost, CustomJS(code="dispatchEvent(new Event('hyperpoint-lost'))"))  # status.js
        pn.state.onload(later.start)
        doc.add_periodic_callback(page.tick, TICK_MS)
        template = pn.Template(_shell())
        template.add_panel("page", page.model)
        open_first(desk)
        return template

    def _look_around(self) -> None:
        """Have every page see at once that a scene may be edited again: a page that is reloaded should not wait."""
        for page in self._open.values():
            page.desk.later(page.tick)

    def close(self) -> None:
        """Close every tab: the server stops."""
        for page in list(self._open.values()):
            page.close()
        self._open.clear()


class InDocument:
    """Runs functions where a page lives, soon and in order, from any thread; not once the tab is gone.

    What comes before the browser has loaded the page waits until then: Panel sends changes at once to a page that is
    loaded, and puts others off, so that an earlier one could arrive after a later one.

    Parameters
    ----------
    doc
        The page's document.
    in_loop
        Runs a function in the thread of the server's loop, soon and in order, from any thread. Bokeh's documents are
        for that thread alone: a callback that another thread adds while changes are held may never run.
    """

    def __init__(self, doc: Document, in_loop: Callable[[Callable[[], None]], None]) -> None:
        self._doc, self._in_loop = doc, in_loop
        self._is_gone = self._was_connected = self._is_loaded = False
        self._lock = Lock()
        self._waiting: deque[Callable[[], None]] = deque()

    def __call__(self, call: Callable[[], None]) -> None:
        """Run `call` there."""
        with self._lock:
            self._waiting.append(call)
            if self._is_loaded and not self._is_gone:
                self._in_loop(self._ask_for_turn)

    def start(self) -> None:
        """The page is loaded: run what has waited for it, and from now on what comes."""
        with self._lock:
            self._is_loaded = True
            for _ in self._waiting:
                self._in_loop(self._ask_for_turn)

    def _ask_for_turn(self) -> None:
        """Have the next function run once it is this document's turn, which nobody else then changes."""
        if not self._is_gone:
            self._doc.add_next_tick_callback(self._run_next)

    def _run_next(self) -> None:
        call = self._waiting.popleft()
        if not self._is_gone:
            with set_curdoc(self._doc):
                call()

    @property
    def is_connected(self) -> bool:
        """Whether a browser shows the page now, or has only just asked for it."""
        session = getattr(self._doc.session_context, "session", None)
        self._was_connected |= session is not None and session.connection_count > 0
        return not self._is_gone and (not self._was_connected or (session is not None and session.connection_count > 0))

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
