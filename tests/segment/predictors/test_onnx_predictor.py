from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from hyperpoint.errors import InputError, MissingExtraError, MissingFileError
from hyperpoint.segment.predictors.onnx_predictor import OnnxPredictor
from hyperpoint.segment.standardisation import IMAGENET_MEAN, IMAGENET_STD

MakeOnnx = Callable[..., Path]

# Left black, right green; of black, blue is the least below its mean.
PREDICT = """
import sys
for name in {blocked!r}:
    sys.modules[name] = None
import numpy as np
from hyperpoint.segment.predictors.onnx_predictor import OnnxPredictor
image = np.zeros((5, 7, 3), dtype=np.uint8)
image[:, 3:, 1] = 255
print("".join(map(str, OnnxPredictor({path!r}).predict(image).argmax(axis=0)[2])))
"""


@pytest.mark.parametrize("size", [(8, 8), (5, 7), (1, 1)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_probabilities_of_raw_images(make_onnx: MakeOnnx, size: tuple[int, int], dtype: type[np.generic]) -> None:
    image: NDArray[Any] = np.random.default_rng(0).integers(0, 256, (*size, 3)).astype(dtype)
    logits = (image.astype(np.float64) - IMAGENET_MEAN) / IMAGENET_STD
    expected = np.exp(logits) / np.exp(logits).sum(axis=2, keepdims=True)
    predictor = OnnxPredictor(make_onnx(), num_threads=1)
    got = predictor.predict(image)
    assert got.dtype == np.float32
    assert got.shape == (3, *size)
    np.testing.assert_allclose(got.transpose(1, 2, 0), expected, atol=1e-5)
    assert predictor.classes.names == ("red", "green", "blue")
    assert str(predictor.input) == "rgb"


def test_the_image_is_not_changed(make_onnx: MakeOnnx) -> None:
    image = np.full((4, 4, 3), 9.0, np.float32)
    OnnxPredictor(make_onnx()).predict(image)
    assert (image == 9).all()


def test_other_channels_are_refused(make_onnx: MakeOnnx) -> None:
    with pytest.raises(InputError, match="3 channels"):
        OnnxPredictor(make_onnx()).predict(np.zeros((4, 4, 5), np.uint8))


def test_what_onnxruntime_refuses_is_told(make_onnx: MakeOnnx) -> None:
    network = OnnxPredictor(make_onnx())
    with pytest.raises(
        InputError, match=r"cannot run .*colours\.onnx on a batch of 1 x 5 x 4 x 4: .* Got: 5 Expected: 3"
    ):
        network.logits(np.zeros((1, 5, 4, 4), np.float32))
    with pytest.raises(InputError, match=r"cannot run .* on a batch of 1 x 3 x 4 x 4: .*double"):
        network.logits(np.zeros((1, 3, 4, 4), np.float64))


def test_memory_that_is_short_is_told(make_onnx: MakeOnnx, monkeypatch: pytest.MonkeyPatch) -> None:
    from onnxruntime.capi.onnxruntime_pybind11_state import RuntimeException

    class Session:
        def run(self, *_: object) -> None:
            raise RuntimeException("Failed to allocate memory for requested buffer of size 9")

    network = OnnxPredictor(make_onnx())
    monkeypatch.setattr(network, "_session", Session())
    with pytest.raises(InputError, match=r"requested buffer of size 9; use smaller windows \(--window 512 512\)"):
        network.predict(np.zeros((4, 4, 3), np.uint8))


def test_files_that_are_no_networks(make_onnx: MakeOnnx, tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="network"):
        OnnxPredictor(tmp_path / "nowhere.onnx")
    (tmp_path / "odd.onnx").write_bytes(b"nothing of the kind")
    with pytest.raises(InputError, match="ONNX Runtime"):
        OnnxPredictor(tmp_path / "odd.onnx")
    with pytest.raises(InputError, match="does not say what its network takes"):
        OnnxPredictor(make_onnx(metadata={"author": "somebody"}))


def test_without_onnxruntime_the_extra_is_named(make_onnx: MakeOnnx, monkeypatch: pytest.MonkeyPatch) -> None:
    file = make_onnx()
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingExtraError, match=r"hyperpoint\[deploy\]"):
        OnnxPredictor(file)


def test_needs_neither_torch_nor_the_libraries_of_networks(make_onnx: MakeOnnx) -> None:
    blocked = ["torch", "torchvision", "timm", "segmentation_models_pytorch", "lightning", "safetensors", "onnx"]
    code = PREDICT.format(blocked=blocked, path=str(make_onnx()))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "2221111"


@pytest.mark.slow
def test_in_an_environment_with_the_extra_deploy_only(make_onnx: MakeOnnx, tmp_path: Path) -> None:
    folder = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = folder / "bin" / "python"
    project = Path(__file__).parents[3]
    done = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--timeout", "15", "--retries", "1", f"{project}[deploy]"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        pytest.skip(f"pip cannot reach its packages: {done.stderr.strip()[-200:]}")
    absent = subprocess.run([python, "-c", "import torch"], capture_output=True, check=False)
    assert absent.returncode != 0
    code = PREDICT.format(blocked=[], path=str(make_onnx()))
    result = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == "2221111"
