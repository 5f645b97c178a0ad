"""The files that an annotation is kept in: mask, provenance, and what else was asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hyperpoint.errors import InputError
from hyperpoint.io.files import check_writable, fingerprint, write_json
from hyperpoint.io.georeferenced import rescale, write_geotiff, write_world_file
from hyperpoint.io.images import write_png
from hyperpoint.io.masks import write_confidence, write_mask
from hyperpoint.io.preview import draw_points, overlay
from hyperpoint.types import Annotation, ClassTable, PointSet, Scene

MASK_SUFFIXES = (".png", ".tif", ".tiff")


def check_outputs(out: Path, inputs: dict[str, Any], *, preview: bool, confidence: bool) -> None:
    """Make sure, before any work, that what `write_annotation` will write can be written and replaces no input.

    Raises
    ------
    InputError
        If `out` is no .png or .tif, a file to write is one of the inputs, or its place cannot be written to.
    """
    if out.suffix.lower() not in MASK_SUFFIXES:
        raise InputError(f"--out must end in .png, or .tif for GeoTIFF; got {out}")
    listed = [one for value in inputs.values() for one in (value if isinstance(value, list | tuple) else (value,))]
    given = {Path(one).resolve() for one in listed if isinstance(one, str) and one}
    for target in targets(out, preview=preview, confidence=confidence):
        if target.resolve() in given:
            raise InputError(f"{target} is one of the inputs and would be overwritten; choose another --out")
        check_writable(target)


def targets(out: Path, *, preview: bool, confidence: bool) -> list[Path]:
    """List the files that `write_annotation` may write: a PNG of a georeferenced scene gets a world file."""
    pictures = [out.with_name(f"{out.stem}_{name}.png") for name, wanted in
                (("confidence", confidence), ("preview", preview)) if wanted]  # fmt: skip
    place = [out.with_suffix(suffix) for suffix in (".pgw", ".prj") if out.suffix.lower() == ".png"]
    return [out, *pictures, *place, out.with_suffix(".json")]


def write_annotation(
    out: Path,
    annotation: Annotation,
    scene: Scene,
    points: PointSet,
    classes: ClassTable | None,
    inputs: dict[str, Any],
    *,
    preview: bool,
    confidence: bool,
) -> list[Path]:
    """Write the mask `out`, its provenance beside it and what else was asked for; return the files written.

    Parameters
    ----------
    out
        A .png, or a .tif for GeoTIFF.
    scene
        The annotated scene, with its rgb image.
    inputs
        What the command was given, by option; those that are files are recorded with a fingerprint. `samples` is the
        file that holds the cube's values, which for ENVI is not the header that was given.
    """
    provenance = out.with_suffix(".json")
    record = {
        **annotation.provenance,
        "suspects": _suspects(annotation, points, classes),
        "classes": _class_counts(annotation, classes),
        "inputs": _inputs(inputs),
    }
    # An earlier record goes before its mask is replaced: were writing interrupted, it would tell of another mask.
    provenance.resolve().unlink(missing_ok=True)
    written = _write_mask(out, annotation, scene, classes)
    if confidence:
        written.append(out.with_name(f"{out.stem}_confidence.png"))
        write_confidence(written[-1], annotation.confidence)
    if preview:
        assert scene.rgb is not None
        written.append(out.with_name(f"{out.stem}_preview.png"))
        picture = overlay(scene.rgb, annotation.labels, classes)
        write_png(written[-1], draw_points(picture, points, classes, annotation.suspects))
    write_json(provenance, record)
    return [*written, provenance]


def _write_mask(out: Path, annotation: Annotation, scene: Scene, classes: ClassTable | None) -> list[Path]:
    georeference = scene.cube.georeference
    if georeference is not None:
        georeference = rescale(georeference, scene.cube.shape[:2], scene.size)
    if out.suffix.lower() in {".tif", ".tiff"}:
        write_geotiff(out, annotation.labels, georeference, classes)
        return [out]
    write_mask(out, annotation.labels, classes)
    return [out] if georeference is None else [out, *write_world_file(out, georeference)]


def _suspects(annotation: Annotation, points: PointSet, classes: ClassTable | None) -> list[dict[str, Any]]:
    """List the points whose label the others contradict."""
    accused = points.subset(annotation.suspects)
    return [
        {"row": row, "col": col, "label": label} | ({"name": classes.names[label]} if classes else {})
        for row, col, label in zip(accused.rows.tolist(), accused.cols.tolist(), accused.labels.tolist(), strict=True)
    ]


def _class_counts(annotation: Annotation, classes: ClassTable | None) -> list[dict[str, Any]]:
    counts = annotation.provenance["pixels_per_class"]
    if classes is None:
        return [{"id": int(label), "pixels": count} for label, count in counts.items()]
    return [
        {"id": number, "name": name, "color": list(color), "pixels": counts.get(str(number), 0)}
        for number, (name, color) in enumerate(zip(classes.names, classes.colors, strict=True))
    ]


def _inputs(inputs: dict[str, Any]) -> dict[str, Any]:
    """Record the options that were given; a file together with its fingerprint."""
    record: dict[str, Any] = {}
    for name, value in inputs.items():
        if value in (None, False):
            continue
        is_file = isinstance(value, str) and Path(value).is_file()
        record[name] = {"path": value, "fingerprint": fingerprint(value)} if is_file else value
    return record
