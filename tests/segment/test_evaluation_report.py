from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hyperpoint.errors import InputError
from hyperpoint.io.images import read_rgb, write_png
from hyperpoint.io.manifest import ManifestRow
from hyperpoint.io.masks import write_mask
from hyperpoint.metrics import ConfusionMatrix
from hyperpoint.segment.boundaries import BoundaryErrors
from hyperpoint.segment.evaluation import BadlyLabelled, Evaluation, ImageScore
from hyperpoint.segment.evaluation_report import check_report_folder, write_report
from hyperpoint.types import ClassTable

CLASSES = ClassTable(("wall", "<door>"), ((10, 200, 30), (200, 10, 30)))


def evaluation(folder: Path, size: tuple[int, int] = (6, 8)) -> Evaluation:
    truth = np.zeros(size, np.uint8)
    truth[0] = 255
    labels = np.zeros(size, np.uint8)
    labels[:, size[1] // 2 :] = 1
    write_png(folder / "photo.png", np.full((*size, 3), 90, np.uint8))
    write_mask(folder / "mask.png", truth)
    matrix, boundaries = ConfusionMatrix(2), BoundaryErrors()
    matrix.update(labels, truth)
    boundaries.update(labels, truth)
    score = ImageScore("street/7 & co", matrix.miou, matrix.accuracy, matrix.num_pixels)
    bad = BadlyLabelled(ManifestRow("7", "test", folder / "photo.png", folder / "mask.png"), score, labels)
    nothing = ImageScore("unlabelled", float("nan"), float("nan"), 0)
    return Evaluation("test", CLASSES, matrix, boundaries, (score, nothing), (bad,), 2.0, 1.0)


def test_a_report(tmp_path: Path) -> None:
    out = tmp_path / "report"
    written = write_report(evaluation(tmp_path), out, {"network": "runs/<a>"})
    assert sorted(path.relative_to(out).as_posix() for path in written) == [
        "confusion_matrix.png", "evaluation.json", "report.html", "worst/01-street_7_co.png",
    ]  # fmt: skip
    content = json.loads((out / "evaluation.json").read_text())
    assert content["miou"] == content["accuracy"] == 0.5
    assert content["about"] == {"network": "runs/<a>"}
    assert content["images"][1] == {"id": "unlabelled", "miou": None, "accuracy": None, "num_pixels": 0}
    page = (out / "report.html").read_text()
    assert "&lt;door&gt;" in page
    assert "<door>" not in page
    assert "runs/&lt;a&gt;" in page
    assert "street/7 &amp; co: mIoU 50.00 %, accuracy 50.00 %" in page
    for source in ("worst/01-street_7_co.png", "confusion_matrix.png"):
        assert f'"{source}"' in page or f"'{source}'" in page
        assert (out / source).exists()


def test_image_truth_prediction_and_errors_side_by_side(tmp_path: Path) -> None:
    write_report(evaluation(tmp_path), tmp_path / "report", {})
    picture = read_rgb(tmp_path / "report" / "worst" / "01-street_7_co.png")
    assert picture.shape == (6, 4 * 8 + 3 * 8, 3)
    panels = [picture[:, start : start + 8] for start in (0, 16, 32, 48)]
    assert (panels[0] == 90).all()
    assert panels[1][0, 0].tolist() == [0, 0, 0]
    assert panels[1][1, 0].tolist() == [10, 200, 30]
    assert panels[2][1, 7].tolist() == [200, 10, 30]
    wrong, right, unknown = panels[3][1, 7], panels[3][1, 0], panels[3][0, 7]
    assert wrong[0] > 200 > wrong[1]
    assert right.min() > 200
    assert unknown.max() == 0


def test_large_images_are_shown_smaller_and_earlier_pictures_go(tmp_path: Path) -> None:
    out = tmp_path / "report"
    write_report(evaluation(tmp_path, (40, 2000)), out, {})
    (out / "worst" / "02-earlier.png").touch()
    (out / "worst" / "notes.txt").touch()
    write_report(evaluation(tmp_path, (40, 2000)), out, {})
    assert sorted(path.name for path in (out / "worst").iterdir()) == ["01-street_7_co.png", "notes.txt"]
    with Image.open(out / "worst" / "01-street_7_co.png") as picture:
        assert picture.size == (4 * 640 + 24, 13)


def test_a_place_that_cannot_be_written_is_told_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="is a file"):
        check_report_folder(tmp_path / "file")
    check_report_folder(tmp_path / "new")
    assert [path.name for path in (tmp_path / "new").rglob("*")] == ["worst"]
