"""Spectral libraries as files: npz and CSV, written and read; ENVI spectral libraries (`.sli`), read."""

from __future__ import annotations

import csv
import io
import logging
import re
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hyperpoint.cube import usable_pixels
from hyperpoint.errors import HyperpointError, InputError, MissingFileError
from hyperpoint.io.files import StrPath, atomic_path, existing_file, read_text
from hyperpoint.io.labels import label_ids
from hyperpoint.library import SpectralLibrary
from hyperpoint.types import IGNORE, ClassTable

logger = logging.getLogger(__name__)

SUFFIXES = (".npz", ".csv", ".sli", ".hdr")
_DATA_SUFFIXES = (".sli", ".slb", ".lib", ".dat", ".img")
_BAND = re.compile(r"(?:band|b)[ _]?[0-9]+", re.I)
# "asphalt 3", "asphalt_03", "asphalt #3": the third spectrum of a class.
_COUNTER = re.compile(r"(?<=[^\W\d_])[\s_#.-]+#?[0-9]+$")
_MISSING_FROM = -1e30  # the USGS marks missing samples with -1.23e34


def read_library(path: StrPath, classes: ClassTable | None = None) -> SpectralLibrary:
    """Read a spectral library: npz or CSV as `write_library` makes them, points with spectra, or an ENVI library.

    An npz has the arrays `spectra` (n, bands) and `labels` (n,), and may have `wavelengths`, `scenes` and `names`: an
    npz of `hyperpoint points --cube` is one, whose unannotated points are left out. A CSV has one spectrum a line, a
    column `label` (class name or id), perhaps a column `scene`, and one column a band, headed by its wavelength in nm
    or by `band 1`, `band 2`... An ENVI library is given by its header or its data; the name of a spectrum, less the
    number it may end with ("asphalt 3"), is its class.

    Parameters
    ----------
    path
        The file.
    classes
        Only spectra of these classes are kept, under their ids; None keeps all, under the file's own.

    Raises
    ------
    MissingFileError
        If the file, or one of the two of an ENVI library, does not exist.
    InputError
        If it is no spectral library that can be read, or has no class of `classes`.
    """
    file = existing_file(path, "spectral library")
    readers = {".npz": _read_npz, ".csv": _read_csv}
    reader = readers.get(file.suffix.lower(), _read_envi)
    if reader is _read_envi and file.suffix.lower() not in (".hdr", *_DATA_SUFFIXES):
        raise InputError(f"{path} is no spectral library that can be read: give .npz, .csv, or an ENVI .sli or .hdr")
    try:
        library = reader(file, classes)
        return library if classes is None else library.matched(classes)
    except HyperpointError as error:
        if str(path) in str(error):
            raise
        raise InputError(f"{path}: {error}") from error


def write_library(path: StrPath, library: SpectralLibrary) -> None:
    """Write a spectral library as `.npz` or `.csv`, atomically.

    Raises
    ------
    InputError
        If the suffix is another, or the file cannot be written.
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
        )


def _read_npz(path: Path, _classes: ClassTable | None) -> SpectralLibrary:
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            found = stored.files
            parts = {
                key: stored[key] for key in ("spectra", "labels", "wavelengths", "scenes", "names") if key in found
            }
    except (ValueError, OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise InputError(f"{path} is no spectral library that can be read ({error}); write it again") from None
    if missing := {"spectra", "labels"} - parts.keys():
        raise InputError(
            f"{path} is no spectral library: it has no array {' and no '.join(sorted(missing))}; it holds: "
            f"{', '.join(found)}"
        )
    names, wavelengths = parts.get("names", np.zeros(0)), parts.get("wavelengths", np.zeros(0))
    spectra, labels = parts["spectra"], parts["labels"]
    if spectra.ndim != 2 or labels.shape != spectra.shape[:1] or spectra.dtype.kind not in "fiu":
        raise InputError(f"{path}: spectra must be (n, bands) and labels (n,); got {spectra.shape} and {labels.shape}")
    return _kept(
        path, spectra, labels, wavelengths if len(wavelengths) else None, parts.get("scenes"),
        tuple(map(str, names)) if len(names) else None,
    )  # fmt: skip


def _write_csv(path: Path, library: SpectralLibrary) -> None:
    bands = range(1, library.spectra.shape[1] + 1)
    heads = (
        [f"band {k}" for k in bands] if library.wavelengths is None else [repr(float(w)) for w in library.wavelengths]
    )
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["label", "scene", *heads])
        for label, scene, spectrum in zip(library.labels, library.scene_of, library.spectra, strict=True):
            writer.writerow([library.name_of(int(label)), int(scene), *map(str, spectrum)])


def _read_csv(path: Path, classes: ClassTable | None) -> SpectralLibrary:
    lines = [
        line for line in csv.reader(io.StringIO(read_text(path, "spectral library", InputError), newline="")) if line
    ]
    if len(lines) < 2:
        raise InputError(
            f"{path} holds no spectra: expected a header such as label,scene,450.0,454.0 and lines below it"
        )
    head = [cell.strip().lower() for cell in lines[0]]
    if "label" not in head:
        raise InputError(
            f"{path} is no spectral library: its first line must name a column label; got {','.join(head)[:60]}"
        )
    label_at, scene_at = head.index("label"), head.index("scene") if "scene" in head else None
    bands = [k for k in range(len(head)) if k not in (label_at, scene_at)]
    wavelengths = _headed(path, [head[k] for k in bands])
    rows = [_numbers(path, number, line, bands, len(head)) for number, line in enumerate(lines[1:], start=2)]
    texts = [line[label_at].strip() for line in lines[1:]]
    labels, names = _classes_of(path, texts, classes)
    scenes = None if scene_at is None else _numbered([line[scene_at].strip() for line in lines[1:]])
    return _kept(path, np.array(rows), labels, wavelengths, scenes, names)


def _headed(path: Path, heads: list[str]) -> NDArray[np.float64] | None:
    if heads and all(_BAND.fullmatch(head) for head in heads):
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
    from hyperpoint.io.cubes._envi_header import read_header
    from hyperpoint.io.cubes._wavelengths import to_nm

    header_path, data = _envi_pair(path)
    header = read_header(header_path)
    if "library" not in header.text("file type").lower():
        raise InputError(f"{header_path} is no spectral library: its file type is {header.text('file type')!r}")
    num, num_bands = header.integer("lines", least=1), header.integer("samples", least=1)
    start, dtype = header.integer("header offset", 0), header.dtype
    expected = start + num * num_bands * dtype.itemsize
    if data.stat().st_size < expected:
        raise InputError(
            f"{data} is too short: it has {data.stat().st_size} bytes, and its header describes {expected}"
        )
    spectra = np.fromfile(data, dtype, num * num_bands, offset=start).reshape(num, num_bands).astype(np.float64)
    spectra[spectra == header.number("data ignore value")] = np.nan
    spectra /= header.number("reflectance scale factor") or 1.0
    stated = header.texts("wavelength")
    wavelengths = to_nm(stated, header.text("wavelength units"), num_bands, header_path) if stated else None
    names = header.texts("spectra names") or []
    if len(names) != num:
        raise InputError(f"{header_path} names {len(names)} spectra and holds {num}: their classes are their names")
    labels, class_names = _classes_of(header_path, [_COUNTER.sub("", name.strip()) for name in names], classes)
    return _kept(path, spectra, labels, wavelengths, None, class_names)


def _envi_pair(path: Path) -> tuple[Path, Path]:
    """Return header and data file of an ENVI library, given either."""
    if path.suffix.lower() == ".hdr":
        bare = path.with_suffix("")
        places = [bare, *(path.with_suffix(suffix) for suffix in _DATA_SUFFIXES)]
        data = next((place for place in places if place.is_file()), None)
        if data is None:
            raise MissingFileError(f"the header {path} has no data file beside it, such as {bare.name}.sli")
        return path, data
    header = next((h for h in (path.with_suffix(".hdr"), path.with_name(f"{path.name}.hdr")) if h.is_file()), None)
    if header is None:
        raise MissingFileError(f"{path} has no ENVI header: there is neither {path.stem}.hdr nor {path.name}.hdr")
    return header, path


def _kept(
    path: Path,
    spectra: NDArray[Any],
    labels: NDArray[Any],
    wavelengths: NDArray[np.float64] | None,
    scenes: NDArray[Any] | None,
    names: tuple[str, ...] | None,
) -> SpectralLibrary:
    """Make the library of the spectra that have a class and miss no sample; say how many others there are."""
    values = np.where(spectra < _MISSING_FROM, np.nan, spectra).astype(np.float32)
    labelled = labels != IGNORE
    whole = usable_pixels(values)
    keep = labelled & whole
    if not keep.any():
        raise InputError(f"{path} holds no spectrum of a class that is asked for without missing samples")
    if lost := int((labelled & ~whole).sum()):
        logger.warning("%s: %d of %d spectra miss samples and are left out", path, lost, len(labels))
    return SpectralLibrary(
        values[keep], labels[keep], wavelengths, None if scenes is None else np.asarray(scenes)[keep], names
    )
