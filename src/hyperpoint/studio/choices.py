"""What a user chose for one scene, as its store keeps it."""

from __future__ import annotations

from typing import NamedTuple

from hyperpoint.annotation.recipe import DEFAULT_RECIPE
from hyperpoint.studio.store import SceneStore

Rectangle = tuple[int, int, int, int]


class Doubts(NamedTuple):
    """What is left unlabelled: below a confidence, 0..1; and, with `reject`, what is like nothing labelled."""

    min_confidence: float = 0.0
    reject: bool = False


def white_of(store: SceneStore) -> Rectangle | None:
    """Return the rectangle (r0, c0, r1, c1) of the white reference, the end not included; None if none was drawn."""
    drawn = store.settings.get("white")
    if not isinstance(drawn, list) or len(drawn) != 4 or not all(type(value) is int for value in drawn):
        return None
    r0, c0, r1, c1 = drawn
    return r0, c0, r1, c1


def recipe_of(store: SceneStore) -> str:
    """Return the name of the recipe that the scene is annotated by."""
    return _text(store, "recipe") or DEFAULT_RECIPE


def doubts_of(store: SceneStore) -> Doubts:
    """Return what the scene's annotation leaves unlabelled."""
    kept = store.settings
    least = kept.get("min_confidence", 0.0)
    is_share = type(least) in (int, float) and 0 <= least <= 1
    return Doubts(float(least) if is_share else 0.0, kept.get("reject") is True)


def earlier_scene_of(store: SceneStore) -> str | None:
    """Return the key of the scene whose spectra help to annotate this one; None if none does."""
    return _text(store, "like")


def _text(store: SceneStore, name: str) -> str | None:
    """Return a setting if it is a text: what is in the file may be another program's, or damaged."""
    value = store.settings.get(name)
    return value if isinstance(value, str) and value else None
