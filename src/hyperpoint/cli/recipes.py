"""`hyperpoint recipes`: the recipes there are."""

from __future__ import annotations

import json

import click


@click.command("recipes")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object to stdout: name -> recipe.")
def command(as_json: bool) -> None:
    """List the recipes that `annotate --recipe` knows.

    A recipe is data: copy its keys from the JSON into a .toml file, change them, and pass the file's path.
    """
    from hyperpoint.annotation.recipe import DEFAULT_RECIPE, get_recipe, recipe_names

    recipes = {name: get_recipe(name) for name in recipe_names()}
    if as_json:
        click.echo(json.dumps({name: recipe.as_dict() for name, recipe in recipes.items()}))
        return
    for name, recipe in recipes.items():
        click.echo(f"{name:<22}{recipe.description}{'  [default]' if name == DEFAULT_RECIPE else ''}")
