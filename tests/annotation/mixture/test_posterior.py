"""Priors and upsampling, on inputs with known answers."""

from __future__ import annotations

import numpy as np

from hyperpoint.annotation.mixture.leave_one_out import Task
from hyperpoint.annotation.mixture.posterior import class_priors, evenness, softmax
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


def test_evenness_is_one_for_equal_counts_and_falls_with_their_entropy() -> None:
    def of(*counts: int) -> float:
        return evenness(Task.of(np.repeat(np.arange(len(counts)), counts), len(counts)))

    assert of(5, 5, 5) == of(20, 20) == 1
    assert of(1, 1) == 1
    assert 1 > of(5, 5, 4) > of(5, 5, 2) > of(5, 5, 1) > 0
    assert of(5, 5, 4) > 0.8  # a click more or less changes little
    assert of(40, 5, 5) < 0.05


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
