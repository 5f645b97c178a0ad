"""Labelled spectra kept from earlier scenes."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hyperpoint.cube import BoolArray, FloatArray, IndexArray, check_wavelengths, usable_pixels
from hyperpoint.errors import InputError, PointsError
from hyperpoint.types import IGNORE, MAX_CLASSES, ClassTable, LabelArray, PointSet, Scene

logger = logging.getLogger(__name__)

MIN_COMMON_BANDS = 3


@dataclass(frozen=True, eq=False)
class SpectralLibrary:
    """Labelled spectra of earlier scenes: what `annotate` takes to label the next one from fewer points.

    Parameters
    ----------
    spectra
        (n, bands) float32, finite, each with a sample above 0; any unit, which may differ from scene to scene.
    labels
        (n,) class ids 0..254.
    wavelengths
        (bands,) nm, or None if unknown.
    scenes
        (n,) whole numbers: which scene a spectrum is from; None: all from one.
    names
        The classes' names, the id being the position; None if the classes have only ids.
    origins
        By number of a scene, where that is known: a text that no other scene has, such as its file's fingerprint.

    Raises
    ------
    InputError
        If there are no spectra, one cannot be used, lengths differ, or a number is out of range.
    """

    spectra: FloatArray
    labels: LabelArray
    wavelengths: NDArray[np.float64] | None = None
    scenes: IndexArray | None = None
    names: tuple[str, ...] | None = None
    origins: Mapping[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        given = np.asarray(self.spectra)
        if given.ndim != 2 or 0 in given.shape or given.dtype.kind not in "fiub":
            raise InputError(
                f"a spectral library must be numbers (n, bands) with at least one spectrum and one band; got "
                f"{given.dtype} {given.shape}"
            )
        with np.errstate(over="ignore"):  # what float32 cannot hold is infinite, and refused below
            spectra = np.ascontiguousarray(given, dtype=np.float32)
        if not (usable_pixels(spectra).all() and np.isfinite(spectra).all()):
            raise InputError(
                "every spectrum of a library must be finite with a sample above 0; leave out those with missing data"
            )
        labels = _numbers(self.labels, "labels", len(spectra), MAX_CLASSES - 1)
        scenes = np.zeros(len(spectra)) if self.scenes is None else self.scenes
        if self.names is not None and labels.max() >= len(self.names):
            raise InputError(f"a spectrum bears class {labels.max()}, but there are only {len(self.names)} names")
        object.__setattr__(self, "spectra", spectra)
        object.__setattr__(self, "labels", labels.astype(np.uint8))
        object.__setattr__(self, "wavelengths", check_wavelengths(self.wavelengths, spectra.shape[1]))
        object.__setattr__(self, "scenes", _numbers(scenes, "scenes", len(spectra)))
        object.__setattr__(self, "names", None if self.names is None else tuple(self.names))

    def __len__(self) -> int:
        return len(self.spectra)

    @classmethod
    def of(
        cls, scene: Scene, points: PointSet, classes: ClassTable | None = None, *, origin: str | None = None
    ) -> SpectralLibrary:
        """Keep the spectra at the annotated points of a scene: its good bands, where nothing is missing.

        Parameters
        ----------
        scene
            Opened as it was for annotating: turned, calibrated, aligned.
        points
            Its points, in pixels of its rgb image.
        classes
            The names of the points' classes, if they have any.
        origin
            What tells this scene from all others; see `origins`.

        Raises
        ------
        PointsError
            If no annotated point has a usable spectrum, or one lies outside the image.
        """
        kept = points.annotated
        if len(kept) and (kept.rows.max() >= scene.size[0] or kept.cols.max() >= scene.size[1]):
            raise PointsError(f"a point lies outside the image of {scene.size[0]} rows and {scene.size[1]} columns")
        rows, cols = scene.to_cube(kept.rows, kept.cols)
        good = scene.cube.good_bands
        spectra = scene.cube.pixels(rows, cols)[:, good]
        usable = usable_pixels(spectra)
        if scene.valid is not None:
            usable &= scene.valid[rows, cols]
        if not usable.any():
            raise PointsError(f"none of the {len(kept)} annotated points has a usable spectrum to keep")
        if not usable.all():
            logger.warning("%d of %d points lie on unusable spectra and are not kept", (~usable).sum(), len(usable))
        wavelengths = None if scene.wavelengths is None else scene.wavelengths[good]
        names = None if classes is None else classes.names
        origins = {} if origin is None else {0: origin}
        return cls(spectra[usable], kept.labels[usable], wavelengths, names=names, origins=origins)

    @property
    def class_ids(self) -> LabelArray:
        """The ids that occur, ascending."""
        return np.unique(self.labels)

    @property
    def num_scenes(self) -> int:
        """How many scenes the spectra are from."""
        return len(np.unique(self.scene_of))

    @property
    def scene_of(self) -> IndexArray:
        """(n,) which scene each spectrum is from."""
        assert self.scenes is not None  # filled in when built
        return self.scenes

    @property
    def fingerprint(self) -> str:
        """A text that changes when a spectrum, a label, a wavelength, a scene or a name does."""
        digest = hashlib.sha256(repr((self.spectra.shape, self.names)).encode())
        parts = (
            self.spectra,
            self.labels,
            self.scene_of,
            np.zeros(0) if self.wavelengths is None else self.wavelengths,
        )
        for part in parts:
            digest.update(np.ascontiguousarray(part).tobytes())
        return f"sha256:{digest.hexdigest()}"

    def name_of(self, class_id: int) -> str:
        """Return a class's name, or its id as text if it has none."""
        return str(class_id) if self.names is None else self.names[class_id]

    def subset(self, which: NDArray[Any]) -> SpectralLibrary:
        """Return the spectra that `which` (a mask or indices) picks, in order."""
        return replace(self, spectra=self.spectra[which], labels=self.labels[which], scenes=self.scene_of[which])

    def without(self, origin: str) -> SpectralLibrary | None:
        """Return the spectra that are not from the scene of that origin; None if no others are left."""
        theirs = [scene for scene, other in self.origins.items() if other == origin]
        keep = ~np.isin(self.scene_of, theirs)
        return self.subset(keep) if keep.any() else None

    @staticmethod
    def same_name(name: str, classes: ClassTable) -> int | None:
        """Return the id of the class of that name, or None: "Brick Wall", "brick_wall" and "brick-wall" are one."""
        return next((number for number, other in enumerate(classes.names) if _plain(other) == _plain(name)), None)

    def matched(self, classes: ClassTable, *, by_id: bool = False) -> SpectralLibrary:
        """Return the library with the ids of `classes`, matched by name.

        Spectra of classes that are not in the table are left out, and the log says so. A library without names is
        taken only with `by_id`, which says that its ids are positions in the table.

        Raises
        ------
        InputError
            If no class of the library is in the table, or the library has no names and `by_id` is not set.
        """
        if self.names is None and not by_id:
            raise InputError(
                "the spectral library has only class ids, which cannot be matched by name; give the class table that "
                "they count in (--classes)"
            )
        ids = {c: self.same_name(self.name_of(c), classes) if self.names else c for c in self.class_ids.tolist()}
        known = {c: number for c, number in ids.items() if number is not None and number < len(classes)}
        mine = ", ".join(self.name_of(c) for c in ids)
        if not known:
            raise InputError(
                f"the spectral library and the class table have no class in common: it has {mine}; the table has "
                f"{', '.join(classes.names)}"
            )
        if len(known) < len(ids):
            lost = ", ".join(self.name_of(c) for c in ids if c not in known)
            logger.info("classes of the spectral library that the class table does not have are left out: %s", lost)
        keep = np.isin(self.labels, list(known))
        labels = np.array([known[c] for c in self.labels[keep].tolist()])
        return replace(self.subset(keep), labels=labels, names=classes.names)

    def at_bands(self, wavelengths: NDArray[np.float64] | None, num_bands: int) -> tuple[BoolArray, FloatArray]:
        """Bring the spectra to the bands of a scene, by linear interpolation.

        Parameters
        ----------
        wavelengths
            (num_bands,) nm, those of the scene, or None: then, or if the library has none, the bands must be as many.
        num_bands
            Of the scene.

        Returns
        -------
        Which of the scene's bands the library covers, (num_bands,) bool; and the spectra there, (n, covered) float32.

        Raises
        ------
        InputError
            If the two do not overlap in `MIN_COMMON_BANDS` bands, or wavelengths are needed and not stated.
        """
        own = self.wavelengths
        if own is None or wavelengths is None:
            if num_bands != self.spectra.shape[1]:
                whose = "the spectral library" if own is None else "the scene"
                raise InputError(
                    f"{whose} states no wavelengths, and the library has {self.spectra.shape[1]} bands where the scene "
                    f"has {num_bands}: they cannot be matched; give wavelengths, or a library of the same bands"
                )
            return np.ones(num_bands, dtype=bool), self.spectra
        if len(own) == num_bands and np.array_equal(own, wavelengths):
            return np.ones(num_bands, dtype=bool), self.spectra
        covered: BoolArray = (wavelengths >= own.min()) & (wavelengths <= own.max())
        if covered.sum() < MIN_COMMON_BANDS:
            raise InputError(
                f"the spectral library covers {own.min():.0f}..{own.max():.0f} nm and the scene "
                f"{wavelengths.min():.0f}..{wavelengths.max():.0f} nm: they share {covered.sum()} bands, and at least "
                f"{MIN_COMMON_BANDS} are needed"
            )
        return covered, _interpolated(self.spectra, own, wavelengths[covered])


def _interpolated(spectra: FloatArray, own: NDArray[np.float64], wanted: NDArray[np.float64]) -> FloatArray:
    """Interpolate (n, bands) spectra linearly; where two detectors overlap, `own` does not ascend."""
    order = np.argsort(own, kind="stable")
    own, spectra = own[order], spectra[:, order]
    right = np.clip(np.searchsorted(own, wanted), 1, len(own) - 1)
    step = np.maximum(own[right] - own[right - 1], 1e-9)
    share = ((wanted - own[right - 1]) / step).astype(np.float32)
    return np.asarray(spectra[:, right - 1] * (1 - share) + spectra[:, right] * share)


def _plain(name: str) -> str:
    """Return a class name as it is compared."""
    return " ".join(name.casefold().replace("_", " ").replace("-", " ").split())


def _numbers(values: ArrayLike, what: str, num: int, largest: int = 1 << 53) -> IndexArray:
    array = np.asarray(values)
    whole = array.dtype.kind in "iu" or (array.dtype.kind == "f" and bool((array == np.floor(array)).all()))
    if array.shape != (num,) or not whole:
        raise InputError(f"{what} of a spectral library must be {num} whole numbers; got {array.dtype} {array.shape}")
    if array.min() < 0 or array.max() > largest:
        limit = f"..{largest} ({IGNORE} is no class)" if largest < IGNORE else ""
        raise InputError(f"{what} of a spectral library count from 0{limit}; got {array.min()}..{array.max()}")
    return array.astype(np.int64)
