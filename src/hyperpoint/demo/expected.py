"""Warnings that are right elsewhere, and mean nothing where scenes, points and schedule are the demonstration's own."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

# By the logger that gives it, what tells such a warning from others of that logger.
_EXPECTED = {
    # The streets come as radiance, as in HSICityV2.
    "hyperpoint.opening": "holds radiance and no white reference is given",
    # Classes of a few pixels, which superpixels vote down: what the recipes are compared in.
    "hyperpoint.annotation.annotate": "no pixel but the points themselves got the class",
    # The networks are trained for a fixed number of steps, on a few scenes that do not show every class.
    "hyperpoint.segment.training": "the last network is kept, not the best",
    "hyperpoint.segment.checks": "which cannot be learned",
}


@contextmanager
def without_expected_warnings() -> Iterator[None]:
    """Drop the warnings that every run of the demonstration gives; others are told."""
    filters = {name: _Lacking(text) for name, text in _EXPECTED.items()}
    for name, one in filters.items():
        logging.getLogger(name).addFilter(one)
    try:
        yield
    finally:
        for name, one in filters.items():
            logging.getLogger(name).removeFilter(one)


class _Lacking(logging.Filter):
    """Lets through what does not contain a text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether a record is to be told."""
        return self._text not in record.getMessage()
