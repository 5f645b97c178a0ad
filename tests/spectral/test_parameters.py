from __future__ import annotations

import math

import pytest

from hyperpoint.errors import RecipeError
from hyperpoint.spectral.parameters import require_count, require_positive


@pytest.mark.parametrize("value", [0, -1, math.nan, math.inf, "1", None, True])
def test_positive_numbers_pass_and_others_do_not(value: float) -> None:
    require_positive("x", 0.5)
    with pytest.raises(RecipeError, match="x must be a number above 0; got"):
        require_positive("x", value)


@pytest.mark.parametrize("value", [1, 2.0, "3", None, True])
def test_counts_are_whole_and_not_below_the_least(value: int) -> None:
    require_count("x", 2, least=2)
    with pytest.raises(RecipeError, match="x must be a whole number, 2 or more; got"):
        require_count("x", value, least=2)
