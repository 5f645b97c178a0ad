"""A scene of four quarters whose materials differ in the near infrared more than in colour."""

from __future__ import annotations

import numpy as np
import pytest

from hyperpoint.types import LabelArray, PointSet, Scene

SIZE = 80


@pytest.fixture
def truth() -> LabelArray:
    labels = np.zeros((SIZE, SIZE), dtype=np.uint8)
    labels[:, SIZE // 2 :] = 1
    labels[SIZE // 2 :] += 2
    return labels


@pytest.fixture
def scene(truth: LabelArray) -> Scene:
    rng = np.random.default_rng(3)
    wavelengths = np.linspace(400, 1000, 24)
    visible = np.outer([1, 0.8, 0.6, 0.4], np.linspace(0.4, 0.5, 12))
    # The infrared tells them apart at any brightness: it rises, falls, or neither.
    infrared = np.array([[1, 0], [0, 0.5], [0, 1], [0.6, 0.6]]).repeat(6, axis=1)
    spectra = np.concatenate([visible, infrared], axis=1)
    light = rng.uniform(0.9, 1.1, (SIZE, SIZE, 1))
    cube = spectra[truth] * light + rng.normal(0, 0.02, (SIZE, SIZE, 24))
    grey = np.array([60, 110, 160, 210])[truth] + rng.integers(-8, 8, (SIZE, SIZE))
    return Scene(
        cube.astype(np.float32), wavelengths=wavelengths, rgb=np.repeat(grey[..., None], 3, 2).astype(np.uint8)
    )


@pytest.fixture
def points(truth: LabelArray) -> PointSet:
    rng = np.random.default_rng(4)
    rows, cols = rng.integers(0, SIZE, 40), rng.integers(0, SIZE, 40)
    return PointSet(rows=rows, cols=cols, labels=truth[rows, cols])
