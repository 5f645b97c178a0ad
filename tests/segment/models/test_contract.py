"""What every network must do, whichever library it comes from."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
import torch

from hyperpoint.io.classes import classes_from_names
from hyperpoint.segment.bundle import ModelBundle
from hyperpoint.segment.export import export_model
from hyperpoint.segment.inputs import InputSpec, Standardisation
from hyperpoint.segment.models import MODELS, build_model
from hyperpoint.segment.models.base import SegmentationModel

NUM_CLASSES, NUM_CHANNELS = 5, 7
HEAVY = {"hrnet_w48"}
NAMES = [
    *(pytest.param(model.name, marks=pytest.mark.slow if model.name in HEAVY else ()) for model in MODELS),
    "smp:unet:resnet18",
    "smp:linknet:mobilenetv3_small_050",
]
CLASSES = classes_from_names([f"class {number}" for number in range(NUM_CLASSES)])
WITH_AUXILIARY = {"fcn_r50", "deeplabv3plus_r50", "pspnet_r50"}


@lru_cache(maxsize=1)
def built(name: str) -> SegmentationModel:
    torch.manual_seed(0)
    return build_model(name, NUM_CLASSES, NUM_CHANNELS)


def bundle_of(model: SegmentationModel) -> ModelBundle:
    mean = np.arange(model.in_channels, dtype=np.float32)
    return ModelBundle.of(model, CLASSES, InputSpec("cube"), Standardisation(mean, mean + 1))


# Parametrised by class, so that the tests of one network follow each other and it is built once.
@pytest.mark.parametrize("name", NAMES, scope="class")
class TestContract:
    def test_gives_logits_of_odd_sizes_and_gradients_to_all_weights(self, name: str) -> None:
        model = built(name).train()
        x = torch.randn(2, NUM_CHANNELS, 65, 97)
        logits, auxiliary = model.forward_with_auxiliary(x)
        assert logits.shape == (2, NUM_CLASSES, 65, 97)
        assert [(one.shape, weight) for one, weight in auxiliary] == [(logits.shape, 0.4)] * (name in WITH_AUXILIARY)
        torch.stack([one.square().mean() for one in (logits, *(one for one, _ in auxiliary))]).sum().backward()  # type: ignore[no-untyped-call]
        # A weight without gradient would stop training on several GPUs.
        assert [key for key, value in model.named_parameters() if value.grad is None] == []
        assert all(torch.isfinite(value.grad).all() for value in model.parameters() if value.grad is not None)
        model.zero_grad(set_to_none=True)

    def test_predicts_alike_with_and_without_auxiliary_head(self, name: str) -> None:
        model = built(name).eval()
        x = torch.randn(1, NUM_CHANNELS, 33, 40)
        with torch.no_grad():
            logits = model(x)
            assert logits.shape == (1, NUM_CLASSES, 33, 40)
            torch.testing.assert_close(model.forward_with_auxiliary(x)[0], logits)

    def test_is_the_same_after_saving_and_loading(self, name: str, tmp_path: Path) -> None:
        model = built(name).eval()
        bundle_of(model).save(tmp_path)
        loaded = ModelBundle.load(tmp_path)
        again = loaded.build()
        assert not again.training
        assert (loaded.architecture, loaded.stride, loaded.in_channels) == (name, model.stride, NUM_CHANNELS)
        state = model.state_dict()
        assert state.keys() == again.state_dict().keys()
        assert all(torch.equal(value, state[key]) for key, value in again.state_dict().items())

    def test_has_as_many_parameters_as_described(self, name: str) -> None:
        described = {model.name: model.million_parameters for model in MODELS}.get(name)
        if described is None:
            pytest.skip("depends on the encoder")
        model = built(name)
        num = sum(value.numel() for part in (model.encoder, model.head) for value in part.parameters())
        assert num / 1e6 == pytest.approx(described, abs=0.1)


@pytest.mark.parametrize("name", ["hrnet_w18", "segformer_b2", "smp:fpn:mobilenetv3_small_050"])
def test_takes_rgb_images_too(name: str) -> None:
    model = build_model(name, 2).eval()
    with torch.no_grad():
        assert model(torch.randn(1, 3, 32, 32)).shape == (1, 2, 32, 32)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*(model.name for model in MODELS), "smp:unet:resnet18", "smp:upernet:convnext_atto"])
def test_onnx_agrees(name: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = build_model(name, NUM_CLASSES, 3)
    # One step of batch normalisation, that logits of a random network have a usual size.
    with torch.no_grad():
        for _ in range(20):
            model(torch.randn(2, 3, 64, 64))
    report = export_model(bundle_of(model), tmp_path / "model.onnx")
    assert report.max_difference < 1e-4 * max(1.0, report.largest_logit)
    assert report.label_agreement > 0.999


@pytest.mark.slow
@pytest.mark.parametrize("name", ["smp:pan:resnet18", "smp:dpt:vit_tiny_patch16_224", "smp:pspnet:resnet18"])
def test_unusual_architectures_take_any_size(name: str) -> None:
    model = build_model(name, 2, 4).eval()
    with torch.no_grad():
        assert model(torch.randn(1, 4, 65, 97)).shape == (1, 2, 65, 97)
