"""What the networks share: from annotated spectra to a trained network, and from spectra to probabilities."""

from __future__ import annotations

import logging
from abc import abstractmethod
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Self

import numpy as np
import torch
from torch import nn

from hyperpoint.cube import FloatArray, IndexArray
from hyperpoint.errors import RecipeError
from hyperpoint.spectral.base import Lesson, SpectralClassifier, balanced_weights
from hyperpoint.spectral.networks.cross_validation import NOT_HELD_OUT, stratified_folds
from hyperpoint.spectral.networks.device import choose_device
from hyperpoint.spectral.networks.layers import Generators
from hyperpoint.spectral.networks.together import Pupil, train_early_stopped, train_for
from hyperpoint.spectral.networks.training import Samples, single_thread
from hyperpoint.spectral.parameters import require_count

logger = logging.getLogger(__name__)

# Spectra that go through a network at a time: their activations stay in a core's cache.
CHUNK = {"cpu": 512, "cuda": 16384}


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
        self._learn_together([self], [Lesson(spectra, targets, num_classes)])

    @classmethod
    def _learn_together(cls, learners: Sequence[Self], lessons: Sequence[Lesson]) -> None:
        alike: dict[Hashable, list[tuple[Self, Lesson]]] = {}
        for learner, lesson in zip(learners, lessons, strict=True):
            alike.setdefault(learner._kind(lesson), []).append((learner, lesson))
        with single_thread():
            for group in alike.values():
                cls._train_as_memory_allows(group)

    @classmethod
    def _train_as_memory_allows(cls, group: Sequence[tuple[Self, Lesson]]) -> None:
        """Train a group of one kind side by side, in halves where the accelerator has no memory for all."""
        try:
            cls._train(group)
        except torch.OutOfMemoryError:
            if len(group) == 1:
                raise
            fits = False
        else:
            fits = True
        if not fits:  # outside of the handler, which would keep what the first try has allocated
            torch.cuda.empty_cache()
            logger.warning("the accelerator has too little memory for %d scenes at once; halves are tried", len(group))
            half = len(group) // 2
            cls._train_as_memory_allows(group[:half])
            cls._train_as_memory_allows(group[half:])

    @classmethod
    def _train(cls, group: Sequence[tuple[Self, Lesson]]) -> None:
        pupils = [learner._pupil(lesson) for learner, lesson in group]
        first = group[0][0]  # what matters here is the same for all
        if len(pupils[0].rngs) == 1:
            count = first.max_iterations if first.iterations == "cv" else first.iterations
            states, counts = train_for(pupils, count), [count] * len(pupils)
        else:
            states, counts = train_early_stopped(pupils, first.num_folds, first.max_iterations)
        for (learner, lesson), state, reached in zip(group, states, counts, strict=True):
            learner.device_, learner.iterations_ = choose_device(learner.device), reached
            learner._num_classes = lesson.num_classes
            learner._network = learner._stack(lesson, num_members=1).eval()
            learner._network.load_state_dict(state)

    def _kind(self, lesson: Lesson) -> Hashable:
        """Return what must agree where networks are trained side by side: all but seed, points and classes."""
        parameters = (self.iterations, self.max_iterations, self.num_folds, choose_device(self.device))
        return *parameters, lesson.spectra.shape[1], self._num_members(self._folds(lesson))

    def _pupil(self, lesson: Lesson) -> Pupil:
        """Set out what is to be trained, from the seed alone."""
        weights = balanced_weights(lesson.targets)[lesson.targets].astype(np.float32)
        arrays = (lesson.spectra, lesson.targets, weights)
        samples = Samples(*(torch.from_numpy(values).to(choose_device(self.device)) for values in arrays))
        folds = self._folds(lesson)
        members = self._num_members(folds)
        return Pupil(samples, folds, self._stack(lesson, members), [self._rng(1 + e) for e in range(members)])

    def _folds(self, lesson: Lesson) -> IndexArray:
        if self.iterations == "cv":
            return stratified_folds(lesson.targets, self.num_folds, self._rng(0))
        return np.full(len(lesson.targets), NOT_HELD_OUT)

    def _num_members(self, folds: IndexArray) -> int:
        return 1 if (folds == NOT_HELD_OUT).all() else self.num_folds + 1

    def _decide(self, spectra: FloatArray) -> FloatArray:
        probabilities = np.empty((len(spectra), self._num_classes), dtype=np.float32)
        size = CHUNK[self.device_.type]
        with torch.inference_mode():
            for start in range(0, len(spectra), size):
                chunk = torch.from_numpy(spectra[start : start + size]).to(self.device_)
                logits = self._network(chunk[None])[0]
                probabilities[start : start + size] = logits.softmax(dim=1).cpu().numpy()
        return probabilities

    def _stack(self, lesson: Lesson, num_members: int) -> nn.Module:
        generators = [torch.Generator().manual_seed(int(self._rng(1 + e).integers(2**62))) for e in range(num_members)]
        stack = self._build(lesson.spectra.shape[1], lesson.num_classes, generators)
        return stack.to(choose_device(self.device))

    def _rng(self, purpose: int) -> np.random.Generator:
        """Return the generator of the folds (0) or of member `purpose` - 1, whichever members there are beside it."""
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(purpose,)))
