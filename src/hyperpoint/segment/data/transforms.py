"""Random resize, crop, flip and photometric distortion; image and mask go through one window.

Written with NumPy and OpenCV rather than torchvision's transforms, which draw from torch's global random state: here
every draw comes from a generator that is given.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hyperpoint.cube import FloatArray, IndexArray
from hyperpoint.errors import InputError
from hyperpoint.types import IGNORE, LabelArray, UInt8Array

# How often a crop is drawn anew because one class fills too much of it (MMSegmentation, RandomCrop).
_NUM_CROPS = 10
# OpenCV 5 takes no more at a time; cubes have more.
_MAX_CHANNELS = 128
# MMSegmentation, PhotoMetricDistortion, after Liu et al., SSD, ECCV 2016: brightness on the scale 0..255, factors of
# contrast and saturation, and hue in steps of 2 degrees.
_BRIGHTNESS = 32.0
_CONTRAST = (0.5, 1.5)
_SATURATION = (0.5, 1.5)
_HUE = 18
_NUM_HUES = 180


@dataclass(frozen=True)
class Augmentation:
    """How training images are varied; the defaults are MMSegmentation's.

    Attributes
    ----------
    crop
        (rows, columns) of a sample; smaller images are padded at the bottom and on the right.
    scale
        The image is resized by a factor drawn evenly from this range.
    max_class_share
        No class is to fill more of the labelled pixels of a crop than this (10 attempts); 1: as it comes.
    flip
        How often left and right are exchanged, 0..1.
    photometric
        Whether rgb images are distorted in brightness, contrast, saturation and hue; cubes never are.
    """

    crop: tuple[int, int] = (512, 512)
    scale: tuple[float, float] = (0.5, 2.0)
    max_class_share: float = 0.75
    flip: float = 0.5
    photometric: bool = True

    def __post_init__(self) -> None:
        if min(self.crop) < 1:
            raise InputError(f"a crop has at least one row and one column; got {self.crop[0]} x {self.crop[1]}")
        if not 0 < self.scale[0] <= self.scale[1]:
            raise InputError(f"the range of scales must be above 0 and ascend; got {self.scale[0]} to {self.scale[1]}")
        if not (0 < self.max_class_share <= 1 and 0 <= self.flip <= 1):
            raise InputError(f"max_class_share and flip are shares of 1; got {self.max_class_share} and {self.flip}")


@dataclass(frozen=True)
class Window:
    """The part of a resized image that is cut out.

    Attributes
    ----------
    source
        (H, W) of the image.
    resized
        (H', W') that it is resized to.
    row, col, height, width
        What is cut out of the resized image.
    is_flipped
        Whether left and right are then exchanged.
    """

    source: tuple[int, int]
    resized: tuple[int, int]
    row: int
    col: int
    height: int
    width: int
    is_flipped: bool = False

    def nearest(self, mask: NDArray[Any]) -> NDArray[Any]:
        """Cut the window out of (H, W), taking the pixel that each centre lies in: (height, width)."""
        rows = _nearest(self.row, self.height, self.source[0], self.resized[0])
        cols = _nearest(self.col, self.width, self.source[1], self.resized[1])
        if self.is_flipped:
            cols = cols[::-1]
        return mask[rows][:, cols]

    def bilinear(self, image: NDArray[Any]) -> NDArray[Any]:
        """Cut the window out of (H, W, C) uint8 or float32: (height, width, C) of the same type.

        The result is that of resizing the whole image bilinearly (pixel centres at half integers, edges extended) and
        then cropping, but only what is cut out is computed.
        """
        import cv2

        down, across = self.source[0] / self.resized[0], self.source[1] / self.resized[1]
        first_row, first_col = (self.row + 0.5) * down - 0.5, (self.col + 0.5) * across - 0.5
        if self.is_flipped:
            first_col, across = first_col + (self.width - 1) * across, -across
        matrix = np.array([[across, 0, first_col], [0, down, first_row]], dtype=np.float64)
        cuts = [
            cv2.warpAffine(
                image[:, :, first : first + _MAX_CHANNELS],
                matrix,
                (self.width, self.height),
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_REPLICATE,
            ).reshape(self.height, self.width, -1)
            for first in range(0, image.shape[2], _MAX_CHANNELS)
        ]
        return cuts[0] if len(cuts) == 1 else np.concatenate(cuts, axis=2)


def _nearest(first: int, num: int, source: int, resized: int) -> IndexArray:
    """Return (i + 0.5)·source/resized, rounded down, for `num` pixels i from `first` on."""
    return (2 * np.arange(first, first + num, dtype=np.int64) + 1) * source // (2 * resized)


def draw_window(labels: LabelArray, augmentation: Augmentation, rng: np.random.Generator) -> Window:
    """Draw scale, place and flip of a crop, anew while one class fills too much of it.

    Parameters
    ----------
    labels
        (H, W) uint8, 255 = unlabelled.
    """
    height, width = labels.shape
    scale = rng.uniform(*augmentation.scale)
    resized = (max(1, int(height * scale + 0.5)), max(1, int(width * scale + 0.5)))
    size = (min(augmentation.crop[0], resized[0]), min(augmentation.crop[1], resized[1]))
    is_flipped = bool(rng.random() < augmentation.flip)
    for _ in range(_NUM_CROPS):
        row, col = (int(rng.integers(0, whole - part + 1)) for whole, part in zip(resized, size, strict=True))
        window = Window((height, width), resized, row, col, *size, is_flipped)
        if augmentation.max_class_share >= 1 or size == resized:
            break
        if class_share(window.nearest(labels)) < augmentation.max_class_share:
            break
    return window


def class_share(labels: LabelArray) -> float:
    """Return which share of the labelled pixels the most frequent class has; 1 if none is labelled."""
    counts = np.bincount(labels.ravel(), minlength=IGNORE + 1)[:IGNORE]
    return float(counts.max() / counts.sum()) if counts.any() else 1.0


def pad(array: NDArray[Any], size: tuple[int, int], value: float) -> NDArray[Any]:
    """Extend (h, w) or (h, w, C) to `size` at the bottom and on the right."""
    if array.shape[:2] == size:
        return array
    padded = np.full((*size, *array.shape[2:]), value, dtype=array.dtype)
    padded[: array.shape[0], : array.shape[1]] = array
    return padded


def distort(image: UInt8Array, rng: np.random.Generator) -> UInt8Array:
    """Distort brightness, contrast, saturation and hue at random, each with a probability of one half.

    As MMSegmentation's PhotoMetricDistortion: brightness first; contrast right after it or last of all, by chance.

    Parameters
    ----------
    image
        (H, W, 3) uint8, r g b.

    Returns
    -------
    (H, W, 3) uint8.
    """
    import cv2

    levels = np.arange(256, dtype=np.float32)
    tone = _rounded(levels + rng.uniform(-_BRIGHTNESS, _BRIGHTNESS)) if _by_chance(rng) else levels.astype(np.uint8)
    contrast_first = _by_chance(rng)
    contrast = rng.uniform(*_CONTRAST) if _by_chance(rng) else 1.0
    if contrast_first:
        tone = _rounded(tone * np.float32(contrast))
    saturation = rng.uniform(*_SATURATION) if _by_chance(rng) else 1.0
    hue = int(rng.integers(-_HUE, _HUE + 1)) if _by_chance(rng) else 0

    changed = cv2.LUT(image, tone)
    if saturation != 1 or hue:
        # Of the 8-bit hue only 0..179 occur: OpenCV counts it in steps of 2 degrees.
        table = np.stack([(levels + hue) % _NUM_HUES, _rounded(levels * saturation), levels], axis=-1).astype(np.uint8)
        changed = cv2.cvtColor(cv2.LUT(cv2.cvtColor(changed, cv2.COLOR_RGB2HSV), table[None]), cv2.COLOR_HSV2RGB)
    if not contrast_first and contrast != 1:
        changed = cv2.LUT(changed, _rounded(levels * np.float32(contrast)))
    return np.asarray(changed, dtype=np.uint8)


def _by_chance(rng: np.random.Generator) -> bool:
    return bool(rng.integers(2))


def _rounded(levels: FloatArray) -> UInt8Array:
    return np.clip(levels, 0, 255).astype(np.uint8)
