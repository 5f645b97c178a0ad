"""The card that says how the scene is annotated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hyperpoint.annotation.recipe import DEFAULT_RECIPE, get_recipe, recipe_names
from hyperpoint.studio.choices import Doubts
from hyperpoint.studio.views.section import Section, do

if TYPE_CHECKING:
    from hyperpoint.studio.desk import Desk


def describe(desk: Desk) -> dict[str, Any]:
    """Say what the card shows."""
    chosen = DEFAULT_RECIPE if desk.current is None else desk.current.recipe
    about = get_recipe(chosen).description
    doubts = Doubts() if desk.current is None else desk.current.doubts
    return {
        "names": [[name, name] for name in recipe_names()],
        "chosen": chosen,
        "about": about[:1].upper() + about[1:],
        "minConfidence": doubts.min_confidence,
        "reject": doubts.reject,
        "canReject": desk.current is not None and desk.current.can_reject,
        "editable": desk.can_edit,
    }


RECIPE = Section(
    describe,
    frozenset({"scene"}),
    {
        "recipe.choose": do("choose_recipe", "name"),
        "recipe.doubts": do("leave_doubts", "min_confidence", "reject"),
    },
)
