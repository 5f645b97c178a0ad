"""A trained network on disk: weights as safetensors, with everything needed to use them in the same file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from hyperpoint.errors import InputError
from hyperpoint.io.files import StrPath, atomic_path, existing_file, make_folder, write_json
from hyperpoint.segment.facts import ModelFacts, facts_from_metadata
from hyperpoint.segment.inputs import InputSpec, Standardisation
from hyperpoint.segment.models import build_model
from hyperpoint.segment.models.base import SegmentationModel
from hyperpoint.types import ClassTable

WEIGHTS_NAME = "model.safetensors"
FACTS_NAME = "model.json"


@dataclass(frozen=True, eq=False, kw_only=True)
class ModelBundle(ModelFacts):
    """A trained network: its facts, and its weights by the names of `SegmentationModel.state_dict`."""

    state: Mapping[str, Tensor]

    @classmethod
    def of(
        cls,
        model: SegmentationModel,
        classes: ClassTable,
        input: InputSpec,
        standardisation: Standardisation,
        training: dict[str, Any] | None = None,
    ) -> ModelBundle:
        """Return the bundle of a network; its weights are shared, not copied.

        Raises
        ------
        InputError
            If the network has another number of classes or channels than are described.
        """
        described = (len(classes), standardisation.num_channels)
        if (model.num_classes, model.in_channels) != described:
            raise InputError(
                f"the network {model.name} has {model.num_classes} classes and {model.in_channels} channels, but "
                f"{described[0]} and {described[1]} are described"
            )
        return cls(
            architecture=model.name,
            classes=classes,
            input=input,
            standardisation=standardisation,
            stride=model.stride,
            training=training or {},
            state=model.state_dict(),
        )

    def save(self, folder: StrPath) -> Path:
        """Write `model.safetensors`, whose header holds the facts too, and `model.json` for people to read.

        Each is replaced atomically; `load` reads the first alone, so that being stopped between them does no harm.

        Returns
        -------
        The path of `model.safetensors`.

        Raises
        ------
        InputError
            If one of them cannot be written.
        """
        make_folder(folder)
        target = Path(folder) / WEIGHTS_NAME
        state = {key: value.detach().cpu().contiguous() for key, value in self.state.items()}
        with atomic_path(target) as temporary:
            mode = temporary.stat().st_mode
            save_file(state, temporary, metadata=self.to_metadata())
            temporary.chmod(mode)  # safetensors puts a file in its place that nobody else may read
        write_json(Path(folder) / FACTS_NAME, self.to_dict())
        return target

    @classmethod
    def load(cls, path: StrPath) -> ModelBundle:
        """Read what `save` wrote: a folder, or the `model.safetensors` in it.

        Raises
        ------
        MissingFileError
            If there is none.
        InputError
            If it is damaged or no bundle.
        """
        file = Path(path) / WEIGHTS_NAME if Path(path).is_dir() else Path(path)
        existing_file(file, "trained network")
        try:
            with safe_open(file, framework="pt") as content:
                metadata = content.metadata() or {}
                state = {key: content.get_tensor(key) for key in content.keys()}  # noqa: SIM118
        except (SafetensorError, OSError) as error:
            raise InputError(f"the trained network {file} cannot be read: {error}") from error
        facts = facts_from_metadata(metadata, file)
        return cls(**{name: getattr(facts, name) for name in ModelFacts.__dataclass_fields__}, state=state)

    def build(self) -> SegmentationModel:
        """Return the network with these weights, ready to predict (in evaluation mode), on the CPU.

        Raises
        ------
        InputError
            If the weights do not fit the architecture.
        """
        model = build_model(self.architecture, len(self.classes), self.in_channels)
        try:
            model.load_state_dict(self.state)
        except RuntimeError as error:
            raise InputError(
                f"the weights do not fit the network {self.architecture}, perhaps as another version of its library "
                f"is installed: {str(error).splitlines()[-1].strip()}"
            ) from error
        return model.eval()
