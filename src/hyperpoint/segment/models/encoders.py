"""Encoders: from images to feature maps, finest first. Those of the libraries, and the dilated ResNet-50."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from textwrap import shorten
from typing import Any

import segmentation_models_pytorch as smp
import timm
from torch import Tensor, nn
from torchvision.models.resnet import Bottleneck, ResNet

from hyperpoint.errors import InputError

_RESNET50_BLOCKS = [3, 4, 6, 3]
RESNET50_CHANNELS = (256, 512, 1024, 2048)


class DilatedResNet50(ResNet):  # type: ignore[misc]
    """torchvision's ResNet-50 whose last two stages are dilated instead of strided: stride 8 ("D8").

    Parameters have the names of torchvision's, so that its weights fit.
    """

    def __init__(self, in_channels: int) -> None:
        super().__init__(Bottleneck, _RESNET50_BLOCKS, replace_stride_with_dilation=[False, True, True])
        del self.avgpool, self.fc
        if in_channels != 3:
            self.conv1 = nn.Conv2d(in_channels, 64, kernel_size=7, stride=2, padding=3, bias=False)
            nn.init.kaiming_normal_(self.conv1.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Tensor) -> list[Tensor]:
        """(N, in_channels, H, W) -> the outputs of the four stages, at strides 4, 8, 8 and 8."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        features = []
        for stage in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = stage(x)
            features.append(x)
        return features


def hrnet(name: str, in_channels: int) -> Any:
    """Return timm's HRNet that gives its four branches, at strides 4 to 32, as its last stage leaves them."""
    return timm.create_model(
        name, features_only=True, feature_location="", out_indices=(1, 2, 3, 4), in_chans=in_channels
    )


def smp_network(
    architecture: str, encoder: str, num_classes: int, in_channels: int, timm_file: Path | None = None
) -> Any:
    """Build a network of segmentation-models-pytorch without weights, or on timm's encoder with those of a file.

    Raises
    ------
    InputError
        If there is no such encoder, it does not fit the architecture or the file does not fit the encoder.
    """
    encoder_name = smp_encoder_name(encoder, architecture)
    options: dict[str, Any] = {}
    if timm_file is not None:
        options = {"encoder_weights": True, "pretrained_cfg_overlay": {"file": str(timm_file)}}
    if architecture == "dpt":
        options["dynamic_img_size"] = True
    try:
        # A network with transformer encoder must be built for three channels; see `set_input_channels`.
        network = smp.create_model(
            architecture,
            encoder_name,
            **{"encoder_weights": None, **options},
            in_channels=3 if encoder_name.startswith("mit_") else in_channels,
            classes=num_classes,
        )
    except (ValueError, KeyError, TypeError, RuntimeError, NotImplementedError) as error:
        raise InputError(
            f"the network smp:{architecture}:{encoder} cannot be built: {shorten(str(error), 300)}"
        ) from error
    if encoder_name.startswith("mit_") and in_channels != 3:
        set_input_channels(network.encoder, in_channels)
    return network


def smp_encoder_name(encoder: str, architecture: str) -> str:
    """Return the name by which segmentation-models-pytorch knows an encoder of its own, or of timm ("tu-...").

    Raises
    ------
    InputError
        If neither library has it.
    """
    if encoder in smp.encoders.encoders and architecture != "dpt":
        return encoder
    of_timm = encoder.removeprefix("tu-")
    if not timm.is_model(of_timm):
        known = [*smp.encoders.encoders, *timm.list_models()]
        close = get_close_matches(encoder, known, n=3)
        raise InputError(
            f"neither segmentation-models-pytorch nor timm has an encoder {encoder!r}"
            + (f"; similar are: {', '.join(close)}" if close else "")
        )
    return f"tu-{of_timm}"


def set_input_channels(encoder: nn.Module, in_channels: int) -> None:
    """Replace the first convolution of an encoder for three channels by a fresh one for `in_channels`."""
    name, old = next(
        (name, part) for name, part in encoder.named_modules() if isinstance(part, nn.Conv2d) and part.in_channels == 3
    )
    options: dict[str, Any] = {"stride": old.stride, "padding": old.padding, "bias": old.bias is not None}
    size: Any = old.kernel_size
    encoder.set_submodule(name, nn.Conv2d(in_channels, old.out_channels, size, **options))
