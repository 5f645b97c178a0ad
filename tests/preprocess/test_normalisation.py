"""Normalising spectra."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hyperpoint.cube import FloatArray
from hyperpoint.errors import InputError
from hyperpoint.preprocess.normalisation import normalise

spectra_strategy = hnp.arrays(np.float32, (3, 4), elements=st.floats(0.125, 1024, width=32))


def test_known_answers() -> None:
    spectra = np.array([[1, 2, 4], [3, 0, 4], [0, 0, 0]], dtype=np.float32)
    assert normalise(spectra, "max").tolist() == [[0.25, 0.5, 1], [0.75, 0, 1], [0, 0, 0]]
    np.testing.assert_allclose(normalise(spectra, "l2")[1], [0.6, 0, 0.8], rtol=1e-6)
    assert normalise(spectra, "none") is spectra


def test_unknown_name() -> None:
    with pytest.raises(InputError, match="known are: max, l2, none"):
        normalise(np.ones((1, 2), np.float32), "mean")  # type: ignore[arg-type]


@given(spectra_strategy, st.floats(0.01, 100))
def test_brightness_does_not_matter(spectra: FloatArray, factor: float) -> None:
    for how in ("max", "l2"):
        brighter = normalise(spectra * np.float32(factor), how)
        np.testing.assert_allclose(brighter, normalise(spectra, how), rtol=1e-4)
        assert brighter.dtype == np.float32
