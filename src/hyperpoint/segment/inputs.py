"""What a network sees: the rgb image, the whole cube, or its first principal components; and in which units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from hyperpoint.cube import Cube, FloatArray
from hyperpoint.errors import InputError
from hyperpoint.io.cubes import open_cube
from hyperpoint.io.files import StrPath
from hyperpoint.io.images import picture_size, read_rgb
from hyperpoint.io.manifest import ManifestRow
from hyperpoint.opening import open_scene
from hyperpoint.preprocess.geometry import RotatedCube
from hyperpoint.segment.standardisation import Standardisation, fit_standardisation, imagenet_standardisation
from hyperpoint.types import Scene, UInt8Array

__all__ = ["InputSpec", "Standardisation", "imagenet_standardisation", "read_image"]

Progress = Callable[[int, int, str], None]

# Spectra from which mean, standard deviation and components are estimated: of a scene, and in all.
_NUM_OF_SCENE = 2000
_NUM_IN_ALL = 400_000
_FAST_SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp"}


@dataclass(frozen=True)
class InputSpec:
    """What a network sees of a scene.

    Attributes
    ----------
    kind
        "rgb", "cube" (all bands) or "pca" (the first principal components of the spectra).
    num_components
        For "pca": how many; else None.
    """

    kind: Literal["rgb", "cube", "pca"]
    num_components: int | None = None

    @classmethod
    def parse(cls, text: str) -> InputSpec:
        """Return what "rgb", "cube" or "pca:N" means.

        Raises
        ------
        InputError
            If the text is none of these.
        """
        if text == "rgb":
            return cls("rgb")
        if text == "cube":
            return cls("cube")
        name, _, number = text.partition(":")
        if name == "pca" and number.isdecimal() and int(number) > 0:
            return cls("pca", int(number))
        raise InputError(f"the input of a network is rgb, cube or pca:N, such as pca:10; got {text!r}")

    def __str__(self) -> str:
        return self.kind if self.num_components is None else f"{self.kind}:{self.num_components}"

    @property
    def needs_cube(self) -> bool:
        """Whether the cube of a scene is read, and not its rgb image."""
        return self.kind != "rgb"

    def read(self, row: ManifestRow) -> FloatArray:
        """Return the raw values of a row as (H, W, C) float32 on the grid of its image.

        rgb: 0..255. cube and pca: all bands in the unit of the file, NaN or inf where there is no measurement; each
        pixel of a finer image takes the spectrum that it lies in.

        Raises
        ------
        MissingFileError, CubeFormatError, InputError
            If a file is missing or damaged, the row has no cube, or the cube does not fit the image.
        """
        if not self.needs_cube:
            return read_image(row.image).astype(np.float32)
        scene = self._scene(row)
        return _on_image_grid(scene, scene.cube.read())

    def read_standardised(self, row: ManifestRow, standardisation: Standardisation) -> FloatArray:
        """Return `standardisation.apply(self.read(row))`; a cube is projected block by block and never held whole.

        Returns
        -------
        (H, W, num_channels) float32.
        """
        if not self.needs_cube:
            return standardisation.apply(read_image(row.image))
        scene = self._scene(row)
        return _on_image_grid(scene, standardise_cube(scene.cube, standardisation))

    def check(self, row: ManifestRow) -> None:
        """Make sure that a row has what the network is to see: its cube, if that is read, opens and fits the image.

        Raises
        ------
        MissingFileError, CubeFormatError, InputError
            If not.
        """
        if self.needs_cube:
            self._scene(row)

    def fit(self, rows: Sequence[ManifestRow], progress: Progress | None = None) -> Standardisation:
        """Estimate mean and standard deviation (for pca: the components too) from the training images.

        rgb takes those of ImageNet. Otherwise random spectra are read, at most 2000 of a scene and 400,000 in all, the
        same ones each time. Components are scaled to a variance of 1, so that the last count as much as the first.

        Parameters
        ----------
        progress
            Called with (done, total, name of the cube).

        Raises
        ------
        InputError
            If there is no row, the cubes differ in their number of bands, or there are fewer usable bands than
            components.
        """
        if not self.needs_cube:
            return imagenet_standardisation()
        return fit_standardisation(self._sampled_spectra(rows, progress), self.num_components)

    def _sampled_spectra(self, rows: Sequence[ManifestRow], progress: Progress | None) -> FloatArray:
        found: list[FloatArray] = []
        num = min(_NUM_OF_SCENE, _NUM_IN_ALL // max(1, len(rows)) + 1)
        for number, row in enumerate(rows):
            cube = self._scene(row).cube
            num_pixels = cube.shape[0] * cube.shape[1]
            at = np.sort(np.random.default_rng(number).choice(num_pixels, min(num, num_pixels), replace=False))
            found.append(cube.pixels(*np.divmod(at, cube.shape[1])))
            if found[-1].shape[1] != found[0].shape[1]:
                raise InputError(
                    f"the cube {row.cube} has {found[-1].shape[1]} bands, {rows[0].cube} has {found[0].shape[1]}; a "
                    f"network takes cubes of one camera"
                )
            if progress is not None:
                progress(number + 1, len(rows), row.cube.name if row.cube else "")
        if not found:
            raise InputError("there is no training image to take mean and standard deviation from")
        spectra = np.concatenate(found)
        spectra[~np.isfinite(spectra)] = np.nan
        return spectra

    def _scene(self, row: ManifestRow) -> Scene:
        if row.cube is None:
            raise InputError(
                f"the input {self} needs cubes, but {row.id!r} has none; name it in the column cube of the manifest"
            )
        return open_for_network(row.cube, row.rotate, read_image(row.image))


def open_for_network(cube: StrPath, rotate: int = 0, image: UInt8Array | None = None) -> Scene:
    """Open a cube as networks see it: turned, and as reflectance where a white reference lies beside it.

    Raises
    ------
    MissingFileError, CubeFormatError, InputError
        If it is missing or damaged, or does not fit the image.
    """
    raw = open_cube(Path(cube))
    if getattr(raw, "white_reference", None) is not None:
        return open_scene(Path(cube), rgb=image, rotate=rotate)
    # Not by `open_scene`, which would say of each file, in each process, that radiance carries the light's colour.
    return Scene(RotatedCube(raw, rotate) if rotate else raw, rgb=image)


def standardise_cube(cube: Cube, standardisation: Standardisation) -> FloatArray:
    """Return what a network takes of a cube, (h, w, num_channels) float32; the cube is never held whole."""
    height, width, _ = cube.shape
    values = np.zeros((height, width, standardisation.num_channels), dtype=np.float32)
    for block in cube.blocks():
        values[block.rows, block.cols] = standardisation.apply(block.values)
    return values


def read_image(path: StrPath) -> UInt8Array:
    """Read an image as `hyperpoint.io.images.read_rgb` does, faster but without its checks for damage.

    Returns
    -------
    (H, W, 3) uint8, r g b.

    Raises
    ------
    MissingFileError, InputError
        If it does not exist or cannot be decoded at all.
    """
    import cv2

    if Path(path).suffix.lower() in _FAST_SUFFIXES:
        picture_size(path)  # refuses what is too large to be decoded safely, as OpenCV does only from 2^30 pixels on
        image = cv2.imread(str(path), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
        if image is not None:
            return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), dtype=np.uint8)
    return read_rgb(path)


def _on_image_grid(scene: Scene, values: FloatArray) -> FloatArray:
    if scene.size == values.shape[:2]:
        return values
    rows, _ = scene.to_cube(np.arange(scene.size[0]), 0)
    _, cols = scene.to_cube(0, np.arange(scene.size[1]))
    return values[rows][:, cols]
