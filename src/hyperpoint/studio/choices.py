"""What a user chose for one scene, as its store keeps it."""

from __future__ import annotations

from hyperpoint.annotation.recipe import DEFAULT_RECIPE
from hyperpoint.studio.store import SceneStore

Rectangle = tuple[int, int, int, int]


def white_of(store: SceneStore) -> Rectangle | None:
    """Return the rectangle (r0, c0, r1, c1) of the white reference, the end not included; None if none was drawn."""
    drawn = store.settings.get("white")
    return tuple(drawn) if drawn else None


def recipe_of(store: SceneStore) -> str:
    """Return the name of the recipe that the scene is annotated by."""
    return str(store.settings.get("recipe", DEFAULT_RECIPE))


def earlier_scene_of(store: SceneStore) -> str | None:
    """Return the key of the scene whose spectra help to annotate this one; None if none does."""
    return store.settings.get("like")
