"""Spectral libraries of several scenes as one."""

from __future__ import annotations

import logging
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hyperpoint.cube import BoolArray, IndexArray
from hyperpoint.errors import InputError
from hyperpoint.library.spectra import MIN_COMMON_BANDS, SpectralLibrary

logger = logging.getLogger(__name__)


def join_libraries(libraries: Sequence[SpectralLibrary]) -> SpectralLibrary:
    """Join libraries into one: the bands of the first that all cover, classes by name (or by id if none has names).

    If some state wavelengths, the bands are those of the first that does. Scenes stay apart, under new numbers; but
    scenes of one origin become one, and a spectrum of such a scene that an earlier library has, with the same label,
    is not taken again.

    Raises
    ------
    InputError
        If there is no library, some have class names and others none, or their bands do not fit.
    """
    if not libraries:
        raise InputError("there is no spectral library to join; give at least one")
    if len({library.names is None for library in libraries}) > 1:
        raise InputError(
            "some of the spectral libraries have class names and others only ids; give a class table to match them by "
            "(--classes)"
        )
    first = next((library for library in libraries if library.wavelengths is not None), libraries[0])
    resampled = [library.at_bands(first.wavelengths, first.spectra.shape[1]) for library in libraries]
    common = np.logical_and.reduce([covered for covered, _ in resampled])
    if common.sum() < MIN_COMMON_BANDS:
        raise InputError(f"the spectral libraries share only {common.sum()} bands; join those of like cameras")
    names = None
    if libraries[0].names is not None:
        names = tuple(dict.fromkeys(name for library in libraries for name in library.names or ()))
    scenes, origins = _scenes_anew(libraries)
    joined = SpectralLibrary(
        np.concatenate([spectra[:, common[covered]] for covered, spectra in resampled]),
        np.concatenate([_ids_in(names, library) for library in libraries]),
        None if first.wavelengths is None else first.wavelengths[common],
        scenes,
        names,
        origins,
    )
    return joined.subset(_first_taken(joined, np.repeat(range(len(libraries)), [len(one) for one in libraries])))


def _ids_in(names: tuple[str, ...] | None, library: SpectralLibrary) -> NDArray[Any]:
    return library.labels if names is None else np.array([names.index(library.name_of(c)) for c in library.labels])


def _scenes_anew(libraries: Sequence[SpectralLibrary]) -> tuple[IndexArray, dict[int, str]]:
    """Return the (n,) scenes of all spectra, numbered in order of first appearance, and the origins that are known."""
    numbers: dict[Hashable, int] = {}
    scenes = [
        numbers.setdefault(library.origins.get(scene, (place, scene)), len(numbers))
        for place, library in enumerate(libraries)
        for scene in library.scene_of.tolist()
    ]
    return np.array(scenes), {number: key for key, number in numbers.items() if isinstance(key, str)}


def _first_taken(library: SpectralLibrary, source: IndexArray) -> BoolArray:
    """Say which spectra of scenes of known origin no earlier source, (n,) ascending, holds; all others are kept."""
    first: dict[tuple[int, int, bytes], int] = {}
    keep: BoolArray = np.ones(len(library), dtype=bool)
    for i, scene in enumerate(library.scene_of.tolist()):
        if scene in library.origins:
            key = (scene, int(library.labels[i]), library.spectra[i].tobytes())
            keep[i] = first.setdefault(key, int(source[i])) == source[i]
    if not keep.all():
        logger.info("%d spectra are in several of the spectral libraries and taken once", (~keep).sum())
    return keep
