"""What an annotation was made from and how, as plain data."""

from __future__ import annotations

import sys
from contextlib import suppress
from functools import cache
from importlib import metadata
from typing import Any

import numpy as np

from hyperpoint.annotation.prepared import PreparedScene
from hyperpoint.library import SpectralLibrary
from hyperpoint.types import LabelArray, PointSet

_LIBRARIES = ("numpy", "scipy", "scikit-learn", "opencv-contrib-python-headless", "torch")


def library_versions() -> dict[str, str]:
    """Return the versions of hyperpoint, Python and the libraries that results may depend on, of those installed.

    Which of them are loaded is not asked: that depends on what else the process has done, and the same inputs shall
    give the same provenance.
    """
    return dict(_installed_versions())


@cache
def _installed_versions() -> tuple[tuple[str, str], ...]:
    found = {"hyperpoint": metadata.version("hyperpoint"), "python": ".".join(map(str, sys.version_info[:3]))}
    for distribution in _LIBRARIES:
        with suppress(metadata.PackageNotFoundError):
            found[distribution] = metadata.version(distribution)
    return tuple(found.items())


def describe_library(library: SpectralLibrary, weight: float | None) -> dict[str, Any]:
    """Describe a spectral library and how much of its evidence was used, 0 (none) to 1."""
    return {
        "fingerprint": library.fingerprint,
        "num_spectra": len(library),
        "num_scenes": library.num_scenes,
        "weight": round(weight or 0.0, 4),
    }


def describe(
    prepared: PreparedScene, points: PointSet, num_learned_from: int, seed: int, labelled: LabelArray
) -> dict[str, Any]:
    """Describe an annotation: its scene, recipe, seed, versions and counts.

    Parameters
    ----------
    points, num_learned_from
        All points that were given, and how many of them were learned from.
    labelled
        The labels of the usable pixels, any shape.
    """
    counts = np.bincount(labelled.ravel(), minlength=256)
    return {
        "scene": prepared.scene.provenance,
        "recipe": prepared.recipe.as_dict(),
        "seed": seed,
        "versions": library_versions(),
        "num_points": {
            "annotated": len(points.annotated),
            "unannotated": len(points.unannotated),
            "learned_from": num_learned_from,
        },
        **prepared.facts,
        "size": list(prepared.scene.size),
        "masked_pixels": prepared.masked,
        "pixels_per_class": {str(label): int(counts[label]) for label in np.flatnonzero(counts[:255])},
        "unlabelled_pixels": int(np.prod(prepared.scene.size) - counts[:255].sum()),
    }
