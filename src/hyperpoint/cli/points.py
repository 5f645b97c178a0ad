"""`hyperpoint points`: points drawn from a truth, as a simulated annotator would set them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from hyperpoint.cli.common import classes_from, classes_option, is_quiet, open_from, scene_options
from hyperpoint.cli.progress import busy

if TYPE_CHECKING:
    from hyperpoint.types import ClassTable, PointSet, Truth

_REGION_OPTIONS = ("regions", "per_region", "ratio")


def parse_ratio(_ctx: click.Context, _param: click.Parameter, text: str) -> tuple[float, float]:
    """Read annotated to unannotated points, "1:4"."""
    try:
        annotated, unannotated = (float(part) for part in text.split(":"))
    except ValueError:
        raise click.BadParameter(f"expected annotated:unannotated such as 1:4; got {text!r}") from None
    return annotated, unannotated


@click.command("points")
@click.argument("truth", type=click.Path())
@click.option(
    "--regions",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    metavar="N",
    help="Divide the image into the most nearly square grid of N regions.",
)
@click.option(
    "--per-region",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    metavar="K",
    help="Draw K pixels in each region.",
)
@click.option(
    "--ratio",
    callback=parse_ratio,
    default="1:4",
    show_default=True,
    metavar="A:U",
    help="Annotated to unannotated points; the latter get an empty label.",
)
@click.option(
    "--per-class",
    type=click.IntRange(min=1),
    metavar="K",
    help="Instead of regions: draw K pixels of each class, all annotated.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seeds every random draw.")
@classes_option("Class table for a TRUTH in colours")
@click.option("--cube", type=click.Path(), metavar="CUBE", help="Also write the spectra of the points; OUT is an .npz.")
@scene_options
@click.option(
    "--out",
    required=True,
    type=click.Path(),
    metavar="OUT",
    help="Points to write: .csv (row,col,label), or .npz with --cube.",
)
def command(
    truth: str, regions: int, per_region: int, ratio: tuple[float, float], per_class: int | None,
    seed: int, classes: str | None, cube: str | None, out: str, **options: Any,
) -> None:  # fmt: skip
    """Draw points from the label image TRUTH, as the paper simulates its annotators.

    TRUTH holds class ids (palette or grey PNG, 255 = unlabelled), or the exact colours of --classes. The image is
    divided into regions and K random points are drawn in each; a random part of them, in the given ratio, is
    annotated. The options from --rgb on say how to open the cube.

    \b
    Examples:
      hyperpoint points truth.png --regions 100 --per-region 10 --ratio 1:4 --out points.csv
      hyperpoint points labels/12.png --classes lib-hsi --per-class 20 --seed 1 --out points.csv
      hyperpoint points truth.png --cube scene.hdr --rotate 270 --out points.npz
    """
    _check_options(cube, out)
    from hyperpoint.catalog.sampling import sample_per_class, sample_regions
    from hyperpoint.catalog.truth import read_truth
    from hyperpoint.io.points import write_points

    table = classes_from(classes)
    labels = read_truth(truth, table)
    if per_class is not None:
        points = sample_per_class(labels, per_class, seed)
    else:
        points = sample_regions(labels, regions, per_region, ratio, seed)
    if cube is None:
        write_points(out, points, table)
    else:
        with busy("reading spectra"):
            _write_spectra(out, points, labels, cube, options)
    if not is_quiet():
        click.echo(_summary(points, table, out))


def _check_options(cube: str | None, out: str) -> None:
    ctx = click.get_current_context()
    given = {name for name in ctx.params if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    clash = sorted(given.intersection(_REGION_OPTIONS))
    if "per_class" in given and clash:
        raise click.UsageError(f"--per-class goes without {_as_options(clash)}: points are drawn by class or by region")
    if (cube is not None) != out.lower().endswith(".npz"):
        raise click.UsageError(
            f"spectra go into an .npz and points alone into a .csv; got --out {out} with{'' if cube else 'out'} --cube"
        )
    of_scene = sorted(given.intersection(("rgb", "rotate", "align", "bands", "variable", "axes", "white", "dark")))
    if cube is None and of_scene:
        raise click.UsageError(f"{_as_options(of_scene)} says how to open a cube; give one with --cube")


def _as_options(names: list[str]) -> str:
    return ", ".join(f"--{name.replace('_', '-')}" for name in names)


def _write_spectra(out: str, points: PointSet, truth: Truth, cube: str, options: dict[str, Any]) -> None:
    from hyperpoint.errors import InputError
    from hyperpoint.io.point_spectra import write_point_spectra
    from hyperpoint.preprocess.rendering import render_rgb

    scene = open_from(cube, options)
    if scene.size != truth.labels.shape:
        raise InputError(
            f"the truth has {truth.labels.shape[0]} x {truth.labels.shape[1]} pixels, the scene {scene.size[0]} x "
            f"{scene.size[1]}; give the rgb image it belongs to (--rgb), or turn the cube (--rotate)"
        )
    cube_rows, cube_cols = scene.to_cube(points.rows, points.cols)
    spectra = scene.cube.pixels(cube_rows, cube_cols)
    rgb = render_rgb(scene.cube) if scene.rgb is None else scene.rgb
    write_point_spectra(out, points, spectra, rgb[points.rows, points.cols], scene.wavelengths)


def _summary(points: PointSet, table: ClassTable | None, out: str) -> str:
    labels = points.annotated.labels.tolist()
    counts = ", ".join(
        f"{table.names[label] if table and label < len(table) else label}: {labels.count(label)}"
        for label in points.class_ids.tolist()
    )
    return f"wrote {len(points)} points to {out}, {len(labels)} of them annotated ({counts})"
