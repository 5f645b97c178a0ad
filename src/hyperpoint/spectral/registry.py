"""Classifiers by name; the module that holds one is imported when it is asked for."""

from __future__ import annotations

from dataclasses import fields
from importlib import import_module
from typing import Any

from hyperpoint.errors import MissingExtraError, RecipeError
from hyperpoint.spectral.base import SpectralClassifier
from hyperpoint.spectral.parameters import require_count

# name: (module, class)
_CLASSIFIERS = {
    "linear-svm": ("linear_svm", "LinearSVM"),
    "rbf-svm": ("kernel_svm", "RbfSVM"),
    "logistic-regression": ("logistic", "LogisticRegression"),
    "twocnn": ("networks.twocnn", "TwoCNN"),
    "hybridsn": ("networks.hybridsn", "HybridSN"),
}


def classifier_names() -> tuple[str, ...]:
    """Return the names that `make_classifier` knows; nothing is imported for it."""
    return tuple(_CLASSIFIERS)


def is_network(name: str) -> bool:
    """Say whether a classifier is a network, which needs PyTorch and is trained side by side with others."""
    return name in _CLASSIFIERS and _CLASSIFIERS[name][0].startswith("networks.")


def make_classifier(name: str, seed: int = 0, **params: Any) -> SpectralClassifier:
    """Make an unfitted classifier.

    Parameters
    ----------
    name
        One of `classifier_names`.
    seed
        Seed of whatever it draws at random, 0 or more.
    **params
        Parameters of its constructor, as a recipe states them.

    Raises
    ------
    RecipeError
        If the name or a parameter is unknown (the message lists those there are), or a value is out of range.
    MissingExtraError
        If it is a network and PyTorch is not installed.
    """
    if name not in _CLASSIFIERS:
        raise RecipeError(f"unknown classifier {name!r}; known are: {', '.join(_CLASSIFIERS)}")
    require_count("seed", seed, least=0)
    module, class_name = _CLASSIFIERS[name]
    try:
        kind: type[SpectralClassifier] = getattr(import_module(f"hyperpoint.spectral.{module}"), class_name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "torch":
            raise
        raise MissingExtraError(f"the classifier {name!r}", "torch", "deep") from None
    known = [field.name for field in fields(kind) if field.init and field.name != "seed"]
    for param in params:
        if param not in known:
            raise RecipeError(f"the classifier {name!r} has no parameter {param!r}; it has: {', '.join(known)}")
    return kind(seed=seed, **params)
