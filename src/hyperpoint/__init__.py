"""Label a few points on a hyperspectral scene; get a label for every pixel.

    import hyperpoint as hp

    scene = hp.open_scene("scene.hdr", rgb="scene.png")
    points = hp.PointSet(rows=[10, 80], cols=[20, 90], labels=[0, 1])
    annotation = hp.annotate(scene, points)

Names are imported when they are first used, so that `import hyperpoint` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hyperpoint.annotation.annotate import annotate
    from hyperpoint.annotation.prepare import PreparedScene, prepare
    from hyperpoint.annotation.recipe import Recipe, get_recipe, recipe_names
    from hyperpoint.annotation.suggestion import Suggestions, suggest
    from hyperpoint.catalog.sampling import sample_per_class, sample_regions
    from hyperpoint.errors import HyperpointError
    from hyperpoint.io.classes import read_classes, write_classes
    from hyperpoint.io.manifest import Manifest, ManifestRow, read_manifest, write_manifest
    from hyperpoint.io.masks import read_label_ids, write_confidence, write_mask
    from hyperpoint.io.points import read_points, write_points
    from hyperpoint.io.spectral_libraries import read_library, write_library
    from hyperpoint.library import SpectralLibrary, join_libraries
    from hyperpoint.metrics import ConfusionMatrix
    from hyperpoint.opening import open_scene
    from hyperpoint.preprocess.rendering import render_rgb
    from hyperpoint.segment.config import TrainingConfig
    from hyperpoint.segment.run_folder import RunFolder
    from hyperpoint.segment.training import train
    from hyperpoint.studio.notebook import open_studio
    from hyperpoint.types import IGNORE, Annotation, ClassTable, PointSet, Scene, Superpixels, Truth

_HOMES = {
    "annotate": "annotation.annotate",
    "prepare": "annotation.prepare",
    "PreparedScene": "annotation.prepare",
    "Recipe": "annotation.recipe",
    "get_recipe": "annotation.recipe",
    "recipe_names": "annotation.recipe",
    "Suggestions": "annotation.suggestion",
    "suggest": "annotation.suggestion",
    "sample_per_class": "catalog.sampling",
    "sample_regions": "catalog.sampling",
    "HyperpointError": "errors",
    "read_classes": "io.classes",
    "write_classes": "io.classes",
    "Manifest": "io.manifest",
    "ManifestRow": "io.manifest",
    "read_manifest": "io.manifest",
    "write_manifest": "io.manifest",
    "read_label_ids": "io.masks",
    "write_confidence": "io.masks",
    "write_mask": "io.masks",
    "read_points": "io.points",
    "write_points": "io.points",
    "read_library": "io.spectral_libraries",
    "write_library": "io.spectral_libraries",
    "SpectralLibrary": "library",
    "join_libraries": "library",
    "ConfusionMatrix": "metrics",
    "open_scene": "opening",
    "render_rgb": "preprocess.rendering",
    "TrainingConfig": "segment.config",
    "RunFolder": "segment.run_folder",
    "train": "segment.training",
    "open_studio": "studio.notebook",
    "IGNORE": "types",
    "Annotation": "types",
    "ClassTable": "types",
    "PointSet": "types",
    "Scene": "types",
    "Superpixels": "types",
    "Truth": "types",
}

__all__ = [
    "IGNORE",
    "Annotation",
    "ClassTable",
    "ConfusionMatrix",
    "HyperpointError",
    "Manifest",
    "ManifestRow",
    "PointSet",
    "PreparedScene",
    "Recipe",
    "RunFolder",
    "Scene",
    "SpectralLibrary",
    "Suggestions",
    "Superpixels",
    "TrainingConfig",
    "Truth",
    "__version__",
    "annotate",
    "get_recipe",
    "join_libraries",
    "open_scene",
    "open_studio",
    "prepare",
    "read_classes",
    "read_label_ids",
    "read_library",
    "read_manifest",
    "read_points",
    "recipe_names",
    "render_rgb",
    "sample_per_class",
    "sample_regions",
    "suggest",
    "train",
    "write_classes",
    "write_confidence",
    "write_library",
    "write_manifest",
    "write_mask",
    "write_points",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("hyperpoint")
    if name not in _HOMES:
        raise AttributeError(f"module 'hyperpoint' has no attribute {name!r}")
    return getattr(import_module(f"hyperpoint.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
