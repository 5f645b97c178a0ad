"""What the mixture knows of a scene before any point: representations of its spectra at several scales."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hyperpoint.annotation.mixture.cores import spread
from hyperpoint.cube import BoolArray, FloatArray, IndexArray
from hyperpoint.types import UInt8Array

NUM_COMPONENTS = 40  # of the PCA that every representation starts from
NUM_HALF_WHITENED = 24
NUM_WITHIN_WHITENED = 18
NUM_STANDARDISED = 24
FLOOR = np.float32(1e-2)  # of the median magnitude: below it a sample is noise
PCA_SAMPLE = 12_000
# Standard deviations of the Gaussians, in cells of the working grid. Fewer lost .01 mIoU on street scenes.
SCALES = (0.0, 1.0, 2.0, 3.0, 8.0)
# Small superpixels, within which spectra differ by noise and shade rather than by material.
REGION_SIZE, REGION_RULER, REGION_ROUNDS = 6, 10.0, 5

Key = tuple[str, float]


@dataclass(frozen=True, eq=False)
class Features:
    """The representations of a scene's cells.

    Attributes
    ----------
    shape
        (rows, cols) of the working grid.
    blocks
        (representation, scale) -> (cells, dims) float32, scaled so that the mean squared distance of two cells is 1.
        "raw", "l2" (unit norm) and "log" spectra; after the colon "pow" (half whitened), "sp" (whitened by the scatter
        within small superpixels) or "std" (the cell's mean taken off, each band divided by its standard deviation).
        "rgb" is the colour in CIE L*a*b*.
    divided
        (cells, dims) float32: spectra divided by their maximum, turned to their first components and a constant, so
        that inner products stay what they are.
    """

    shape: tuple[int, int]
    blocks: dict[Key, FloatArray]
    divided: FloatArray


def compute_features(averages: FloatArray, filled: BoolArray, guide: UInt8Array) -> Features:
    """Compute every representation at every scale.

    Parameters
    ----------
    averages
        (rows, cols, bands) float32: mean spectra of the cells, finite, in any unit; divided in place.
    filled
        (rows, cols) bool: cells whose spectrum was measured; statistics are theirs alone.
    guide
        (rows, cols, 3) uint8: the rgb image at the working grid.
    """
    shape = (averages.shape[0], averages.shape[1])
    spectra = averages.reshape(-1, averages.shape[2])
    measured = np.flatnonzero(filled) if filled.any() else np.arange(filled.size)
    _to_a_unit_of_its_own(spectra, measured)
    regions = _small_regions(guide)

    def represent(form: str) -> dict[str, FloatArray]:
        return _representations(form, _in_form(spectra, form), measured, regions)

    base = {name: block for part in spread(represent, ("log", "l2", "raw", "max")) for name, block in part.items()}
    divided = base.pop("max")
    base["rgb"] = _colours(guide)
    keys = [(name, scale) for name in sorted(base) for scale in sorted(SCALES, reverse=True)]
    blocks = spread(lambda key: _normalised(_smooth(base[key[0]], shape, key[1]), measured), keys)
    return Features(shape, dict(zip(keys, blocks, strict=True)), divided)


def _to_a_unit_of_its_own(spectra: FloatArray, measured: IndexArray) -> None:
    """Divide by the median magnitude, in place, so that reflectance, radiance and counts give the same."""
    typical = np.float32(np.median(np.abs(spectra[measured[:: _stride(measured)]])))
    if typical > 0:
        spectra /= typical


def _in_form(spectra: FloatArray, form: str) -> FloatArray:
    if form == "raw":
        return spectra
    if form == "log":
        lifted = np.maximum(spectra, FLOOR)
        return np.log(lifted, out=lifted)
    norm = spectra.max(axis=1) if form == "max" else np.sqrt(np.einsum("ij,ij->i", spectra, spectra))
    return np.asarray(spectra / np.maximum(norm, FLOOR)[:, None])


def _representations(
    form: str, spectra: FloatArray, measured: IndexArray, regions: IndexArray
) -> dict[str, FloatArray]:
    """Return the representations of one form that earned their place (leaving one out cost .002 to .04 mIoU)."""
    if form == "max":
        return {form: _turned(spectra, measured)}
    components, variance = _pca(spectra, measured, NUM_COMPONENTS)
    deviation = np.sqrt(variance).astype(np.float32)
    found: dict[str, FloatArray] = {}
    if form == "log":
        found["log:std"] = _standardised(spectra, measured)
    else:
        found[f"{form}:pow"] = np.asarray(components / np.sqrt(deviation), dtype=np.float32)[:, :NUM_HALF_WHITENED]
    if form != "raw":
        found[f"{form}:sp"] = _whiten_within(components / deviation, measured, regions)
    return found


def _standardised(logarithms: FloatArray, measured: IndexArray) -> FloatArray:
    """Return the first components of log spectra without their brightness, every band as loud as the others."""
    shape = logarithms - logarithms.mean(axis=1, keepdims=True)
    deviation = shape[measured[:: _stride(measured)]].std(axis=0)
    shape /= np.maximum(deviation, max(float(deviation.max()) * 1e-3, 1e-9))
    return _pca(shape, measured, NUM_STANDARDISED)[0]


def _turned(spectra: FloatArray, measured: IndexArray) -> FloatArray:
    """Return coordinates along the first principal axes, not centred, and the length of what is left of the mean."""
    mean, axes, _ = _principal_axes(spectra, measured, NUM_COMPONENTS)
    along = mean @ axes
    rest = np.sqrt(max(float(mean @ mean - along @ along), 0.0))
    constant = np.full((len(spectra), 1), rest, dtype=np.float32)
    return np.concatenate([spectra @ axes.astype(np.float32), constant], axis=1)


def _pca(values: FloatArray, measured: IndexArray, num: int) -> tuple[FloatArray, NDArray[np.float64]]:
    """Return the first components, (n, at most num) float32, and their variances, descending and above 0."""
    mean, axes, variance = _principal_axes(values, measured, num)
    basis = axes.astype(np.float32)
    return np.asarray(values @ basis - mean.astype(np.float32) @ basis), variance


def _principal_axes(
    values: FloatArray, measured: IndexArray, num: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean (dims,), at most `num` principal axes (dims, num), and the variances along them, descending."""
    sample = values[measured[:: max(1, len(measured) // PCA_SAMPLE)]].astype(np.float64)
    mean = sample.mean(axis=0)
    sample -= mean
    variance, axes = np.linalg.eigh(sample.T @ sample / len(sample))
    order = np.argsort(variance)[::-1][:num]
    variance = np.maximum(variance[order], 1e-18)  # a scene without any contrast still has one component
    keep = variance > variance[0] * 1e-9
    return mean, axes[:, order[keep]], variance[keep]


def _small_regions(guide: UInt8Array) -> IndexArray:
    """Return the small superpixel of each cell, (cells,)."""
    import cv2

    size = min(REGION_SIZE, *guide.shape[:2])
    if size < 2:
        return np.zeros(guide.shape[0] * guide.shape[1], dtype=np.int64)
    colours = cv2.cvtColor(guide, cv2.COLOR_RGB2LAB)
    engine = cv2.ximgproc.createSuperpixelSLIC(colours, cv2.ximgproc.SLIC, size, REGION_RULER)
    engine.iterate(REGION_ROUNDS)
    return np.asarray(engine.getLabels(), dtype=np.int64).ravel()


def _whiten_within(whitened: FloatArray, measured: IndexArray, regions: IndexArray) -> FloatArray:
    """Whiten by the scatter within regions; keep what varies most between them, at (total / within)^(1/4).

    The scatter within small superpixels is an estimate of noise and shade that needs no labels, as in the maximum
    noise fraction (Green et al., IEEE TGRS 26(1), 1988, which takes differences of neighbours).
    """
    values, groups = whitened[measured], regions[measured]
    num = int(groups.max()) + 1
    counts = np.maximum(np.bincount(groups, minlength=num), 1)
    means = np.stack([np.bincount(groups, column, num) for column in values.T], axis=1) / counts[:, None]
    rest = values - means[groups].astype(np.float32)
    scatter, axes = np.linalg.eigh((rest.T @ rest / len(rest)).astype(np.float64))
    scatter = np.maximum(scatter, max(scatter.max() * 1e-6, 1e-12))
    turned = whitened @ (axes / np.sqrt(scatter)).astype(np.float32)
    components, ratio = _pca(turned, measured, NUM_WITHIN_WHITENED)
    return np.asarray(components * (ratio**-0.25).astype(np.float32))


def _colours(guide: UInt8Array) -> FloatArray:
    import cv2

    lab = cv2.cvtColor(guide.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    return np.asarray(lab, dtype=np.float32).reshape(-1, 3)


def _smooth(block: FloatArray, shape: tuple[int, int], scale: float) -> FloatArray:
    """Smooth every dimension of (cells, dims) over the grid with a Gaussian."""
    import cv2

    if scale == 0:
        return np.array(block, dtype=np.float32, order="C")
    image = block.reshape(*shape, -1)
    out = np.empty(image.shape, dtype=np.float32)
    for start in range(0, image.shape[2], 4):  # OpenCV takes four channels at a time
        part = np.ascontiguousarray(image[..., start : start + 4], dtype=np.float32)
        smoothed = cv2.GaussianBlur(part, (0, 0), scale, borderType=cv2.BORDER_REFLECT)
        out[..., start : start + 4] = smoothed.reshape(part.shape)
    return out.reshape(block.shape)


def _stride(measured: IndexArray) -> int:
    """Return the step at which cells are looked at for a statistic: every seventh where there are plenty."""
    return 7 if len(measured) > 700 else 1


def _normalised(block: FloatArray, measured: IndexArray) -> FloatArray:
    """Scale `block` in place so that two random cells differ by 1 in mean square."""
    spread_of_cells = float(block[measured[:: _stride(measured)]].var(axis=0).sum())
    block /= np.float32(np.sqrt(max(2 * spread_of_cells, 1e-12)))
    return block
