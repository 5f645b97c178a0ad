from __future__ import annotations

from typing import Any

import pytest

from hyperpoint.comparisons.config import PatchConfig
from hyperpoint.errors import RecipeError


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("iterations", 0),
        ("batch_size", 1),
        ("learning_rate", 0.0),
        ("normalisation", "min"),
        ("memory_gb", -1.0),
        ("device", "tpu"),
    ],
)
def test_a_value_out_of_range_is_named(name: str, value: Any) -> None:
    with pytest.raises(RecipeError, match=name):
        PatchConfig(**{name: value})


def test_settings_become_plain_data() -> None:
    assert PatchConfig(iterations=7).to_dict()["iterations"] == 7
