"""Preparing a scene: what is heavy, needs no points, and is done once."""

from __future__ import annotations

from pathlib import Path

from hyperpoint.annotation.prepared import PreparedScene
from hyperpoint.annotation.recipe import Recipe, get_recipe
from hyperpoint.types import Scene

__all__ = ["PreparedScene", "prepare"]


def prepare(scene: Scene, recipe: str | Path | Recipe | None = None) -> PreparedScene:
    """Prepare a scene for annotation: what the recipe's method needs before any point, and an rgb image if it has none.

    Parameters
    ----------
    scene
        The scene.
    recipe
        Name, TOML file or `Recipe`; None is the default.

    Returns
    -------
    What `annotate` takes in place of the scene, to be quick at every further point.

    Raises
    ------
    RecipeError
        If the recipe is unknown or malformed.
    MissingExtraError
        If its classifier needs a package that is not installed.
    """
    chosen = get_recipe(recipe)
    if chosen.method == "kernel-mixture":
        from hyperpoint.annotation.mixture.scene import prepare_mixture

        return prepare_mixture(scene, chosen)
    from hyperpoint.annotation.voting import prepare_votes

    return prepare_votes(scene, chosen)
