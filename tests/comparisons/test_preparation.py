from __future__ import annotations

import json

import numpy as np
import pytest

from hyperpoint.comparisons.preparation import Preparation, fit_preparation, without_gaps
from hyperpoint.errors import InputError


def test_spectra_are_normalised_and_what_is_missing_is_marked() -> None:
    spectra = np.array([[1, 2, 4], [2, np.nan, 1], [np.inf, 1, 1], [0, 0, 0]], dtype=np.float32)
    found = without_gaps(spectra, np.ones(3, dtype=bool), "max")
    assert np.allclose(found[0], [0.25, 0.5, 1])
    assert np.isnan(found[1:]).all()


def test_bad_bands_neither_spoil_a_spectrum_nor_count_in_it() -> None:
    spectra = np.array([[1, np.nan, 4, 9], [2, 5, 2, 7]], dtype=np.float32)
    found = without_gaps(spectra, np.array([True, False, True, False]), "max")
    assert np.allclose(found[:, [0, 2]], np.array([[0.25, 1], [1, 1]]))
    assert np.isnan(found[:, [1, 3]]).all()


def test_bands_are_standardised_and_missing_ones_count_as_the_mean() -> None:
    rng = np.random.default_rng(0)
    spectra = rng.normal(5, 3, (500, 4)).astype(np.float32)
    preparation = fit_preparation(spectra, "none", None)
    prepared = preparation.apply(spectra, np.ones(4, dtype=bool))
    assert np.allclose(prepared.mean(axis=0), 0, atol=1e-4)
    assert np.allclose(prepared.std(axis=0), 1, atol=1e-3)
    spectra[0] = np.nan
    spectra[1] = [7, -1e9, 7, 7]
    some = preparation.apply(spectra[:2], np.array([True, False, True, True]))
    assert (some[0] == 0).all()
    assert some[1, 1] == 0
    assert (some[1, [0, 2, 3]] != 0).all()


def test_components_are_as_many_as_wanted_or_as_there_are() -> None:
    rng = np.random.default_rng(0)
    spectra = (rng.normal(size=(200, 3)) @ rng.normal(size=(3, 12))).astype(np.float32)
    assert fit_preparation(spectra, "none", 2).num_channels == 2
    preparation = fit_preparation(spectra, "none", 30)
    assert (preparation.num_bands, preparation.num_channels) == (12, 3)
    prepared = preparation.apply(spectra, np.ones(12, dtype=bool))
    assert np.allclose(np.cov(prepared.T), np.eye(3), atol=0.02)


def test_spectra_that_are_all_the_same_are_told() -> None:
    with pytest.raises(InputError, match="all training spectra are the same"):
        fit_preparation(np.ones((9, 5), dtype=np.float32), "none", 3)


def test_it_survives_json() -> None:
    rng = np.random.default_rng(0)
    spectra = rng.random((50, 6)).astype(np.float32)
    for num_components in (None, 4):
        before = fit_preparation(spectra, "max", num_components)
        after = Preparation.from_dict(json.loads(json.dumps(before.to_dict())))
        good = np.ones(6, dtype=bool)
        assert np.array_equal(before.apply(spectra, good), after.apply(spectra, good))
