"""Trained networks in use, whatever runs them. This module needs no PyTorch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hyperpoint.cube import FloatArray
from hyperpoint.segment.facts import ModelFacts
from hyperpoint.segment.inputs import InputSpec
from hyperpoint.segment.standardisation import Standardisation
from hyperpoint.types import ClassTable


class Predictor(ABC):
    """Gives each pixel of an image a probability for each class; `facts` say what the network is and takes."""

    facts: ModelFacts

    @property
    def classes(self) -> ClassTable:
        """What the first axis of the probabilities means."""
        return self.facts.classes

    @property
    def input(self) -> InputSpec:
        """What the images are: rgb, or cubes."""
        return self.facts.input

    @property
    def standardisation(self) -> Standardisation:
        """How raw values become what the network takes."""
        return self.facts.standardisation

    @abstractmethod
    def predict(self, image: NDArray[Any]) -> FloatArray:
        """Return the probabilities (num_classes, H, W) float32 of a raw image (H, W, C).

        Parameters
        ----------
        image
            Of any size, in the unit in which the network was trained (rgb: 0..255), uint8 or floating-point.

        Raises
        ------
        InputError
            If it has another number of channels than the network was trained on.
        """


def softmax(logits: FloatArray) -> FloatArray:
    """Turn logits (num_classes, H, W) float32 into probabilities, in place."""
    logits -= logits.max(axis=0)
    np.exp(logits, out=logits)
    logits /= logits.sum(axis=0)
    return logits
