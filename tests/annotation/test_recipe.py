"""Recipes are data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hyperpoint.annotation.recipe import DEFAULT_RECIPE, get_recipe, recipe_names
from hyperpoint.errors import RecipeError


def test_every_shipped_recipe_loads_and_names_a_known_classifier() -> None:
    from hyperpoint.spectral import classifier_names

    assert {"paper-svm", "paper-logreg", "paper-rbf", "paper-twocnn", "paper-twocnn-40k", "paper-hybridsn"} <= set(
        recipe_names()
    )
    for name in recipe_names():
        recipe = get_recipe(name)
        assert recipe.name == name
        assert recipe.method == "kernel-mixture" or recipe.classifier in classifier_names()
        assert recipe.description


def test_the_papers_parameters() -> None:
    recipe = get_recipe("paper-svm")
    assert (recipe.normalisation, recipe.region_size) == ("max", 50)
    assert get_recipe("paper-twocnn-40k").classifier_params["iterations"] == 40_000


def test_best_is_a_method_without_parameters() -> None:
    recipe = get_recipe("best")
    assert recipe.as_dict() == {
        "name": "best", "description": recipe.description, "modality": "hsi", "method": "kernel-mixture"
    }  # fmt: skip
    assert get_recipe("best-rgb").modality == "rgb"


def test_the_papers_recipes_have_the_papers_method() -> None:
    assert {get_recipe(name).method for name in recipe_names() if name.startswith("paper-")} == {"superpixel-vote"}


def test_rgb_twin_differs_in_its_modality_alone() -> None:
    twin, own = get_recipe("paper-svm-rgb"), get_recipe("paper-svm")
    assert twin.modality == "rgb"
    assert replace(twin, name=own.name, modality="hsi", description=own.description) == own


def test_none_is_the_default_and_a_recipe_is_itself() -> None:
    recipe = get_recipe(None)
    assert recipe.name == DEFAULT_RECIPE
    assert get_recipe(recipe) is recipe


def test_own_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('classifier = "rbf-svm"\nregion_size = 20\nclassifier_params = { C = 3.0 }\n')
    recipe = get_recipe(path)
    assert (recipe.name, recipe.region_size, recipe.classifier_params) == ("mine", 20, {"C": 3.0})


@pytest.mark.parametrize("name", ["nonsense", "../paper-svm", "", "paper-svm-rgb-rgb"])
def test_unknown(name: str) -> None:
    with pytest.raises(RecipeError, match=r"unknown recipe .* known are: .*paper-svm"):
        get_recipe(name)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("region_size = 3", "`classifier` is missing"),
        ('classifier = "x"\nfoo = 1', "unknown keys foo"),
        ('classifier = "x"\nmodality = "uv"', "modality must be one of hsi, rgb"),
        ('classifier = "x"\nregion_size = 1', "region_size"),
        ("classifier = ", "not valid TOML"),
        ('classifier = "linear-svm"\nruler = inf', "ruler"),
        ('classifier = "linear-svm"\nruler = true', "ruler"),
        ("classifier = [3]", "a name"),
        ('classifier = "linear-svm"\nclassifier_params = 3', "a table"),
        ('classifier = "linear-svm"\nclassifier_params = { seed = 3 }', "the seed is given"),
        ('method = "kernel-mixture"\nclassifier = "x"', "unknown keys classifier; a recipe of the method"),
        ('method = "kernels"', "method must be one of superpixel-vote, kernel-mixture"),
    ],
)
def test_malformed(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(RecipeError, match=complaint):
        get_recipe(path)


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="cannot read the recipe"):
        get_recipe(tmp_path / "none.toml")
