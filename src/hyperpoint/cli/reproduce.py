"""`hyperpoint reproduce`: a table or figure of the paper."""

from __future__ import annotations

import click

from hyperpoint.cli.common import is_quiet
from hyperpoint.cli.points import parse_ratio
from hyperpoint.cli.progress import progress_bar

NAMES = ("table1", "table2", "table3", "table4", "fig2", "fig3", "fig5", "fig6", "fig7", "fig8")


@click.command("reproduce")
@click.argument("name", type=click.Choice(NAMES))
@click.option(
    "--dataset", required=True, type=click.Choice(["lib-hsi", "hsicity2"]), help="table2 is lib-hsi, table3 hsicity2."
)
@click.option(
    "--root", required=True, type=click.Path(), metavar="FOLDER", help="The folder that the splits of it lie in."
)
@click.option("--out", required=True, type=click.Path(), metavar="DIR", help="Folder to write to.")
@click.option(
    "--quick", is_flag=True, help="A few scenes, short schedules, small networks: twenty minutes for all on two cores."
)
@click.option(
    "--regions", type=click.IntRange(min=1), default=100, show_default=True, help="N, in which points are drawn."
)
@click.option(
    "--per-region", type=click.IntRange(min=1), default=10, show_default=True, help="k, the points drawn in each."
)
@click.option(
    "--ratio", callback=parse_ratio, default="1:4", show_default=True, metavar="A:U",
    help="Annotated to unannotated points (fig7 goes from 1:4 to 1:32 whatever this says).",
)  # fmt: skip
@click.option(
    "--seeds", type=click.IntRange(min=1), metavar="NUM",
    help="How often everything is done.  [default: 3; with --quick 1 for networks]",
)  # fmt: skip
@click.option("--steps", type=click.IntRange(min=1), metavar="NUM", help="Of RGB networks.  [default: 80000]")
@click.option(
    "--iterations", type=click.IntRange(min=1), metavar="NUM", help="Of the TwoCNN that annotates.  [default: 40000]"
)
@click.option(
    "--weights", metavar="WEIGHTS",
    help="What RGB networks start from: imagenet, none, or a file.  [default: imagenet; with --quick none]",
)  # fmt: skip
@click.option(
    "--only", multiple=True, metavar="TEXT",
    help="Train only what has TEXT in its name, such as hrnet or rssan (fig7: annotation); other cells stay empty "
    "unless an earlier run in DIR has filled them. Several times: any of them.",
)  # fmt: skip
@click.pass_context
def command(
    ctx: click.Context, name: str, dataset: str, root: str, out: str, quick: bool, regions: int, per_region: int,
    ratio: tuple[float, float], seeds: int | None, steps: int | None, iterations: int | None, weights: str | None,
    only: tuple[str, ...],
) -> None:  # fmt: skip
    """Make a table or figure of the paper, from a copy of its data set, with the paper's numbers in the next column.

    Whoever has neither data set sees the same on synthetic scenes (`hyperpoint synth`). Everything that takes time is
    kept in DIR/kept: a command that was stopped goes on where it was, and others with the same DIR use what is there.

    \b
    Examples:
      hyperpoint reproduce table1 --dataset lib-hsi --root LIB-HSI --out paper
      hyperpoint reproduce table4 --dataset hsicity2 --root HSICityV2 --out paper --only hrnet --seeds 1
      hyperpoint reproduce fig7 --dataset lib-hsi --root facades --out quick --quick

    \b
    DIR: NAME.csv, NAME.md, NAME.json (commit, seeds, versions, hardware, times), NAME.png and NAME.svg of figures.
    Exit status 1: done, but for parts that the files name.
    """
    from hyperpoint.reproduce.protocol import Protocol
    from hyperpoint.reproduce.run import reproduce
    from hyperpoint.reproduce.sizes import FULL, QUICK

    with progress_bar(name) as progress:
        outcome = reproduce(
            name, dataset, root, out,
            size=QUICK if quick else FULL,
            protocol=Protocol(regions, per_region, ratio, seeds),
            weights=weights, steps=steps, iterations=iterations, only=only, progress=progress,
        )  # fmt: skip
    if not is_quiet():
        click.echo(f"wrote {', '.join(str(path) for path in outcome.files)}")
    if outcome.problems:
        for problem in outcome.problems:
            click.echo(f"hyperpoint: {problem}", err=True)
        ctx.exit(1)
