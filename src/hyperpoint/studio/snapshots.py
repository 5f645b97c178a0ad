"""A scene's state as files that other programs read, kept up to date beside the work: the journal is what counts."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from threading import Condition, Thread

from hyperpoint.errors import HyperpointError
from hyperpoint.io.files import write_json
from hyperpoint.io.masks import write_mask
from hyperpoint.io.points import write_points
from hyperpoint.studio.records import encode_classes
from hyperpoint.studio.state import ERASER, State, Stroke
from hyperpoint.types import ClassTable

logger = logging.getLogger(__name__)

POINTS_FILE, CLASSES_FILE, CORRECTIONS_FILE = "points.csv", "classes.json", "corrections.png"


class Snapshots:
    """Writes the latest state from a thread of its own; states that come faster than they are written are left out.

    Parameters
    ----------
    folder
        Where the files lie.
    allowed
        Asked before each writing: whether nobody else edits the scene.
    """

    def __init__(self, folder: Path, allowed: Callable[[], bool]) -> None:
        self._folder, self._allowed = folder, allowed
        self._wanted: State | None = None
        self._busy = False
        self._painted: tuple[tuple[Stroke, ...], ClassTable | None] | None = None
        self._change = Condition()

    def request(self, state: State) -> None:
        """Have a state written soon, and return at once."""
        with self._change:
            self._wanted = state
            if not self._busy:
                self._busy = True
                # No daemon: a program that ends waits for it.
                Thread(target=self._work, name="hyperpoint-snapshots").start()

    def flush(self) -> None:
        """Wait until all that was requested is written."""
        with self._change:
            self._change.wait_for(lambda: not self._busy)

    def _work(self) -> None:
        try:
            while (state := self._next()) is not None:
                self._try(state)
        except BaseException:
            with self._change:
                self._idle()
            raise

    def _idle(self) -> None:
        self._busy = False
        self._change.notify_all()

    def _try(self, state: State) -> None:
        try:
            if self._allowed():
                self._write(state)
        except (HyperpointError, OSError) as error:
            logger.warning("points and classes are safe in the journal, but: %s", error)

    def _next(self) -> State | None:
        with self._change:
            state, self._wanted = self._wanted, None
            if state is None:
                self._idle()
            return state

    def _write(self, state: State) -> None:
        table = state.classes.table() if len(state.classes) else None
        write_points(self._folder / POINTS_FILE, state.points, table)
        self._write_classes(state, table)
        if self._painted is None or self._painted[0] is not state.strokes or self._painted[1] != table:
            self._write_corrections(state, table)
            self._painted = (state.strokes, table)

    def _write_classes(self, state: State, table: ClassTable | None) -> None:
        path = self._folder / CLASSES_FILE
        if table is None:
            path.unlink(missing_ok=True)
            return
        entries = encode_classes(state.classes)
        write_json(path, [{**entry, "name": name} for entry, name in zip(entries, table.names, strict=True)])

    def _write_corrections(self, state: State, table: ClassTable | None) -> None:
        path = self._folder / CORRECTIONS_FILE
        if (state.corrections != ERASER).any():
            write_mask(path, state.corrections, table)
        else:
            path.unlink(missing_ok=True)
