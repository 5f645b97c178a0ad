"""`hyperpoint synth`: synthetic scenes in the layouts of the real data sets."""

from __future__ import annotations

import click

from hyperpoint.cli.common import is_quiet
from hyperpoint.cli.progress import progress_bar


@click.command("synth")
@click.argument("out", type=click.Path())
@click.option(
    "--layout",
    type=click.Choice(["lib-hsi", "hsicity2"]),
    default="lib-hsi",
    show_default=True,
    help="Facades as LIB-HSI (ENVI, reflectance, 204 bands), or streets as HSICityV2 (.hsd, radiance, 128 bands).",
)
@click.option(
    "--scenes",
    type=int,
    default=6,
    show_default=True,
    help="How many in all: 70 % train, 15 % validation, 15 % test, at least one each (hsicity2: train and test only).",
)
@click.option(
    "--size",
    nargs=2,
    type=int,
    metavar="H W",
    help="Rows and columns. Default: 256 256 (lib-hsi; the real ones have 512 512) or 356 472 (hsicity2; 1422 1889).",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seeds every random draw.")
def command(out: str, layout: str, scenes: int, size: tuple[int, int] | None, seed: int) -> None:
    """Make synthetic scenes in the folder OUT, laid out as a real data set.

    Cubes, photos and labels come in the folders, splits and file formats of the data set, so that whatever reads it
    reads these. The same options give the same files.

    \b
    Examples:
      hyperpoint synth facades --layout lib-hsi --scenes 6 --size 512 512
      hyperpoint synth streets --layout hsicity2 --scenes 20 --seed 1
      hyperpoint inspect facades/train/reflectance_cubes/0001.hdr --rotate 270
    """
    from hyperpoint.synth import synthesise

    with progress_bar("synthesising") as progress:
        written = synthesise(out, layout, scenes, size, seed, progress)
    if not is_quiet():
        counts = {
            split: sum(one.split == split for one in written) for split in dict.fromkeys(w.split for w in written)
        }
        click.echo(f"wrote {', '.join(f'{count} {split}' for split, count in counts.items())} scenes to {out}")
