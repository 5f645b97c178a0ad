"""What an annotation was made from and how, as plain data."""

from __future__ import annotations

import sys
from importlib import metadata
from typing import Any

import numpy as np

from hyperpoint.annotation.prepared import PreparedScene
from hyperpoint.library import SpectralLibrary
from hyperpoint.types import LabelArray, PointSet

# Distribution -> the module whose presence among the loaded ones says that it had a part in the result.
_LIBRARIES = {
    "numpy": "numpy",
    "scipy": "scipy",
    "scikit-learn": "sklearn",
    "opencv-contrib-python-headless": "cv2",
    "torch": "torch",
}


def library_versions() -> dict[str, str]:
    """Return the versions of hyperpoint, Python and the loaded libraries that results depend on."""
    found = {"hyperpoint": metadata.version("hyperpoint"), "python": ".".join(map(str, sys.version_info[:3]))}
    for distribution, module in _LIBRARIES.items():
        if module in sys.modules:
            found[distribution] = str(getattr(sys.modules[module], "__version__", "unknown"))
    return found


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
