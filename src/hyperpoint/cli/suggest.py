"""`hyperpoint suggest`: which points to label next."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hyperpoint.cli.common import classes_from, classes_option, is_quiet, open_from, scene_options
from hyperpoint.cli.earlier import Purpose, gather_library, like_option
from hyperpoint.cli.progress import busy

if TYPE_CHECKING:
    from hyperpoint.annotation.suggestion import Suggestions


@click.command("suggest")
@click.argument("cube", type=click.Path())
@click.option(
    "--points",
    required=True,
    type=click.Path(),
    metavar="FILE",
    help="The points so far, of two classes or more: any file that `hyperpoint annotate` takes. A point with an empty "
    "label says that you looked there and could not tell; you are not asked about the like of it again.",
)
@click.option("--num", type=click.IntRange(min=1), default=5, show_default=True, help="How many points to suggest.")
@classes_option("Class table")
@click.option("--recipe", help="How the scene is annotated: a name from `hyperpoint recipes`, or a .toml file.")
@scene_options
@like_option
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seeds every random draw.")
@click.option(
    "--out",
    type=click.Path(),
    metavar="OUT.csv",
    help="Write the suggestions as `row,col,label,reason` with empty labels, for you to fill in.",
)
@click.option(
    "--preview",
    type=click.Path(),
    metavar="OUT.png",
    help="Draw your points and the numbered suggestions on the image.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a list.")
def command(
    cube: str, points: str, num: int, classes: str | None, recipe: str | None, like: tuple[str, ...],
    seed: int, out: str | None, preview: str | None, as_json: bool, **options: Any,
) -> None:  # fmt: skip
    """Say which points of the scene CUBE to label next, the best first.

    A point is worth more the less sure its label is, the more of the scene looks like it, and the rarer the classes
    it may belong to. Label a few of what is suggested, add them to your points, and ask again: on the street
    scenes we tried, five points a class chosen so did about as well as eight drawn at random from every class. With
    --like, what earlier scenes tell is taken into account.

    Rows and columns count from 0 on the colour image.

    \b
    Examples:
      hyperpoint suggest scene.hdr --rgb scene.png --points clicks.csv --preview next.png
      hyperpoint suggest scene.hdr --points clicks.csv --num 10 --out next.csv
          (fill in the labels of next.csv, then)
      tail -n +2 next.csv | cut -d, -f1-3 >> clicks.csv
      hyperpoint annotate scene.hdr --points clicks.csv --out mask.png
      hyperpoint suggest 13.hdr --points 13.csv --like masks/
    """
    from hyperpoint.annotation.recipe import get_recipe
    from hyperpoint.io.points import read_points

    _check_outputs(out, preview, [cube, points, options["rgb"], classes, *like])
    chosen = get_recipe(recipe)
    table = classes_from(classes)
    with busy("opening"):
        scene = open_from(cube, options)
        given, table = read_points(points, table, scene.size, image=Path(options["rgb"] or cube).name)
        about = {"cube": cube, "classes": classes, **options}
        library = gather_library(like, Purpose.scene(scene, about, table, [out, preview])) if like else None
    with busy("preparing"):
        from hyperpoint.annotation.prepare import prepare

        prepared = prepare(scene, chosen)
    with busy("looking for the next points"):
        from hyperpoint.annotation.suggestion import suggest

        found = suggest(prepared, given, num, seed, classes=table, library=library)
    if preview:
        from hyperpoint.io.images import write_png
        from hyperpoint.io.preview import draw_numbers, draw_points

        assert prepared.scene.rgb is not None
        write_png(preview, draw_numbers(draw_points(prepared.scene.rgb, given, table), found.rows, found.cols))
    if out:
        _write(out, found)
    if as_json:
        click.echo(json.dumps(_as_dict(found, len(given.annotated), chosen.name)))
    elif not is_quiet():
        click.echo(_as_text(found))


def _check_outputs(out: str | None, preview: str | None, inputs: list[str | None]) -> None:
    from hyperpoint.errors import InputError
    from hyperpoint.io.files import check_writable

    taken = {Path(given).resolve() for given in inputs if given}
    for option, target, suffix in (("--out", out, ".csv"), ("--preview", preview, ".png")):
        if target is None:
            continue
        if Path(target).suffix.lower() != suffix:
            raise InputError(f"{option} must end in {suffix}; got {target}")
        if Path(target).resolve() in taken:
            raise InputError(f"{target} is one of the inputs and would be overwritten; choose another {option}")
        check_writable(Path(target))


def _write(path: str, found: Suggestions) -> None:
    from hyperpoint.io.files import atomic_path

    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("row", "col", "label", "reason"))
        writer.writerows((row, col, "", reason) for row, col, reason in _triples(found))


def _as_dict(found: Suggestions, num_labelled: int, recipe: str) -> dict[str, Any]:
    suggestions = [{"row": row, "col": col, "reason": reason} for row, col, reason in _triples(found)]
    return {"recipe": recipe, "num_labelled_points": num_labelled, "suggestions": suggestions}


def _as_text(found: Suggestions) -> str:
    if not len(found):
        return "nothing is left to ask: every part of the scene has a point"
    lines = [f"{'':>4}{'row':>7}{'col':>7}  why"]
    lines += [f"{i:>3}.{row:>7}{col:>7}  {reason}" for i, (row, col, reason) in enumerate(_triples(found), start=1)]
    return "\n".join(lines)


def _triples(found: Suggestions) -> list[tuple[int, int, str]]:
    return list(zip(found.rows.tolist(), found.cols.tolist(), found.reasons, strict=True))
