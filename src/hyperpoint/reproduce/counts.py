"""Confusion matrices and boundary counts as JSON keeps them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from hyperpoint.metrics import ConfusionMatrix
from hyperpoint.segment.boundaries import BoundaryErrors


def to_json(matrix: ConfusionMatrix, boundaries: BoundaryErrors | None = None) -> dict[str, Any]:
    """Return counts, JSON-serialisable: of the confusion matrix [truth, predicted, pixels] where there are any."""
    rows, cols = np.nonzero(matrix.counts)
    found = np.stack([rows, cols, matrix.counts[rows, cols]], axis=1).tolist()
    return {"counts": found} | ({} if boundaries is None else {"boundary": boundaries.counts.tolist()})


def add_to(matrix: ConfusionMatrix, results: Iterable[Mapping[str, Any]]) -> ConfusionMatrix:
    """Add what `to_json` returned to a matrix, and return it."""
    for result in results:
        if result["counts"]:
            rows, cols, pixels = np.array(result["counts"], dtype=np.int64).T
            matrix.counts[rows, cols] += pixels
    return matrix


def boundaries_of(results: Iterable[Mapping[str, Any]]) -> BoundaryErrors:
    """Return the boundary counts of several results together."""
    total = BoundaryErrors()
    for result in results:
        total.counts += np.array(result["boundary"], dtype=np.int64)
    return total
