"""Priors, upsampling and the decision, on inputs with known answers."""

from __future__ import annotations

import numpy as np
import pytest

from hyperpoint.annotation.mixture.confidence import decide
from hyperpoint.annotation.mixture.posterior import class_priors, softmax
from hyperpoint.annotation.mixture.upsampling import Upsampler


def test_softmax_sums_to_one_and_survives_large_logits() -> None:
    logits = np.array([[1000.0, 0.0], [0.0, 0.0], [-1000.0, np.log(2)]], dtype=np.float32)
    np.testing.assert_allclose(softmax(logits), [[1, 0.25], [0, 0.25], [0, 0.5]], atol=1e-6)


def test_class_priors_are_the_shares_of_clear_cells_and_drown_nobody() -> None:
    probabilities = np.full((3, 1000), 0.005, dtype=np.float32)
    probabilities[0, :900] = probabilities[1, 900:] = 0.99
    priors = class_priors(probabilities)
    np.testing.assert_allclose(priors[:2], [0.9, 0.1], atol=0.01)
    assert priors[2] >= 1e-3


def test_decide() -> None:
    first = np.array([[0.9, 0.5], [0.2, 0.0]], dtype=np.float32)
    best, confidence = decide([first, 1 - first], power=0.5)
    np.testing.assert_array_equal(best, [[0, 0], [1, 1]])
    assert confidence[0, 0] == pytest.approx(0.75)  # 3 / (3 + 1)
    assert confidence[0, 1] == pytest.approx(0.5)
    assert 0.99 < confidence[1, 1] <= 1


def test_upsampling_follows_the_edge_of_the_image() -> None:
    """An edge off the border of the coarse cells is found again; nearest cells alone would miss it by two pixels."""
    rgb = np.full((64, 64, 3), 40, dtype=np.uint8)
    rgb[:, 34:] = 200
    coarse = rgb.reshape(16, 4, 16, 4, 3).mean(axis=(1, 3), dtype=np.float32) / 255
    upsampler = Upsampler.of(rgb, coarse)
    plane = (coarse[..., 0] - 40 / 255) / (160 / 255)
    truth = rgb[..., 0] > 100
    guided = upsampler.enlarge(plane, 1.0)
    assert guided.shape == (64, 64)
    assert ((guided > 0.45) == truth).mean() > 0.99
    np.testing.assert_array_equal(upsampler.enlarge(plane, 0.0), np.kron(plane, np.ones((4, 4), dtype=np.float32)))
    np.testing.assert_allclose(upsampler.enlarge(np.full_like(plane, 0.3), 1.0), 0.3, atol=1e-4)
