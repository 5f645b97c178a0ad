"""What the report of the demonstration says of the training, and its pictures."""

from __future__ import annotations

from html import escape
from pathlib import Path

import numpy as np

from hyperpoint.demo.figures import figure_grid, labels_url, legend, photo_url
from hyperpoint.demo.pictures import side_by_side
from hyperpoint.demo.training import ANNOTATIONS, KINDS, POINTS, TRUTH, TrainingResult, UnseenScene
from hyperpoint.io.images import write_png
from hyperpoint.types import ClassTable

KIND_TITLES = {TRUTH: "the truth", ANNOTATIONS: "our annotations", POINTS: "the points alone"}


def training_rows(result: TrainingResult) -> list[tuple[str, float, float, float, float, float]]:
    """Return (trained on, share of pixels labelled, mIoU, accuracy, mIoU over that of the truth, seconds)."""
    best = result.networks[TRUTH].matrix.miou
    rows = []
    for kind, network in result.networks.items():
        miou = network.matrix.miou
        ratio = miou / best if best else float("nan")
        rows.append((KIND_TITLES[kind], network.labelled_share, miou, network.matrix.accuracy, ratio, network.seconds))
    return rows


def render_training(result: TrainingResult) -> str:
    """Return the section on the training as HTML: what was done, a table of scores, every unseen scene."""
    settings = result.settings
    classes = result.classes
    return f"""<section><h2>A network trained on the annotations</h2>
<p>The same network (<code>{escape(settings["model"])}</code>, from random weights, {settings["steps"]} steps of
{settings["batch_size"]} crops on the CPU) learned to label colour images without spectra three times: from the truth of
{result.num_scenes} small synthetic streets, from our annotations of them (made from {result.num_points} points,
drawn as above; mIoU {100 * result.annotations.miou:.1f} %, accuracy {100 * result.annotations.accuracy:.1f} %), and
from those points alone. Scores are those of its predictions on {len(result.unseen)} streets that none of the three has
seen. So short a training teaches large things only; what counts is how the three compare.</p>
<table><thead><tr><th>Trained on</th><th>Pixels labelled, %</th><th>mIoU, %</th><th>Pixel accuracy, %</th>
<th>mIoU, % of that by the truth</th><th>Seconds</th></tr></thead><tbody>
{_table(result)}
</tbody></table>
{"".join(_scene(scene, classes) for scene in result.unseen)}
</section>"""


def render_skipped(reason: str) -> str:
    """Return the section as HTML if nothing was trained."""
    return (
        f"<section><h2>A network trained on the annotations</h2><p>Nothing was trained: {escape(reason)}.</p></section>"
    )


def write_training_pictures(folder: Path, result: TrainingResult) -> None:
    """Write `folder`/unseen-<scene>.png: rgb image, truth, predictions by what was trained on."""
    folder.mkdir(parents=True, exist_ok=True)
    palette = result.classes.palette()
    for scene in result.unseen:
        labels = [scene.truth, *(scene.predictions[kind] for kind in KINDS)]
        panels = [scene.rgb, *(np.asarray(palette[one], dtype=np.uint8) for one in labels)]
        write_png(folder / f"unseen-{scene.name}.png", side_by_side(panels))


def _table(result: TrainingResult) -> str:
    return "\n".join(
        f"<tr class='rgb'><td>{escape(title)}</td><td>{100 * share:.2f}</td>"
        f"<td class='bar'><i style='width:{100 * miou:.1f}%'></i><b>{100 * miou:.1f}</b></td>"
        f"<td>{100 * accuracy:.1f}</td><td>{100 * ratio:.1f}</td><td>{seconds:.1f}</td></tr>"
        for title, share, miou, accuracy, ratio, seconds in training_rows(result)
    )


def _scene(scene: UnseenScene, classes: ClassTable) -> str:
    figures = [("Unseen street", photo_url(scene.rgb)), ("Truth (for scoring only)", labels_url(scene.truth, classes))]
    figures += [
        (f"Trained on {KIND_TITLES[kind]}", labels_url(labels, classes)) for kind, labels in scene.predictions.items()
    ]
    return f"<h3>{escape(scene.name)}</h3>{figure_grid(figures)}" + legend(
        classes, [scene.truth, *scene.predictions.values()]
    )
