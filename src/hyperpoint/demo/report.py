"""The report of the demonstration: one HTML file that needs nothing beside it."""

from __future__ import annotations

import base64
import io
from html import escape
from importlib import resources
from string import Template

import numpy as np

from hyperpoint.cube import FloatArray
from hyperpoint.demo.run import DemoResult, DemoScene
from hyperpoint.io.preview import draw_points, overlay
from hyperpoint.types import IGNORE, LabelArray, UInt8Array

TITLES = {
    "best": "Our own, spectra",
    "paper-svm": "SVM, spectra",
    "paper-twocnn": "TwoCNN, spectra",
    "paper-svm-rgb": "SVM, RGB",
    "paper-twocnn-rgb": "TwoCNN, RGB",
}
LAYOUT_TITLES = {"lib-hsi": "Facades (LIB-HSI layout)", "hsicity2": "Streets (HSICityV2 layout)"}


def render_report(result: DemoResult) -> str:
    """Return the report as HTML: a table of scores, and every scene with its points, truth and annotations."""
    template = Template((resources.files("hyperpoint.demo") / "report.html").read_text(encoding="utf-8"))
    return template.substitute(
        num_scenes=len(result.scenes),
        table=_score_table(result),
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


def _scene_section(scene: DemoScene) -> str:
    num = len(scene.points.annotated)
    pictures = [
        ("RGB image", _jpeg(scene.rgb)),
        (f"{num} annotated points", _jpeg(draw_points(scene.rgb, scene.points.annotated, scene.classes))),
        ("Truth (for scoring only)", _png(_colours(scene.truth.labels, scene))),
    ]
    pictures += [(TITLES[name], _png(_colours(each.labels, scene))) for name, each in scene.annotations.items()]
    recipe, first = next(iter(scene.annotations.items()))
    pictures.append((f"Overlay: {TITLES[recipe]}", _jpeg(overlay(scene.rgb, first.labels, scene.classes))))
    pictures.append((f"Confidence: {TITLES[recipe]}", _jpeg(_heat(first.confidence))))
    figures = "\n".join(
        f"<figure><img src='{source}' alt='{escape(title)}' loading='lazy'><figcaption>{escape(title)}</figcaption>"
        "</figure>"
        for title, source in pictures
    )
    return f"<section><h2>{escape(scene.name)}</h2><div class='grid'>{figures}</div>{_legend(scene)}</section>"


def _legend(scene: DemoScene) -> str:
    ids = np.unique(scene.truth.labels[scene.truth.labels != IGNORE])
    entries = (
        f"<li><i style='background:rgb{scene.classes.colors[label]}'></i>{escape(scene.classes.names[label])}</li>"
        for label in ids.tolist()
    )
    return f"<ul class='legend'>{''.join(entries)}</ul>"


def _colours(labels: LabelArray, scene: DemoScene) -> UInt8Array:
    return np.asarray(scene.classes.palette()[labels], dtype=np.uint8)


def _heat(confidence: FloatArray) -> UInt8Array:
    import cv2

    heat = cv2.applyColorMap((confidence * 255).astype(np.uint8), cv2.COLORMAP_VIRIDIS)
    return np.asarray(cv2.cvtColor(heat, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def _jpeg(image: UInt8Array) -> str:
    return _data_url(image, "JPEG", quality=88)


def _png(image: UInt8Array) -> str:
    return _data_url(image, "PNG", optimize=True)


def _data_url(image: UInt8Array, kind: str, **options: int | bool) -> str:
    from PIL import Image

    stream = io.BytesIO()
    Image.fromarray(image).save(stream, kind, **options)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(stream.getvalue()).decode('ascii')}"
