"""Put encoders and heads together."""

from __future__ import annotations

from pathlib import Path

from segmentation_models_pytorch.base import initialization
from segmentation_models_pytorch.decoders.deeplabv3.decoder import DeepLabV3PlusDecoder
from segmentation_models_pytorch.decoders.pspnet.decoder import PSPDecoder
from torch import nn

from hyperpoint.io.files import StrPath
from hyperpoint.segment.models import pretrained
from hyperpoint.segment.models.base import SegmentationModel
from hyperpoint.segment.models.encoders import RESNET50_CHANNELS, DilatedResNet50, hrnet, smp_network
from hyperpoint.segment.models.heads import (
    DecoderAndHead,
    FCNHead,
    OnAllBranches,
    OnFeature,
    make_pools_exportable,
)
from hyperpoint.segment.models.registry import SMP_PREFIX

# By what decoders of segmentation-models-pytorch divide the features of the encoder once more.
_HALVED_FURTHER = {"dpt": 2, "pan": 8}


def build(name: str, num_classes: int, in_channels: int, weights: StrPath) -> SegmentationModel:
    """Build a network; parameters and errors as `hyperpoint.segment.models.build_model`, the name being checked."""
    file = pretrained.weights_file(name, weights)
    if file is None:
        return _assemble(name, num_classes, in_channels, None)
    state = pretrained.read_weights(file)
    by_timm = pretrained.is_encoder_of_timm(name) and not pretrained.is_whole_model(state)
    model = _assemble(name, num_classes, in_channels, file if by_timm else None)
    if not by_timm:
        pretrained.load_into(model, state, file)
    return model


def _assemble(name: str, num_classes: int, in_channels: int, timm_file: Path | None) -> SegmentationModel:
    if name.startswith(f"{SMP_PREFIX}:"):
        _, architecture, encoder = name.split(":")
        return _smp(name, architecture, encoder, num_classes, in_channels, timm_file)
    if name.startswith("hrnet"):
        return _hrnet(name, num_classes, in_channels)
    if name == "segformer_b2":
        return _smp(name, "segformer", "mit_b2", num_classes, in_channels, None)
    return _on_resnet50(name, num_classes, in_channels)


def _hrnet(name: str, num_classes: int, in_channels: int) -> SegmentationModel:
    encoder = hrnet(name, in_channels)
    width = sum(encoder.feature_info.channels())
    head = OnAllBranches(FCNHead(width, width, num_classes, kernel_size=1, dropout=0.0))
    return SegmentationModel(name, encoder, head, stride=32, num_classes=num_classes, in_channels=in_channels)


def _on_resnet50(name: str, num_classes: int, in_channels: int) -> SegmentationModel:
    heads = {"fcn_r50": _fcn, "deeplabv3plus_r50": _deeplabv3plus, "pspnet_r50": _pspnet}
    return SegmentationModel(
        name,
        DilatedResNet50(in_channels),
        heads[name](num_classes),
        stride=8,
        num_classes=num_classes,
        in_channels=in_channels,
        auxiliary=OnFeature(2, FCNHead(RESNET50_CHANNELS[2], 256, num_classes)),
    )


# The widths, rates and dropouts of these three are the usual ones of networks on a ResNet-50 of stride 8.
def _fcn(num_classes: int) -> nn.Module:
    return OnFeature(-1, FCNHead(RESNET50_CHANNELS[-1], 512, num_classes, num_convs=2, concatenate_input=True))


def _pspnet(num_classes: int) -> nn.Module:
    decoder = PSPDecoder(encoder_channels=list(RESNET50_CHANNELS), out_channels=512, dropout=0.1)
    make_pools_exportable(decoder)
    return _initialised(DecoderAndHead(decoder, nn.Conv2d(512, num_classes, 1)))


def _deeplabv3plus(num_classes: int) -> nn.Module:
    # The decoder looks for the features of stride 4 in the third place, after the image and those of stride 2.
    decoder = DeepLabV3PlusDecoder(
        encoder_channels=[0, 0, *RESNET50_CHANNELS],
        encoder_depth=5,
        out_channels=512,
        atrous_rates=(12, 24, 36),
        output_stride=8,
        aspp_separable=True,
        aspp_dropout=0.1,
    )
    return _initialised(DecoderAndHead(decoder, nn.Conv2d(512, num_classes, 1), skipped=2))


def _initialised(head: DecoderAndHead) -> DecoderAndHead:
    initialization.initialize_decoder(head.decoder)
    initialization.initialize_head(head.head)
    return head


def _smp(
    name: str, architecture: str, encoder: str, num_classes: int, in_channels: int, timm_file: Path | None
) -> SegmentationModel:
    network = smp_network(architecture, encoder, num_classes, in_channels, timm_file)
    make_pools_exportable(network)
    stride = int(network.encoder.output_stride) * _HALVED_FURTHER.get(architecture, 1)
    return SegmentationModel(
        name,
        network.encoder,
        DecoderAndHead(network.decoder, network.segmentation_head),
        stride=stride,
        num_classes=num_classes,
        in_channels=in_channels,
        upsample=architecture == "dpt",
    )
