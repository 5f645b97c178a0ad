from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hyperpoint.io.classes import classes_from_names
from hyperpoint.io.images import write_png
from hyperpoint.io.manifest import ManifestRow, write_manifest
from hyperpoint.io.masks import write_mask

Run = Callable[..., Any]
CLASSES = classes_from_names(["wall", "sky"])


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run, with a network that was never trained."""
    torch = pytest.importorskip("torch")
    from hyperpoint.segment.bundle import ModelBundle
    from hyperpoint.segment.inputs import InputSpec, imagenet_standardisation
    from hyperpoint.segment.models import build_model

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("run")
    model = build_model("smp:pspnet:resnet18", 2)
    ModelBundle.of(model, CLASSES, InputSpec("rgb"), imagenet_standardisation(), {"score": {"miou": 0.25}}).save(folder)
    return folder


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    rows: list[ManifestRow] = []
    for split in ("train", "val"):
        row = ManifestRow(split, split, tmp_path / "photos" / f"{split}.png", tmp_path / f"{split}_mask.png")
        row.image.parent.mkdir(exist_ok=True)
        assert row.label is not None
        write_png(row.image, np.random.default_rng(len(rows)).integers(0, 256, (40, 50, 3)).astype(np.uint8))
        write_mask(row.label, np.random.default_rng(9).integers(0, 2, (40, 50)).astype(np.uint8))
        rows.append(row)
    return write_manifest(tmp_path / "manifest.csv", rows, CLASSES)


def test_writes_the_file_and_its_card(run: Run, trained: Path, manifest: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.pt"
    done = run("export", trained, "--format", "torchscript", "--out", out, "--images", manifest.parent / "photos")
    assert done.status == 0, done.stderr
    assert "4 random inputs and 2 images" in done.stdout
    assert "100.000 % of labels agree" in done.stdout
    card = out.with_suffix(".md").read_text()
    assert "miou: 25.00 %" in card
    assert "4 random inputs and 2 images" in card


@pytest.mark.slow
def test_int8_prints_its_cost(run: Run, trained: Path, manifest: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.onnx"
    done = run("export", trained, "--out", out, "--quantise", "static", "--manifest", manifest, "--json")
    assert done.status == 0, done.stderr
    result = json.loads(done.stdout)
    cost = result["quantisation"]
    assert (cost["method"], cost["num_images"]) == ("static", 1)
    assert cost["bytes_int8"] == out.stat().st_size < cost["bytes"] / 2
    assert 0 < cost["miou_int8"] < 1
    assert abs(cost["miou_int8"] - cost["miou"]) < 0.2
    assert result["max_difference"] < 1e-3
    assert "cost of int8 on 1 images" in Path(result["card"]).read_text()


def test_a_difference_above_the_tolerance_is_status_1(
    run: Run, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hyperpoint.segment import export

    monkeypatch.setattr(
        export, "_open", lambda _path, _format: lambda batch: np.zeros((len(batch), 2, *batch.shape[2:]))
    )
    done = run("export", trained, "--format", "torchscript", "--out", tmp_path / "out.pt")
    assert done.status == 1
    assert "differs from PyTorch" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--out", "{tmp}/a.pt"], "must end in .onnx"),
        (["--out", "{tmp}/nowhere/a.onnx"], "does not exist"),
        (["--out", "{tmp}/a.pt2", "--format", "pt2", "--quantise", "dynamic"], "--quantise is for --format onnx"),
        (["--out", "{tmp}/a.onnx", "--quantise", "static"], "needs a manifest"),
        (["--out", "{tmp}/a.onnx", "--manifest", "m.csv"], "--manifest is for --quantise"),
        (["--out", "{tmp}/a.onnx", "--images", "{tmp}"], "holds no images"),
    ],
)
def test_bad_requests(run: Run, trained: Path, tmp_path: Path, options: list[str], says: str) -> None:
    done = run("export", trained, *(option.format(tmp=tmp_path) for option in options))
    assert done.status == 2
    assert says in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_run_without_network(run: Run, tmp_path: Path) -> None:
    done = run("export", tmp_path, "--out", tmp_path / "a.onnx")
    assert done.status == 2
    assert "trained network" in done.stderr
