from __future__ import annotations

import csv
import math
from pathlib import Path

import pytest

from hyperpoint.reproduce.tables import Table, mean_and_spread

TABLE = Table("t", "A table", ("method", "miou", "paper_miou"),
              [{"method": "a|b", "miou": 12.5}, {"method": "c", "paper_miou": 28.81}], ("A note.",))  # fmt: skip


def test_what_is_missing_is_an_empty_cell(tmp_path: Path) -> None:
    paths = TABLE.write(tmp_path)
    assert [path.name for path in paths] == ["t.csv", "t.md"]
    with paths[0].open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert rows == [
        {"method": "a|b", "miou": "12.5", "paper_miou": ""},
        {"method": "c", "miou": "", "paper_miou": "28.81"},
    ]


def test_markdown_has_title_notes_and_escaped_bars() -> None:
    lines = TABLE.to_markdown().splitlines()
    assert lines[0] == "# A table"
    assert "| a\\|b | 12.5 |  |" in lines
    assert lines[-1] == "- A note."


def test_not_a_number_is_an_empty_cell() -> None:
    assert Table("t", "", ("x",), [{"x": math.nan}]).cells() == [[""]]


def test_mean_and_spread() -> None:
    assert mean_and_spread([0.5, 0.6, 0.7]) == (60.0, 10.0)
    assert mean_and_spread([0.5]) == (50.0, None)
    assert mean_and_spread([]) == (None, None)
    assert mean_and_spread([math.nan, 0.5]) == (50.0, None)


def test_spread_is_the_standard_deviation_of_a_sample() -> None:
    assert mean_and_spread([0.1, 0.3])[1] == pytest.approx(14.14)
