"""Recipes: how a scene is annotated, as data. Each shipped recipe is a TOML file in `recipes/`."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, field, fields, replace
from importlib import resources
from pathlib import Path
from typing import Any, Literal, get_args

from hyperpoint.errors import RecipeError
from hyperpoint.preprocess.normalisation import Normalisation

Modality = Literal["hsi", "rgb"]

DEFAULT_RECIPE = "paper-svm"
RGB_SUFFIX = "-rgb"


@dataclass(frozen=True)
class Recipe:
    """How a scene is annotated.

    Attributes
    ----------
    name, description
        What it is called, and what it is in a line.
    modality
        "hsi" classifies the cube's spectra; "rgb" the rgb image's three values, taken as a cube of three bands.
    normalisation
        Of each spectrum: "max" (paper), "l2" or "none".
    classifier, classifier_params
        Name and constructor parameters of a classifier of `hyperpoint.spectral`.
    region_size, ruler
        Of the SLIC superpixels: side in pixels, weight of compactness.
    """

    name: str
    classifier: str
    description: str = ""
    modality: Modality = "hsi"
    normalisation: Normalisation = "max"
    classifier_params: dict[str, Any] = field(default_factory=dict)
    region_size: int = 50
    ruler: float = 10.0

    def __post_init__(self) -> None:
        checks = {"modality": get_args(Modality), "normalisation": get_args(Normalisation)}
        for key, allowed in checks.items():
            if getattr(self, key) not in allowed:
                raise RecipeError(
                    f"recipe {self.name!r}: {key} must be one of {', '.join(allowed)}; got {getattr(self, key)!r}"
                )
        if not (isinstance(self.region_size, int) and self.region_size >= 2 and self.ruler > 0):
            raise RecipeError(
                f"recipe {self.name!r}: region_size must be a whole number of 2 or more and ruler above 0; got "
                f"{self.region_size!r} and {self.ruler!r}"
            )

    def as_dict(self) -> dict[str, Any]:
        """Return the recipe as plain data, for provenance."""
        return asdict(self)


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
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"recipe {name!r} is not valid TOML: {error}") from error
    known = {entry.name for entry in fields(Recipe)} - {"name"}
    unknown = sorted(set(table) - known)
    if unknown or "classifier" not in table:
        wrong = f"unknown keys {', '.join(unknown)}" if unknown else "the key `classifier` is missing"
        raise RecipeError(f"recipe {name!r}: {wrong}; a recipe has: {', '.join(sorted(known))}")
    return Recipe(name=name, **table)
