"""Units and band names."""

from __future__ import annotations

import numpy as np
import pytest

from hyperpoint.io.cubes._wavelengths import from_band_names, to_nm


@pytest.mark.parametrize(
    ("values", "unit", "expected"),
    [
        ([400, 1000], None, [400, 1000]),
        ([0.4, 2.5], None, [400, 2500]),
        ([0.4, 2.5], "Nanometers", [400, 2500]),  # the numbers contradict the unit
        ([400, 1000], "um", [400, 1000]),
        ([8, 14], "Micrometers", [8000, 14000]),
        ([4000, 7000], "Angstroms", [400, 700]),
        ([1, 2], "Index", None),
        ([300, 400], "GHz", None),
        ([400, -1], "nm", None),
        ([400, np.nan], "nm", None),
        ([400], "nm", None),
        (["blue", "red"], "nm", None),
    ],
)
def test_to_nm(values: list[float], unit: str | None, expected: list[float] | None) -> None:
    found = to_nm(values, unit, 2, "the file")
    assert (found is None) == (expected is None)
    if expected is not None and found is not None:
        np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["band 12 (550.3 nm)", "band 13 (560 nm)"], [550.3, 560]),
        (["0.55 Micrometers", ".56 um"], [550, 560]),
        (["Band 1: 550NM", "x (0.56 µm)"], [550, 560]),
        (["band 1 (550.3)", "band 2 [560.1]"], [550.3, 560.1]),
        (["550.3", "0.56"], [550.3, 560]),
        (["450", "460"], [450, 460]),
        (["1", "2"], None),
        (["band 8", "band 9"], None),
        (["band 1 (550 nm)", "class"], None),
        (["band 1 (550 nm)", None], None),
        (["0 nm", "1 nm"], None),
        (["5 nmol", "6 nmol"], None),
        ([], None),
    ],
)
def test_from_band_names(names: list[str | None], expected: list[float] | None) -> None:
    found = from_band_names(names)
    assert (found is None) == (expected is None)
    if expected is not None and found is not None:
        np.testing.assert_allclose(found, expected)
