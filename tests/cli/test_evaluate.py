from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hyperpoint.io.classes import classes_from_names, write_classes
from hyperpoint.io.images import write_png
from hyperpoint.io.manifest import ManifestRow, write_manifest
from hyperpoint.io.masks import write_mask

Run = Callable[..., Any]
COLORS = (255 * np.eye(3)).astype(np.uint8)


@pytest.fixture
def folder(tmp_path: Path, make_onnx: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """The network colours.onnx, and a manifest with one image in val, and two in test of which one is all wrong."""
    make_onnx()
    rows = []
    for number, split in enumerate(("val", "test", "test")):
        truth = np.random.default_rng(number).integers(0, 3, (12, 20)).astype(np.uint8)
        row = ManifestRow(f"i{number}", split, tmp_path / f"{number}.png", tmp_path / f"{number}_mask.png")
        assert row.label is not None
        write_png(row.image, COLORS[(truth + (number == 2)) % 3])
        write_mask(row.label, truth)
        rows.append(row)
    write_manifest(tmp_path / "manifest.csv", rows, classes_from_names(["red", "green", "blue"]))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_json_and_a_report(run: Run, folder: Path) -> None:
    options = ["--json", "--scales", "1", "1.0", "--flip", "--window", "8", "8"]
    done = run("evaluate", "colours.onnx", "manifest.csv", *options, "--out", "report")
    assert (done.status, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert found["accuracy"] == pytest.approx(0.5)
    assert {"accuracy", "mean_accuracy", "miou", "per_class"} <= found.keys()
    assert [entry["name"] for entry in found["per_class"]] == ["red", "green", "blue"]
    assert [entry["id"] for entry in found["worst"]] == ["i2", "i1"]
    report = json.loads((folder / "report" / "evaluation.json").read_text())
    assert report["miou"] == found["miou"]
    assert report["about"]["inference"] == "windows of 8 x 8 that overlap by 33 %, scales 1 1, mirrored too"
    assert report["about"]["computed by"] == "ONNX Runtime"
    assert (folder / "report" / "report.html").exists()


def test_for_people(run: Run, folder: Path) -> None:
    done = run("evaluate", "colours.onnx", "manifest.csv", "--split", "val")
    assert done.status == 0
    assert "mIoU 100.00 %" in done.stdout
    assert "errors" not in done.stdout
    done = run("evaluate", "colours.onnx", "manifest.csv")
    assert "of the errors lie within 3 px of a class boundary" in done.stdout
    assert run("evaluate", "colours.onnx", "manifest.csv", "-q").stdout == ""


def test_files_of_other_splits_may_be_missing(run: Run, folder: Path) -> None:
    (folder / "0.png").unlink()
    assert run("evaluate", "colours.onnx", "manifest.csv").status == 0


def test_bad_input(run: Run, folder: Path) -> None:
    def fails(*arguments: str) -> str:
        done = run("evaluate", *arguments)
        assert (done.status, done.stdout) == (2, "")
        assert done.stderr.startswith("hyperpoint: ")
        assert done.stderr.count("\n") == 1
        return str(done.stderr)

    assert "no image of tset; its splits are val, test" in fails("colours.onnx", "manifest.csv", "--split", "tset")
    assert "does not exist" in fails("nowhere.onnx", "manifest.csv")
    assert "--window" in fails("colours.onnx", "manifest.csv", "--overlap", "0.5")
    assert "takes numbers" in fails("colours.onnx", "manifest.csv", "--scales", "large")
    assert "from 0 to below 1" in fails("colours.onnx", "manifest.csv", "--window", "8", "8", "--overlap", "1")
    assert "is a file" in fails("colours.onnx", "manifest.csv", "--out", "0.png")
    (folder / "1.png").write_bytes(b"")
    assert "1 of 2 images cannot be used" in fails("colours.onnx", "manifest.csv")
    write_classes(folder / "classes.json", classes_from_names(["red", "green"]))
    assert "other classes" in fails("colours.onnx", "manifest.csv")
