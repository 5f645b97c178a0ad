from __future__ import annotations

import json
from pathlib import Path

from hyperpoint.io.manifest import ManifestRow
from hyperpoint.segment.provenance import describe_labels


def test_counts_recipes_points_and_what_is_unknown(tmp_path: Path) -> None:
    rows = [ManifestRow(str(n), "train", tmp_path / f"{n}.jpg", tmp_path / f"{n}.png") for n in range(5)]
    for number, recipe in enumerate(["best", "paper-svm", "best"]):
        content = {"recipe": {"name": recipe}, "num_points": {"annotated": 20, "unannotated": 3}}
        (tmp_path / f"{number}.json").write_text(json.dumps(content))
    (tmp_path / "3.json").write_text("[1, 2]")
    rows.append(ManifestRow("no mask", "train", tmp_path / "5.jpg", None))
    assert describe_labels(rows) == {
        "num_masks": 5,
        "recipes": {"best": 2, "paper-svm": 1},
        "num_points": 60,
        "num_unknown": 2,
    }
