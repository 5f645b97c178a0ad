"""Masks that know where they lie on the ground: GeoTIFF, and world files beside a PNG."""

from __future__ import annotations

from pathlib import Path

from hyperpoint.cube import Georeference
from hyperpoint.errors import MissingExtraError
from hyperpoint.io.classes import default_classes
from hyperpoint.io.files import StrPath, atomic_path
from hyperpoint.io.masks import used_ids
from hyperpoint.types import IGNORE, ClassTable, LabelArray


def rescale(georeference: Georeference, cube_size: tuple[int, int], size: tuple[int, int]) -> Georeference:
    """Return the georeference of a finer grid of `size` (H, W) that covers the same ground as one of `cube_size`."""
    a, b, c, d, e, f = georeference.transform
    down, across = cube_size[0] / size[0], cube_size[1] / size[1]
    return Georeference((a * across, b * down, c, d * across, e * down, f), georeference.crs)


def write_geotiff(
    path: StrPath, labels: LabelArray, georeference: Georeference | None, classes: ClassTable | None = None
) -> None:
    """Write labels as an 8-bit GeoTIFF with a palette, 255 = no data, atomically.

    Parameters
    ----------
    path
        The file.
    labels
        (H, W) uint8.
    georeference
        Of the grid of `labels`; None leaves it out.
    classes
        Gives the palette; None takes default colours.

    Raises
    ------
    MissingExtraError
        If rasterio (extra `geo`) is not installed.
    InputError
        If the file cannot be written.
    """
    try:
        import rasterio
        from rasterio.transform import Affine
    except ImportError as error:
        raise MissingExtraError("writing GeoTIFF", "rasterio", "geo") from error

    place = {} if georeference is None else {"transform": Affine(*georeference.transform), "crs": georeference.crs}
    profile = {
        "driver": "GTiff", "dtype": "uint8", "count": 1, "height": labels.shape[0], "width": labels.shape[1],
        "nodata": IGNORE, "compress": "deflate", **place,
    }  # fmt: skip
    ids = used_ids(labels)
    table = classes or (default_classes(ids) if ids else None)
    # Written in memory first: GDAL would otherwise leave side files under the temporary name.
    with atomic_path(path) as temporary, rasterio.MemoryFile() as memory:
        with memory.open(**profile) as dataset:
            dataset.write(labels, 1)
            if table is not None:
                dataset.write_colormap(1, {index: tuple(color) for index, color in enumerate(table.palette().tolist())})
        temporary.write_bytes(memory.read())


def write_world_file(mask: Path, georeference: Georeference) -> list[Path]:
    """Write the world file (.pgw for .png) and, if the reference system is known, the .prj that belong to `mask`.

    A world file gives the centre of the upper left pixel, an affine transform its corner.

    Returns
    -------
    The files written.
    """
    a, b, c, d, e, f = georeference.transform
    suffix = mask.suffix[:2] + mask.suffix[-1:] + "w" if len(mask.suffix) > 2 else ".wld"
    lines = [a, d, b, e, c + (a + b) / 2, f + (d + e) / 2]
    written = [mask.with_suffix(suffix)]
    with atomic_path(written[0]) as temporary:
        temporary.write_text("".join(f"{value:.12g}\n" for value in lines), encoding="ascii")
    if georeference.crs:
        written.append(mask.with_suffix(".prj"))
        with atomic_path(written[1]) as temporary:
            temporary.write_text(georeference.crs, encoding="utf-8")
    return written
