"""Choosing bands."""

from __future__ import annotations

import numpy as np
import pytest

from hyperpoint.cube import ArrayCube
from hyperpoint.errors import InputError
from hyperpoint.preprocess.bands import SelectedBands, drop_bad_bands, parse_range, select_range


def cube(num_bands: int = 6) -> ArrayCube:
    values = np.arange(2 * 3 * num_bands, dtype=np.float32).reshape(2, 3, num_bands)
    return ArrayCube(values, wavelengths=400 + 100 * np.arange(num_bands))


def test_range_is_inclusive() -> None:
    some = select_range(cube(), 500, 700)
    assert some.wavelengths is not None
    assert some.wavelengths.tolist() == [500, 600, 700]
    np.testing.assert_array_equal(some.read(), cube().read()[..., 1:4])
    np.testing.assert_array_equal(some.pixels(np.array([1]), np.array([2])), [cube().read()[1, 2, 1:4]])


def test_bad_bands_are_dropped_where_they_lie() -> None:
    source = cube()
    source.good_bands = np.array([True, False, True, True, False, True])
    kept = drop_bad_bands(source)
    np.testing.assert_array_equal(kept.read(), source.read()[..., [0, 2, 3, 5]])
    assert kept.good_bands.all()


def test_nothing_left() -> None:
    with pytest.raises(InputError, match=r"no band lies in 2000\.\.2500 nm; this cube covers 400\.\.900 nm"):
        select_range(cube(), 2000, 2500)
    with pytest.raises(InputError, match="none of the 6 bands"):
        SelectedBands(cube(), np.zeros(6, dtype=bool))


def test_no_wavelengths() -> None:
    with pytest.raises(InputError, match="states its wavelengths"):
        select_range(ArrayCube(np.ones((1, 1, 2))), 1, 2)


@pytest.mark.parametrize("text", ["420", "a:b", "700:400", "400:500:600", ""])
def test_malformed_range(text: str) -> None:
    with pytest.raises(InputError, match="band range"):
        parse_range(text)


def test_range() -> None:
    assert parse_range("420:940.5") == (420.0, 940.5)
