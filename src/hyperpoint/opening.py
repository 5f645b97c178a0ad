"""Opening a scene: cube, rgb image, calibration, turn, alignment and bands, in that order.

Everything stays lazy: opening reads a header, the rgb image and, for a white reference or an alignment, what these
need; the cube itself is read by whoever uses the scene.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hyperpoint.cube import BoolArray, Cube, FloatArray, IndexArray
from hyperpoint.errors import InputError
from hyperpoint.io.cubes import open_cube
from hyperpoint.io.images import read_rgb
from hyperpoint.io.masks import read_label_ids
from hyperpoint.preprocess.alignment import find_shift
from hyperpoint.preprocess.bands import drop_bad_bands, parse_range, select_range
from hyperpoint.preprocess.calibration import (
    CalibratedCube,
    reference_from_csv,
    reference_from_cube,
    reference_from_pixels,
)
from hyperpoint.preprocess.geometry import RotatedCube, ShiftedCube
from hyperpoint.preprocess.rendering import render_rgb
from hyperpoint.types import Scene, UInt8Array

logger = logging.getLogger(__name__)

_IMAGE_SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp"}


def open_scene(
    path: str | Path,
    rgb: str | Path | UInt8Array | None = None,
    *,
    rotate: int = 0,
    align: bool = False,
    bands: str | None = None,
    variable: str | None = None,
    axes: str | None = None,
    white: str | Path | BoolArray | None = None,
    dark: str | Path | None = None,
) -> Scene:
    """Open a hyperspectral cube, and the rgb image that goes with it, as a scene.

    Parameters
    ----------
    path
        The cube: ENVI (header or data file), MATLAB, `.hsd`, `.pt`, GeoTIFF, HDF5, `.npy`, `.npz`, or a Specim IQ
        capture folder.
    rgb
        An image file or (H, W, 3) uint8, as fine as the cube or finer; None: rendered from the cube when needed.
    rotate
        Turn the cube counter-clockwise by 0, 90, 180 or 270 degrees, as `numpy.rot90` does (LIB-HSI: 270).
    align
        Find the shift between cube and rgb image by phase correlation, and apply it.
    bands
        Keep only the bands in a range of wavelengths, "420:940" (nm).
    variable, axes
        For files with several arrays: which one is the cube; and the order of its axes, such as "b r c" or
        "b (c=100 r=100)".
    white
        White reference: a mask of the panel (PNG, not 0 = panel; or bool (H, W)) or "r0,c0,r1,c1" on the grid of the
        rgb image, a spectrum (CSV), or a recorded reference cube.
    dark
        Dark reference: a recorded cube.

    Returns
    -------
    The scene; its `provenance` says what was opened and how, the shift found included.

    Raises
    ------
    CubeFormatError, MissingFileError, InputError
        If a file is missing, damaged or does not fit the others.
    """
    if rotate not in (0, 90, 180, 270):
        raise InputError(f"a cube is turned by 0, 90, 180 or 270 degrees counter-clockwise; got {rotate}")
    raw = open_cube(path, variable=variable, axes=axes)
    image = read_rgb(Path(rgb)) if isinstance(rgb, str | Path) else rgb
    provenance: dict[str, Any] = {
        "path": str(path), "format": raw.format, "shape": list(raw.shape),
        "rgb": str(rgb) if isinstance(rgb, str | Path) else None,
        "rotate": rotate, "bands": bands, "white": _text(white), "dark": _text(dark),
    }  # fmt: skip
    cube = _calibrated(raw, image, rotate, white, dark)
    cube = RotatedCube(cube, rotate) if rotate else cube
    cube = select_range(cube, *parse_range(bands)) if bands else cube
    scene = Scene(cube, rgb=image, provenance=provenance)
    return _aligned(scene) if align else scene


def _text(source: str | Path | BoolArray | None) -> str | None:
    return "a mask of the panel" if isinstance(source, np.ndarray) else None if source is None else str(source)


def _calibrated(
    raw: Cube, image: UInt8Array | None, rotate: int, white: str | Path | BoolArray | None, dark: str | Path | None
) -> Cube:
    """Return `raw` as reflectance where a white reference is given or lies beside it."""
    if white is None:
        white = getattr(raw, "white_reference", None)
    dark = dark or getattr(raw, "dark_reference", None)
    if white is None:
        if dark is not None and raw.is_reflectance is not True:
            raise InputError("a dark reference is of use only together with a white one; give --white too")
        if raw.is_reflectance is False:
            _warn_of_radiance(raw.path)
        return raw
    dark_level = None if dark is None else reference_from_cube(open_cube(dark), raw.shape[1])
    return CalibratedCube(raw, _white_level(raw, image, rotate, white), dark_level)


@lru_cache(maxsize=1024)  # once for each file
def _warn_of_radiance(path: str | None) -> None:
    logger.warning(
        "%s holds radiance and no white reference is given: spectra carry the light's colour (--white)", path
    )


def _white_level(raw: Cube, image: UInt8Array | None, rotate: int, white: str | Path | BoolArray) -> FloatArray:
    """Return the white reference that `white` describes, (1 or cols, bands)."""
    upright = Scene(RotatedCube(raw, rotate) if rotate else raw, rgb=image)
    rectangle = None if isinstance(white, np.ndarray) else _rectangle(str(white))
    if isinstance(white, np.ndarray):
        rows, cols = _panel(white, upright.size)
    elif rectangle:
        rows, cols = _inside(rectangle, upright.size)
    elif Path(white).suffix.lower() in {".csv", ".txt"}:
        return reference_from_csv(Path(white), raw)
    elif Path(white).suffix.lower() in _IMAGE_SUFFIXES:
        rows, cols = _panel(read_label_ids(white), upright.size)
    else:
        return reference_from_cube(open_cube(white), raw.shape[1])
    places = np.unique(np.stack(upright.to_cube(rows, cols)), axis=1)
    return reference_from_pixels(upright.cube, places[0], places[1])


def _rectangle(text: str) -> tuple[int, int, int, int] | None:
    """Read "r0,c0,r1,c1"; None if it is none."""
    parts = text.split(",")
    if len(parts) != 4 or not all(part.strip().lstrip("-").isdigit() for part in parts):
        return None
    r0, c0, r1, c1 = (int(part) for part in parts)
    return r0, c0, r1, c1


def _inside(rectangle: tuple[int, int, int, int], size: tuple[int, int]) -> tuple[IndexArray, IndexArray]:
    r0, c0, r1, c1 = rectangle
    if not (0 <= r0 < r1 <= size[0] and 0 <= c0 < c1 <= size[1]):
        raise InputError(
            f"the white panel {r0},{c0},{r1},{c1} must be r0,c0,r1,c1 with r0 < r1 <= {size[0]} and "
            f"c0 < c1 <= {size[1]} (the end is not included), on the grid of the rgb image"
        )
    rows, cols = np.mgrid[r0:r1, c0:c1]
    return rows.ravel(), cols.ravel()


def _panel(mask: NDArray[Any], size: tuple[int, int]) -> tuple[IndexArray, IndexArray]:
    if mask.shape != size:
        raise InputError(
            f"the mask of the white panel is {' x '.join(map(str, mask.shape))}; the rgb image is {size[0]} x "
            f"{size[1]}, and they must agree"
        )
    rows, cols = np.nonzero(mask)
    return rows, cols


def _aligned(scene: Scene) -> Scene:
    if scene.rgb is None:
        raise InputError("--align moves the cube onto the rgb image, and none is given; give one with --rgb")
    shift = find_shift(render_rgb(drop_bad_bands(scene.cube)), scene.rgb)
    logger.info("the cube is moved by %d rows and %d columns (peak %.2f)", shift.down, shift.right, shift.peak)
    found = {"down": shift.down, "right": shift.right, "peak": round(shift.peak, 4)}
    cube = ShiftedCube(scene.cube, shift.down, shift.right) if shift.down or shift.right else scene.cube
    return Scene(cube, rgb=scene.rgb, provenance={**scene.provenance, "shift": found})
