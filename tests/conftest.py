"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from hyperpoint.io.classes import classes_from_names
from hyperpoint.segment.facts import ModelFacts
from hyperpoint.segment.inputs import InputSpec, imagenet_standardisation

MakeOnnx = Callable[..., Path]

# Machines are shared: how long an example takes says nothing. CI tries the same examples each time, so that a change is
# judged by what it changes; runs at a desk go on looking for new ones.
settings.register_profile("hyperpoint", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("hyperpoint")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder with the real scenes kept beside the project; skips where there is none."""
    folder = Path(os.environ.get("HYPERPOINT_SHARED", Path(__file__).parents[2] / "shared")) / "data"
    if not folder.is_dir():
        pytest.skip(f"no real data: {folder} does not exist (set HYPERPOINT_SHARED)")
    return folder


@pytest.fixture
def make_onnx(tmp_path: Path) -> MakeOnnx:
    """Call `make_onnx(name)`: a network whose logits are the standardised red, green and blue, by a convolution."""
    onnx = pytest.importorskip("onnx")

    def make(name: str = "colours.onnx", metadata: dict[str, str] | None = None) -> Path:
        weights = np.zeros((3, 3, 3, 3), np.float32)
        weights[range(3), range(3), 1, 1] = 1
        free = ["batch", 3, "height", "width"]
        tensor = onnx.TensorProto.FLOAT
        graph = onnx.helper.make_graph(
            [onnx.helper.make_node("Conv", ["image", "weights"], ["logits"], name="conv", pads=[1, 1, 1, 1])],
            "colours",
            [onnx.helper.make_tensor_value_info("image", tensor, free)],
            [onnx.helper.make_tensor_value_info("logits", tensor, free)],
            [onnx.numpy_helper.from_array(weights, "weights")],
        )
        model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)
        facts = ModelFacts(
            architecture="colours",
            classes=classes_from_names(["red", "green", "blue"]),
            input=InputSpec("rgb"),
            standardisation=imagenet_standardisation(),
            stride=1,
        )
        onnx.helper.set_model_props(model, facts.to_metadata() if metadata is None else metadata)
        onnx.save(model, str(tmp_path / name))
        return tmp_path / name

    return make
