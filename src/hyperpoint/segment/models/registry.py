"""The networks there are, by name. PyTorch is imported when one is built."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from hyperpoint.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from hyperpoint.io.files import StrPath
    from hyperpoint.segment.models.base import SegmentationModel


@dataclass(frozen=True)
class ModelDescription:
    """What a network is: `million_parameters` with three channels and without auxiliary head (None: it depends)."""

    name: str
    description: str
    million_parameters: float | None


MODELS = (
    ModelDescription("fcn_r50", "FCN on a dilated ResNet-50 of stride 8, with auxiliary head", 47.1),
    ModelDescription("deeplabv3plus_r50", "DeepLabV3+ on a dilated ResNet-50 of stride 8, with auxiliary head", 30.7),
    ModelDescription("pspnet_r50", "PSPNet on a dilated ResNet-50 of stride 8, with auxiliary head", 29.8),
    ModelDescription("hrnet_w18", "HRNetV2-W18 with FCN head: four branches, upsampled and concatenated", 9.6),
    ModelDescription("hrnet_w48", "HRNetV2-W48 with FCN head, the network of the paper", 65.9),
    ModelDescription("segformer_b2", "SegFormer with a mix transformer B2", 24.7),
)
SMP_PREFIX = "smp"
SMP_ARCHITECTURES = (
    "unet", "unetplusplus", "manet", "linknet", "fpn", "pspnet", "deeplabv3", "deeplabv3plus", "pan", "upernet",
    "segformer", "dpt",
)  # fmt: skip
SMP_DESCRIPTION = ModelDescription(
    "smp:ARCH:ENCODER",
    f"an architecture of segmentation-models-pytorch ({', '.join(SMP_ARCHITECTURES)}) on any encoder that it or timm "
    "knows, such as smp:unet:resnet34 or smp:fpn:convnext_tiny",
    None,
)

# Packages of the extra "deep" whose absence is not a fault in the code.
_DEEP_PACKAGES = ("torch", "torchvision", "timm", "segmentation_models_pytorch", "safetensors")


def model_names() -> list[str]:
    """Return the names that `build_model` knows, without `smp:ARCH:ENCODER`; nothing is imported for it."""
    return [model.name for model in MODELS]


def check_model_name(name: str) -> None:
    """Make sure that `name` is a network, except for the encoder in `smp:ARCH:ENCODER`; nothing is imported for it.

    Raises
    ------
    InputError
        If it is none; the message lists those there are.
    """
    if name in model_names():
        return
    parts = name.split(":")
    if parts[0] != SMP_PREFIX:
        close = get_close_matches(name, model_names(), n=1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        known = ", ".join([*model_names(), SMP_DESCRIPTION.name])
        raise InputError(f"unknown model {name!r}{hint}; known are: {known}")
    if len(parts) != 3 or not all(parts):
        raise InputError(f"a model of segmentation-models-pytorch is {SMP_DESCRIPTION.name}; got {name!r}")
    if parts[1] not in SMP_ARCHITECTURES:
        raise InputError(f"unknown architecture {parts[1]!r} in {name!r}; known are: {', '.join(SMP_ARCHITECTURES)}")


def build_model(name: str, num_classes: int, in_channels: int = 3, weights: StrPath = "none") -> SegmentationModel:
    """Build a network in training mode.

    Parameters
    ----------
    name
        One of `model_names`, or "smp:ARCH:ENCODER".
    num_classes
        1 to 255.
    in_channels
        Channels of the image, 1 or more. The first convolution of weights for three channels is repeated over them and
        scaled.
    weights
        "none": drawn at random from PyTorch's generator; "imagenet": an encoder trained on ImageNet, downloaded once;
        or the path of a .safetensors or .pth file with the weights of the encoder or of the whole network.

    Raises
    ------
    InputError
        If a name or number is out of range, the weights do not fit or they cannot be downloaded; the message then says
        which file to download and where to put it.
    MissingFileError
        If there is no file at the path.
    MissingExtraError
        If PyTorch or one of the libraries of networks is not installed.
    """
    check_model_name(name)
    if not 1 <= num_classes <= 255 or in_channels < 1:
        raise InputError(
            f"a network has 1 to 255 classes and at least one input channel; got {num_classes} and {in_channels}"
        )
    try:
        from hyperpoint.segment.models import building
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in _DEEP_PACKAGES:
            raise
        raise MissingExtraError(f"the model {name!r}", package, "deep") from None
    return building.build(name, num_classes, in_channels, weights)
