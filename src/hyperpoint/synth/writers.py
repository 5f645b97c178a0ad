"""Write a recorded scene in the file formats of the two data sets, every file under a temporary name first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hyperpoint.catalog.layouts import SceneFiles
from hyperpoint.cube import FloatArray, rows_per_block
from hyperpoint.io.files import atomic_path, make_folder, write_json
from hyperpoint.io.images import write_png
from hyperpoint.types import IGNORE, ClassTable, LabelArray, UInt8Array

HSD_COMPONENTS = 24
HSD_SAMPLE_PIXELS = 60_000
JPEG_QUALITY = 92


@dataclass(frozen=True, eq=False)
class Recording:
    """What the cameras recorded: cube (H, W, bands) float32, rgb (H, W, 3) uint8, labels (H, W) uint8."""

    cube: FloatArray
    wavelengths: NDArray[np.float64]
    rgb: UInt8Array
    labels: LabelArray


def write_lib_hsi(files: SceneFiles, scene: Recording, classes: ClassTable) -> None:
    """Write a scene as LIB-HSI does: ENVI cube lying on its side, photo and coloured labels as PNG.

    Parameters
    ----------
    files
        Where to; folders are made. The cube's samples go beside its header, as `.dat`.
    scene
        What was recorded.
    classes
        Colours of the labels; unlabelled pixels become black.
    """
    for path in (files.cube, files.rgb, files.label):
        make_folder(path.parent)
    _write_envi(files.cube, np.rot90(scene.cube), scene.wavelengths)
    write_png(files.rgb, scene.rgb)
    write_png(files.label, classes.palette()[scene.labels])


def write_label_info(root: Path, classes: ClassTable, groups: tuple[int, ...]) -> None:
    """Write `label_info.json`, the list of classes at the root of LIB-HSI; black is Unknown there."""
    colours = [*classes.colors, (0, 0, 0)]
    items = [
        {"name": name, "color_hex_code": f"#{red:02x}{green:02x}{blue:02x}", "class_group": group}
        for name, (red, green, blue), group in zip([*classes.names, "Unknown"], colours, [*groups, 99], strict=True)
    ]
    make_folder(root)
    write_json(root / "label_info.json", {"items": items})


def write_hsicity(files: SceneFiles, scene: Recording, classes: ClassTable) -> None:
    """Write a scene as HSICityV2 does: factored cube, photo as JPEG, ids as grey PNG (255 = unlabelled).

    Parameters
    ----------
    files
        Where to; folders are made.
    scene
        What was recorded.
    classes
        Its labels must be ids of these.
    """
    assert set(np.unique(scene.labels)) <= {*range(len(classes)), IGNORE}
    for path in (files.cube, files.rgb, files.label):
        make_folder(path.parent)
    _write_hsd(files.cube, scene.cube, scene.wavelengths)
    _write_jpeg(files.rgb, scene.rgb)
    write_png(files.label, scene.labels)


def _write_envi(header: Path, cube: FloatArray, wavelengths: NDArray[np.float64]) -> None:
    """Write (lines, samples, bands) as float32, interleaved by line; the header last, so that it is never alone."""
    lines, samples, bands = cube.shape
    with atomic_path(header.with_suffix(".dat")) as temporary, temporary.open("wb") as stream:
        step = rows_per_block(samples, bands)
        for start in range(0, lines, step):
            block = cube[start : start + step].transpose(0, 2, 1)
            stream.write(np.ascontiguousarray(block, dtype="<f4").data)
    centres = ", ".join(f"{centre:.2f}" for centre in wavelengths)
    text = (
        "ENVI\ndescription = {synthetic scene made by hyperpoint synth}\n"
        f"samples = {samples}\nlines = {lines}\nbands = {bands}\nheader offset = 0\nfile type = ENVI Standard\n"
        "data type = 4\ninterleave = bil\nbyte order = 0\ndefault bands = {70, 53, 19}\n"
        f"wavelength units = nm\nwavelength = {{{centres}}}\n"
    )
    with atomic_path(header) as temporary:
        temporary.write_text(text, encoding="ascii", newline="\n")


def _write_hsd(path: Path, cube: FloatArray, wavelengths: NDArray[np.float64]) -> None:
    """Write a cube as mean, coefficients and scores of its principal components, little-endian."""
    rows, cols, bands = cube.shape
    pixels = cube.reshape(-1, bands)
    components = min(HSD_COMPONENTS, bands)
    sample = pixels[:: max(1, len(pixels) // HSD_SAMPLE_PIXELS)].astype(np.float64)
    mean = sample.mean(axis=0)
    centred = sample - mean
    coefficients = np.linalg.eigh(centred.T @ centred)[1][:, ::-1][:, :components].T
    # The largest entry is made positive, so that the signs do not depend on the library that finds them.
    largest = np.abs(coefficients).argmax(axis=1)
    coefficients = coefficients * np.sign(coefficients[np.arange(components), largest])[:, None]
    step = (wavelengths[-1] - wavelengths[0]) / (bands - 1)
    with atomic_path(path) as temporary, temporary.open("wb") as stream:
        stream.write(np.array([rows, cols, bands, components, round(wavelengths[0])], dtype="<i4").tobytes())
        stream.write(np.array([step], dtype="<f4").tobytes())
        stream.write(np.array([round(wavelengths[-1])], dtype="<i4").tobytes())
        stream.write(mean.astype("<f4").tobytes())
        stream.write(coefficients.astype("<f4").tobytes())
        stream.write(((pixels - mean.astype(np.float32)) @ coefficients.astype(np.float32).T).astype("<f4").tobytes())


def _write_jpeg(path: Path, image: UInt8Array) -> None:
    from PIL import Image

    with atomic_path(path) as temporary, temporary.open("wb") as stream:
        Image.fromarray(image).save(stream, format="JPEG", quality=JPEG_QUALITY)
