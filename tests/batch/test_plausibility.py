from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hyperpoint.batch.plausibility import check_spectra
from hyperpoint.cube import FloatArray
from hyperpoint.errors import CubeFormatError

PATH = Path("scene.hdr")


def spectra(scale: float = 1.0) -> FloatArray:
    return (np.random.default_rng(0).random((5, 6)) * scale).astype(np.float32)


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e4, 1e9])
def test_measurements_in_any_unit_pass(scale: float) -> None:
    check_spectra(spectra(scale), PATH)
    with_zeros = spectra(scale)
    with_zeros[:, ::2] = 0
    check_spectra(with_zeros, PATH)


def test_bytes_in_the_wrong_order_are_told() -> None:
    with pytest.raises(CubeFormatError, match=r"scene\.hdr has values from .* byte order"):
        check_spectra(spectra().byteswap(), PATH)


def test_a_point_on_a_fill_value_passes() -> None:
    values = spectra()
    values[0, 2] = -3.4e38
    check_spectra(values, PATH)


def test_equal_spectra_are_told_and_missing_ones_passed_over() -> None:
    values = np.full((5, 6), 0.25, dtype=np.float32)
    with pytest.raises(CubeFormatError, match=r"scene\.hdr has the same spectrum at all 5 points"):
        check_spectra(values, PATH)
    values[1:] = np.nan
    check_spectra(values, PATH)
    check_spectra(values[:0], PATH)
