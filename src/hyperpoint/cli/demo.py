"""`hyperpoint demo`: the whole way on synthetic scenes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hyperpoint.cli.common import is_quiet
from hyperpoint.cli.progress import progress_bar

if TYPE_CHECKING:
    from rich.table import Column

    from hyperpoint.demo.run import DemoResult


@click.command("demo")
@click.option(
    "--out", type=click.Path(), default="demo", show_default=True, help="Folder for scenes, masks and report."
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seeds scenes, points and classifiers."
)
def command(out: str, seed: int) -> None:
    """Synthesise six scenes, annotate them from points with spectra and with RGB, score, and write OUT/report.html.

    Takes about two minutes. The TwoCNN recipes need PyTorch: pip install "hyperpoint[deep]".
    """
    from hyperpoint.demo.pictures import write_pictures
    from hyperpoint.demo.report import render_report
    from hyperpoint.demo.run import run_demo
    from hyperpoint.io.files import atomic_path

    folder = Path(out)
    report = folder / "report.html"
    with atomic_path(report, parents=True) as temporary:
        with progress_bar("demo") as progress:
            result = run_demo(folder, seed, progress)
        temporary.write_text(render_report(result), encoding="utf-8")
    write_pictures(folder / "pictures", result)
    if not is_quiet():
        _print_table(result)
        click.echo(f"wrote {report}")


def _print_table(result: DemoResult) -> None:
    from rich.console import Console
    from rich.table import Table

    from hyperpoint.demo.report import summary_rows

    table = Table(
        "scenes", "recipe", *_right("mIoU %", "accuracy %", "coverage %", "s / scene"), title="Synthetic scenes"
    )
    for layout, recipe, *shares, seconds in summary_rows(result):
        table.add_row(layout, recipe, *(f"{100 * share:.1f}" for share in shares), f"{seconds:.1f}")
    Console().print(table)


def _right(*names: str) -> list[Column]:
    from rich.table import Column

    return [Column(name, justify="right") for name in names]
