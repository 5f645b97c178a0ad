"""Labels as an ENVI classification file: a header with names and colours beside a file of one byte a pixel."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from hyperpoint.cube import Georeference
from hyperpoint.errors import InputError
from hyperpoint.io.files import atomic_path
from hyperpoint.io.masks import used_ids
from hyperpoint.types import IGNORE, ClassTable, LabelArray

UNCLASSIFIED = "Unclassified"
# What has a meaning of its own in a header.
_PLAIN = str.maketrans({",": "-", "{": "(", "}": ")", "\n": " ", "\r": " "})
_TOLERANCE = 1e-9


def write_envi_classification(
    header: Path, labels: LabelArray, classes: ClassTable, georeference: Georeference | None = None
) -> list[Path]:
    """Write labels as an ENVI classification, both files atomically.

    In the file 0 is unclassified and class `id` is `id` + 1, as ENVI has it; commas and braces in names are replaced.

    Parameters
    ----------
    header
        The header, a .hdr; the samples go beside it as .dat.
    labels
        (H, W) uint8, 255 = unlabelled.
    classes
        Names and colours.
    georeference
        Of the grid of `labels`. One whose axes are sheared or mirrored is left out, for a header cannot state it.

    Returns
    -------
    The two files.

    Raises
    ------
    InputError
        If `labels` holds a class that `classes` lacks, or a file cannot be written.
    """
    ids = used_ids(labels)
    if ids and ids[-1] >= len(classes):
        raise InputError(f"the labels hold class {ids[-1]}, but the class table ends with class {len(classes) - 1}")
    data = header.with_suffix(".dat")
    with atomic_path(data) as temporary:
        temporary.write_bytes(np.where(labels == IGNORE, 0, labels + 1).astype(np.uint8).tobytes())
    with atomic_path(header) as temporary:
        temporary.write_text(_header(labels.shape, classes, georeference), encoding="utf-8", newline="\n")
    return [header, data]


def _header(size: tuple[int, ...], classes: ClassTable, georeference: Georeference | None) -> str:
    names = [UNCLASSIFIED, *(name.translate(_PLAIN).strip() for name in classes.names)]
    colors = [(0, 0, 0), *classes.colors]
    fields = {
        "description": "{hyperpoint annotation}",
        "samples": size[1],
        "lines": size[0],
        "bands": 1,
        "header offset": 0,
        "file type": "ENVI Classification",
        "data type": 1,
        "interleave": "bsq",
        "byte order": 0,
        "classes": len(names),
        "class lookup": "{" + ", ".join(str(level) for color in colors for level in color) + "}",
        "class names": "{" + ", ".join(names) + "}",
        "band names": "{labels}",
        **_place(georeference),
    }
    return "\n".join(["ENVI", *(f"{key} = {value}" for key, value in fields.items()), ""])


def _place(georeference: Georeference | None) -> dict[str, str]:
    """Return `map info` and `coordinate system string`, the inverse of how the reader of ENVI headers takes them."""
    if georeference is None:
        return {}
    a, b, c, d, e, f = georeference.transform
    wide, tall, angle = math.hypot(a, b), math.hypot(d, e), math.atan2(b, a)
    if wide == 0 or max(abs(d - tall * math.sin(angle)), abs(e + tall * math.cos(angle))) > _TOLERANCE * tall:
        return {}
    name = "Geographic Lat/Lon" if georeference.crs.upper().startswith("GEOG") else "Arbitrary"
    turn = f", rotation={math.degrees(angle)!r}" if angle else ""
    return {
        "map info": f"{{{name}, 1, 1, {c!r}, {f!r}, {wide!r}, {tall!r}{turn}}}",
        "coordinate system string": f"{{{' '.join(georeference.crs.split())}}}",
    }
