"""A trained patch classifier: what it needs to label scenes, and its file."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from hyperpoint.comparisons.methods import get_method
from hyperpoint.comparisons.networks.base import PatchNetwork
from hyperpoint.comparisons.predicting import RowProgress, predict_labels
from hyperpoint.comparisons.preparation import Preparation
from hyperpoint.errors import InputError
from hyperpoint.io.files import StrPath, atomic_path, existing_file
from hyperpoint.spectral.networks.device import choose_device
from hyperpoint.types import LabelArray, Scene

KIND = "hyperpoint patch classifier"
FORMAT = 1


@dataclass(frozen=True, eq=False)
class PatchModel:
    """A trained patch classifier.

    Attributes
    ----------
    method
        As `methods.get_method` knows it.
    num_classes
        Its labels are 0 to `num_classes` - 1.
    preparation
        What its network sees of raw spectra.
    network
        In evaluation mode, on the device where it computes.
    training
        What it was trained on and how: JSON-serialisable.
    """

    method: str
    num_classes: int
    preparation: Preparation
    network: PatchNetwork
    training: dict[str, Any] = field(default_factory=dict)

    def predict(self, scene: Scene, stride: int = 1, progress: RowProgress | None = None) -> LabelArray:
        """Label every pixel of a scene, reading its cube in strips.

        A pixel without a usable spectrum is labelled by what is around it.

        Parameters
        ----------
        scene
            Its cube must have the bands that were trained on.
        stride
            Classify only the middle pixel of each `stride` x `stride` pixels of the cube, which lends the others its
            label: so many times faster, and so much coarser.
        progress
            Called with (rows done, rows in all) of the cube.

        Returns
        -------
        (H, W) uint8, on the grid of the rgb image.

        Raises
        ------
        InputError
            If the cube has another number of bands, or the stride is no whole number above 0.
        """
        return predict_labels(self.network, self.preparation, scene, stride, progress)

    def save(self, path: StrPath) -> None:
        """Write weights and facts to a safetensors file, atomically.

        Raises
        ------
        InputError
            If it cannot be written.
        """
        state = {name: value.detach().cpu().contiguous() for name, value in self.network.state_dict().items()}
        facts = {
            "kind": KIND,
            "format": FORMAT,
            "method": self.method,
            "num_classes": self.num_classes,
            "preparation": self.preparation.to_dict(),
            "training": self.training,
            "version": version("hyperpoint"),
        }
        with atomic_path(path) as temporary:
            save_file(state, temporary, metadata={name: json.dumps(value) for name, value in facts.items()})

    @classmethod
    def load(cls, path: StrPath, device: str = "auto") -> PatchModel:
        """Read what `save` wrote.

        Parameters
        ----------
        device
            "auto" (an accelerator if there is one), "cpu" or "cuda".

        Raises
        ------
        MissingFileError
            If there is no such file.
        InputError
            If it is damaged, or holds something else.
        """
        file = existing_file(path, "patch classifier")
        try:
            with safe_open(file, framework="pt") as content:
                facts = _facts(content.metadata() or {}, file)
                state = {name: content.get_tensor(name) for name in content.keys()}  # noqa: SIM118
        except (SafetensorError, OSError) as error:
            raise InputError(f"the patch classifier {file} cannot be read: {error}") from error
        try:
            preparation = Preparation.from_dict(facts["preparation"])
            network = get_method(facts["method"]).build(preparation.num_channels, int(facts["num_classes"]))
            network.load_state_dict(state)
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise InputError(f"the patch classifier {file} is damaged: {str(error).splitlines()[0]}") from error
        network = network.to(choose_device(device)).eval()
        return cls(facts["method"], int(facts["num_classes"]), preparation, network, facts["training"])


def _facts(metadata: dict[str, str], file: Path) -> dict[str, Any]:
    try:
        facts = {name: json.loads(value) for name, value in metadata.items()}
    except ValueError:
        facts = {}
    if facts.get("kind") != KIND:
        raise InputError(f"{file} is no patch classifier; give a file that `PatchModel.save` has written")
    if facts.get("format") != FORMAT:
        raise InputError(f"{file} has format {facts.get('format')}, this hyperpoint knows {FORMAT}; update it")
    return facts
