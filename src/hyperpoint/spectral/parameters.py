"""Checks of the parameters that a recipe may set."""

from __future__ import annotations

import math

from hyperpoint.errors import RecipeError


def require_positive(name: str, value: float) -> None:
    """Raise RecipeError unless `value` is a finite number above 0."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise RecipeError(f"{name} must be a number above 0; got {value!r}")


def require_count(name: str, value: int, least: int = 1) -> None:
    """Raise RecipeError unless `value` is a whole number, `least` or more."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise RecipeError(f"{name} must be a whole number, {least} or more; got {value!r}")
