from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperpoint.errors import InputError
from hyperpoint.studio.records import CODECS, decode_runs, encode_runs, member


@given(st.sets(st.integers(0, 60)))
def test_runs_there_and_back(pixels: set[int]) -> None:
    array = np.array(sorted(pixels), dtype=np.int64)
    runs = encode_runs(array)
    assert decode_runs(runs).tolist() == array.tolist()
    assert decode_runs(runs).dtype == np.int64


def test_runs_are_short() -> None:
    assert encode_runs(np.array([3, 4, 5, 9, 20, 21])) == [3, 3, 9, 1, 20, 2]


@pytest.mark.parametrize("runs", [[1], [1, 0], [0, 1 << 39], [1.0, 2], ["1", 2], "12", None, [-1, 2], [True, 1]])
def test_damaged_runs_are_refused(runs: Any) -> None:
    with pytest.raises(InputError):
        decode_runs(runs)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("label", 1.5), ("label", None), ("label", True), ("label", -1), ("label", 1 << 70), ("rows", 5),
        ("rows", [None]), ("start", [1]), ("color", [1, 2]), ("color", [1, 2, 256]), ("name", 5), ("locked", 1),
        ("points", []), ("points", {"rows": [1], "cols": [1]}), ("points", {"rows": [1], "cols": [1], "labels": [256]}),
        ("points", {"rows": [1], "cols": [], "labels": [0]}), ("table", [{"name": "a"}]), ("table", []),
        ("classes", [{"name": "a", "color": [0, 0, 0], "merged_into": 0}]), ("classes", [3]),
    ],
)  # fmt: skip
def test_damaged_values_are_refused(field: str, value: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        CODECS[field].decode(value)


def test_a_member_that_is_not_there() -> None:
    with pytest.raises(InputError, match="expected an object with 'kind'; got \\[1\\]"):
        member([1], "kind")
