"""What must be known of a trained network, besides its weights, to use it: travels in every file that holds one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from hyperpoint.errors import InputError
from hyperpoint.segment.inputs import InputSpec, Standardisation
from hyperpoint.types import ClassTable

FORMAT = 1


@dataclass(frozen=True, eq=False, kw_only=True)
class ModelFacts:
    """What a trained network is and what it takes.

    Attributes
    ----------
    architecture
        As `build_model` knows it.
    classes
        What its logits mean, in order.
    input, standardisation
        What it sees of a scene, and how raw values become what it takes.
    stride
        H and W that it takes without padding are multiples of it.
    training
        What it was trained on and how, and its score: JSON-serialisable.
    version
        Version of hyperpoint that trained it.
    """

    architecture: str
    classes: ClassTable
    input: InputSpec
    standardisation: Standardisation
    stride: int
    training: dict[str, Any] = field(default_factory=dict)
    version: str = field(default_factory=lambda: version("hyperpoint"))

    @property
    def in_channels(self) -> int:
        """How many channels the network takes."""
        return self.standardisation.num_channels

    @property
    def facts(self) -> ModelFacts:
        """These facts alone, without what a subclass adds."""
        return ModelFacts(
            architecture=self.architecture,
            classes=self.classes,
            input=self.input,
            standardisation=self.standardisation,
            stride=self.stride,
            training=self.training,
            version=self.version,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the facts as JSON-serialisable values, which `from_dict` takes."""
        pairs = zip(self.classes.names, self.classes.colors, strict=True)
        return {
            "format": FORMAT,
            "architecture": self.architecture,
            "classes": [{"name": name, "color": list(color)} for name, color in pairs],
            "input": str(self.input),
            **self.standardisation.to_dict(),
            "stride": self.stride,
            "training": self.training,
            "version": self.version,
        }

    def to_metadata(self) -> dict[str, str]:
        """Return the facts as texts by name, each of them JSON, which `from_metadata` takes."""
        return {key: json.dumps(value, ensure_ascii=False) for key, value in self.to_dict().items()}


def facts_from_metadata(metadata: Mapping[str, str], source: object) -> ModelFacts:
    """Return the facts that `ModelFacts.to_metadata` described.

    Parameters
    ----------
    metadata
        Further entries are left alone.
    source
        The file, for messages.

    Raises
    ------
    InputError
        If entries are missing or malformed, or a later version wrote them.
    """
    try:
        found = int(json.loads(metadata["format"]))
        if found > FORMAT:
            raise InputError(f"{source} has format {found} of a later hyperpoint, this one knows {FORMAT}; update it")
        content = {key: json.loads(metadata[key]) for key in _KEYS}
        classes = ClassTable(
            tuple(one["name"] for one in content["classes"]), tuple((*one["color"],) for one in content["classes"])
        )
        return ModelFacts(
            architecture=content["architecture"],
            classes=classes,
            input=InputSpec.parse(content["input"]),
            standardisation=Standardisation.from_dict(content),
            stride=int(content["stride"]),
            training=content["training"],
            version=content["version"],
        )
    except InputError:
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{source} does not say what its network takes ({type(error).__name__}: {error}); expected a file that "
            f"`hyperpoint train` or `hyperpoint export` has written"
        ) from error


_KEYS = ("architecture", "classes", "input", "mean", "std", "basis", "stride", "training", "version")
