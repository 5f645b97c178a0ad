"""Tables, as CSV and Markdown, and the numbers in them."""

from __future__ import annotations

import csv
import io
import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hyperpoint.io.files import atomic_path

Cell = str | float | int | None


@dataclass(frozen=True)
class Table:
    """A table: `rows` have a cell for some of `columns`; what is missing was not run and stays empty.

    `name` is that of its files, `title` and `notes` are for people.
    """

    name: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Mapping[str, Cell]]
    notes: Sequence[str] = field(default_factory=tuple)

    def cells(self) -> list[list[str]]:
        """Return the rows as texts, an empty one for what is missing."""
        return [[_text(row.get(name)) for name in self.columns] for row in self.rows]

    def to_csv(self) -> str:
        """Return it as CSV."""
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerows([list(self.columns), *self.cells()])
        return stream.getvalue()

    def to_markdown(self) -> str:
        """Return it as Markdown, with title and notes."""
        lines = [f"# {self.title}", "", _line(self.columns), _line(["---"] * len(self.columns))]
        lines += [_line([cell.replace("|", "\\|") for cell in row]) for row in self.cells()]
        return "\n".join([*lines, *(["", *(f"- {note}" for note in self.notes)] if self.notes else []), ""])

    def write(self, folder: Path) -> list[Path]:
        """Write `folder`/<name>.csv and .md, and return them."""
        written = [folder / f"{self.name}.csv", folder / f"{self.name}.md"]
        for path, text in zip(written, (self.to_csv(), self.to_markdown()), strict=True):
            with atomic_path(path) as temporary:
                temporary.write_text(text, encoding="utf-8", newline="")
        return written


def mean_and_spread(shares: Iterable[float]) -> tuple[float | None, float | None]:
    """Return mean and standard deviation over seeds in %, of shares 0..1; None where there is nothing to take it of."""
    values = [100 * share for share in shares if not math.isnan(share)]
    mean = round(statistics.fmean(values), 2) if values else None
    return mean, round(statistics.stdev(values), 2) if len(values) > 1 else None


def _text(cell: Cell) -> str:
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    return f"{cell:.10g}" if isinstance(cell, float) else str(cell)


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
