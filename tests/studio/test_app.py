from __future__ import annotations

from collections.abc import Callable
from threading import Thread

import pytest

pytest.importorskip("panel")

from bokeh.document import Document

from hyperpoint.studio.app import InDocument, open_first
from hyperpoint.studio.desk import Desk
from hyperpoint.studio.workspace import Workspace


class Loop:
    """Keeps what is to run in a server's loop until it is told to run it."""

    def __init__(self) -> None:
        self.calls: list[Callable[[], None]] = []

    def __call__(self, call: Callable[[], None]) -> None:
        self.calls.append(call)

    def turn(self, doc: Document) -> None:
        """Run what was asked for, and then the document's callbacks."""
        calls, self.calls = self.calls, []
        for call in calls:
            call()
        for callback in list(doc.session_callbacks):
            callback.callback()


def test_nothing_runs_in_a_document_that_is_gone() -> None:
    doc, loop, ran = Document(), Loop(), []
    later = InDocument(doc, loop)
    later(lambda: ran.append(1))
    assert not loop.calls  # nothing before the page is loaded
    later.start()
    loop.turn(doc)
    assert ran == [1]
    later(lambda: ran.append(2))
    later.stop()
    later(lambda: ran.append(3))
    loop.turn(doc)
    assert ran == [1]


def test_other_threads_leave_the_document_alone() -> None:
    doc, loop, ran = Document(), Loop(), []
    later = InDocument(doc, loop)
    later.start()
    doc.hold("collect")  # as while the page sends something: what another thread added now could be lost
    threads = [Thread(target=later, args=(lambda number=number: ran.append(number),)) for number in range(3)]
    for thread in threads:
        thread.start()
        thread.join()
    assert not doc.session_callbacks
    assert doc.callbacks._held_events == []
    doc.unhold()
    loop.turn(doc)
    assert ran == [0, 1, 2]


def test_the_first_scene_that_is_not_done_is_opened(workspace: Workspace) -> None:
    workspace.store(workspace.entries[0]).set_done(True)
    desk = Desk(workspace)
    open_first(desk)
    desk.jobs.wait()
    desk.jobs.wait()
    assert desk.current is not None
    assert desk.current.entry.key == "b"
    desk.close()
