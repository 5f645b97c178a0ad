from __future__ import annotations

import pytest

pytest.importorskip("panel")

from bokeh.document import Document

from hyperpoint.studio.app import InDocument, open_first
from hyperpoint.studio.desk import Desk
from hyperpoint.studio.workspace import Workspace


def test_nothing_runs_in_a_document_that_is_gone() -> None:
    doc, ran = Document(), []
    later = InDocument(doc)
    later(lambda: ran.append(1))
    assert not doc.session_callbacks  # nothing before the page is loaded
    later.start()
    for callback in list(doc.session_callbacks):
        callback.callback()
    assert ran == [1]
    later(lambda: ran.append(2))
    waiting = list(doc.session_callbacks)
    later.stop()
    later(lambda: ran.append(3))
    for callback in waiting:
        callback.callback()
    assert ran == [1]


def test_the_first_scene_that_is_not_done_is_opened(workspace: Workspace) -> None:
    workspace.store(workspace.entries[0]).set_done(True)
    desk = Desk(workspace)
    open_first(desk)
    desk.jobs.wait()
    desk.jobs.wait()
    assert desk.current is not None
    assert desk.current.entry.key == "b"
    desk.close()
