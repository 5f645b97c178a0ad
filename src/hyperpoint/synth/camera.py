"""From a canvas and its light to what two cameras record: a hyperspectral cube and a photo of the same scene."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hyperpoint.cube import FloatArray
from hyperpoint.synth.canvas import Canvas
from hyperpoint.synth.illumination import Light
from hyperpoint.synth.spectra import GRID_NM, Spectrum, linear_rgb
from hyperpoint.types import UInt8Array

# OpenCV blurs at most 128 channels at once; smaller groups also stay nearer to the processor's cache.
BANDS_AT_ONCE = 32
# Groups of bands are independent of each other, and numpy lets go of the interpreter while it works on one.
NUM_WORKERS = 2
# Share of bright pixels that the photo may clip, and what the limit of the rest is mapped to (linear).
CLIPPED_PERCENT, BRIGHT_LEVEL = 3.0, 0.82


@dataclass(frozen=True)
class Sensor:
    """A hyperspectral camera.

    Attributes
    ----------
    wavelengths
        Band centres, nm, (bands,).
    fwhm
        Width of a band at half its height, nm.
    full_well
        Electrons that a white surface gives in the band with most light: sets the shot noise.
    read_noise
        Electrons, root mean square.
    blur
        Standard deviation of the optics' point spread, pixels: mixes neighbouring materials.
    """

    wavelengths: NDArray[np.float64]
    fwhm: float
    full_well: float
    read_noise: float
    blur: float

    def bands(self, spectra: NDArray[np.float64]) -> NDArray[np.float64]:
        """Take spectra on the grid, (..., num_grid), to the bands, (..., bands)."""
        response = np.exp(-4 * np.log(2) * ((GRID_NM[:, None] - self.wavelengths) / self.fwhm) ** 2)
        return np.asarray(spectra @ (response / response.sum(axis=0)))

    def sensitivity(self) -> NDArray[np.float64]:
        """Return the relative quantum efficiency of a silicon sensor and its grating, (bands,) in 0..1."""
        rise, fall = (self.wavelengths - 395) / 45, (self.wavelengths - 965) / 38
        return np.asarray((0.06 + 0.94 / (1 + np.exp(-rise + 1))) * (0.07 + 0.93 / (1 + np.exp(fall))))


@dataclass(frozen=True)
class View:
    """A drawn scene in its light.

    Attributes
    ----------
    canvas
        What is where.
    light
        Daylight of the scene.
    surroundings
        Radiance of what stands opposite and is mirrored in glass, on the grid.
    reference
        Light on the white panel, on the grid: reflectance is relative to it, and the photo is balanced for it.
    """

    canvas: Canvas
    light: Light
    surroundings: Spectrum
    reference: Spectrum

    def basis(self) -> list[NDArray[np.float64]]:
        """Return for each material the radiance, (6, num_grid), that goes with each of the six weights."""
        sky_seen = self.light.sky * 1.1 + self.light.sun * 0.12
        return [
            np.stack([
                one.fresh * self.light.sun, one.fresh * self.light.sky, one.worn * self.light.sun,
                one.worn * self.light.sky, sky_seen, self.surroundings,
            ])
            for one in self.canvas.materials
        ]  # fmt: skip

    def weights(self) -> FloatArray:
        """Return how much of each row of `basis` every pixel has, (H * W, 6)."""
        seen = self.canvas
        fresh, worn = seen.tone * (1 - seen.state), seen.tone * seen.state
        layers = [fresh * seen.sun, fresh * seen.sky, worn * seen.sun, worn * seen.sky, seen.gloss, seen.mirror]
        return np.stack([layer.ravel() for layer in layers], axis=1)


def _mix(view: View, weights: FloatArray, spectra: list[NDArray[np.float64]]) -> FloatArray:
    """Return for every pixel its weights times the (6, n) spectra of its material, (H, W, n) float32."""
    material = view.canvas.material.ravel()
    out = np.empty((len(material), spectra[0].shape[1]), dtype=np.float32)
    for number, rows in enumerate(spectra):
        inside = np.flatnonzero(material == number)
        out[inside] = weights[inside] @ rows.astype(np.float32)
    return out.reshape(*view.canvas.shape, -1)


def _blurred(image: FloatArray, sigma: float) -> FloatArray:
    import cv2

    blurred = cv2.GaussianBlur(image, (5, 5), sigma, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(blurred, dtype=np.float32).reshape(image.shape)


def record_cube(view: View, sensor: Sensor, rng: np.random.Generator, *, as_reflectance: bool) -> FloatArray:
    """Record the hyperspectral cube of a scene, (H, W, bands) float32.

    Shot noise grows with the square root of the electrons, read noise does not; so a cube is noisiest where there is
    little light or the sensor sees little, at both ends of the range and in shadows.

    Parameters
    ----------
    view
        The scene.
    sensor
        The camera.
    rng
        Source of the noise.
    as_reflectance
        Divide by the light on the white panel; else radiance, 1 being that of the panel at its brightest band.
    """
    basis = [sensor.bands(one) for one in view.basis()]
    white = sensor.bands(view.reference)
    seen = white * sensor.sensitivity()
    electrons = sensor.full_well * sensor.sensitivity() / seen.max()
    unit = 1 / white if as_reflectance else sensor.sensitivity() / seen.max()
    weights = view.weights()
    cube = np.empty((*view.canvas.shape, len(white)), dtype=np.float32)

    def record(group: slice, noise_source: np.random.Generator) -> None:
        radiance = _blurred(_mix(view, weights, [rows[:, group] for rows in basis]), sensor.blur)
        per_unit = electrons[group].astype(np.float32)
        noise = np.sqrt(np.maximum(radiance, 0) * (1 / per_unit) + (sensor.read_noise / per_unit) ** 2)
        noise *= noise_source.standard_normal(radiance.shape, dtype=np.float32)
        radiance += noise
        radiance *= unit[group].astype(np.float32)
        cube[..., group] = radiance

    groups = [slice(start, start + BANDS_AT_ONCE) for start in range(0, len(white), BANDS_AT_ONCE)]
    with ThreadPoolExecutor(NUM_WORKERS) as pool:
        list(pool.map(record, groups, rng.spawn(len(groups))))
    return cube


def take_photo(view: View, rng: np.random.Generator, noise: float = 0.008) -> UInt8Array:
    """Take the photo of a scene, (H, W, 3) uint8 sRGB: white-balanced, exposed for all but the highlights, noisy.

    Parameters
    ----------
    view
        The scene.
    rng
        Source of noise and of the error of white balance.
    noise
        Noise of a mid-grey, relative to white, before gamma.
    """
    linear = _mix(view, view.weights(), [linear_rgb(one) for one in view.basis()])
    balance = linear_rgb(view.reference) * (1 + 0.03 * rng.standard_normal(3))
    linear = _blurred(linear, 0.5)
    linear /= balance.astype(np.float32)
    brightest = float(np.percentile(linear.max(axis=2), 100 - CLIPPED_PERCENT))
    linear *= np.float32(BRIGHT_LEVEL / brightest)
    spread = np.float32(noise) * np.sqrt(np.maximum(linear, 0) + np.float32(0.04))
    return to_srgb(linear + spread * rng.standard_normal(linear.shape, dtype=np.float32))


def to_srgb(linear: FloatArray) -> UInt8Array:
    """Encode linear rgb as sRGB (IEC 61966-2-1), 8 bits, with a shoulder that keeps highlights from clipping hard."""
    level = np.clip(linear, 0, None)
    level = np.where(level > 0.75, 0.75 + 0.25 * (1 - np.exp(-(level - 0.75) / 0.25)), level)
    encoded = np.where(level <= 0.0031308, 12.92 * level, 1.055 * level ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(np.clip(encoded, 0, 1) * 255), dtype=np.uint8)
