"""Changes reach the browser in the order in which they were made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import panel as pn


@contextmanager
def in_order() -> Iterator[None]:
    """Leave it to Bokeh to send what Panel changes meanwhile.

    Panel sends a change at once, or some ticks later if the connection is busy just then, so that of two changes the
    first may arrive last, and stay. Bokeh sends all that changed in a callback when that ends, one after another. Panel
    steps aside where changes are held already.
    """
    doc = pn.state.curdoc
    if doc is None or doc.session_context is None or doc.callbacks.hold_value:
        yield
        return
    doc.hold("collect")
    try:
        yield
    finally:
        doc.unhold()
