"""Recipes: how a scene is annotated, as data. Each shipped recipe is a TOML file in `recipes/`."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import Any, Literal, get_args

from hyperpoint.errors import RecipeError
from hyperpoint.io.toml import parse_toml
from hyperpoint.preprocess.normalisation import Normalisation

Modality = Literal["hsi", "rgb"]
Method = Literal["superpixel-vote", "kernel-mixture"]

DEFAULT_RECIPE = "best"
RGB_SUFFIX = "-rgb"

# What a recipe of each method may set beside what every recipe has; the kernel mixture sets itself from the points.
_COMMON_KEYS = frozenset({"name", "description", "modality", "method"})
_METHOD_KEYS: dict[str, frozenset[str]] = {
    "superpixel-vote": frozenset({"normalisation", "classifier", "classifier_params", "region_size", "ruler"}),
    "kernel-mixture": frozenset(),
}


@dataclass(frozen=True)
class Recipe:
    """How a scene is annotated.

    Attributes
    ----------
    name, description
        What it is called, and what it is in a line.
    modality
        "hsi" classifies the cube's spectra; "rgb" the rgb image's three values, taken as a cube of three bands.
    method
        "superpixel-vote": the paper's, a classifier of spectra and a vote in each superpixel; the keys below are its
        own. "kernel-mixture": kernels over several representations, weighted by leaving points out.
    normalisation
        Of each spectrum: "max" (paper), "l2" or "none".
    classifier, classifier_params
        Name and constructor parameters of a classifier of `hyperpoint.spectral`.
    region_size, ruler
        Of the SLIC superpixels: side in pixels, weight of compactness.
    """

    name: str
    classifier: str = ""
    description: str = ""
    modality: Modality = "hsi"
    normalisation: Normalisation = "max"
    classifier_params: dict[str, Any] = field(default_factory=dict)
    region_size: int = 50
    ruler: float = 10.0
    method: Method = "superpixel-vote"

    def __post_init__(self) -> None:
        checks = {
            "method": get_args(Method),
            "modality": get_args(Modality),
            "normalisation": get_args(Normalisation),
        }
        for key, allowed in checks.items():
            if getattr(self, key) not in allowed:
                raise RecipeError(
                    f"recipe {self.name!r}: {key} must be one of {', '.join(allowed)}; got {getattr(self, key)!r}"
                )
        if self.method == "superpixel-vote" and not self.classifier:
            raise RecipeError(f"recipe {self.name!r}: the key `classifier` is missing; a vote needs one")
        if not isinstance(self.classifier, str) or not isinstance(self.classifier_params, dict):
            raise RecipeError(
                f"recipe {self.name!r}: classifier must be a name and classifier_params a table; got "
                f"{self.classifier!r} and {self.classifier_params!r}"
            )
        if "seed" in self.classifier_params:
            raise RecipeError(f"recipe {self.name!r}: the seed is given to `annotate`, not in classifier_params")
        numbers = (self.region_size, self.ruler)
        fine = type(self.region_size) is int and type(self.ruler) in (int, float)
        if not (fine and self.region_size >= 2 and 0 < self.ruler < math.inf):
            raise RecipeError(
                f"recipe {self.name!r}: region_size must be a whole number of 2 or more and ruler above 0; got "
                f"{numbers[0]!r} and {numbers[1]!r}"
            )

    def as_dict(self) -> dict[str, Any]:
        """Return what the recipe's method goes by, as plain data, for provenance."""
        keys = _COMMON_KEYS | _METHOD_KEYS[self.method]
        return {key: value for key, value in asdict(self).items() if key in keys}


def recipe_names() -> list[str]:
    """List the shipped recipes, each followed by its twin on the rgb image."""
    stems = sorted(Path(entry.name).stem for entry in _folder().iterdir() if entry.name.endswith(".toml"))
    return [name for stem in stems for name in (stem, stem + RGB_SUFFIX)]


def get_recipe(recipe: str | Path | Recipe | None = None) -> Recipe:
    """Return a recipe by name, from a TOML file of one's own, or the default for None.

    Raises
    ------
    RecipeError
        If there is no such recipe, or its file is malformed.
    """
    if isinstance(recipe, Recipe):
        return recipe
    name = DEFAULT_RECIPE if recipe is None else str(recipe)
    if name.endswith(".toml"):
        return _read_file(Path(name))
    stem = name.removesuffix(RGB_SUFFIX)
    source = _folder() / f"{stem}.toml"
    if not stem.replace("-", "").isalnum() or not source.is_file():
        raise RecipeError(
            f"unknown recipe {name!r}; known are: {', '.join(recipe_names())}; or give the path of a .toml file"
        )
    found = _parse(source.read_text(encoding="utf-8"), stem)
    return found if name == stem else _rgb_twin(found)


def _rgb_twin(recipe: Recipe) -> Recipe:
    return replace(
        recipe, name=recipe.name + RGB_SUFFIX, modality="rgb", description=f"{recipe.description} On the rgb image."
    )


def _folder() -> Any:
    return resources.files("hyperpoint.annotation") / "recipes"


def _read_file(path: Path) -> Recipe:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"cannot read the recipe {path}: {error}") from error
    return _parse(text, path.stem)


def _parse(text: str, name: str) -> Recipe:
    table = parse_toml(text, f"recipe {name!r}", RecipeError)
    method = table.get("method", "superpixel-vote")
    known = (_COMMON_KEYS - {"name"}) | _METHOD_KEYS.get(str(method), frozenset().union(*_METHOD_KEYS.values()))
    if unknown := sorted(set(table) - known):
        raise RecipeError(
            f"recipe {name!r}: unknown keys {', '.join(unknown)}; a recipe of the method {method!r} has: "
            f"{', '.join(sorted(known))}"
        )
    return Recipe(name=name, **table)
