"""How patch classifiers are trained."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from hyperpoint.errors import RecipeError
from hyperpoint.preprocess.normalisation import Normalisation
from hyperpoint.spectral.parameters import require_count, require_positive


@dataclass(frozen=True)
class PatchConfig:
    """The schedule that all patch classifiers share.

    The paper gives none for them. Its released code trains all alike: stochastic gradient descent of rate 0.001, times
    0.9 after every epoch, batches of 256, on up to 10,000 pixels of each scene, that is on the full truth rather than
    on points. Ours are points, a hundredth of that, so that such a rate has come to nothing before a network has
    learned; Adam of rate 0.001, falling to 0 as half a cosine, trains all of them.

    Attributes
    ----------
    iterations
        Steps of gradient descent: 20,000 of 128 patches see each of the 200 points of 393 scenes 33 times.
    batch_size
        Patches in a step, 2 or more (batch normalisation).
    learning_rate
        At the start.
    normalisation
        Of each spectrum; the paper's is "max" (section 4.2).
    memory_gb
        What the patches in memory may take, in GiB.
    device
        "auto" (an accelerator if there is one), "cpu" or "cuda".

    Raises
    ------
    RecipeError
        If a value is out of range.
    """

    iterations: int = 20_000
    batch_size: int = 128
    learning_rate: float = 1e-3
    normalisation: Normalisation = "max"
    memory_gb: float = 4.0
    device: Literal["auto", "cpu", "cuda"] = "auto"

    def __post_init__(self) -> None:
        require_count("iterations", self.iterations)
        require_count("batch_size", self.batch_size, least=2)
        require_positive("learning_rate", self.learning_rate)
        require_positive("memory_gb", self.memory_gb)
        if self.normalisation not in get_args(Normalisation):
            known = ", ".join(get_args(Normalisation))
            raise RecipeError(f"normalisation must be one of {known}; got {self.normalisation!r}")
        if self.device not in ("auto", "cpu", "cuda"):
            raise RecipeError(f'device must be "auto", "cpu" or "cuda"; got {self.device!r}')

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as JSON-serialisable values."""
        return asdict(self)
