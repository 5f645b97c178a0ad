from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from hyperpoint.errors import InputError
from hyperpoint.io.classes import classes_from_names
from hyperpoint.io.images import write_png
from hyperpoint.io.manifest import ManifestRow
from hyperpoint.segment import export
from hyperpoint.segment.bundle import ModelBundle
from hyperpoint.segment.export import ExportError, export_model
from hyperpoint.segment.inputs import InputSpec, imagenet_standardisation
from hyperpoint.segment.models.base import SegmentationModel
from hyperpoint.segment.models.heads import FCNHead
from hyperpoint.segment.predictors.onnx_predictor import OnnxPredictor


class TinyBundle(ModelBundle):
    """Builds two layers, whose export takes a second instead of half a minute."""

    def build(self) -> SegmentationModel:
        model = tiny_model()
        model.load_state_dict(self.state)
        return model.eval()


def tiny_model() -> SegmentationModel:
    encoder = nn.Conv2d(3, 4, 5, stride=4, padding=2)
    return SegmentationModel("tiny", encoder, FCNHead(4, 6, 2), stride=4, num_classes=2, in_channels=3)


@pytest.fixture(scope="module")
def bundle() -> ModelBundle:
    torch.manual_seed(0)
    model, classes = tiny_model(), classes_from_names(["wall", "sky"])
    return TinyBundle.of(model, classes, InputSpec("rgb"), imagenet_standardisation(), {"steps": 0})


@pytest.fixture
def rows(tmp_path: Path) -> list[ManifestRow]:
    write_png(tmp_path / "photo.png", np.random.default_rng(0).integers(0, 256, (37, 50, 3)).astype(np.uint8))
    return [ManifestRow("photo", "", tmp_path / "photo.png", None)]


def test_onnx_agrees_on_random_and_real_images(bundle: ModelBundle, rows: list[ManifestRow], tmp_path: Path) -> None:
    report = export_model(bundle, tmp_path / "model.onnx", images=rows)
    assert (report.num_random, report.num_images) == (4, 1)
    assert 0 < report.max_difference < 1e-4
    assert report.label_agreement > 0.999
    predictor = OnnxPredictor(report.path)
    assert predictor.facts.to_dict() == bundle.to_dict()
    image = bundle.input.read(rows[0])
    with torch.no_grad():
        logits = bundle.build()(torch.from_numpy(bundle.standardisation.apply(image)).permute(2, 0, 1)[None])
    np.testing.assert_allclose(predictor.predict(image), logits[0].softmax(dim=0).numpy(), atol=1e-5)


def test_torchscript_agrees_and_holds_the_facts(bundle: ModelBundle, rows: list[ManifestRow], tmp_path: Path) -> None:
    report = export_model(bundle, tmp_path / "model.pt", "torchscript", images=rows)
    assert report.max_difference < 1e-5
    found = {"hyperpoint.json": ""}
    with pytest.warns(FutureWarning):
        torch.jit.load(str(report.path), _extra_files=found)  # type: ignore[no-untyped-call]
    assert json.loads(found["hyperpoint.json"]) == bundle.to_dict()


def test_exported_program_agrees_and_holds_the_facts(bundle: ModelBundle, tmp_path: Path) -> None:
    report = export_model(bundle, tmp_path / "model.pt2", "pt2")
    assert report.max_difference < 1e-5
    found = {"hyperpoint.json": ""}
    torch.export.load(str(report.path), extra_files=found)
    assert json.loads(found["hyperpoint.json"]) == bundle.to_dict()


def test_a_difference_above_the_tolerance_leaves_no_file(
    bundle: ModelBundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(export._WRITERS, "onnx", lambda _model, _bundle, path: path.write_bytes(b"exported"))
    monkeypatch.setattr(
        export, "_open", lambda _path, _format: lambda batch: np.zeros((len(batch), 2, *batch.shape[2:]))
    )
    (tmp_path / "model.onnx").write_bytes(b"the one before")
    with pytest.raises(ExportError, match=r"differs from PyTorch by up to .* is not written"):
        export_model(bundle, tmp_path / "model.onnx")
    assert (tmp_path / "model.onnx").read_bytes() == b"the one before"
    assert [file.name for file in tmp_path.iterdir()] == ["model.onnx"]


def test_nan_is_a_difference(bundle: ModelBundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(export._WRITERS, "onnx", lambda _model, _bundle, _path: None)
    monkeypatch.setattr(
        export, "_open", lambda _path, _format: lambda batch: np.full((len(batch), 2, *batch.shape[2:]), np.nan)
    )
    with pytest.raises(ExportError):
        export_model(bundle, tmp_path / "model.onnx", tolerance=1e9)


def test_what_the_exporter_cannot_follow_is_one_error(
    bundle: ModelBundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("data-dependent branch\nin many lines")

    monkeypatch.setitem(export._WRITERS, "pt2", fail)
    with pytest.raises(ExportError, match="cannot be written as pt2: data-dependent branch; try another format"):
        export_model(bundle, tmp_path / "model.pt2", "pt2")


@pytest.mark.parametrize(("name", "format_"), [("a.pt", "onnx"), ("a", "pt2"), ("a.onnx", "tflite")])
def test_names_that_do_not_fit(bundle: ModelBundle, tmp_path: Path, name: str, format_: str) -> None:
    with pytest.raises(InputError, match="format"):
        export_model(bundle, tmp_path / name, format_)
