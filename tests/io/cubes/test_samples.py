"""From stored samples to values."""

from __future__ import annotations

import numpy as np
import pytest

from hyperpoint.io.cubes._samples import SampleRule, full_scale

nan, inf = np.nan, np.inf


@pytest.mark.parametrize(
    ("dtype", "stored", "rule", "expected"),
    [
        ("u1", [0, 255], SampleRule(), [0, 255]),
        ("u2", [0, 65535], SampleRule(saturated_from=65535), [0, inf]),
        ("u2", [0, 65535], SampleRule(no_data=65535, saturated_from=65535), [0, nan]),
        ("u2", [100, 4095], SampleRule(saturated_from=4000), [100, inf]),
        ("u8", [1, 2**64 - 1], SampleRule(saturated_from=float(2**64 - 1)), [1, inf]),
        ("i2", [-99, 50], SampleRule(no_data=-99, divisor=100), [nan, 0.5]),
        ("u1", [0, 1], SampleRule(no_data=-9999), [0, 1]),
        ("i2", [0, 1], SampleRule(no_data=0.5), [0, 1]),
        ("i8", [0, 1], SampleRule(no_data=float(2**63)), [0, 1]),
        ("f4", [1, -inf], SampleRule(no_data=-inf), [1, nan]),
        ("f4", [-3.4028235e38, 1], SampleRule(no_data=-3.4028234663852886e38), [nan, 1]),
        ("f4", [nan, inf], SampleRule(no_data=nan), [nan, inf]),
        ("f8", [1e300, -1e300], SampleRule(), [inf, -inf]),
        ("f4", [1e38, 2], SampleRule(divisor=1e-4), [inf, 20000]),
        (">f4", [1, 2], SampleRule(offset=0.5), [1.5, 2.5]),
    ],
)
def test_known_answers(dtype: str, stored: list[float], rule: SampleRule, expected: list[float]) -> None:
    array = np.array(stored, dtype=dtype)
    before = array.copy()
    values = rule.apply(array, is_ours=False)
    assert values.dtype == np.float32 and values.dtype.isnative
    np.testing.assert_array_equal(values, np.array(expected, dtype="f4"))
    np.testing.assert_array_equal(array, before)


def test_nothing_is_copied_where_nothing_changes() -> None:
    stored = np.array([1, 2], dtype="f4")
    assert SampleRule(no_data=-1).apply(stored, is_ours=False) is stored
    assert SampleRule(divisor=2).apply(stored, is_ours=True) is stored


def test_one_scale_a_band() -> None:
    divisor = np.array([1, 2], dtype="f4").reshape(2, 1, 1)
    values = SampleRule(divisor=divisor).apply(np.full((2, 1, 3), 4, dtype="u1"), is_ours=True)
    assert values[:, 0, 0].tolist() == [4, 2]


def test_full_scale() -> None:
    assert full_scale(np.dtype("u2")) == 65535
    assert [full_scale(np.dtype(name)) for name in ("u1", "i2", "f4")] == [None] * 3
