from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the networks need PyTorch (extra deep)")

import torch
from safetensors.torch import load_file, save_file

from hyperpoint.comparisons.config import PatchConfig
from hyperpoint.comparisons.model import PatchModel
from hyperpoint.comparisons.scenes import PointScene
from hyperpoint.comparisons.training import fit
from hyperpoint.errors import InputError, MissingFileError


@pytest.fixture
def model(training: list[PointScene]) -> PatchModel:
    return fit("cnn-hsi", training, 4, PatchConfig(iterations=20, batch_size=8, device="cpu"))


def test_a_saved_model_predicts_the_same(model: PatchModel, training: list[PointScene], tmp_path: Path) -> None:
    model.save(tmp_path / "m.safetensors")
    again = PatchModel.load(tmp_path / "m.safetensors", device="cpu")
    scene = training[0].open()
    assert np.array_equal(model.predict(scene), again.predict(scene))
    assert (again.method, again.num_classes, again.training) == ("cnn-hsi", 4, model.training)
    assert not again.network.training


def test_a_file_that_is_no_model_is_told(model: PatchModel, tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    with pytest.raises(MissingFileError, match="patch classifier"):
        PatchModel.load(path)
    path.write_bytes(b"\0" * 100)
    with pytest.raises(InputError, match="cannot be read"):
        PatchModel.load(path)
    save_file({"a": torch.zeros(1)}, path)
    with pytest.raises(InputError, match="is no patch classifier"):
        PatchModel.load(path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"method": "rssan"}, "is damaged"),
        ({"method": "vit"}, "unknown method"),
        ({"preparation": {}}, "is damaged"),
        ({"format": 2}, "has format 2, this hyperpoint knows 1"),
    ],
)
def test_facts_that_do_not_fit_are_told(
    model: PatchModel, tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    path = tmp_path / "m.safetensors"
    model.save(path)
    from safetensors import safe_open

    with safe_open(path, framework="pt") as content:
        metadata = content.metadata()
    metadata.update({name: json.dumps(value) for name, value in changes.items()})
    save_file(load_file(path), path, metadata=metadata)
    with pytest.raises(InputError, match=message):
        PatchModel.load(path)


def test_nothing_is_left_where_it_cannot_be_written(model: PatchModel, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        model.save(tmp_path / "nowhere" / "m.safetensors")
    assert list(tmp_path.iterdir()) == []
