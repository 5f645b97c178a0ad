from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hyperpoint.errors import InputError, MissingExtraError, MissingFileError
from hyperpoint.segment.predictors.opening import open_predictor

MakeOnnx = Callable[..., Path]


@pytest.mark.parametrize("device", ["auto", "cpu"])
def test_an_onnx_file(make_onnx: MakeOnnx, device: str) -> None:
    predictor = open_predictor(make_onnx(), device, batch_size=2)
    assert predictor.classes.names == ("red", "green", "blue")
    assert (predictor.engine, predictor.batch_size) == ("ONNX Runtime", 2)


def test_onnx_options_that_do_not_fit(make_onnx: MakeOnnx) -> None:
    with pytest.raises(InputError, match="precision of its own"):
        open_predictor(make_onnx(), precision="bf16")
    with pytest.raises(InputError, match="auto, cpu or cuda"):
        open_predictor(make_onnx(), "tpu")
    with pytest.raises(MissingFileError, match="network"):
        open_predictor("nowhere.onnx")


def test_a_gpu_that_is_not_there(make_onnx: MakeOnnx, monkeypatch: pytest.MonkeyPatch) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"])
    with pytest.raises(InputError, match="onnxruntime-gpu"):
        open_predictor(make_onnx(), "cuda")


def test_a_run_without_torch_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("hyperpoint.segment.bundle", "hyperpoint.segment.predictors.torch_predictor"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "safetensors", None)
    with pytest.raises(MissingExtraError, match=r"hyperpoint\[deep\]"):
        open_predictor(tmp_path)
