"""What an edit is: a value that can be applied to a scene's state, and written down."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from hyperpoint.studio.records import CODECS
from hyperpoint.studio.state import State


@dataclass(frozen=True, eq=False)
class Edit(ABC):
    """Something that a person did."""

    kind: ClassVar[str]

    @abstractmethod
    def apply(self, state: State) -> State:
        """Return the state after this edit: the same object if nothing changes.

        Raises
        ------
        InputError, PointsError
            If it cannot be done.
        """

    def to_record(self) -> dict[str, Any]:
        """Return the edit as JSON values, as `edit_from_record` reads it."""
        parts = {part.name: CODECS[part.name].encode(getattr(self, part.name)) for part in fields(self)}
        return {"kind": self.kind, **parts}
