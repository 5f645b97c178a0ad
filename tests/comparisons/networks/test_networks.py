"""The architectures: published sizes, and blocks that are labelled as their patches one by one are."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="the networks need PyTorch (extra deep)")

import torch
from torch import Tensor, nn

from hyperpoint.comparisons.methods import METHODS, get_method
from hyperpoint.comparisons.networks import base
from hyperpoint.comparisons.networks.rssan import BandAttention, PlaceAttention

# torchvision takes seconds to import, and ResNets to build; both have one architecture for any number of channels.
QUICK = [name for name in METHODS if not name.startswith("resnet")]


def num_parameters(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def patches_of(block: Tensor, width: int) -> Tensor:
    _, rows, cols = block.shape
    return torch.stack(
        [
            block[:, row : row + width, col : col + width]
            for row in range(rows - width + 1)
            for col in range(cols - width + 1)
        ]
    )


@pytest.mark.parametrize("name", QUICK)
@pytest.mark.parametrize("num_channels", [1, 3, 8, 30])
def test_any_number_of_channels_gives_logits(name: str, num_channels: int) -> None:
    method = get_method(name)
    network = method.build(num_channels, 5)
    assert network(torch.rand(2, num_channels, method.width, method.width)).shape == (2, 5)


@pytest.mark.parametrize("name", QUICK)
@pytest.mark.parametrize("stride", [1, 3])
def test_a_block_is_labelled_as_its_patches_are(name: str, stride: int, monkeypatch: pytest.MonkeyPatch) -> None:
    method = get_method(name)
    torch.manual_seed(0)
    network = method.build(6, 9).eval()
    monkeypatch.setattr(base, "PATCH_BYTES", {"cpu": 4 * network.patch_bytes})
    monkeypatch.setattr(base, "FEATURE_BYTES", network.feature_bytes * 40 * 3)  # several parts
    rows, cols = 7, 5
    block = torch.randn(6, rows + method.width - 1, cols + method.width - 1)
    with torch.inference_mode():
        expected = network(patches_of(block, method.width)).argmax(dim=1).view(rows, cols)
        labels = network.label(block, stride)
    assert len(expected.unique()) > 1
    assert labels.dtype == torch.uint8
    assert torch.equal(labels.long(), expected[::stride, ::stride])


def test_hybridsn_has_as_many_parameters_as_published() -> None:
    """Table I of the article: Indian Pines, 25 x 25 pixels, 30 components, 16 classes."""
    assert num_parameters(get_method("hybridsn").build(30, 16)) == 5_122_176


def test_cnn1d_has_as_many_parameters_as_published() -> None:
    """The article's Indian Pines: 220 bands, 8 classes."""
    assert num_parameters(get_method("cnn1d").build(220, 8)) == 81_408


def test_twocnn_joins_a_spectral_and_a_spatial_branch() -> None:
    spectral = (16 * 20 + 2 * 20) + (16 * 20 * 20 + 2 * 20)
    spatial = (9 * 30 + 2 * 30) + (9 * 30 * 30 + 2 * 30)
    # 200 bands: 185 after the first kernel, 37 after pooling, 22 after the second; 21 x 21 pixels become 10 x 10.
    dense = ((20 * 22 + 30 * 100) * 400 + 400) + (400 * 16 + 16)
    assert num_parameters(get_method("twocnn").build(200, 16)) == spectral + spatial + dense


def test_cnn_hsi_is_a_perceptron_of_each_pixel() -> None:
    parameters = (200 * 128 + 128) + (128 * 64 + 64) + (64 * 16 + 16)
    network = get_method("cnn-hsi").build(200, 16).eval()
    assert num_parameters(network) == parameters
    patch = torch.randn(1, 200, 5, 5)
    assert torch.allclose(network(patch), network(patch.flip(3).transpose(2, 3)), atol=1e-5)


def test_rssan_has_attention_at_the_input_and_in_two_blocks() -> None:
    def attention(channels: int) -> int:
        hidden = channels // 8
        return (channels * hidden + hidden) + (hidden * channels + channels) + (2 * 9 + 1)

    convolutions = (200 * 32 * 9 + 64) + 4 * (32 * 32 * 9 + 64)
    head = 32 * 17 * 17 * 16 + 16
    parameters = attention(200) + 2 * attention(32) + convolutions + head
    assert num_parameters(get_method("rssan").build(200, 16)) == parameters


def test_attention_weighs_between_0_and_1() -> None:
    x = torch.randn(3, 16, 5, 5)
    for attention in (BandAttention(16), PlaceAttention()):
        weights = attention(x) / x
        assert ((weights > 0) & (weights < 1)).all()
    by_band = BandAttention(16)(x) / x
    assert torch.allclose(by_band, by_band[:, :, :1, :1], atol=1e-4)
    by_place = PlaceAttention()(x) / x
    assert torch.allclose(by_place, by_place[:, :1], atol=1e-4)


def test_rssan_gives_logits_and_not_what_a_sigmoid_leaves_of_them() -> None:
    torch.manual_seed(0)
    network = get_method("rssan").build(8, 5)
    nn.init.normal_(network.get_parameter("head.weight"))
    logits = network(torch.randn(8, 8, 17, 17))
    assert logits.min() < 0
    assert logits.max() > 1


def test_jigsawhsi_has_the_sizes_of_its_3d_variant() -> None:
    # 200 bands: 97, 47 and 23 after the convolutions along the spectrum.
    spectral = (7 * 64 + 64) + (5 * 64 * 32 + 32) + (3 * 32 * 16 + 16)
    reduce = (16 * 23) * 112 + 112
    jigsaw = (9 * 64 * 64 + 64) + sum(size * size * 16 * 16 + 16 for size in (5, 7, 9))
    dense = (112 * 17 * 17 * 256 + 256) + (200 * 16 + 16) + (16 * 16 + 16) + (272 * 128 + 128) + (128 * 16 + 16)
    network = get_method("jigsawhsi").build(200, 16)
    assert num_parameters(network) == 2 * 200 + spectral + reduce + jigsaw + dense


def test_jigsawhsi_sees_the_middle_pixel_by_itself() -> None:
    network = get_method("jigsawhsi").build(8, 3).eval()
    windows = torch.rand(1, 112, 17, 17)
    assert not torch.allclose(network.classify(windows, torch.zeros(1, 8)), network.classify(windows, torch.ones(1, 8)))


@pytest.mark.slow
def test_resnets_keep_5_x_5_positions_to_the_end() -> None:
    method = get_method("resnet18")
    network = method.build(30, 7).eval()
    seen: list[tuple[int, ...]] = []
    stages = network.get_submodule("network")
    for name in ("layer1", "layer4"):
        stages.get_submodule(name).register_forward_hook(lambda _module, _given, out: seen.append(tuple(out.shape)))
    assert network(torch.rand(2, 30, 11, 11)).shape == (2, 7)
    assert seen == [(2, 64, 5, 5), (2, 512, 5, 5)]
    block = torch.rand(30, 14, 13)
    with torch.inference_mode():
        expected = network(patches_of(block, 11)).argmax(dim=1).view(4, 3)
        assert torch.equal(network.label(block).long(), expected)


@pytest.mark.slow
def test_resnet50_is_that_of_he_et_al() -> None:
    """torchvision's has 25,557,032 parameters with its 7 x 7 stem of 3 channels and 1000 classes."""
    network = get_method("resnet50").build(128, 19)
    without_ends = 25_557_032 - 7 * 7 * 3 * 64 - (2048 * 1000 + 1000)
    assert num_parameters(network) == without_ends + 3 * 3 * 128 * 64 + (2048 * 19 + 19)
