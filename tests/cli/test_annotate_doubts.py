"""`hyperpoint annotate`: what is left unlabelled on request, and points that look like misclicks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hyperpoint.io.masks import read_mask
from hyperpoint.types import IGNORE

Run = Callable[..., Any]


def points_file(folder: Path, per_class: int = 12, misclick: bool = False) -> Path:
    """Points of the two halves of the scene in `files`; the first is in the middle of the left one."""
    rng = np.random.default_rng(3)
    rows = np.append(50, rng.integers(0, 100, 2 * per_class - 1))
    cols = np.append(
        25, rng.permutation(np.append(rng.integers(0, 55, per_class - 1), rng.integers(65, 120, per_class)))
    )
    labels = (cols > 60).astype(int)
    labels[0] = int(misclick)
    path = folder / "many.csv"
    lines = [f"{r},{c},{('wall', 'sky')[k]}" for r, c, k in zip(rows, cols, labels, strict=True)]
    path.write_text("\n".join(["row,col,label", *dict.fromkeys(lines)]) + "\n")
    return path


def annotate(run: Run, files: Path, points: Path, *more: str) -> Any:
    return run("annotate", files / "cube.npz", "--rgb", files / "rgb.png", "--points", points,
               "--classes", files / "classes.json", "--recipe", "best", "--out", files / "out.png", *more)  # fmt: skip


def test_min_confidence_and_reject(run: Run, files: Path) -> None:
    with np.load(files / "cube.npz") as data:
        cube, wavelengths = data["cube"].copy(), data["wavelengths"]
    cube[:20, :20] = np.abs(np.sin(np.arange(12))) + np.random.default_rng(0).normal(0, 0.01, (20, 20, 12))
    np.savez(files / "cube.npz", cube=cube, wavelengths=wavelengths)
    points = points_file(files)
    kept = [line for line in points.read_text().splitlines()[1:] if int(line.split(",")[0]) >= 25]
    points.write_text("\n".join(["row,col,label", *kept]) + "\n")
    outcome = annotate(run, files, points, "--reject", "--min-confidence", "0.6")
    assert outcome.status == 0
    assert "like nothing labelled" in outcome.stdout
    facts = json.loads((files / "out.json").read_text())
    mask = read_mask(files / "out.png")
    assert (mask[2:18, 2:18] == IGNORE).mean() > 0.9
    assert facts["min_confidence"]["threshold"] == 0.6
    assert facts["reject"]["pixels"] + facts["min_confidence"]["pixels"] == (mask == IGNORE).sum()


@pytest.mark.parametrize("value", ["1.5", "-0.1", "much"])
def test_a_confidence_out_of_range_is_refused(run: Run, files: Path, value: str) -> None:
    outcome = annotate(run, files, files / "points.csv", "--min-confidence", value)
    assert outcome.status == 2
    assert not (files / "out.png").exists()


def test_a_misclick_is_named_listed_and_marked(run: Run, files: Path) -> None:
    from hyperpoint.io.images import read_rgb

    outcome = annotate(run, files, points_file(files, misclick=True), "--preview")
    assert outcome.status == 0
    assert "row 50, column 25 is labelled 0 (sky)" in outcome.stderr
    assert json.loads((files / "out.json").read_text())["suspects"] == [
        {"row": 50, "col": 25, "label": 0, "name": "sky"}
    ]
    preview = read_rgb(files / "out_preview.png").astype(int)[38:63, 13:38]
    assert ((preview[..., 0] > 200) & (preview[..., 1:].max(axis=2) < 30)).any()

    outcome = annotate(run, files, points_file(files))
    assert "misclick" not in outcome.stderr
    assert json.loads((files / "out.json").read_text())["suspects"] == []
