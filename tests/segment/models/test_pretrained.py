from __future__ import annotations

import logging
from pathlib import Path
from urllib.error import URLError

import pytest
import timm
import torch
from safetensors.torch import save_file
from torch import Tensor

from hyperpoint.errors import InputError, MissingFileError
from hyperpoint.segment.models import build_model
from hyperpoint.segment.models.base import SegmentationModel
from hyperpoint.segment.models.pretrained import imagenet_file, load_into, read_weights

NAME = "smp:linknet:resnet18"
State = dict[str, Tensor]


@pytest.fixture(scope="module")
def trained() -> SegmentationModel:
    torch.manual_seed(1)
    return build_model(NAME, 3)


def encoder_state(model: SegmentationModel) -> State:
    return {key: value.clone() for key, value in model.encoder.state_dict().items()}


def equal(a: SegmentationModel, b: SegmentationModel) -> bool:
    ours, theirs = a.encoder.state_dict(), b.encoder.state_dict()
    return all(torch.equal(value, theirs[key]) for key, value in ours.items() if "num_batches" not in key)


@pytest.mark.parametrize("prefix", ["", "module.", "backbone."])
def test_encoder_from_safetensors(trained: SegmentationModel, tmp_path: Path, prefix: str) -> None:
    file = tmp_path / "encoder.safetensors"
    save_file({f"{prefix}{key}": value for key, value in encoder_state(trained).items()}, file)
    assert equal(build_model(NAME, 5, weights=file), trained)


def test_encoder_from_a_nested_state_dict_without_counters(trained: SegmentationModel, tmp_path: Path) -> None:
    state = {key: value for key, value in encoder_state(trained).items() if "num_batches" not in key}
    torch.save({"state_dict": {**state, "fc.weight": torch.zeros(2, 2)}, "epoch": 3}, tmp_path / "encoder.pth")
    assert equal(build_model(NAME, 5, weights=tmp_path / "encoder.pth"), trained)


def test_first_convolution_is_spread_over_more_channels(trained: SegmentationModel, tmp_path: Path) -> None:
    save_file(encoder_state(trained), tmp_path / "encoder.safetensors")
    model = build_model(NAME, 3, in_channels=6, weights=tmp_path / "encoder.safetensors")
    weight = trained.encoder.get_parameter("conv1.weight")
    torch.testing.assert_close(model.encoder.get_parameter("conv1.weight"), torch.cat([weight, weight], dim=1) / 2)


def test_whole_network_of_other_classes_keeps_a_random_classifier(
    trained: SegmentationModel, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    save_file({key: value.contiguous() for key, value in trained.state_dict().items()}, tmp_path / "m.safetensors")
    with caplog.at_level(logging.WARNING):
        model = build_model(NAME, 5, weights=tmp_path / "m.safetensors")
    assert equal(model, trained)
    decoder = "head.decoder.blocks.0.block.0.0.weight"
    assert torch.equal(model.get_parameter(decoder), trained.get_parameter(decoder))
    assert "2 of" in caplog.text
    assert "head.head.0.weight, head.head.0.bias" in caplog.text


def test_weights_of_another_network_are_refused(trained: SegmentationModel, tmp_path: Path) -> None:
    state = encoder_state(trained)
    state["bn1.weight"] = torch.zeros(3)
    del state["layer1.0.conv1.weight"]
    with pytest.raises(InputError, match=r"98 of its 100 tensors match, 1 are missing \(layer1.0.conv1.weight\) and 1"):
        load_into(build_model(NAME, 3), state, tmp_path / "encoder.pth")


def test_encoder_of_timm_whose_parts_are_renamed(tmp_path: Path) -> None:
    torch.manual_seed(2)
    source = timm.create_model("mobilenetv3_small_050")
    save_file(source.state_dict(), tmp_path / "timm.safetensors")
    model = build_model("smp:fpn:mobilenetv3_small_050", 2, weights=tmp_path / "timm.safetensors")
    assert torch.equal(model.encoder.get_parameter("model.conv_stem.weight"), source.get_parameter("conv_stem.weight"))


def test_weights_that_do_not_fit_an_encoder_of_timm(tmp_path: Path) -> None:
    save_file({"conv_stem.weight": torch.zeros(2, 2)}, tmp_path / "timm.safetensors")
    with pytest.raises(InputError, match=r"smp:fpn:mobilenetv3_small_050 cannot be built"):
        build_model("smp:fpn:mobilenetv3_small_050", 2, weights=tmp_path / "timm.safetensors")


class _NotATensor:
    pass


def test_files_that_hold_more_than_tensors_are_refused(tmp_path: Path) -> None:
    torch.save({"weight": _NotATensor()}, tmp_path / "odd.pth")
    with pytest.raises(InputError, match="other things than tensors"):
        read_weights(tmp_path / "odd.pth")


@pytest.mark.parametrize("name", ["broken.pth", "broken.safetensors"])
def test_damaged_files(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x01\x02 no weights")
    with pytest.raises(InputError, match="cannot be read"):
        read_weights(tmp_path / name)


def test_a_file_without_tensors(tmp_path: Path) -> None:
    torch.save({"epoch": 3}, tmp_path / "empty.pth")
    with pytest.raises(InputError, match="no state dict"):
        read_weights(tmp_path / "empty.pth")


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(MissingFileError, match="weights file"):
        build_model(NAME, 3, weights="nowhere.safetensors")


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("fcn_r50", "resnet50-"),
        ("hrnet_w18", "timm--hrnet_w18"),
        ("segformer_b2", "mit_b2.imagenet.safetensors"),
        ("smp:unet:resnet34", "resnet34.imagenet.safetensors"),
        ("smp:unet:convnext_atto", "timm--convnext_atto"),
    ],
)
def test_without_a_network_the_file_and_its_place_are_named(
    name: str, file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(url: str, *_: object, **__: object) -> None:
        raise URLError("no network")

    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    monkeypatch.setattr(torch.hub, "download_url_to_file", fail)
    with pytest.raises(InputError, match=r"download https?://\S+ where there is a network and save it as") as caught:
        imagenet_file(name)
    assert file in str(caught.value)
    assert str(tmp_path / "checkpoints") in str(caught.value)


def test_a_file_put_in_place_is_used(
    trained: SegmentationModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    (tmp_path / "checkpoints").mkdir()
    save_file(encoder_state(trained), tmp_path / "checkpoints" / "smp-hub--resnet18.imagenet.safetensors")
    assert equal(build_model(NAME, 4, weights="imagenet"), trained)


def test_encoders_without_imagenet_weights_say_so() -> None:
    with pytest.raises(InputError, match="no trained weights"):
        imagenet_file("smp:unet:convnext_atto_rms")
