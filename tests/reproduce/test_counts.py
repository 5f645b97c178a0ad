from __future__ import annotations

import json

import numpy as np

from hyperpoint.metrics import ConfusionMatrix
from hyperpoint.reproduce.counts import add_to, boundaries_of, to_json
from hyperpoint.segment.boundaries import BoundaryErrors


def test_matrices_and_boundaries_survive_json_and_add_up() -> None:
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 4, (2, 20, 20)).astype(np.uint8) for _ in range(3)]
    pooled, near, kept = ConfusionMatrix(4, (3,)), BoundaryErrors(), []
    for predicted, truth in images:
        alone, close = ConfusionMatrix(4, (3,)), BoundaryErrors()
        for matrix in (pooled, alone):
            matrix.update(predicted, truth)
        for counts in (near, close):
            counts.update(predicted, truth)
        kept.append(json.loads(json.dumps(to_json(alone, close))))
    np.testing.assert_array_equal(add_to(ConfusionMatrix(4, (3,)), kept).counts, pooled.counts)
    np.testing.assert_array_equal(boundaries_of(kept).counts, near.counts)


def test_nothing_counted_stays_nothing() -> None:
    assert add_to(ConfusionMatrix(2), [to_json(ConfusionMatrix(2))]).num_pixels == 0
