"""One picture a scene, from points to annotation, to show in a document."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hyperpoint.demo.run import DemoResult
from hyperpoint.io.images import write_png
from hyperpoint.io.preview import draw_points, overlay

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
        gap = np.full((scene.rgb.shape[0], GAP_PIXELS, 3), 255, dtype=np.uint8)
        write_png(folder / f"{scene.name}.png", np.hstack([panels[0], gap, panels[1], gap, panels[2]]))
