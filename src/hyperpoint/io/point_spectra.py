"""Point sets with their spectra, as `.npz`: all that the spectral classifiers need of a scene (paper, section 3.2)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hyperpoint.cube import FloatArray
from hyperpoint.errors import PointsError
from hyperpoint.io.files import StrPath, atomic_path, existing_file
from hyperpoint.io.numpy_files import read_npz
from hyperpoint.io.points import check_fit
from hyperpoint.types import ClassTable, PointSet, UInt8Array

_KEYS = ("rows", "cols", "labels")


def write_point_spectra(
    path: StrPath,
    points: PointSet,
    spectra: FloatArray,
    rgb: UInt8Array,
    wavelengths: NDArray[np.float64] | None = None,
) -> None:
    """Write points with their spectra as a compressed `.npz`, atomically.

    Parameters
    ----------
    path
        The file, whatever its suffix.
    points
        n points; `labels` is 255 where nobody annotated.
    spectra
        (n, bands) float32, in the cube's unit; NaN is no data.
    rgb
        (n, 3) uint8, the colours at the points.
    wavelengths
        (bands,) float64 in nm; None is written as an array of length 0.

    Raises
    ------
    PointsError
        If the lengths differ.
    InputError
        If the file cannot be written.
    """
    bands = np.zeros(0) if wavelengths is None else np.asarray(wavelengths, dtype=np.float64)
    fits = spectra.ndim == 2 and len(spectra) == len(points) and rgb.shape == (len(points), 3)
    if not fits or len(bands) not in (0, spectra.shape[1]):
        raise PointsError(
            f"{len(points)} points need (n, bands) spectra, (n, 3) colours and one wavelength a band; got "
            f"{spectra.shape}, {rgb.shape} and {len(bands)} wavelengths"
        )
    with atomic_path(path) as temporary, temporary.open("wb") as stream:
        np.savez_compressed(
            stream,
            rows=points.rows,
            cols=points.cols,
            labels=points.labels,
            spectra=spectra.astype(np.float32, copy=False),
            rgb=rgb.astype(np.uint8, copy=False),
            wavelengths=bands,
        )


def read_npz_points(path: StrPath, classes: ClassTable | None = None, size: tuple[int, int] | None = None) -> PointSet:
    """Read the points of an `.npz` with the arrays `rows`, `cols` and `labels`; spectra are left unread.

    Parameters
    ----------
    path
        The file.
    classes, size
        To check labels and positions against; None checks nothing.

    Raises
    ------
    MissingFileError
        If the file does not exist.
    PointsError
        If it is damaged, lacks an array, holds no points, or `PointSet` or `check_fit` refuses them.
    """
    file = existing_file(path, "points file")
    arrays, found = read_npz(file, _KEYS, "point set", PointsError)
    if len(arrays) < len(_KEYS):
        missing = ", ".join(key for key in _KEYS if key not in found)
        raise PointsError(f"{path} is no point set: it has no array {missing}; it holds: {', '.join(found)}")
    try:
        points = PointSet(*(arrays[key] for key in _KEYS))
    except PointsError as error:
        raise PointsError(f"{path}: {error}") from None
    if not len(points):
        raise PointsError(f"{path} holds no points")
    check_fit(points, size, classes, path)
    return points
