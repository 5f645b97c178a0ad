"""A scene's state and its history: edits without end, each written down before it counts, undone and redone at will."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from hyperpoint.errors import InputError
from hyperpoint.studio.edits import Edit, edit_from_record
from hyperpoint.studio.records import member
from hyperpoint.studio.state import State

UNDO, REDO = "undo", "redo"

# States are kept this many edits apart, so that undo repeats few edits and a long history takes little memory.
_APART = 16


class Journal(Protocol):
    """Where changes are written down; a list will do."""

    def append(self, record: dict[str, Any], /) -> None:
        """Write down one change, so that it is safe when this returns; raise if that cannot be done."""


class Session:
    """The state of a scene that is being annotated, and how it came about.

    Parameters
    ----------
    size
        (H, W) of the rgb grid.
    journal
        Is given every change *before* it becomes visible: if that raises, nothing has changed.
    changed
        Is called with the new state after every change.

    Attributes
    ----------
    state
        The present state.
    revision
        How many changes there were: each edit, undo and redo counts one.
    """

    def __init__(
        self,
        size: tuple[int, int],
        journal: Journal | None = None,
        changed: Callable[[State], None] | None = None,
    ) -> None:
        self.size = size
        self.state = State(size)
        self.revision = 0
        self.journal = journal
        self.changed = changed
        self._edits: list[Edit] = []
        self._num_done = 0
        self._kept = [self.state]

    @classmethod
    def replay(
        cls, size: tuple[int, int], records: Iterable[dict[str, Any]], journal: Journal | None = None
    ) -> Session:
        """Return the session that a journal's records describe, history included; further changes go to `journal`.

        Raises
        ------
        InputError, PointsError, ClassTableError
            If a record is malformed, or cannot have happened.
        """
        session = cls(size)
        for record in records:
            session.recall(record)
        session.journal = journal
        return session

    @property
    def can_undo(self) -> bool:
        """Whether there is an edit to take back."""
        return self._num_done > 0

    @property
    def can_redo(self) -> bool:
        """Whether there is an edit that was taken back."""
        return self._num_done < len(self._edits)

    def apply(self, edit: Edit) -> bool:
        """Apply an edit; return False, and do nothing, if it would change nothing.

        Raises
        ------
        InputError, PointsError
            If it cannot be done; nothing has changed then.
        ReadOnlyError
            If the scene is being edited elsewhere.
        """
        state = edit.apply(self.state)
        if state is self.state:
            return False
        self._write(edit.to_record())
        self._do(edit, state)
        self._tell()
        return True

    def undo(self) -> bool:
        """Take back the last edit; return False if there is none. Raises ReadOnlyError as `apply`."""
        return self.can_undo and self._go(UNDO, self._num_done - 1)

    def redo(self) -> bool:
        """Do again what was taken back last; return False if there is nothing. Raises ReadOnlyError as `apply`."""
        return self.can_redo and self._go(REDO, self._num_done + 1)

    def recall(self, record: dict[str, Any]) -> None:
        """Repeat a change that a journal has written down, without writing it down again; raises as `replay`."""
        kind = member(record, "kind")
        if kind not in (UNDO, REDO):
            edit = edit_from_record(record)
            self._do(edit, edit.apply(self.state))
        elif self.can_undo if kind == UNDO else self.can_redo:
            num_done = self._num_done + (1 if kind == REDO else -1)
            self._show(num_done, self._state_after(num_done))
        else:
            raise InputError(f"there is nothing to {kind}")

    def _go(self, kind: str, num_done: int) -> bool:
        state = self._state_after(num_done)
        self._write({"kind": kind})
        self._show(num_done, state)
        self._tell()
        return True

    def _write(self, record: dict[str, Any]) -> None:
        if self.journal is not None:
            self.journal.append(record)

    def _tell(self) -> None:
        if self.changed is not None:
            self.changed(self.state)

    def _do(self, edit: Edit, state: State) -> None:
        del self._edits[self._num_done :]
        del self._kept[self._num_done // _APART + 1 :]
        self._edits.append(edit)
        if len(self._edits) % _APART == 0:
            self._kept.append(state.without_pictures())
        self._show(len(self._edits), state)

    def _show(self, num_done: int, state: State) -> None:
        self._num_done, self.state = num_done, state
        self.revision += 1

    def _state_after(self, num_done: int) -> State:
        """Return the state after the first edits of the history, from the one kept before it."""
        if num_done == self._num_done + 1:
            return self._edits[self._num_done].apply(self.state)
        start = num_done // _APART
        state = self._kept[start].without_pictures()
        for edit in self._edits[start * _APART : num_done]:
            state = edit.apply(state)
        return state
