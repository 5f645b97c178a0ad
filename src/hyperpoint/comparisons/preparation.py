"""What a patch network sees of raw spectra: normalised, missing values filled, standardised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from hyperpoint.cube import BoolArray, FloatArray, usable_pixels
from hyperpoint.errors import InputError
from hyperpoint.preprocess.normalisation import Normalisation, normalise
from hyperpoint.segment.standardisation import Standardisation, fit_standardisation

# A component with less than this share of the first one's variance is rounding, not signal.
MIN_VARIANCE_SHARE = 1e-9


@dataclass(frozen=True, eq=False)
class Preparation:
    """How raw spectra become the channels of a network.

    Attributes
    ----------
    normalisation
        Of each spectrum; "max" is the paper's (section 4.2).
    standardisation
        Of each band then, over the training spectra; or their principal components.
    """

    normalisation: Normalisation
    standardisation: Standardisation

    @property
    def num_bands(self) -> int:
        """How many bands a cube must have."""
        return len(self.standardisation.mean)

    @property
    def num_channels(self) -> int:
        """How many channels the network gets."""
        return self.standardisation.num_channels

    def apply(self, spectra: FloatArray, good_bands: BoolArray) -> FloatArray:
        """Prepare raw spectra, (..., bands); what is missing counts as the mean of the training spectra.

        Parameters
        ----------
        good_bands
            (bands,): the others count as missing.

        Returns
        -------
        (..., num_channels) float32.
        """
        return self.standardisation.apply(without_gaps(spectra, good_bands, self.normalisation))

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-serialisable values, which `from_dict` takes."""
        return {"normalisation": self.normalisation, **self.standardisation.to_dict()}

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Preparation:
        """Return what `to_dict` described."""
        return cls(content["normalisation"], Standardisation.from_dict(content))


def fit_preparation(spectra: FloatArray, normalisation: Normalisation, num_components: int | None) -> Preparation:
    """Estimate mean and standard deviation, or the principal components, of training spectra.

    Parameters
    ----------
    spectra
        (n, bands) float32, as `without_gaps` returns them.
    normalisation
        That with which they were made.
    num_components
        How many are wanted; fewer are taken if the spectra have no more. None: all bands.

    Raises
    ------
    InputError
        If all spectra are the same, so that there is no component.
    """
    if num_components is not None:
        num_components = min(num_components, _rank(spectra))
        if num_components == 0:
            raise InputError("all training spectra are the same, so there is nothing to tell classes apart by")
    return Preparation(normalisation, fit_standardisation(spectra, num_components))


def without_gaps(spectra: FloatArray, good_bands: BoolArray, normalisation: Normalisation) -> FloatArray:
    """Normalise raw spectra, (..., bands), and mark what is missing.

    Returns
    -------
    (..., bands) float32: NaN in bands that are not good, and throughout where a spectrum cannot be used.
    """
    if good_bands.all():
        usable = usable_pixels(spectra)
        if usable.all():
            return normalise(spectra, normalisation)
        found = np.full_like(spectra, np.nan)
        found[usable] = normalise(spectra[usable], normalisation)
        return found
    found = np.full_like(spectra, np.nan)
    found[..., good_bands] = without_gaps(spectra[..., good_bands], good_bands[good_bands], normalisation)
    return found


def _rank(spectra: FloatArray) -> int:
    centred = np.nan_to_num(spectra - np.nanmean(spectra, axis=0), nan=0.0).astype(np.float64)
    variance = np.linalg.eigvalsh(centred.T @ centred)
    return int(np.count_nonzero(variance > max(variance[-1], 0) * MIN_VARIANCE_SHARE)) if variance[-1] > 0 else 0
