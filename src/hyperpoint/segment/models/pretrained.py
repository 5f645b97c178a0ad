"""Weights of encoders and whole networks: where they are, reading them, and checking that they fit."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import segmentation_models_pytorch as smp
import timm
import torch
from huggingface_hub import hf_hub_url
from safetensors import SafetensorError
from safetensors.torch import load_file
from timm.models import adapt_input_conv
from torch import Tensor
from torchvision.models import ResNet50_Weights

from hyperpoint.errors import InputError
from hyperpoint.io.files import StrPath, existing_file, make_folder
from hyperpoint.io.torch_files import load_tensors
from hyperpoint.segment.models.base import SegmentationModel
from hyperpoint.segment.models.encoders import smp_encoder_name
from hyperpoint.segment.models.registry import SMP_PREFIX

logger = logging.getLogger(__name__)

State = Mapping[str, Tensor]

_HUB_FILE = "model.safetensors"
# What tools for training put before the names of an encoder's or a network's parameters.
_WRAPPERS = ("", "module.", "backbone.", "encoder.", "model.", "module.backbone.")
# Counts batches seen in training; older files lack it, and nothing depends on it.
_COUNTER = "num_batches_tracked"
_SHOWN_KEYS = 3


class _Remote(NamedTuple):
    url: str
    file_name: str


def weights_file(name: str, weights: StrPath) -> Path | None:
    """Return the file that "imagenet" or a path means for the network `name`; None for "none".

    Raises
    ------
    MissingFileError, InputError
        If there is no such file, or `imagenet_file` cannot have it.
    """
    if weights == "none":
        return None
    return imagenet_file(name) if weights == "imagenet" else existing_file(weights, "weights file")


def imagenet_file(name: str) -> Path:
    """Return the file with the ImageNet weights of a network's encoder, downloading it if it is not there yet.

    Raises
    ------
    InputError
        If there are none, or they cannot be downloaded; the message says which file to download and where to put it.
    """
    remote = _imagenet_source(name)
    folder = Path(torch.hub.get_dir()) / "checkpoints"
    file = folder / remote.file_name
    if file.exists():
        return file
    make_folder(folder)
    logger.info("downloading %s", remote.url)
    try:
        torch.hub.download_url_to_file(remote.url, str(file), progress=logger.isEnabledFor(logging.INFO))
    except OSError as error:
        raise InputError(
            f"the ImageNet weights of {name} cannot be downloaded ({error}): download {remote.url} where there is a "
            f"network and save it as {file}, or give its path (--weights FILE); or start from random weights "
            f"(--weights none)"
        ) from error
    return file


def _imagenet_source(name: str) -> _Remote:
    if name.endswith("_r50"):
        url = str(ResNet50_Weights.IMAGENET1K_V1.url)
        return _Remote(url, url.rpartition("/")[2])
    if name.startswith("hrnet"):
        return _source_at_timm(name)
    encoder = "mit_b2"
    if name.startswith(f"{SMP_PREFIX}:"):
        _, architecture, encoder = name.split(":")
        encoder = smp_encoder_name(encoder, architecture)
    if encoder.startswith("tu-"):
        return _source_at_timm(encoder.removeprefix("tu-"))
    known = smp.encoders.encoders[encoder]["pretrained_settings"]
    if "imagenet" not in known:
        raise InputError(f"the encoder {encoder!r} has no ImageNet weights; use --weights none, or a file")
    return _on_hub(known["imagenet"]["repo_id"], _HUB_FILE, known["imagenet"]["revision"])


def _source_at_timm(model: str) -> _Remote:
    config = timm.get_pretrained_cfg(model)
    if config is not None and config.hf_hub_id:
        return _on_hub(config.hf_hub_id, config.hf_hub_filename or _HUB_FILE, None)
    if config is not None and isinstance(config.url, str) and config.url:
        return _Remote(config.url, config.url.rpartition("/")[2])
    raise InputError(f"timm has no trained weights for {model!r}; use --weights none, or a file")


def _on_hub(repository: str, file_name: str, revision: str | None) -> _Remote:
    url = hf_hub_url(repository, file_name, revision=revision)
    return _Remote(url, f"{repository.replace('/', '--')}{Path(file_name).suffix}")


def is_encoder_of_timm(name: str) -> bool:
    """Say whether timm has to translate the weights of the encoder, as it renames the parts of "tu-" encoders."""
    if not name.startswith(f"{SMP_PREFIX}:"):
        return False
    _, architecture, encoder = name.split(":")
    return smp_encoder_name(encoder, architecture).startswith("tu-")


def read_weights(path: Path) -> State:
    """Read the tensors of a .safetensors file, or of a .pth file that holds nothing else.

    Raises
    ------
    InputError
        If it is damaged, or holds more than tensors in dictionaries.
    """
    if path.suffix == ".safetensors":
        try:
            return load_file(path)
        except (SafetensorError, OSError) as error:
            raise InputError(f"the weights file {path} cannot be read: {error}") from error
    content = load_tensors(path, "weights file", InputError)
    for key in ("state_dict", "model"):
        if isinstance(content, dict) and isinstance(content.get(key), dict):
            content = content[key]
    if not isinstance(content, dict) or not any(isinstance(value, Tensor) for value in content.values()):
        raise InputError(f"the weights file {path} holds no state dict (names of parameters and their tensors)")
    return {str(key): value for key, value in content.items() if isinstance(value, Tensor)}


def is_whole_model(state: State) -> bool:
    """Say whether these are the weights of a `SegmentationModel`, and not of an encoder alone."""
    return any(key.startswith("head.") for key in state) and any(key.startswith("encoder.") for key in state)


def load_into(model: SegmentationModel, state: State, source: Path) -> None:
    """Load the weights of a whole network, or of its encoder, into `model`.

    Tensors of a head that have another shape (as when there are other classes) or are not in the file stay random, and
    a log line says so.

    Raises
    ------
    InputError
        If the encoder is not in the file as a whole; the message says how many of its tensors match.
    """
    target = model if is_whole_model(state) else model.encoder
    wanted = {key: value for key, value in target.state_dict().items() if not key.endswith(_COUNTER)}
    found = _unwrap(state, wanted)
    matching = {key: _fitted(found[key], value) for key, value in wanted.items() if key in found}
    matching = {key: value for key, value in matching.items() if value.shape == wanted[key].shape}
    in_encoder = [key for key in wanted if target is not model or key.startswith("encoder.")]
    lacking = [key for key in in_encoder if key not in matching]
    if lacking:
        raise InputError(_does_not_fit(model.name, source, len(in_encoder), lacking, found))
    random = [key for key in wanted if key not in matching]
    if random:
        logger.warning(
            "%s: %d of %d tensors, all of the head, are not in the file or have another shape (%s) and start at random",
            source, len(random), len(wanted), _some(random),
        )  # fmt: skip
    target.load_state_dict(matching, strict=False)
    logger.info("%s: %d of %d tensors of %s loaded", source, len(matching), len(wanted), model.name)


def _unwrap(state: State, wanted: State) -> State:
    """Take from the names in a file the prefix that makes most of them agree with those wanted."""
    bare = [{key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)}
            for prefix in _WRAPPERS]  # fmt: skip
    return max(bare, key=lambda one: len(one.keys() & wanted.keys()))


def _fitted(value: Tensor, wanted: Tensor) -> Tensor:
    """Spread a first convolution for three channels over as many as are wanted, as timm does."""
    is_first = value.ndim == 4 and wanted.ndim == 4 and value.shape[1] == 3 != wanted.shape[1]
    if is_first and value.shape[0] == wanted.shape[0] and value.shape[2:] == wanted.shape[2:]:
        return adapt_input_conv(wanted.shape[1], value)
    return value


def _does_not_fit(name: str, source: Path, num_wanted: int, lacking: list[str], found: State) -> str:
    other_shape = [key for key in lacking if key in found]
    missing = [key for key in lacking if key not in found]
    details = [f"{len(keys)} {what} ({_some(keys)})" for keys, what in
               ((missing, "are missing"), (other_shape, "have another shape")) if keys]  # fmt: skip
    return (
        f"the weights {source} do not fit the encoder of {name}: {num_wanted - len(lacking)} of its {num_wanted} "
        f"tensors match, {' and '.join(details)}; are they of another network?"
    )


def _some(keys: list[str]) -> str:
    return ", ".join(keys[:_SHOWN_KEYS]) + (", ..." if len(keys) > _SHOWN_KEYS else "")
