"""Classifiers of single spectra (the paper's f_s, section 3.3): `make_classifier` by name, one contract for all."""

from hyperpoint.spectral.base import SpectralClassifier, fit_together
from hyperpoint.spectral.registry import classifier_names, is_network, make_classifier

__all__ = ["SpectralClassifier", "classifier_names", "fit_together", "is_network", "make_classifier"]
