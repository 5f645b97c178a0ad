"""What the networks share: from annotated spectra to a trained network, and from spectra to probabilities."""

from __future__ import annotations

import logging
from abc import abstractmethod
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from hyperpoint.cube import FloatArray, IndexArray
from hyperpoint.errors import RecipeError
from hyperpoint.spectral.base import SpectralClassifier, balanced_weights
from hyperpoint.spectral.networks.cross_validation import NOT_HELD_OUT, HeldOutLoss, stratified_folds
from hyperpoint.spectral.networks.device import choose_device
from hyperpoint.spectral.networks.layers import Generators
from hyperpoint.spectral.networks.training import Samples, Schedule, single_thread, train
from hyperpoint.spectral.parameters import require_count

logger = logging.getLogger(__name__)

EVALUATE_EVERY = 20
# "cv" gives up after so many iterations in which the loss has not fallen by MIN_GAIN: easy points let it fall for ever.
PATIENCE = 160
MIN_GAIN = 0.002
# Spectra that go through a network at a time: their activations stay in a core's cache.
CHUNK = {"cpu": 512, "cuda": 16384}

State = dict[str, Tensor]


@dataclass(eq=False)
class NetworkClassifier(SpectralClassifier):
    """A network trained on the annotated points of one scene.

    Classes weigh alike in the loss, as in the other classifiers: points drawn over an image follow the areas of
    the classes, and a mean IoU does not.

    Parameters
    ----------
    iterations
        Steps of gradient descent, or "cv": as many as give the lowest mean loss on held-out annotated points. The
        network of all points and one for each fold are then trained side by side, and the former is taken
        as it was at that step. Where no class has two points, nothing can be held out and all
        `max_iterations` are done.
    max_iterations
        The most that "cv" tries.
    num_folds
        Folds of "cv", 2 or more.
    device
        "auto" (an accelerator if there is one), "cpu" or "cuda".

    Attributes
    ----------
    device_
        Where `fit` has put the network.
    iterations_
        How many steps its weights have had.
    """

    iterations: int | Literal["cv"] = "cv"
    max_iterations: int = 1200
    num_folds: int = 3
    device: Literal["auto", "cpu", "cuda"] = "auto"
    device_: torch.device = field(init=False, repr=False)
    iterations_: int = field(init=False, repr=False)
    _network: nn.Module = field(init=False, repr=False)
    _num_classes: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if isinstance(self.iterations, str):
            if self.iterations != "cv":
                raise RecipeError(f'iterations must be a whole number above 0 or "cv"; got {self.iterations!r}')
        else:
            require_count("iterations", self.iterations)
        require_count("max_iterations", self.max_iterations)
        require_count("num_folds", self.num_folds, least=2)
        if self.device not in ("auto", "cpu", "cuda"):
            raise RecipeError(f'device must be "auto", "cpu" or "cuda"; got {self.device!r}')

    @abstractmethod
    def _build(self, num_bands: int, num_classes: int, generators: Generators) -> nn.Module:
        """Return an untrained stack with one member for each generator."""

    def _learn(self, spectra: FloatArray, targets: IndexArray, num_classes: int) -> None:
        self.device_, self._num_classes = choose_device(self.device), num_classes
        samples = Samples(
            torch.from_numpy(spectra).to(self.device_),
            torch.from_numpy(targets).to(self.device_),
            torch.from_numpy(balanced_weights(targets)[targets].astype(np.float32)).to(self.device_),
        )
        if self.iterations == "cv":
            folds = stratified_folds(targets, self.num_folds, self._rng(0))
        else:
            folds = np.full(len(targets), NOT_HELD_OUT)
        with single_thread():
            if (folds == NOT_HELD_OUT).all():
                state = self._train_for(samples, num_classes)
            else:
                state = self._train_early_stopped(samples, num_classes, folds)
        self._network = self._stack(samples, num_classes, num_members=1).eval()
        self._network.load_state_dict(state)

    def _train_for(self, samples: Samples, num_classes: int) -> State:
        """Train on all samples for the given number of iterations."""
        self.iterations_ = self.max_iterations if self.iterations == "cv" else self.iterations
        stack = self._stack(samples, num_classes, num_members=1)
        everything = np.arange(len(samples.targets))
        *_, averaged = train(stack, samples, [everything], [self._rng(1)], self.iterations_, Schedule())
        return averaged.state_dict()

    def _train_early_stopped(self, samples: Samples, num_classes: int, folds: IndexArray) -> State:
        """Train on all samples, and beside it on all but each fold, and keep the state of lowest held-out loss."""
        members = self.num_folds + 1
        stack = self._stack(samples, num_classes, members)
        parts = [np.flatnonzero(folds != fold) for fold in (None, *range(self.num_folds))]
        rngs = [self._rng(1 + member) for member in range(members)]
        held_out_loss = HeldOutLoss(samples, folds, self.num_folds)
        lowest = np.inf
        state: State = {}
        for done, averaged in enumerate(train(stack, samples, parts, rngs, self.max_iterations, Schedule()), start=1):
            if done % EVALUATE_EVERY and done < self.max_iterations:
                continue
            loss = held_out_loss(averaged)
            if not state or loss < lowest - MIN_GAIN:
                lowest, self.iterations_ = loss, done
                state = {name: values[:1].clone() for name, values in averaged.state_dict().items()}
            elif done - self.iterations_ >= PATIENCE:
                break
        logger.debug("lowest held-out loss %.4f after %d iterations", lowest, self.iterations_)
        return state

    def _decide(self, spectra: FloatArray) -> FloatArray:
        probabilities = np.empty((len(spectra), self._num_classes), dtype=np.float32)
        size = CHUNK[self.device_.type]
        with torch.inference_mode():
            for start in range(0, len(spectra), size):
                chunk = torch.from_numpy(spectra[start : start + size]).to(self.device_)
                logits = self._network(chunk[None])[0]
                probabilities[start : start + size] = logits.softmax(dim=1).cpu().numpy()
        return probabilities

    def _stack(self, samples: Samples, num_classes: int, num_members: int) -> nn.Module:
        generators = [torch.Generator().manual_seed(int(self._rng(1 + e).integers(2**62))) for e in range(num_members)]
        return self._build(samples.spectra.shape[1], num_classes, generators).to(self.device_)

    def _rng(self, purpose: int) -> np.random.Generator:
        """Return the generator of the folds (0) or of member `purpose` - 1, whichever members there are beside it."""
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(purpose,)))
