"""The report of the demonstration: one HTML file that needs nothing beside it."""

from __future__ import annotations

from html import escape
from importlib import resources
from string import Template

import numpy as np

from hyperpoint.cube import FloatArray
from hyperpoint.demo.figures import figure_grid, labels_url, legend, photo_url
from hyperpoint.demo.run import DemoResult, DemoScene
from hyperpoint.io.preview import draw_points, overlay
from hyperpoint.types import UInt8Array

TITLES = {
    "best": "Our own, spectra",
    "paper-svm": "SVM, spectra",
    "paper-twocnn": "TwoCNN, spectra",
    "paper-svm-rgb": "SVM, RGB",
    "paper-twocnn-rgb": "TwoCNN, RGB",
}
LAYOUT_TITLES = {"lib-hsi": "Facades (LIB-HSI layout)", "hsicity2": "Streets (HSICityV2 layout)"}


def render_report(result: DemoResult, training: str) -> str:
    """Return the report as HTML: a table of scores, `training` (HTML of its own), and every scene."""
    template = Template((resources.files("hyperpoint.demo") / "report.html").read_text(encoding="utf-8"))
    return template.substitute(
        num_scenes=len(result.scenes),
        table=_score_table(result),
        skipped=_skipped(result),
        training=training,
        scenes="\n".join(_scene_section(scene) for scene in result.scenes),
    )


def summary_rows(result: DemoResult) -> list[tuple[str, str, float, float, float, float]]:
    """Return (layout, recipe, mIoU, accuracy, coverage, seconds a scene), by layout, then recipe."""
    rows = []
    for (layout, recipe), score in result.scores.items():
        num = sum(scene.name.startswith(f"{layout}-") for scene in result.scenes)
        matrix = score.matrix
        rows.append((layout, recipe, matrix.miou, matrix.accuracy, matrix.coverage, score.seconds / num))
    return rows


def _score_table(result: DemoResult) -> str:
    rows = []
    for layout, recipe, miou, accuracy, coverage, seconds in summary_rows(result):
        kind = "rgb" if recipe.endswith("-rgb") else "hsi"
        rows.append(
            f"<tr class='{kind}'><td>{escape(LAYOUT_TITLES[layout])}</td><td>{escape(TITLES[recipe])}<br>"
            f"<code>{escape(recipe)}</code></td><td class='bar'><i style='width:{100 * miou:.1f}%'></i>"
            f"<b>{100 * miou:.1f}</b></td><td>{100 * accuracy:.1f}</td><td>{100 * coverage:.1f}</td>"
            f"<td>{seconds:.1f}</td></tr>"
        )
    return "\n".join(rows)


def _skipped(result: DemoResult) -> str:
    if not result.skipped:
        return ""
    return (
        f"<p>Left out, since PyTorch is not installed: {escape(', '.join(TITLES[one] for one in result.skipped))}.</p>"
    )


def _scene_section(scene: DemoScene) -> str:
    num, classes = len(scene.points.annotated), scene.classes
    figures = [
        ("RGB image", photo_url(scene.rgb)),
        (f"{num} annotated points", photo_url(draw_points(scene.rgb, scene.points.annotated, classes))),
        ("Truth (for scoring only)", labels_url(scene.truth.labels, classes)),
    ]
    figures += [(TITLES[name], labels_url(each.labels, classes)) for name, each in scene.annotations.items()]
    recipe, first = next(iter(scene.annotations.items()))
    figures.append((f"Overlay: {TITLES[recipe]}", photo_url(overlay(scene.rgb, first.labels, classes))))
    figures.append((f"Confidence: {TITLES[recipe]}", photo_url(_heat(first.confidence))))
    explained = legend(classes, [scene.truth.labels])
    return f"<section><h2>{escape(scene.name)}</h2>{figure_grid(figures)}{explained}</section>"


def _heat(confidence: FloatArray) -> UInt8Array:
    import cv2

    heat = cv2.applyColorMap((confidence * 255).astype(np.uint8), cv2.COLORMAP_VIRIDIS)
    return np.asarray(cv2.cvtColor(heat, cv2.COLOR_BGR2RGB), dtype=np.uint8)
