"""Multi-scale image features and a random forest: what ilastik's pixel classification does."""

from __future__ import annotations

import cv2
import numpy as np

from benchmarks.peers.contract import Peer, Training, principal_components
from benchmarks.peers.spectra import random_forest
from hyperpoint.cube import FloatArray, IndexArray
from hyperpoint.types import LabelArray, UInt8Array

# ilastik's scales (Berg et al., Nature Methods 16, 2019), without those between.
SCALES = (0.7, 1.6, 3.5, 10.0)


def texture_forest(num_components: int, with_spectra: bool) -> Peer:
    """Make the peer: a random forest on features of principal components, with or without the raw spectra beside."""

    def label(
        cube: FloatArray, rgb: UInt8Array, rows: IndexArray, cols: IndexArray, labels: LabelArray, seed: int
    ) -> LabelArray:
        training = Training.of(cube, rgb, rows, cols, labels)
        bands = principal_components(cube, num_components).reshape(*cube.shape[:2], -1)
        blocks = [image_features(np.ascontiguousarray(bands[..., i])) for i in range(bands.shape[2])]
        if with_spectra:
            blocks.append(cube)
        features = np.concatenate(blocks, axis=2).reshape(len(bands) * bands.shape[1], -1)
        return training.label_map(random_forest(features, training, seed).argmax(axis=1))

    return label


def image_features(band: FloatArray) -> FloatArray:
    """Return the features of one band, (h, w, 1 + 7 · 4): its values, and at each scale seven of the local shape.

    Gaussian smoothing, Laplacian of Gaussian, gradient magnitude, both eigenvalues of the structure tensor and of the
    Hessian.
    """
    planes = [band]
    for scale in SCALES:
        smooth = _gauss(band, scale)
        dy, dx = _gradient(smooth)
        (dyy, dyx), (_, dxx) = _gradient(dy), _gradient(dx)
        planes += [smooth, dyy + dxx, np.hypot(dy, dx)]
        # The structure tensor's window is half as wide as the scale, as in ilastik.
        planes += _eigenvalues(*(_gauss(plane, 0.5 * scale) for plane in (dy * dy, dy * dx, dx * dx)))
        planes += _eigenvalues(dyy, dyx, dxx)
    return np.stack(planes, axis=2).astype(np.float32)


def _gauss(plane: FloatArray, scale: float) -> FloatArray:
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), scale, borderType=cv2.BORDER_REFLECT))


def _gradient(plane: FloatArray) -> tuple[FloatArray, FloatArray]:
    down, across = np.gradient(plane)
    return np.asarray(down), np.asarray(across)


def _eigenvalues(a: FloatArray, b: FloatArray, c: FloatArray) -> list[FloatArray]:
    """Return the larger and the smaller eigenvalue of the symmetric matrices [[a, b], [b, c]]."""
    middle, reach = (a + c) / 2, np.hypot((a - c) / 2, b)
    return [np.asarray(middle + reach), np.asarray(middle - reach)]
