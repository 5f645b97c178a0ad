"""What an evaluation leaves on disk: scores as JSON, a page to read, the confusion matrix and the worst images."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any

import numpy as np

from hyperpoint.io.files import StrPath, atomic_path, check_writable, make_folder, write_json
from hyperpoint.io.images import save_png
from hyperpoint.io.masks import read_label_ids
from hyperpoint.segment.confusion_picture import draw_confusion_matrix
from hyperpoint.segment.evaluation import BadlyLabelled, Evaluation
from hyperpoint.segment.inputs import read_image
from hyperpoint.types import IGNORE, ClassTable, LabelArray, UInt8Array

JSON_NAME, PAGE_NAME, MATRIX_NAME, WORST_NAME = "evaluation.json", "report.html", "confusion_matrix.png", "worst"
_FILES = (JSON_NAME, PAGE_NAME, MATRIX_NAME)
_GAP_PIXELS = 8
# Wide enough to judge by; a photo of 1889 pixels as PNG takes 5 MB.
_MAX_WIDTH = 640
_WRONG, _RIGHT, _UNKNOWN = (214, 39, 40), (235, 235, 235), (0, 0, 0)


def write_report(evaluation: Evaluation, out: StrPath, about: Mapping[str, Any]) -> list[Path]:
    """Write evaluation.json, report.html, confusion_matrix.png and worst/<rank>-<id>.png into a folder.

    Parameters
    ----------
    out
        Made if it does not exist; an earlier report in it is replaced.
    about
        What was evaluated and how, by name: JSON-serialisable, put into the JSON and on the page.

    Returns
    -------
    The files written.

    Raises
    ------
    InputError
        If one of them cannot be written.
    """
    folder = Path(out)
    make_folder(folder / WORST_NAME)
    for earlier in (folder / WORST_NAME).glob("[0-9][0-9]-*.png"):
        earlier.unlink()
    pictures = [_write_picture(folder, rank, bad, evaluation.classes) for rank, bad in enumerate(evaluation.worst, 1)]
    draw_confusion_matrix(folder / MATRIX_NAME, evaluation.matrix, evaluation.classes)
    images = [score.to_dict() for score in evaluation.images]
    write_json(folder / JSON_NAME, {"about": dict(about), **evaluation.to_dict(), "images": images})
    with atomic_path(folder / PAGE_NAME) as temporary:
        temporary.write_text(render_page(evaluation, about, pictures), encoding="utf-8", newline="\n")
    return [*(folder / name for name in _FILES), *(folder / picture for picture in pictures)]


def check_report_folder(out: StrPath) -> None:
    """Make the folder of a report, and make sure that it can be written to, before any work.

    Raises
    ------
    InputError
        If not.
    """
    make_folder(Path(out) / WORST_NAME)
    check_writable(Path(out) / PAGE_NAME)


def render_page(evaluation: Evaluation, about: Mapping[str, Any], pictures: list[str]) -> str:
    """Return the report as HTML, which refers to the pictures beside it."""
    scores, boundary = evaluation.to_dict(), evaluation.boundaries.to_dict()
    template = Template((resources.files("hyperpoint.segment") / "report.html").read_text(encoding="utf-8"))
    return template.substitute(
        split=escape(evaluation.split),
        num_images=len(evaluation.images),
        num_pixels=f"{scores['num_pixels']:,}",
        about="\n".join(f"<tr><td>{escape(str(k))}</td><td>{escape(str(v))}</td></tr>" for k, v in about.items()),
        miou=_percent(scores["miou"]),
        mean_accuracy=_percent(scores["mean_accuracy"]),
        accuracy=_percent(scores["accuracy"]),
        width=boundary["width"],
        **{name: _percent(boundary[name]) for name in boundary if name != "width"},
        per_class="\n".join(_class_row(entry, evaluation.classes) for entry in scores["per_class"]),
        matrix=MATRIX_NAME,
        worst="\n".join(_figure(*pair) for pair in zip(evaluation.worst, pictures, strict=True)),
        legend="".join(_key(evaluation.classes, entry["id"]) for entry in scores["per_class"]),
    )


def _class_row(entry: Mapping[str, Any], classes: ClassTable) -> str:
    width = 100 * (entry["iou"] or 0)
    return (
        f"<tr><td>{_swatch(classes, entry['id'])}{escape(entry['name'])}</td><td class='bar'>"
        f"<i style='width:{width:.1f}%'></i><b>{_percent(entry['iou'])}</b></td><td>{_percent(entry['accuracy'])}</td>"
        f"<td>{entry['support']:,}</td></tr>"
    )


def _figure(bad: BadlyLabelled, picture: str) -> str:
    caption = f"{escape(bad.score.id)}: mIoU {_percent(bad.score.miou)}, accuracy {_percent(bad.score.accuracy)}"
    return f"<figure><img src='{escape(picture)}' alt='' loading='lazy'><figcaption>{caption}</figcaption></figure>"


def _key(classes: ClassTable, number: int) -> str:
    return f"<li>{_swatch(classes, number)}{escape(classes.names[number])}</li>"


def _swatch(classes: ClassTable, number: int) -> str:
    return f"<i class='swatch' style='background:rgb{classes.colors[number]}'></i>"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.2f} %"


def _write_picture(folder: Path, rank: int, bad: BadlyLabelled, classes: ClassTable) -> str:
    """Write image, truth, prediction and errors side by side; return the path from `folder`."""
    from PIL import Image

    assert bad.row.label is not None
    truth = read_label_ids(bad.row.label)
    palette = classes.palette()
    panels = [read_image(bad.row.image), palette[truth], palette[bad.labels], _errors(bad.labels, truth)]
    panels = [_at_most(panel, exact=number > 0) for number, panel in enumerate(panels)]
    gap = np.full((panels[0].shape[0], _GAP_PIXELS, 3), 255, dtype=np.uint8)
    name = f"{WORST_NAME}/{rank:02d}-{re.sub(r'[^A-Za-z0-9_.-]+', '_', bad.score.id)[:80]}.png"
    parts = [part for panel in panels for part in (panel, gap)][:-1]
    save_png(folder / name, Image.fromarray(np.hstack(parts)))
    return name


def _errors(labels: LabelArray, truth: LabelArray) -> UInt8Array:
    colors = np.array([_RIGHT, _WRONG, _UNKNOWN], dtype=np.uint8)
    return np.asarray(colors[np.where(truth == IGNORE, 2, (labels != truth).astype(np.int64))])


def _at_most(image: UInt8Array, exact: bool) -> UInt8Array:
    """Make a picture at most so wide; of labels (`exact`) colours are not mixed."""
    import cv2

    height, width = image.shape[:2]
    if width <= _MAX_WIDTH:
        return image
    size = (_MAX_WIDTH, max(1, round(height * _MAX_WIDTH / width)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_NEAREST if exact else cv2.INTER_AREA))
