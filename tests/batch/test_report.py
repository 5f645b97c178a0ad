from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from hyperpoint.annotation.recipe import get_recipe
from hyperpoint.batch.job import Draw, SceneResult, SceneRow, Task
from hyperpoint.batch.report import COLUMNS, Report, render_csv, render_page, write_report
from hyperpoint.errors import InputError
from hyperpoint.types import ClassTable

TABLE = ClassTable(("wall", "sky", "panel"), ((200, 80, 60), (0, 0, 255), (9, 9, 9)))


def result(counts: list[list[int]], notes: list[str] | None = None) -> SceneResult:
    return SceneResult({}, {}, 0.5, 40, "sha256:x" if counts else None, counts, notes or [], 1.25)


@pytest.fixture
def report(tmp_path: Path) -> Report:
    task = Task(get_recipe("paper-svm"), TABLE, tmp_path, 3, "0.1.0", "x", Draw(per_class=20), unscored=(2,))
    rows = (
        SceneRow("a", "train", "annotated", result([[0, 0, 6], [0, 1, 2], [2, 0, 50]]), peak_bytes=120_000_000),
        SceneRow("b", "train", "kept", result([[1, 1, 1], [1, 3, 1]], ["two; <remarks>", "of it"])),
        SceneRow("c", "val", "failed", error="<b>: no such file", traceback="File <x>"),
        SceneRow("d", "val", "annotated", result([])),
        SceneRow("e", "test", "not done"),
    )
    return Report(task, rows, 8.0)


def test_the_totals(report: Report) -> None:
    assert report.counts == {"annotated": 2, "kept": 1, "failed": 1, "not done": 1}
    # wall: 6 of 8; sky: 1 of 2 + 2 that are wall. The panel is not scored.
    assert report.matrix.miou == pytest.approx((6 / 8 + 1 / 4) / 2)
    assert report.matrix.accuracy == pytest.approx(7 / 10)
    assert (report.num_scored, report.coverage, report.rate, report.peak_bytes) == (2, 0.5, 0.25, 120_000_000)


def test_the_table_has_a_line_a_scene(report: Report) -> None:
    lines = list(csv.DictReader(io.StringIO(render_csv(report))))
    assert tuple(lines[0]) == COLUMNS
    assert [line["state"] for line in lines] == ["annotated", "kept", "failed", "annotated", "not done"]
    assert (lines[0]["miou"], lines[0]["accuracy"]) == ("0.750000", "0.750000")
    assert (lines[1]["accuracy"], lines[1]["notes"]) == ("0.500000", "two; <remarks>; of it")
    assert (lines[2]["error"], lines[2]["seconds"]) == ("<b>: no such file", "")
    assert (lines[3]["miou"], lines[3]["coverage"], lines[3]["points"], lines[3]["seconds"]) == (
        "", "0.500000", "40", "1.250",
    )  # fmt: skip


def test_the_page_shows_everything_and_trusts_nothing(report: Report) -> None:
    page = render_page(report)
    assert "&lt;b&gt;: no such file" in page
    assert "File &lt;x&gt;" in page
    assert "two; &lt;remarks&gt;" in page
    assert "<b>: no" not in page
    assert page.count("loading='lazy'") == 3
    assert "panel" not in page
    assert "20 of each class" in page
    assert "120 MB" in page


def test_a_report_without_results_can_be_written(report: Report) -> None:
    failed = Report(report.task, report.rows[2:3], 0.0)
    assert [path.name for path in write_report(failed)] == ["report.csv", "report.html"]
    assert "Classes" not in (report.task.out / "report.html").read_text()


def test_a_report_that_cannot_be_written_is_told(report: Report) -> None:
    (report.task.out / "report.csv").mkdir()
    with pytest.raises(InputError, match=r"report\.csv"):
        write_report(report)
