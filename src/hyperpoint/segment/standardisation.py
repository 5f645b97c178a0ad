"""How raw values become what a network takes: mean, standard deviation, and principal components."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hyperpoint.cube import FloatArray
from hyperpoint.errors import InputError

# Mean and standard deviation of ImageNet's training images in r, g, b, for values 0..255: what pretrained backbones
# were trained with, and MMSegmentation's default (its configuration schedules/datasets "img_norm_cfg").
IMAGENET_MEAN = (123.675, 116.28, 103.53)
IMAGENET_STD = (58.395, 57.12, 57.375)


@dataclass(frozen=True, eq=False)
class Standardisation:
    """How raw values become what a network takes: (values - mean) / std, then projected if there is a basis.

    Attributes
    ----------
    mean, std
        (C,) float32, in the unit of the raw values; std is above 0.
    basis
        (N, C) float32: directions onto which standardised values are projected; None: they are taken as they are.
    """

    mean: FloatArray
    std: FloatArray
    basis: FloatArray | None = None

    @property
    def num_channels(self) -> int:
        """How many channels the network gets."""
        return len(self.mean) if self.basis is None else len(self.basis)

    def apply(self, values: NDArray[Any]) -> FloatArray:
        """Standardise raw values (..., C); missing and saturated ones (NaN, inf) count as the mean.

        Returns
        -------
        (..., num_channels) float32.

        Raises
        ------
        InputError
            If the number of channels is another.
        """
        if values.shape[-1] != len(self.mean):
            raise InputError(
                f"the network was trained on {len(self.mean)} channels (bands), but the input has {values.shape[-1]}"
            )
        standardised: FloatArray = (values.astype(np.float32, copy=False) - self.mean) / self.std
        if values.dtype.kind == "f":
            np.nan_to_num(standardised, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
        return standardised if self.basis is None else standardised @ self.basis.T

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-serialisable values, which `from_dict` takes."""
        return {
            "mean": self.mean.tolist(),
            "std": self.std.tolist(),
            "basis": None if self.basis is None else self.basis.tolist(),
        }

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Standardisation:
        """Return what `to_dict` described; a ValueError says that it cannot be."""
        basis = content.get("basis")
        return cls(_finite(content["mean"]), _finite(content["std"]), None if basis is None else _finite(basis))


def _finite(values: Any) -> FloatArray:
    with np.errstate(over="ignore"):
        array = np.array(values, np.float32)
    if not np.isfinite(array).all():
        raise ValueError("mean, std and basis must be finite numbers")
    return array


def imagenet_standardisation() -> Standardisation:
    """Return that of ImageNet, for rgb in 0..255."""
    return Standardisation(np.array(IMAGENET_MEAN, np.float32), np.array(IMAGENET_STD, np.float32))


def fit_standardisation(spectra: FloatArray, num_components: int | None = None) -> Standardisation:
    """Estimate mean and standard deviation, or mean and principal components, from a sample of spectra.

    Components are scaled to a variance of 1, so that the last ones count for a network as much as the first.

    Parameters
    ----------
    spectra
        (n, bands) float32; NaN where there is no measurement.
    num_components
        None: no components; each band is divided by its standard deviation.

    Raises
    ------
    InputError
        If the spectra have fewer components that vary.
    """
    mean, std = _mean_and_std(spectra)
    if num_components is None:
        return Standardisation(mean, std)
    return Standardisation(mean, np.ones_like(std), _components(spectra - mean, num_components))


def _mean_and_std(spectra: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return mean and standard deviation of each band over its finite values; 0 and 1 where it has none."""
    there = np.isfinite(spectra)
    count = np.maximum(there.sum(axis=0), 1)
    mean = np.where(there, spectra, 0).sum(axis=0, dtype=np.float64) / count
    variance = (np.where(there, spectra - mean, 0) ** 2).sum(axis=0, dtype=np.float64) / count
    return mean.astype(np.float32), np.sqrt(np.where(variance > 0, variance, 1)).astype(np.float32)


def _components(centred: FloatArray, num: int) -> FloatArray:
    """Return the first `num` principal directions of (n, bands), divided by the standard deviation along them."""
    values = np.nan_to_num(centred, nan=0.0).astype(np.float64)
    variance, directions = np.linalg.eigh(values.T @ values / len(values))
    if num > np.count_nonzero(variance > variance[-1] * 1e-12):
        raise InputError(f"pca:{num} asks for more components than the {values.shape[1]} bands of the cubes have")
    largest = slice(None, -num - 1, -1)
    basis = (directions[:, largest] / np.sqrt(variance[largest])).T
    # The sign of a direction is arbitrary; fixed here, so that it does not depend on the linear algebra library.
    sign = np.sign(basis[np.arange(num), np.abs(basis).argmax(axis=1)])
    return np.asarray(basis * sign[:, None], dtype=np.float32)
