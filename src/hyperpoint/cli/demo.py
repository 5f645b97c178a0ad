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
    from hyperpoint.demo.training import TrainingResult


# Relative to OUT.
_TRAINING, _PICTURES = "training", "pictures"


@click.command("demo")
@click.option(
    "--out", type=click.Path(), default="demo", show_default=True, help="Folder for scenes, masks and report."
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seeds scenes, points and classifiers."
)
@click.option("--no-training", is_flag=True, help="Annotate only; train no network.")
def command(out: str, seed: int, no_training: bool) -> None:
    """Synthesise six scenes, annotate them from points with spectra and with RGB, score, and write OUT/report.html.

    Then train a small RGB network on annotations, on the truth and on the points alone, and compare what they make of
    unseen scenes. Takes about three minutes. Training and the TwoCNN recipes need PyTorch, and are left out without it:
    pip install "hyperpoint[deep]".
    """
    from hyperpoint.demo.pictures import write_pictures
    from hyperpoint.demo.report import render_report
    from hyperpoint.demo.run import run_demo
    from hyperpoint.demo.training_report import render_skipped, render_training, write_training_pictures
    from hyperpoint.io.files import atomic_path

    folder = Path(out)
    report = folder / "report.html"
    with atomic_path(report, parents=True) as temporary:
        with progress_bar("demo") as progress:
            result = run_demo(folder, seed, progress)
        trained = "--no-training was given" if no_training else _train(folder / _TRAINING, seed)
        section = render_skipped(trained) if isinstance(trained, str) else render_training(trained)
        temporary.write_text(render_report(result, section), encoding="utf-8")
    write_pictures(folder / _PICTURES, result)
    if not isinstance(trained, str):
        write_training_pictures(folder / _PICTURES, trained)
    if not is_quiet():
        _print_scores(result)
        _print_training(trained)
        click.echo(f"wrote {report}")


def _train(folder: Path, seed: int) -> TrainingResult | str:
    """Return what came of the training, or why there was none."""
    from hyperpoint.demo.training import run_training
    from hyperpoint.errors import MissingExtraError

    try:
        with progress_bar("training") as progress:
            return run_training(folder, seed, progress)
    except MissingExtraError as error:
        return str(error)


def _print_scores(result: DemoResult) -> None:
    from rich.console import Console
    from rich.table import Table

    from hyperpoint.demo.report import summary_rows

    table = Table(
        "scenes", "recipe", *_right("mIoU %", "accuracy %", "coverage %", "s / scene"), title="Synthetic scenes"
    )
    for layout, recipe, *shares, seconds in summary_rows(result):
        table.add_row(layout, recipe, *(f"{100 * share:.1f}" for share in shares), f"{seconds:.1f}")
    Console().print(table)


def _print_training(trained: TrainingResult | str) -> None:
    from rich.console import Console
    from rich.table import Table

    from hyperpoint.demo.training_report import training_rows

    if isinstance(trained, str):
        click.echo(f"nothing was trained: {trained}")
        return
    columns = _right("pixels labelled %", "mIoU %", "accuracy %", "mIoU, % of the truth's", "s")
    table = Table("trained on", *columns, title="RGB networks on unseen scenes")
    for title, labelled, *shares, seconds in training_rows(trained):
        table.add_row(title, f"{100 * labelled:.2f}", *(f"{100 * share:.1f}" for share in shares), f"{seconds:.1f}")
    Console().print(table)


def _right(*names: str) -> list[Column]:
    from rich.table import Column

    return [Column(name, justify="right") for name in names]
