"""What a table or figure of the paper has become: tables, pictures, and facts to keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hyperpoint.reproduce.tables import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class Report:
    """What an experiment returns.

    Attributes
    ----------
    tables
        The first bears the name of the experiment; the others begin with it.
    figure
        Its picture; None for the paper's tables.
    facts
        JSON-serialisable: what the record is to hold beside the rows.
    """

    tables: Sequence[Table]
    figure: Figure | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    def write(self, folder: Path) -> list[Path]:
        """Write tables and picture, and return the files."""
        from hyperpoint.reproduce.figures import save

        written = [path for table in self.tables for path in table.write(folder)]
        return written if self.figure is None else [*written, *save(self.figure, folder / self.tables[0].name)]
