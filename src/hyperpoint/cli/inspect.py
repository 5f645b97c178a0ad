"""`hyperpoint inspect`: what a cube holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hyperpoint.cli.common import open_from, scene_options
from hyperpoint.cli.progress import progress_bar

if TYPE_CHECKING:
    from hyperpoint.types import Scene


@click.command("inspect")
@click.argument("cube", type=click.Path())
@scene_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object to stdout.")
def command(cube: str, as_json: bool, **options: Any) -> None:
    """Show what the cube CUBE holds: size, bands, values, and pixels that cannot be used.

    \b
    Examples:
      hyperpoint inspect scene.hdr
      hyperpoint inspect jasper.mat --axes "b (c=100 r=100)" --json
    """
    scene = open_from(cube, options)
    facts = _facts(cube, scene)
    if as_json:
        click.echo(json.dumps(facts))
        return
    for name, value in facts.items():
        if value not in (None, {}):
            click.echo(f"{name.replace('_', ' '):<18}{_in_words(value)}")


def _facts(path: str, scene: Scene) -> dict[str, Any]:
    from hyperpoint.preprocess.scanning import scan_cube

    cube = scene.cube
    wavelengths = cube.wavelengths
    with progress_bar("reading") as progress:
        scan = scan_cube(cube, progress)
    low, high = scan.value_range
    return {
        "path": path,
        "format": cube.format,
        "shape": list(cube.shape),
        "dtype": str(cube.dtype),
        "wavelengths_nm": None if wavelengths is None else [float(wavelengths[0]), float(wavelengths[-1])],
        "num_bad_bands": int((~cube.good_bands).sum()),
        "value_range": None if low != low else [low, high],
        "size_mb": round(Path(cube.path or path).stat().st_size / 1e6, 3),
        "masked_pixels": {"no_data": scan.num_no_data, "saturated": scan.num_saturated, "dead": scan.num_dead},
        "is_reflectance": cube.is_reflectance,
        "has_georeference": cube.georeference is not None,
        "rgb_shape": None if scene.rgb is None else list(scene.rgb.shape),
        "shift": scene.provenance.get("shift"),
    }


def _in_words(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(f"{part:g}" if isinstance(part, float) else str(part) for part in value)
    if isinstance(value, dict):
        return ", ".join(f"{key.replace('_', ' ')} {part}" for key, part in value.items())
    return str(value)
