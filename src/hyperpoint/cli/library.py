"""`hyperpoint library`: labelled spectra of earlier scenes, kept for the next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hyperpoint.cli.common import classes_from, classes_option, is_quiet, scene_options
from hyperpoint.cli.progress import busy

if TYPE_CHECKING:
    from hyperpoint.library import SpectralLibrary


@click.command("library")
@click.argument("sources", nargs=-1, type=click.Path(), metavar="[FROM]...")
@click.option(
    "--scene",
    "scenes",
    nargs=2,
    multiple=True,
    type=click.Path(),
    metavar="CUBE POINTS",
    help="A scene and its labelled points; may be given several times. The options from --rgb on say how to open it.",
)
@classes_option("Keep only classes of this table, by name")
@scene_options
@click.option("--out", required=True, type=click.Path(), metavar="OUT", help="Library to write: .npz or .csv.")
def command(
    sources: tuple[str, ...], scenes: tuple[tuple[str, str], ...], classes: str | None, out: str, **options: Any
) -> None:
    """Keep the spectra at the labelled points of earlier scenes in a spectral library.

    FROM is the OUT.json that `hyperpoint annotate` wrote beside a mask, a folder of such files, or another spectral
    library (.npz, .csv, ENVI .sli). The next scene is annotated with `hyperpoint annotate --like OUT`.

    \b
    Examples:
      hyperpoint library masks/ --out street.npz
      hyperpoint library --scene 1.hdr 1.csv --scene 2.hdr 2.csv --rotate 270 --out street.npz
      hyperpoint library usgs.sli --classes classes.json --out materials.csv
    """
    from hyperpoint.cli.earlier import Purpose, gather_library, library_of_scene
    from hyperpoint.io.files import check_writable
    from hyperpoint.io.spectral_libraries import write_library
    from hyperpoint.library import join_libraries

    _check(out, sources, scenes, options)
    check_writable(out)
    table = classes_from(classes)
    purpose = Purpose(table, by_id=table is not None, outputs=frozenset([Path(out).resolve()]))
    with busy("reading spectra"):
        found = [gather_library(sources, purpose)] if sources else []
        for cube, points in scenes:
            own = library_of_scene(cube, points, table, options)
            found.append(own if table is None else own.matched(table, by_id=True))
        library = join_libraries(found)
    write_library(out, library)
    if not is_quiet():
        click.echo(_summary(library))
        click.echo(f"wrote {out}")


def _check(out: str, sources: tuple[str, ...], scenes: tuple[tuple[str, str], ...], options: dict[str, Any]) -> None:
    if Path(out).suffix.lower() not in (".npz", ".csv"):
        raise click.UsageError(f"--out must end in .npz or .csv; got {out}")
    given = [*sources, *(path for scene in scenes for path in scene)]
    if not given:
        raise click.UsageError("give annotations or libraries to take spectra from, or scenes with --scene CUBE POINTS")
    if Path(out).resolve() in {Path(path).resolve() for path in given}:
        raise click.UsageError(f"{out} is one of the inputs and would be overwritten; choose another name")
    if options["rgb"] and len(scenes) > 1:
        raise click.UsageError("--rgb is the image of one scene; give one --scene with it, and join the libraries then")


def _summary(library: SpectralLibrary) -> str:
    lines = [
        f"{c:>5} {library.name_of(c) if library.names else '':<28}{int((library.labels == c).sum()):>8} spectra"
        for c in library.class_ids.tolist()
    ]
    span = library.wavelengths
    reach = "" if span is None else f", {span.min():.0f}..{span.max():.0f} nm"
    lines.append(f"{len(library)} spectra of {library.num_scenes} scenes, {library.spectra.shape[1]} bands{reach}")
    return "\n".join(lines)
