"""One picture a scene, from points to annotation, to show in a document."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from hyperpoint.demo.run import DemoResult
from hyperpoint.io.images import write_png
from hyperpoint.io.preview import draw_points, overlay
from hyperpoint.types import UInt8Array

GAP_PIXELS = 8


def write_pictures(folder: Path, result: DemoResult) -> None:
    """Write `folder`/<scene>.png for each scene: points on the rgb image, annotation by the first recipe, truth."""
    folder.mkdir(parents=True, exist_ok=True)
    for scene in result.scenes:
        first = next(iter(scene.annotations.values()))
        panels = [
            draw_points(scene.rgb, scene.points.annotated, scene.classes),
            overlay(scene.rgb, first.labels, scene.classes, opacity=0.75),
            overlay(scene.rgb, scene.truth.labels, scene.classes, opacity=0.75),
        ]
        write_png(folder / f"{scene.name}.png", side_by_side(panels))


def side_by_side(panels: Sequence[UInt8Array]) -> UInt8Array:
    """Put equally high pictures (H, W, 3) next to each other, with white between them."""
    gap = np.full((panels[0].shape[0], GAP_PIXELS, 3), 255, dtype=np.uint8)
    first, *others = panels
    return np.hstack([first, *(part for panel in others for part in (gap, panel))])
