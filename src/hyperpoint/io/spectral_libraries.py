"""Spectral libraries as files: npz and CSV, written and read; ENVI spectral libraries (`.sli`), read."""

from __future__ import annotations

import csv
import io
import logging
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hyperpoint.cube import usable_pixels
from hyperpoint.errors import HyperpointError, InputError
from hyperpoint.io._envi_libraries import DATA_SUFFIXES, read_envi_library
from hyperpoint.io.files import StrPath, atomic_path, existing_file, read_text
from hyperpoint.io.labels import label_ids
from hyperpoint.io.numpy_files import read_npz
from hyperpoint.library import SpectralLibrary
from hyperpoint.types import IGNORE, ClassTable

logger = logging.getLogger(__name__)

_BAND = re.compile(r"(?:band|b)[ _]?[0-9]+", re.I)
# "asphalt 3", "asphalt_03", "asphalt #3": the third spectrum of a class.
_COUNTER = re.compile(r"(?<=[^\W\d_])[\s_#.-]+#?[0-9]+$")
# What is read as a class id, not as a name.
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?")
_ORIGIN = re.compile(r"sha256\S*:[0-9a-f]{64}( .*)?", re.S)  # a fingerprint, and what else tells scenes of a file apart
_MISSING_FROM = -1e30  # the USGS marks missing samples with -1.23e34
# What else an npz may hold, each with one dimension: the kinds of dtype, and which axis of the spectra it goes along.
_KINDS: dict[str, tuple[str, int | None]] = {
    "wavelengths": ("fiu", 1), "scenes": ("fiu", 0), "names": ("U", None), "origins": ("U", 0),
}  # fmt: skip


def read_library(path: StrPath, classes: ClassTable | None = None, *, by_id: bool = False) -> SpectralLibrary:
    """Read a spectral library: npz or CSV as `write_library` makes them, points with spectra, or an ENVI library.

    An npz has the arrays `spectra` (n, bands) and `labels` (n,), and may have `wavelengths`, `scenes`, `names` and
    `origins` (n,), the fingerprints of the scenes or "": an npz of `hyperpoint points --cube` is one, whose
    unannotated points are left out. A CSV has one spectrum a line, a column `label` (class name or id), perhaps a
    column `scene` (a fingerprint, or any other text), and one column a band, headed by its wavelength in nm or by
    `band 1`, `band 2`... An ENVI library is given by its header or its data; the name of a spectrum, less the
    number it may end with ("asphalt 3"), is its class.

    Parameters
    ----------
    path
        The file.
    classes
        Only spectra of these classes are kept, under their ids; None keeps all, under the file's own.
    by_id
        Take a file without class names too: its ids are positions in `classes`.

    Raises
    ------
    MissingFileError
        If the file, or one of the two of an ENVI library, does not exist.
    InputError
        If it is no spectral library that can be read, has no class of `classes`, or has no names to match them by.
    """
    file = existing_file(path, "spectral library")
    readers = {".npz": _read_npz, ".csv": _read_csv}
    reader = readers.get(file.suffix.lower(), _read_envi)
    if reader is _read_envi and file.suffix.lower() not in (".hdr", *DATA_SUFFIXES):
        raise InputError(f"{path} is no spectral library that can be read: give .npz, .csv, or an ENVI .sli or .hdr")
    try:
        library = reader(file, classes)
        return library if classes is None else library.matched(classes, by_id=by_id)
    except HyperpointError as error:
        if str(path) in str(error):
            raise
        raise InputError(f"{path}: {error}") from error


def write_library(path: StrPath, library: SpectralLibrary) -> None:
    """Write a spectral library as `.npz` or `.csv`, atomically.

    Raises
    ------
    InputError
        If the suffix is another, the file cannot be written, or a class name would come back from a CSV as an id.
    """
    writers = {".npz": _write_npz, ".csv": _write_csv}
    writer = writers.get(Path(path).suffix.lower())
    if writer is None:
        raise InputError(f"a spectral library is written as .npz or .csv; got {path}")
    with atomic_path(path) as temporary:
        writer(temporary, library)


def _write_npz(path: Path, library: SpectralLibrary) -> None:
    with path.open("wb") as stream:
        np.savez_compressed(
            stream,
            spectra=library.spectra,
            labels=library.labels,
            wavelengths=np.zeros(0) if library.wavelengths is None else library.wavelengths,
            scenes=library.scene_of,
            names=np.array(library.names or (), dtype=np.str_),
            origins=np.array([library.origins.get(scene, "") for scene in library.scene_of.tolist()], dtype=np.str_),
        )


def _read_npz(path: Path, _classes: ClassTable | None) -> SpectralLibrary:
    parts, found = read_npz(path, (*_KINDS, "spectra", "labels"), "spectral library", InputError)
    if missing := {"spectra", "labels"} - parts.keys():
        raise InputError(
            f"{path} is no spectral library: it has no array {' and no '.join(sorted(missing))}; it holds: "
            f"{', '.join(found)}"
        )
    spectra, labels = parts.pop("spectra"), parts.pop("labels")
    if spectra.ndim != 2 or labels.shape != spectra.shape[:1] or {spectra.dtype.kind, labels.dtype.kind} - set("fiu"):
        raise InputError(
            f"{path}: spectra must be numbers (n, bands) and labels ids (n,); got {spectra.dtype} {spectra.shape} and "
            f"{labels.dtype} {labels.shape}"
        )
    return _kept(path, spectra, labels, **_optional_parts(path, parts, spectra.shape))


def _optional_parts(path: Path, parts: dict[str, NDArray[Any]], shape: tuple[int, ...]) -> dict[str, Any]:
    given = {key: part for key, part in parts.items() if part.shape != (0,)}  # so written where there are none
    for key, part in given.items():
        kinds, axis = _KINDS[key]
        if part.ndim != 1 or part.dtype.kind not in kinds or (axis is not None and len(part) != shape[axis]):
            what = "texts" if kinds == "U" else "numbers"
            wanted = what if axis is None else f"{shape[axis]} {what}"
            raise InputError(f"{path}: {key} must be a row of {wanted}; got {part.dtype} {part.shape}")
    if "names" in given:
        return {**given, "names": tuple(map(str, given["names"]))}
    return given


def _write_csv(path: Path, library: SpectralLibrary) -> None:
    bands = range(1, library.spectra.shape[1] + 1)
    heads = (
        [f"band {k}" for k in bands] if library.wavelengths is None else [repr(float(w)) for w in library.wavelengths]
    )
    texts = [library.name_of(label) for label in library.labels.tolist()]
    if library.names is not None and (odd := next((t for t in texts if not t.strip() or _NUMBER.fullmatch(t)), None)):
        raise InputError(f"the class name {odd!r} would be read as an id from a CSV; write the library as .npz")
    scenes = [library.origins.get(scene, str(scene)) for scene in library.scene_of.tolist()]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["label", "scene", *heads])
        for text, scene, spectrum in zip(texts, scenes, library.spectra, strict=True):
            writer.writerow([text, scene, *map(str, spectrum)])


def _read_csv(path: Path, classes: ClassTable | None) -> SpectralLibrary:
    lines = _fields(path)
    if len(lines) < 2:
        raise InputError(
            f"{path} holds no spectra: expected a header such as label,scene,450.0,454.0 and lines below it"
        )
    (_, top), *below = lines
    head = [cell.strip().lower() for cell in top]
    if "label" not in head:
        raise InputError(
            f"{path} is no spectral library: its first line must name a column label; got {','.join(head)[:60]}"
        )
    label_at, scene_at = head.index("label"), head.index("scene") if "scene" in head else None
    bands = [k for k in range(len(head)) if k not in (label_at, scene_at)]
    wavelengths = _headed(path, [head[k] for k in bands])
    rows = [_numbers(path, number, line, bands, len(head)) for number, line in below]
    labels, names = _classes_of(path, [line[label_at].strip() for _, line in below], classes)
    if scene_at is None:
        return _kept(path, np.array(rows), labels, wavelengths, None, names)
    stated = [line[scene_at].strip() for _, line in below]
    origins = np.array([text if _ORIGIN.fullmatch(text) else "" for text in stated])
    return _kept(path, np.array(rows), labels, wavelengths, _numbered(stated), names, origins)


def _fields(path: Path) -> list[tuple[int, list[str]]]:
    """Return the lines that are not blank, with their numbers."""
    reader = csv.reader(io.StringIO(read_text(path, "spectral library", InputError), newline=""))
    try:
        return [(reader.line_num, line) for line in reader if any(cell.strip() for cell in line)]
    except csv.Error as error:
        raise InputError(f"{path}, line {reader.line_num} is no CSV: {error}") from None


def _headed(path: Path, heads: list[str]) -> NDArray[np.float64] | None:
    if not heads:
        raise InputError(f"{path} is no spectral library: it has no column of a band, headed by its wavelength in nm")
    if all(_BAND.fullmatch(head) for head in heads):
        return None
    try:
        return np.array([float(head) for head in heads])
    except ValueError:
        raise InputError(
            f"{path} is no spectral library: beside label and scene each column must be headed by a wavelength in nm, "
            f"or all by band 1, band 2...; got {', '.join(heads)[:60]}"
        ) from None


def _numbers(path: Path, number: int, line: list[str], bands: list[int], num_fields: int) -> list[float]:
    if len(line) != num_fields:
        raise InputError(f"{path}, line {number} has {len(line)} fields, the header {num_fields}")
    try:
        return [float(line[k]) if line[k].strip() else np.nan for k in bands]
    except ValueError as error:
        raise InputError(f"{path}, line {number}: {error}; samples are numbers") from None


def _numbered(texts: Sequence[str]) -> NDArray[np.int64]:
    """Number the scenes in order of first appearance."""
    order = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    return np.array([order[text] for text in texts])


def _classes_of(
    path: Path, texts: Sequence[str], classes: ClassTable | None
) -> tuple[NDArray[np.int64], tuple[str, ...] | None]:
    """Return the ids of class names or ids, and the names; with `classes`, other names become `IGNORE`.

    That way a library of thousands of materials can be read, of which a class table wants a few.
    """
    if classes is not None and not all(text.isdecimal() for text in texts):
        mine = {text: SpectralLibrary.same_name(text, classes) for text in dict.fromkeys(texts)}
        return np.array([IGNORE if mine[text] is None else mine[text] for text in texts]), classes.names
    ids, table = label_ids({text: str(path) for text in texts}, None)
    return np.array([ids[text] for text in texts]), None if table is None else table.names


def _read_envi(path: Path, classes: ClassTable | None) -> SpectralLibrary:
    stored = read_envi_library(path)
    labels, names = _classes_of(path, [_COUNTER.sub("", name) for name in stored.names], classes)
    return _kept(path, stored.spectra, labels, stored.wavelengths, None, names)


def _kept(
    path: Path,
    spectra: NDArray[Any],
    labels: NDArray[Any],
    wavelengths: NDArray[np.float64] | None = None,
    scenes: NDArray[Any] | None = None,
    names: tuple[str, ...] | None = None,
    origins: NDArray[np.str_] | None = None,
) -> SpectralLibrary:
    """Make the library of the spectra that have a class and miss no sample; say how many others there are."""
    if 0 in spectra.shape:
        raise InputError(f"{path} holds no spectra of at least one band: they are {spectra.shape}")
    with np.errstate(over="ignore"):  # what float32 cannot hold is infinite, and left out as unusable
        values = np.where(spectra < _MISSING_FROM, np.nan, spectra).astype(np.float32)
    labelled = labels != IGNORE
    whole = usable_pixels(values)
    keep = labelled & whole
    if not keep.any():
        raise InputError(f"{path} holds no spectrum of a class that is asked for without missing samples")
    if lost := int((labelled & ~whole).sum()):
        logger.warning("%s: %d of %d spectra miss samples and are left out", path, lost, len(labels))
    library = SpectralLibrary(values[keep], labels[keep], wavelengths, None if scenes is None else scenes[keep], names)
    if origins is None:
        return library
    known = zip(library.scene_of.tolist(), origins[keep].tolist(), strict=True)
    return replace(library, origins={scene: origin for scene, origin in known if origin})
