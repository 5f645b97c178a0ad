"""The report of a set: report.csv for programs, report.html for people."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import cached_property
from html import escape
from importlib import resources
from pathlib import Path
from string import Template
from urllib.parse import quote

import numpy as np

from hyperpoint.batch.job import SceneResult, SceneRow, Task
from hyperpoint.batch.scoring import pooled
from hyperpoint.io.files import atomic_path
from hyperpoint.metrics import ConfusionMatrix

CSV_NAME, PAGE_NAME = "report.csv", "report.html"
FILES = (CSV_NAME, PAGE_NAME)
COLUMNS = ("id", "split", "state", "miou", "accuracy", "coverage", "points", "seconds", "error", "notes")
_STATES = ("annotated", "kept", "failed", "not done")
_NUM_DECIMALS = 6
_BAR_PERCENT = 70  # of its cell, for 100 %: the number stands beside it


@dataclass(frozen=True)
class Report:
    """What came of a run: a row a scene, in the order of the set, and how many seconds it took in all."""

    task: Task
    rows: tuple[SceneRow, ...]
    seconds: float

    @property
    def counts(self) -> dict[str, int]:
        """How many scenes there are of each state, also of those that have none."""
        return {state: sum(row.state == state for row in self.rows) for state in _STATES}

    @property
    def results(self) -> list[SceneResult]:
        """The results of the scenes that have one."""
        return [row.result for row in self.rows if row.result is not None]

    @cached_property
    def matrix(self) -> ConfusionMatrix:
        """The confusion matrix of all scored scenes, pooled over their pixels."""
        return pooled(self.task, self.results)

    @property
    def num_scored(self) -> int:
        """How many scenes were scored."""
        return sum(result.truth is not None for result in self.results)

    @property
    def coverage(self) -> float:
        """Mean share of the pixels that bear a label; NaN without results."""
        return float(np.mean([result.coverage for result in self.results])) if self.results else float("nan")

    @property
    def rate(self) -> float:
        """Scenes annotated in a second of this run."""
        return self.counts["annotated"] / self.seconds if self.seconds else 0.0

    @property
    def peak_bytes(self) -> int | None:
        """The most memory that one process held; None if it is not known."""
        return max((row.peak_bytes for row in self.rows if row.peak_bytes is not None), default=None)

    def matrix_of(self, row: SceneRow) -> ConfusionMatrix | None:
        """Return the confusion matrix of one scene, None if it was not scored."""
        return None if row.result is None or row.result.truth is None else pooled(self.task, [row.result])


def write_report(report: Report) -> list[Path]:
    """Write report.csv and report.html into the output folder, atomically; return them.

    Raises
    ------
    InputError
        If one of them cannot be written.
    """
    files = []
    for name, text in ((CSV_NAME, render_csv(report)), (PAGE_NAME, render_page(report))):
        files.append(report.task.out / name)
        with atomic_path(files[-1]) as temporary:
            temporary.write_text(text, encoding="utf-8", newline="\n")
    return files


def render_csv(report: Report) -> str:
    """Return a line a scene: scores and coverage in 0..1, seconds, the error; empty where there is none."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in report.rows:
        matrix, result = report.matrix_of(row), row.result
        scores = (np.nan, np.nan) if matrix is None else (matrix.miou, matrix.accuracy)
        known = [] if result is None else [_number(result.coverage), result.num_points, f"{result.seconds:.3f}"]
        notes = "; ".join(result.notes) if result else ""
        writer.writerow([row.id, row.split, row.state, *map(_number, scores), *(known or [""] * 3), row.error, notes])
    return text.getvalue()


def _number(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.{_NUM_DECIMALS}f}"


def render_page(report: Report) -> str:
    """Return the report as HTML; the pictures are the masks beside it."""
    template = Template((resources.files("hyperpoint.batch") / "report.html").read_text(encoding="utf-8"))
    return template.substitute(
        title=escape(report.task.out.name),
        tiles="\n".join(_tile(*one) for one in _tiles(report)),
        about="\n".join(f"<tr><td>{escape(k)}</td><td>{escape(v)}</td></tr>" for k, v in _about(report).items()),
        failures=_failures(report),
        scenes="\n".join(_scene(report, row) for row in report.rows if row.result is not None),
        classes=_classes(report),
    )


def _tiles(report: Report) -> list[tuple[str, str]]:
    counts = [(str(num), state) for state, num in report.counts.items() if num or state == "annotated"]
    matrix = report.matrix
    scores = [(_percent(matrix.miou), "mIoU"), (_percent(matrix.accuracy), "accuracy")] if report.num_scored else []
    return [*counts, *scores, (_percent(report.coverage), "coverage")]


def _tile(value: str, name: str) -> str:
    kind = "bad" if name in ("failed", "not done") else ""
    return f"<div class='tile {kind}'><b>{escape(value)}</b><span>{escape(name)}</span></div>"


def _about(report: Report) -> dict[str, str]:
    task, draw = report.task, report.task.draw
    if draw is None:
        points = "given"
    elif draw.per_class is not None:
        points = f"drawn from the truth, {draw.per_class} of each class"
    else:
        annotated, unannotated = draw.ratio
        points = (
            f"drawn from the truth, {draw.per_region} in each of {draw.num_regions} regions, annotated to unannotated "
            f"{annotated:g}:{unannotated:g}"
        )
    peak = report.peak_bytes
    return {
        "recipe": task.recipe.name,
        "points": points,
        "seed": str(task.seed),
        "hyperpoint": task.version,
        "this run": f"{report.seconds:.1f} s, {report.rate:.2f} scenes/s",
        **({} if peak is None else {"largest process": f"{peak / 1e6:.0f} MB"}),
    }


def _failures(report: Report) -> str:
    lines = [
        f"<tr><td class='id'>{escape(row.id)}</td><td>{escape(row.error)}{_trace(row)}</td></tr>"
        for row in report.rows
        if row.error is not None
    ]
    if not lines:
        return ""
    return f"<h2>Failed</h2><table><tbody>{''.join(lines)}</tbody></table>"


def _trace(row: SceneRow) -> str:
    if row.traceback is None:
        return ""
    return f"<details><summary>where it arose</summary><pre>{escape(row.traceback)}</pre></details>"


def _scene(report: Report, row: SceneRow) -> str:
    result, matrix = row.result, report.matrix_of(row)
    assert result is not None
    link = escape(quote(f"{row.id}.png"))
    miou = float("nan") if matrix is None else matrix.miou
    notes = "".join(f"<li>{escape(note)}</li>" for note in result.notes)
    cells = [
        f"<a href='{link}'><img src='{link}' alt='' loading='lazy'></a>",
        f"{escape(row.id)}<br><small>{escape(row.split)}{', kept' if row.state == 'kept' else ''}</small>",
        _bar(miou),
        _percent(float("nan") if matrix is None else matrix.accuracy),
        _percent(result.coverage),
        str(result.num_points),
        f"{result.seconds:.1f}",
        f"<ul>{notes}</ul>" if notes else "",
    ]
    kinds = ["thumb", "", "bar", "num", "num", "num", "num", "notes"]
    return "<tr>" + "".join(f"<td class='{k}'>{c}</td>" for k, c in zip(kinds, cells, strict=True)) + "</tr>"


def _classes(report: Report) -> str:
    classes = report.task.classes
    if not report.num_scored:
        return ""
    lines = [
        f"<tr><td><i class='swatch' style='background:rgb{classes.colors[one.id]}'></i>{escape(classes.names[one.id])}"
        f"</td><td class='bar'>{_bar(one.iou)}</td><td class='num'>{_percent(one.accuracy)}</td>"
        f"<td class='num'>{one.support:,}</td></tr>"
        for one in report.matrix.per_class
        if one.support
    ]
    head = "<tr><th>Class</th><th>IoU</th><th class='num'>Accuracy</th><th class='num'>Pixels</th></tr>"
    return f"<h2>Classes</h2><table><thead>{head}</thead><tbody>{''.join(lines)}</tbody></table>"


def _bar(share: float) -> str:
    bar = "" if np.isnan(share) else f"<i style='width:{_BAR_PERCENT * share:.1f}%'></i>"
    return f"{bar}<b>{_percent(share)}</b>"


def _percent(share: float) -> str:
    return "–" if np.isnan(share) else f"{100 * share:.1f} %"
