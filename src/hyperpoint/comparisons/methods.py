"""The patch classifiers there are, by name. PyTorch is imported when one is built."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from hyperpoint.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from hyperpoint.comparisons.networks.base import PatchNetwork


@dataclass(frozen=True)
class Method:
    """A patch classifier.

    Attributes
    ----------
    name
        As `get_method` knows it.
    title
        As the paper's Table 4 writes it, where it stands there.
    width
        Pixels across a patch, odd; 1 is a single spectrum.
    num_components
        How many principal components of the spectra it takes; None: all bands.
    module, class_name
        Where its network is.
    """

    name: str
    title: str
    width: int
    num_components: int | None
    module: str
    class_name: str

    def build(self, num_channels: int, num_classes: int) -> PatchNetwork:
        """Return the network with fresh weights, which PyTorch's random state decides.

        Raises
        ------
        MissingExtraError
            If PyTorch, or torchvision for the ResNets, is not installed.
        """
        try:
            module = import_module(f"hyperpoint.comparisons.networks.{self.module}")
        except ModuleNotFoundError as error:
            package = (error.name or "").partition(".")[0]
            if package not in ("torch", "torchvision"):
                raise
            raise MissingExtraError(f"the method {self.name!r}", package, "deep") from None
        network: PatchNetwork = getattr(module, self.class_name)(num_channels, num_classes, self.width)
        return network


# Widths: 17 as Table 4 says of the first two; those of their articles for the next four; 11 of Huang et al.
METHODS = {
    method.name: method
    for method in (
        Method("rssan", "RSSAN-w17", 17, None, "rssan", "RSSAN"),
        Method("jigsawhsi", "JigSawHSI-w17", 17, None, "jigsawhsi", "JigsawHSI"),
        Method("hybridsn", "HybridSN-w25", 25, 30, "hybridsn", "HybridSN"),
        Method("twocnn", "TwoCNN-w21", 21, None, "twocnn", "TwoCNN"),
        Method("cnn1d", "1-D CNN", 1, None, "cnn1d", "CNN1D"),
        Method("cnn-hsi", "CNN-HSI-w5", 5, None, "cnn_hsi", "CNNHSI"),
        Method("resnet50", "ResNet-50-w11", 11, None, "resnet", "ResNet50"),
        Method("resnet18", "ResNet-18-w11", 11, None, "resnet", "ResNet18"),
    )
}


def method_names() -> tuple[str, ...]:
    """Return the names that `get_method` knows; nothing is imported for it."""
    return tuple(METHODS)


def get_method(name: str) -> Method:
    """Return the method called `name`.

    Raises
    ------
    InputError
        If there is none; the message lists those there are.
    """
    if name not in METHODS:
        raise InputError(f"unknown method {name!r}; known are: {', '.join(METHODS)}")
    return METHODS[name]
