"""From the working grid to the rgb image, along the image's edges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hyperpoint.cube import FloatArray
from hyperpoint.types import UInt8Array

MAX_FINE_PIXELS = 700_000  # beyond, labels are enlarged from an image of this size: edges stay within two pixels
RADIUS = 4
EPS = 1e-3
MIN_BLEND = 0.02


@dataclass(frozen=True, eq=False)
class Upsampler:
    """Joint upsampling from a coarse image to a fine one, with what depends on the images alone computed once.

    Linear coefficients of the guided filter are found at the low resolution and applied at the high one (He and Sun,
    "Fast guided filter", 2015, arXiv:1505.00996); what the filter would remove of the coarse values is put back.

    Attributes
    ----------
    coarse
        (3, rows, cols) float32 in 0..1.
    fine
        (3, H', W') float32 in 0..1.
    mean, precision
        Local means, (3, rows, cols), and inverse covariances, (3, 3, rows, cols), of `coarse`.
    """

    coarse: FloatArray
    fine: FloatArray
    mean: FloatArray
    precision: FloatArray

    @classmethod
    def of(cls, rgb: UInt8Array, coarse: FloatArray) -> Upsampler:
        """Set up for an rgb image, (H, W, 3) uint8, and its copy at the working grid."""
        import cv2

        height, width = rgb.shape[:2]
        shrink = max(1.0, float(np.sqrt(height * width / MAX_FINE_PIXELS)))
        if shrink > 1:
            rgb = np.asarray(
                cv2.resize(rgb, (round(width / shrink), round(height / shrink)), interpolation=cv2.INTER_AREA)
            )
        planes = np.ascontiguousarray(np.moveaxis(coarse, 2, 0))
        mean = _box(planes)
        covariance = np.stack([_box(planes[i] * planes) - mean[i] * mean for i in range(3)])
        regular = np.moveaxis(covariance, (0, 1), (2, 3)) + np.float32(EPS) * np.eye(3, dtype=np.float32)
        precision = np.ascontiguousarray(np.moveaxis(np.linalg.inv(regular), (2, 3), (0, 1)))
        fine = np.moveaxis(rgb, 2, 0).astype(np.float32, order="C") / np.float32(255)
        return cls(planes, fine, mean, precision)

    @property
    def shape(self) -> tuple[int, int]:
        """(H', W') of what `enlarge` returns."""
        return self.fine.shape[1], self.fine.shape[2]

    def enlarge(self, plane: FloatArray, blend: float) -> FloatArray:
        """Enlarge (rows, cols) probabilities to (H', W'): `blend` along the edges, the rest from the nearest cell.

        A scene whose spectra are best seen without smoothing (`blend` 0) has details that the rgb image does not
        show: on Berlin's, guided upsampling alone cost .025 mIoU, on street scenes it gained .01.
        """
        import cv2

        if plane.shape == self.shape:
            return plane
        nearest = _resize(plane, self.shape, cv2.INTER_NEAREST)
        if blend <= MIN_BLEND:
            return nearest
        guided = np.clip(self._guided(plane), 0, 1)
        return np.asarray(cv2.addWeighted(guided, blend, nearest, 1 - blend, 0))

    def _guided(self, plane: FloatArray) -> FloatArray:
        import cv2

        covariance = _box(self.coarse * plane) - self.mean * _box(plane[None])
        slope = _box(np.stack([(row * covariance).sum(axis=0) for row in self.precision]))
        out = _resize(plane - (slope * self.coarse).sum(axis=0), self.shape, cv2.INTER_LINEAR)
        for channel, image in zip(slope, self.fine, strict=True):
            out += _resize(channel, self.shape, cv2.INTER_LINEAR) * image
        return out


def _box(planes: FloatArray) -> FloatArray:
    """Average each of (n, rows, cols) planes over a square window."""
    import cv2

    size = (2 * RADIUS + 1, 2 * RADIUS + 1)
    out = np.empty_like(planes)
    for plane, averaged in zip(planes, out, strict=True):
        averaged[:] = cv2.blur(plane, size, borderType=cv2.BORDER_REFLECT)
    return out


def _resize(plane: FloatArray, shape: tuple[int, int], how: int) -> FloatArray:
    import cv2

    return np.asarray(cv2.resize(plane, shape[::-1], interpolation=how), dtype=np.float32)
