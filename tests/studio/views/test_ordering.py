from __future__ import annotations

from types import SimpleNamespace

import pytest

pytest.importorskip("panel")

from bokeh.document import Document
from bokeh.document.events import DocumentChangedEvent
from panel.io.state import set_curdoc

from hyperpoint.studio.views.ordering import in_order


def titles_sent(doc: Document) -> list[str]:
    sent: list[str] = []

    def hear(event: DocumentChangedEvent) -> None:
        sent.append(str(getattr(event, "title", event)))

    doc.on_change(hear)
    return sent


def test_all_that_changes_is_sent_at_the_end_in_the_order_of_the_changes() -> None:
    doc = Document()
    doc._session_context = lambda: SimpleNamespace()  # type: ignore[assignment]
    sent = titles_sent(doc)
    with set_curdoc(doc):
        with in_order():
            doc.title = "first"
            with in_order():
                doc.title = "second"
            doc.title = "third"
            assert sent == []
        assert sent == ["first", "second", "third"]
        assert doc.callbacks.hold_value is None


def test_a_page_without_a_server_sends_at_once() -> None:
    doc = Document()
    sent = titles_sent(doc)
    with set_curdoc(doc), in_order():
        doc.title = "first"
        assert sent == ["first"]
    with in_order():  # and without a document nothing is asked of it
        pass
