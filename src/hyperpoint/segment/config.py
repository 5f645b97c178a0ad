"""Every setting of a training, with its default, its help and its check; read from TOML, and written to it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import Field, asdict, dataclass, field, fields
from difflib import get_close_matches
from typing import Any, get_type_hints

from hyperpoint.errors import InputError
from hyperpoint.io.files import StrPath
from hyperpoint.io.toml import read_toml

LOSSES = ("cross-entropy", "dice", "lovasz")
CHOICES = {
    "class_weights": ("none", "balanced"),
    "precision": ("32", "bf16", "fp16"),
    "accelerator": ("auto", "cpu", "gpu"),
}
_AT_LEAST_ONE = ("steps", "batch_size", "accumulate", "val_every", "checkpoint_every", "devices", "nodes")
# How often a run validates, unless it is said: MMSegmentation's schedule of 80,000 steps does so every 8,000.
_NUM_VALIDATIONS = 10
# What may differ between a run and its resumption, since the weights do not depend on it.
FREE_ON_RESUME = frozenset({"workers", "checkpoint_every", "accelerator", "compile"})


def _setting(default: Any, description: str, metavar: str | None = None) -> Any:
    return field(default=default, metadata={"help": description, "metavar": metavar})


@dataclass(frozen=True)
class TrainingConfig:
    """The settings of a training; the metadata of each field says what it is.

    The defaults are those of the paper (section 4.2: HRNet-W48, 80,000 steps in batches of 4, else MMSegmentation's
    defaults), which are in MMSegmentation the configurations schedule_80k and ade20k: SGD of rate 0.01, momentum 0.9
    and weight decay 5e-4, a polynomial of power 0.9 down to 1e-4, crops of 512 x 512.

    Raises
    ------
    InputError
        If a setting has the wrong type or is out of range.
    """

    model: str = _setting("hrnet_w48", "The network; see `hyperpoint models`.", "NAME")
    weights: str = _setting("imagenet", "What it starts from: imagenet, none, or a file of weights.", "WEIGHTS")
    input: str = _setting("rgb", "What it sees: rgb, cube or pca:N.", "INPUT")
    steps: int = _setting(80_000, "How many steps to train.")
    batch_size: int = _setting(4, "Images in a batch, for each device.")
    accumulate: int = _setting(1, "Batches whose gradients make one step.")
    crop: tuple[int, int] = _setting((512, 512), "Size of the random crops.", "ROWS COLUMNS")
    scale: tuple[float, float] = _setting((0.5, 2.0), "Range of the random resize.", "LOW HIGH")
    max_class_share: float = _setting(0.75, "No class is to fill more of a crop than this.")
    flip: float = _setting(0.5, "How often left and right are exchanged.")
    photometric: bool = _setting(True, "Distort brightness, contrast, saturation and hue.")
    lr: float = _setting(0.01, "Learning rate at the start.")
    min_lr: float = _setting(1e-4, "Learning rate at the end.")
    lr_power: float = _setting(0.9, "Power of the polynomial between them.")
    momentum: float = _setting(0.9, "Momentum of the gradient descent.")
    weight_decay: float = _setting(5e-4, "Weight decay.")
    loss: str = _setting("cross-entropy", f"One or a sum of {', '.join(LOSSES)}, such as cross-entropy+dice.", "LOSS")
    class_weights: str = _setting("none", "Weigh rare classes more in the cross-entropy.")
    confidence_weighted: bool = _setting(
        False, "Weigh pixels by the annotation's confidence in the cross-entropy (manifest column confidence)."
    )
    seed: int = _setting(0, "Seeds every random draw.")
    precision: str = _setting("32", "Floating-point numbers: 32 bit, or mixed with 16 bit.")
    accelerator: str = _setting("auto", "What to compute on.")
    devices: int = _setting(1, "How many GPUs of a machine (or processes, on the CPU) to use.")
    nodes: int = _setting(1, "On how many machines.")
    workers: int | None = _setting(None, "Processes that prepare samples, for each device.  [default: by cores]")
    compile: bool = _setting(False, "Compile the network with torch.compile.")
    val_every: int = _setting(0, "Steps between validations, the best of which is kept.  [default: a tenth of --steps]")
    checkpoint_every: int = _setting(500, "Steps between checkpoints: at most so many are lost when it is stopped.")

    def __post_init__(self) -> None:
        hints = get_type_hints(type(self))
        for one in fields(self):
            object.__setattr__(self, one.name, _typed(one, hints[one.name], getattr(self, one.name)))
        if self.val_every == 0:
            object.__setattr__(self, "val_every", max(1, self.steps // _NUM_VALIDATIONS))
        for name in _AT_LEAST_ONE:
            _require(getattr(self, name) >= 1, name, "1 or more", getattr(self, name))
        for name, choices in CHOICES.items():
            _require(getattr(self, name) in choices, name, f"one of {', '.join(choices)}", getattr(self, name))
        _require(self.seed >= 0, "seed", "0 or more", self.seed)
        _require(self.workers is None or self.workers >= 0, "workers", "0 or more", self.workers)
        _require(0 < self.lr < math.inf, "lr", "above 0", self.lr)
        _require(0 <= self.min_lr <= self.lr, "min_lr", f"0 to lr ({self.lr:g})", self.min_lr)
        _require(0 < self.lr_power < math.inf, "lr_power", "above 0", self.lr_power)
        _require(0 <= self.momentum < 1, "momentum", "0 or more and below 1", self.momentum)
        _require(0 <= self.weight_decay < math.inf, "weight_decay", "0 or more", self.weight_decay)
        self._check_loss()

    def _check_loss(self) -> None:
        terms = self.loss_terms
        fine = bool(terms) and set(terms) <= set(LOSSES) and len(set(terms)) == len(terms)
        _require(fine, "loss", f"{', '.join(LOSSES)}, or several of them joined by +", self.loss)
        weighted = self.confidence_weighted or self.class_weights != "none"
        if weighted and "cross-entropy" not in terms:
            raise InputError(
                f"class_weights and confidence_weighted act on the cross-entropy; loss is {self.loss}: add it, as in "
                f"cross-entropy+{terms[0]}"
            )

    @property
    def loss_terms(self) -> tuple[str, ...]:
        """The losses that are added."""
        return tuple(part.strip() for part in self.loss.split("+"))

    @property
    def num_processes(self) -> int:
        """How many processes train together."""
        return self.devices * self.nodes

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as JSON-serialisable values; what is left to the machine (None) is left out."""
        values = ((key, list(value) if isinstance(value, tuple) else value) for key, value in asdict(self).items())
        return {key: value for key, value in values if value is not None}

    def to_toml(self) -> str:
        """Return the settings as TOML, which `config_from_toml` reads."""
        # Texts, numbers and lists of numbers are written in JSON as in TOML; 1e-4 as 0.0001.
        return "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in self.to_dict().items())

    def check_resumes(self, earlier: TrainingConfig, where: object) -> None:
        """Make sure that a run of the settings `earlier` can be gone on with under these.

        Raises
        ------
        InputError
            If settings differ on which the weights depend; the message names them.
        """
        names = [one.name for one in fields(self) if one.name not in FREE_ON_RESUME]
        changed = [
            f"{name} was {getattr(earlier, name)!r}, not {getattr(self, name)!r}"
            for name in names
            if getattr(earlier, name) != getattr(self, name)
        ]
        if changed:
            raise InputError(
                f"the run in {where} cannot be resumed with other settings: {'; '.join(changed)}; leave these out, or "
                f"start a new run"
            )


def config_from_toml(path: StrPath) -> dict[str, Any]:
    """Read settings from a TOML file: those that it has, by name, for `make_config`.

    Raises
    ------
    MissingFileError
        If it does not exist.
    InputError
        If it is no TOML, or holds what is no setting.
    """
    content = read_toml(path, "configuration", InputError)
    _check_names(content, f"the configuration {path}")
    return content


def make_config(*layers: Mapping[str, Any]) -> TrainingConfig:
    """Return the defaults, overridden by each of the layers in turn.

    Raises
    ------
    InputError
        If there is no such setting, or its value is of the wrong type or out of range.
    """
    merged: dict[str, Any] = {}
    for layer in layers:
        _check_names(layer, "the training")
        merged |= layer
    return TrainingConfig(**merged)


def _check_names(given: Mapping[str, Any], where: str) -> None:
    known = [one.name for one in fields(TrainingConfig)]
    for name in given:
        if name not in known:
            close = get_close_matches(name, known, n=1)
            hint = f" (did you mean {close[0]}?)" if close else ""
            raise InputError(f"{where} has no setting {name!r}{hint}; known are: {', '.join(known)}")


def _typed(one: Field[Any], hint: Any, value: Any) -> Any:
    """Return a value as the type of its field; a list becomes a pair, a whole number a float where one is asked for."""
    if hint in (tuple[int, int], tuple[float, float]):
        part = hint.__args__[0]
        if isinstance(value, (list, tuple)) and len(value) == 2:
            return tuple(_typed(one, part, number) for number in value)
    elif hint is float and type(value) in (int, float):
        with suppress(OverflowError):  # a whole number of hundreds of digits
            return float(value)
    elif type(value) is hint or (hint == int | None and (value is None or type(value) is int)):
        return value
    expected = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}.get(hint, "two numbers")
    raise InputError(f"the setting {one.name} must be {expected}; got {value!r}")


def _require(is_fine: bool, name: str, expected: str, got: object) -> None:
    if not is_fine:
        raise InputError(f"the setting {name} must be {expected}; got {got!r}")
