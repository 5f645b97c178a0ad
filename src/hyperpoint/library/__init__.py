"""Labelled spectra of earlier scenes, and several such libraries as one."""

from hyperpoint.library.joining import join_libraries
from hyperpoint.library.spectra import SpectralLibrary

__all__ = ["SpectralLibrary", "join_libraries"]
