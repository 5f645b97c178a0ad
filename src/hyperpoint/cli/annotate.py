"""`hyperpoint annotate`: from points to a mask."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hyperpoint.cli.common import classes_from, classes_option, is_quiet, open_from, scene_options
from hyperpoint.cli.earlier import Purpose, gather_library, like_option
from hyperpoint.cli.progress import busy

if TYPE_CHECKING:
    from hyperpoint.types import Annotation, ClassTable, PointSet

logger = logging.getLogger(__name__)


@click.command("annotate")
@click.argument("cube", type=click.Path())
@click.option(
    "--points",
    required=True,
    type=click.Path(),
    metavar="FILE",
    help="Labelled points: CSV `row,col,label`, npz, GeoJSON, LabelMe, COCO, or a mask (255 = nothing said).",
)
@classes_option("Class table")
@click.option("--recipe", help="How to annotate: a name from `hyperpoint recipes`, or a .toml file.")
@scene_options
@like_option
@click.option(
    "--min-confidence",
    type=click.FloatRange(0, 1),
    default=0.0,
    metavar="T",
    help="Leave pixels whose confidence is below T (0..1) unlabelled.",
)
@click.option("--reject", is_flag=True, help="Leave pixels that are like nothing labelled unlabelled.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seeds every random draw.")
@click.option(
    "--out",
    required=True,
    type=click.Path(),
    metavar="OUT.png",
    help="Mask to write, 255 = unlabelled; with .tif a GeoTIFF. OUT.json beside it says how it was made.",
)
@click.option("--preview", is_flag=True, help="Also write OUT_preview.png: the labels over the image, and the points.")
@click.option("--confidence", is_flag=True, help="Also write OUT_confidence.png: 16 bit, 65535 = certain.")
def command(
    cube: str, points: str, classes: str | None, recipe: str | None, like: tuple[str, ...], seed: int, out: str,
    min_confidence: float, reject: bool, preview: bool, confidence: bool, **options: Any,
) -> None:  # fmt: skip
    """Label every pixel of the scene CUBE from a few labelled points.

    \b
    Examples:
      hyperpoint annotate scene.hdr --rgb scene.png --points clicks.csv --out mask.png --preview
      hyperpoint annotate 12.hdr --rgb 12.png --rotate 270 --white lib-hsi:labels/12.png \\
          --points 12.csv --classes lib-hsi --recipe paper-svm --out 12_mask.png
      hyperpoint annotate 13.hdr --points 13.csv --like masks/ --out masks/13.png
    """
    from hyperpoint.annotation.outputs import check_outputs, targets, write_annotation
    from hyperpoint.annotation.recipe import get_recipe
    from hyperpoint.io.points import read_points

    given = {"cube": cube, "points": points, "classes": classes, **options}
    check_outputs(Path(out), {**given, "like": like}, preview=preview, confidence=confidence)
    chosen = get_recipe(recipe)
    table = classes_from(classes)
    with busy("opening"):
        scene = open_from(cube, options)
        point_set, table = read_points(points, table, scene.size, image=Path(options["rgb"] or cube).name)
        to_write = targets(Path(out), preview=preview, confidence=confidence)
        library = gather_library(like, Purpose.scene(scene, given, table, to_write)) if like else None
    with busy("preparing"):
        from hyperpoint.annotation.prepare import prepare

        prepared = prepare(scene, chosen)
    with busy("annotating"):
        from hyperpoint.annotation.annotate import annotate

        annotation = annotate(
            prepared, point_set, seed=seed, library=library, min_confidence=min_confidence, reject=reject
        )
    written = write_annotation(
        Path(out), annotation, prepared.scene, point_set, table,
        inputs={**given, "like": list(like) or None, "samples": scene.cube.path},
        preview=preview, confidence=confidence,
    )  # fmt: skip
    _warn_of_suspects(annotation, point_set, table)
    if not is_quiet():
        click.echo(_summary(annotation, table.names if table else ()))
        click.echo(f"wrote {', '.join(str(path) for path in written)}")


def _warn_of_suspects(annotation: Annotation, points: PointSet, classes: ClassTable | None) -> None:
    """Name the points whose label the others contradict."""
    for point in annotation.suspects.tolist():
        label = int(points.labels[point])
        name = f"{label} ({classes.names[label]})" if classes else str(label)
        logger.warning(
            "the point at row %d, column %d is labelled %s, which its spectrum and its surroundings contradict; "
            "is it a misclick?",
            points.rows[point], points.cols[point], name,
        )  # fmt: skip


def _summary(annotation: Annotation, names: tuple[str, ...]) -> str:
    facts = annotation.provenance
    total = annotation.labels.size
    lines = []
    for label, count in facts["pixels_per_class"].items():
        name = names[int(label)] if int(label) < len(names) else ""
        lines.append(f"{label:>5} {name:<28}{count:>10} pixels {100 * count / total:6.2f} %")
    if facts["unlabelled_pixels"]:
        lines.append(f"  255 {'unlabelled':<28}{facts['unlabelled_pixels']:>10} pixels "
                     f"{100 * facts['unlabelled_pixels'] / total:6.2f} %")  # fmt: skip
    for key, reason in (("reject", "like nothing labelled"), ("min_confidence", "below the confidence asked for")):
        if key in facts:
            lines.append(f"      {'of which ' + reason:<40}{facts[key]['pixels']:>10} pixels")
    if library := facts.get("library"):
        lines.append(f"{library['num_spectra']} spectra of {library['num_scenes']} earlier scenes, used with weight "
                     f"{library['weight']:.2f} (0: they do not help here, 1: in full)")  # fmt: skip
    if shift := facts["scene"].get("shift"):
        lines.append(f"cube moved by {shift['down']} rows and {shift['right']} columns (peak {shift['peak']:.2f})")
    return "\n".join(lines)
