from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from hyperpoint.errors import InputError, MissingFileError
from hyperpoint.io.classes import classes_from_names
from hyperpoint.segment.bundle import ModelBundle
from hyperpoint.segment.inputs import InputSpec, Standardisation, imagenet_standardisation
from hyperpoint.segment.models import build_model

CLASSES = classes_from_names(["wall", "sky"])


@pytest.fixture(scope="module")
def bundle() -> ModelBundle:
    torch.manual_seed(0)
    basis = np.random.default_rng(0).standard_normal((3, 10)).astype(np.float32)
    standardisation = Standardisation(np.linspace(0, 1, 10, dtype=np.float32), np.full(10, 1 / 3, np.float32), basis)
    model = build_model("smp:linknet:mobilenetv3_small_050", 2)
    return ModelBundle.of(model, CLASSES, InputSpec.parse("pca:3"), standardisation, {"score": {"miou": 0.5}})


def test_everything_comes_back(bundle: ModelBundle, tmp_path: Path) -> None:
    bundle.save(tmp_path / "run")
    loaded = ModelBundle.load(tmp_path / "run")
    assert loaded.to_dict() == bundle.to_dict()
    assert loaded.classes == CLASSES
    assert loaded.input == InputSpec("pca", 3)
    for name in ("mean", "std", "basis"):
        np.testing.assert_array_equal(getattr(loaded.standardisation, name), getattr(bundle.standardisation, name))
    assert all(torch.equal(value, bundle.state[key]) for key, value in loaded.state.items())
    assert loaded.state.keys() == bundle.state.keys()
    assert json.loads((tmp_path / "run" / "model.json").read_text()) == bundle.to_dict()


def test_others_may_read_it(bundle: ModelBundle, tmp_path: Path) -> None:
    (tmp_path / "any").touch()
    assert bundle.save(tmp_path).stat().st_mode == (tmp_path / "any").stat().st_mode


def test_the_weights_alone_are_enough(bundle: ModelBundle, tmp_path: Path) -> None:
    file = bundle.save(tmp_path)
    (tmp_path / "model.json").unlink()
    assert ModelBundle.load(file).to_dict() == bundle.to_dict()


def test_other_numbers_than_described_are_refused() -> None:
    model = build_model("smp:linknet:mobilenetv3_small_050", 3)
    with pytest.raises(InputError, match="3 classes and 3 channels, but 2 and 3"):
        ModelBundle.of(model, CLASSES, InputSpec("rgb"), imagenet_standardisation())


def test_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="trained network"):
        ModelBundle.load(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"nothing of the kind")
    with pytest.raises(InputError, match="cannot be read"):
        ModelBundle.load(tmp_path)
    save_file({"weight": torch.zeros(2)}, tmp_path / "model.safetensors")
    with pytest.raises(InputError, match="does not say what its network takes"):
        ModelBundle.load(tmp_path)


def test_a_later_format_is_refused(bundle: ModelBundle, tmp_path: Path) -> None:
    file = bundle.save(tmp_path)
    with safe_open(file, framework="pt") as content:
        metadata = {**content.metadata(), "format": "2"}
    save_file(dict(bundle.state), file, metadata=metadata)
    with pytest.raises(InputError, match="later hyperpoint"):
        ModelBundle.load(file)


def test_weights_of_another_architecture_are_refused(bundle: ModelBundle, tmp_path: Path) -> None:
    file = bundle.save(tmp_path)
    with safe_open(file, framework="pt") as content:
        metadata = {**content.metadata(), "architecture": '"smp:linknet:resnet18"'}
    save_file(dict(bundle.state), file, metadata=metadata)
    with pytest.raises(InputError, match="do not fit the network smp:linknet:resnet18"):
        ModelBundle.load(file).build()
