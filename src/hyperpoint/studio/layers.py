"""The pictures of a scene that lie below the annotation, all on the grid of its rgb image."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from hyperpoint.annotation.mixture.cores import one_blas_thread
from hyperpoint.annotation.prepared import with_rgb
from hyperpoint.cube import FloatArray, usable_pixels
from hyperpoint.errors import InputError
from hyperpoint.preprocess.bands import drop_bad_bands
from hyperpoint.preprocess.rendering import project, render_rgb
from hyperpoint.regions.superpixels import slic
from hyperpoint.types import IGNORE, LabelArray, Scene, Superpixels, UInt8Array

# Bands are read in one pass together with their neighbours, which a slider asks for next.
KEPT_BYTES = 192 << 20
PASS_BYTES = KEPT_BYTES // 2
# Percentiles and components of so many rows and columns are those of the whole, near enough for a picture.
SAMPLED_LINES = 512
COMPONENT_LINES = 32
INFRARED_RED_GREEN_NM = (800.0, 660.0, 550.0)


class Layers:
    """Pictures of a scene: its rgb image, bands, principal components and superpixel borders.

    What is read from the cube is kept, up to `KEPT_BYTES`; stretching is done at every call. May be used from several
    threads. Some cubes are multiplied out as they are read, so BLAS is held to one thread: its own would spin.

    Parameters
    ----------
    scene
        The scene; its rgb image is rendered when it is first asked for, if it has none.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._planes: OrderedDict[int, FloatArray] = OrderedDict()  # of the cube's own grid
        self._components: FloatArray | None = None
        self._rendered: UInt8Array | None = None
        self._superpixels: Superpixels | None = None
        self._lock = Lock()

    @property
    def num_bands(self) -> int:
        """How many bands the cube has."""
        return self._scene.cube.shape[2]

    def rgb(self, stretch: float = 0.0) -> UInt8Array:
        """Return the rgb image, (H, W, 3) uint8; stretched, its colours keep their hue.

        Parameters
        ----------
        stretch
            The share of pixels, in percent, that is clipped at each end; 0 is the image as it is.
        """
        if self._scene.rgb is None:
            with self._lock, one_blas_thread():
                self._scene = with_rgb(self._scene)
        image = self._scene.rgb
        assert image is not None
        if stretch == 0:
            return image
        low, high = limits(image.astype(np.float32), stretch)
        table = scaled(np.arange(256, dtype=np.float32), low, high)
        return table[image]

    def band(self, which: int | float, stretch: float = 2.0) -> UInt8Array:
        """Return one band, (H, W) uint8.

        Parameters
        ----------
        which
            A whole number is the band's position from 0; a float is a wavelength in nm, and its nearest band is shown.
        stretch
            The share of pixels, in percent, that is clipped at each end. Where there is no data the picture is 0.

        Raises
        ------
        InputError
            If there is no such band, or `stretch` is out of range.
        """
        at = self.band_index(which)
        return self._on_rgb_grid(stretched(self._read((at,))[0], stretch))

    def bands(self, which: Sequence[int | float], stretch: float = 2.0) -> UInt8Array:
        """Return three bands as red, green and blue, each stretched on its own, (H, W, 3) uint8; see `band`."""
        if len(which) != 3:
            raise InputError(f"a colour picture is made of three bands, as red, green and blue; got {len(which)}")
        planes = self._read([self.band_index(one) for one in which])
        return self._on_rgb_grid(np.stack([stretched(plane, stretch) for plane in planes], axis=2))

    def false_colour(self, stretch: float = 2.0) -> UInt8Array:
        """Return the first three principal components of the spectra as red, green and blue, (H, W, 3) uint8."""
        with self._lock:
            if self._components is None:
                with one_blas_thread():
                    self._components = project(drop_bad_bands(self._scene.cube), self._loadings())
        planes = np.moveaxis(self._components, 2, 0)
        return self._on_rgb_grid(np.stack([stretched(plane, stretch) for plane in planes], axis=2))

    def rendered(self) -> UInt8Array:
        """Return the cube as a colour picture, (H, W, 3) uint8: beside the rgb image it shows whether the two align."""
        with self._lock:
            if self._rendered is None:
                with one_blas_thread():
                    self._rendered = render_rgb(self._scene.cube)
        return self._on_rgb_grid(self._rendered)

    def borders(self, superpixels: Superpixels | None = None) -> UInt8Array:
        """Return 1 where a pixel's right or lower neighbour is of another superpixel, else 0, (H, W) uint8.

        `superpixels` are those of a scene that was prepared for a recipe with superpixels; None takes the paper's, of
        the rgb image.
        """
        if superpixels is None:
            image = self.rgb()
            with self._lock:
                if self._superpixels is None:
                    self._superpixels = slic(image)
                superpixels = self._superpixels
        ids = superpixels.ids
        out = np.zeros(ids.shape, dtype=np.uint8)
        out[:-1] |= ids[1:] != ids[:-1]
        out[:, :-1] |= ids[:, 1:] != ids[:, :-1]
        return out

    def band_index(self, which: int | float) -> int:
        """Return the position from 0 of a band that is given by it, or by a wavelength in nm (a float).

        Raises
        ------
        InputError
            If there is no such band, or the cube states no wavelengths.
        """
        if isinstance(which, int | np.integer):
            if not 0 <= which < self.num_bands:
                raise InputError(f"there is no band {which}; the cube's {self.num_bands} bands count from 0")
            return int(which)
        wavelengths = self._scene.wavelengths
        if wavelengths is None:
            raise InputError(
                f"no band is known to lie at {which:g} nm: the cube states no wavelengths; give its number"
            )
        return int(np.abs(wavelengths - which).argmin())

    def name_of(self, band: int) -> str:
        """Return what a band is called: its wavelength, or its number from 1."""
        wavelengths = self._scene.wavelengths
        return f"band {band + 1}" if wavelengths is None else f"{wavelengths[band]:.0f} nm"

    def default_bands(self) -> tuple[int, int, int]:
        """Return three bands to begin with: near infrared, red and green where there are such, else spread evenly."""
        wavelengths, good = self._scene.wavelengths, np.flatnonzero(self._scene.cube.good_bands)
        good = good if len(good) else np.arange(self.num_bands)
        if wavelengths is not None and wavelengths[good].min() < 600 and wavelengths[good].max() > 700:
            chosen = [good[np.abs(wavelengths[good] - nm).argmin()] for nm in INFRARED_RED_GREEN_NM]
        else:
            chosen = [good[int(share * (len(good) - 1))] for share in (5 / 6, 1 / 2, 1 / 6)]
        return int(chosen[0]), int(chosen[1]), int(chosen[2])

    def _read(self, bands: Sequence[int]) -> list[FloatArray]:
        """Return planes of the cube, (h, w) float32 each, NaN without data; those not kept are read in one pass."""
        with self._lock:
            lacking = [band for band in bands if band not in self._planes]
            if lacking:
                with one_blas_thread():
                    self._read_anew(lacking)
            for band in bands:
                self._planes.move_to_end(band)
            out = [self._planes[band] for band in bands]
            self._drop_oldest(len(bands))
        return out

    def _read_anew(self, bands: Sequence[int]) -> None:
        cube = self._scene.cube
        height, width, num_bands = cube.shape
        num = max(len(bands), min(num_bands, PASS_BYTES // (4 * height * width)))
        distance = np.abs(np.arange(num_bands)[:, None] - np.asarray(bands)).min(axis=1)
        wanted = np.sort(np.argsort(distance, kind="stable")[:num])
        planes = {band: np.full((height, width), np.nan, dtype=np.float32) for band in wanted.tolist()}
        for rows, cols, values in cube.blocks():
            for band, plane in planes.items():
                plane[rows, cols] = values[..., band]
        self._planes.update(planes)

    def _drop_oldest(self, num_needed: int) -> None:
        plane = next(iter(self._planes.values()))
        while len(self._planes) > max(num_needed, KEPT_BYTES // plane.nbytes):
            self._planes.popitem(last=False)

    def _loadings(self) -> FloatArray:
        """Return (good bands, 3) float32: the directions in which a sample of the spectra varies most."""
        cube = drop_bad_bands(self._scene.cube)
        rows, cols = (np.unique(np.linspace(0, size - 1, COMPONENT_LINES).astype(np.int64)) for size in cube.shape[:2])
        at_rows, at_cols = (each.ravel() for each in np.meshgrid(rows, cols, indexing="ij"))
        sample = cube.pixels(at_rows, at_cols)
        sample = sample[usable_pixels(sample)].astype(np.float64)
        loadings = np.zeros((cube.shape[2], 3), dtype=np.float32)
        if len(sample) < 2:
            loadings[0] = 1
            return loadings
        _, vectors = np.linalg.eigh(np.atleast_2d(np.cov(sample, rowvar=False)))
        found = vectors[:, ::-1][:, :3]
        # The sign of a component is nobody's choice: most of its bands shall count as bright.
        loadings[:, : found.shape[1]] = found * np.where(found.sum(axis=0) < 0, -1, 1)
        return loadings

    def _on_rgb_grid(self, picture: UInt8Array) -> UInt8Array:
        """Spread a picture of the cube's grid, (h, w) or (h, w, 3), to that of the rgb image; not smoothed."""
        if picture.shape[:2] == self._scene.size:
            return picture
        rows, cols = self._scene.to_cube(*(np.arange(num) for num in self._scene.size))
        return picture[np.ix_(rows, cols)]


def confidence_levels(confidence: FloatArray, labels: LabelArray | None = None) -> UInt8Array:
    """Return confidence in 0..1 as 1..255, (H, W) uint8; 0 is unlabelled (255 in `labels`, else a confidence of 0)."""
    levels = (confidence * np.float32(254) + np.float32(1.5)).clip(1, 255).astype(np.uint8)
    levels[confidence <= 0 if labels is None else labels == IGNORE] = 0
    return levels


def stretched(plane: FloatArray, percent: float) -> UInt8Array:
    """Stretch the contrast of a plane, (h, w) float32, to 0..255; `percent` of the pixels is clipped at each end."""
    return scaled(plane, *limits(plane, percent))


def limits(plane: NDArray[np.float32], percent: float) -> tuple[float, float]:
    """Return the values that a stretch makes black and white, from a sample of the pixels; (0, 1) without data.

    Raises
    ------
    InputError
        If `percent` is not in 0..50, or 50.
    """
    if not 0 <= percent < 50:
        raise InputError(f"the contrast stretch clips 0 to 50 percent of the pixels at each end; got {percent}")
    sample = plane[:: max(1, plane.shape[0] // SAMPLED_LINES), :: max(1, plane.shape[1] // SAMPLED_LINES)]
    finite = sample[np.isfinite(sample)]
    if not len(finite):
        return 0.0, 1.0
    low, high = np.percentile(finite, (percent, 100 - percent))
    return float(low), float(high)


def scaled(plane: FloatArray, low: float, high: float) -> UInt8Array:
    """Map `low`..`high` to 0..255, clipped, as uint8; NaN becomes 0, +inf (saturated) 255; a flat plane is grey."""
    if high <= low:
        return np.where(np.isnan(plane), 0, 128).astype(np.uint8)
    out = (plane - np.float32(low)) * np.float32(255 / (high - low))
    np.nan_to_num(out, copy=False, nan=0, posinf=255, neginf=0)
    np.clip(out, 0, 255, out=out)
    out += np.float32(0.5)
    return np.asarray(out.astype(np.uint8))
