"""Normalisation of single spectra."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from hyperpoint.cube import FloatArray, highest_samples
from hyperpoint.errors import InputError

Normalisation = Literal["max", "l2", "none"]


def normalise(spectra: FloatArray, how: Normalisation) -> FloatArray:
    """Divide each spectrum by its maximum ("max": paper, section 4.2) or its Euclidean length ("l2").

    Parameters
    ----------
    spectra
        (..., bands) float32.
    how
        "max", "l2" or "none" (returned as they are).

    Returns
    -------
    (..., bands) float32. A spectrum whose maximum (length) is not above 0 becomes all zero.

    Raises
    ------
    InputError
        If `how` is none of the three.
    """
    if how == "none":
        return spectra
    return spectra * normalising_factors(spectra, how)[..., None]


def normalising_factors(spectra: FloatArray, how: Normalisation) -> FloatArray:
    """Return what `normalise` multiplies each spectrum by, (..., bands) -> (...,) float32.

    Raises
    ------
    InputError
        If `how` is none of the three.
    """
    if how == "none":
        return np.ones(spectra.shape[:-1], dtype=np.float32)
    if how == "max":
        size = highest_samples(spectra)
    elif how == "l2":
        size = np.sqrt(np.einsum("...b,...b->...", spectra, spectra))
    else:
        raise InputError(f"unknown normalisation {how!r}; known are: {', '.join(get_args(Normalisation))}")
    with np.errstate(divide="ignore"):
        return np.where(size > 0, 1 / size, 0).astype(np.float32)
