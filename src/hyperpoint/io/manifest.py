"""Manifests: which image bears which mask, and what each is for; a CSV with the class table beside it."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hyperpoint.errors import InputError, MissingFileError
from hyperpoint.io.classes import read_classes, write_classes
from hyperpoint.io.files import StrPath, atomic_path, is_there, read_text
from hyperpoint.types import ClassTable

CLASSES_NAME = "classes.json"
REQUIRED_COLUMNS = ("id", "split", "image", "label")
OPTIONAL_COLUMNS = ("cube", "rotate", "confidence")
_PATH_COLUMNS = ("image", "label", "cube", "confidence")
_TURNS = ("0", "90", "180", "270")
_NUM_NAMED = 3
_MAX_SHOWN = 200  # characters of a path


@dataclass(frozen=True)
class ManifestRow:
    """An image and what belongs to it.

    Attributes
    ----------
    id
        Different in every row.
    split
        What it is for: "train", "val", "test", or a name of one's own.
    image
        The rgb image, (H, W).
    label
        Its mask of class ids, (H, W), 255 = unlabelled; None where there is none, as for images to predict.
    cube
        The hyperspectral cube of the same scene, as fine as the image or coarser.
    confidence
        How certain the mask is, (H, W): a 16-bit grey PNG in which 65535 is certain.
    rotate
        Degrees counter-clockwise (as numpy.rot90) by which the cube must be turned to match the image.
    """

    id: str
    split: str
    image: Path
    label: Path | None
    cube: Path | None = None
    confidence: Path | None = None
    rotate: int = 0


@dataclass(frozen=True)
class Manifest:
    """The rows of a manifest, their paths being absolute, and the class table that lies beside it."""

    path: Path
    rows: tuple[ManifestRow, ...]
    classes: ClassTable

    @property
    def splits(self) -> list[str]:
        """The names of the splits, in order of first appearance."""
        return list(dict.fromkeys(row.split for row in self.rows))

    def of_split(self, name: str) -> tuple[ManifestRow, ...]:
        """Return the rows of a split, in order.

        Raises
        ------
        InputError
            If no row is of that split; the message says how many the others have.
        """
        rows = tuple(row for row in self.rows if row.split == name)
        if not rows:
            known = ", ".join(f"{split} ({sum(row.split == split for row in self.rows)})" for split in self.splits)
            raise InputError(f"the split {name!r} of {self.path} is empty; the manifest has {known}")
        return rows


def read_manifest(path: StrPath, splits: Collection[str] | None = None, *, complete: bool = True) -> Manifest:
    """Read a manifest: CSV with the columns id, split, image, label, and perhaps cube, rotate, confidence.

    Paths count from the folder of the manifest. The class table is `classes.json` beside it.

    Parameters
    ----------
    path
        The CSV file.
    splits
        Keep the rows of these splits only, so that the files of others may be missing; None: all.
    complete
        Whether all files of the rows that are kept must be there.

    Raises
    ------
    MissingFileError
        If the manifest, the class table or a file that it names and must be there does not exist; missing files are
        counted.
    InputError
        If a column is missing or unknown, a row is incomplete, or an id or an image stands twice.
    ClassTableError
        If the class table is malformed.
    """
    file = Path(path).absolute()
    rows = _parse(read_text(path, "manifest", InputError), str(path), file.parent)
    check_rows(rows, str(path))
    if splits is not None:
        known = dict.fromkeys(row.split for row in rows)
        rows = [row for row in rows if row.split in splits]
        if not rows:
            raise InputError(
                f"the manifest {path} has no image of {', '.join(splits)}; its splits are {', '.join(known)}"
            )
    table = file.parent / CLASSES_NAME
    if not table.exists():
        raise MissingFileError(
            f"the manifest {path} needs its class table beside it: a file {CLASSES_NAME} such as "
            f'[{{"name": "wall", "color": [200, 80, 60]}}]'
        )
    if complete:
        _check_files(rows, str(path))
    return Manifest(file, tuple(rows), read_classes(table))


def write_manifest(path: StrPath, rows: Sequence[ManifestRow], classes: ClassTable) -> Path:
    """Write a manifest, and the class table as `classes.json` beside it, both atomically; return its absolute path.

    Files are named relative to the folder of the manifest. Optional columns are written only if a row needs them.

    Raises
    ------
    InputError
        If there is no row, an id or an image stands twice, or a file cannot be written.
    """
    file = Path(path).absolute()
    check_rows(rows, str(path))
    optional = [name for name in OPTIONAL_COLUMNS if any(getattr(row, name) for row in rows)]
    columns = [*REQUIRED_COLUMNS, *optional]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(getattr(row, name), file.parent) for name in columns] for row in rows)
    write_classes(file.parent / CLASSES_NAME, classes)
    with atomic_path(file) as temporary:
        temporary.write_text(text.getvalue(), encoding="utf-8", newline="")
    return file


def check_rows(rows: Iterable[ManifestRow], where: str) -> None:
    """Make sure that there are rows, ids are fit for files, and no id and no image stands twice, least in two splits.

    Raises
    ------
    InputError
        If not; the message begins with `where`.
    """
    ids: dict[str, str] = {}
    images: dict[Path, ManifestRow] = {}
    for row in rows:
        _check_id(row.id, where)
        if row.id in ids:
            raise InputError(_twice(f"{where}: the id {row.id!r}", ids[row.id], row.split, "give every image its own"))
        first = images.setdefault(Path(os.path.normpath(row.image)), row)
        if first is not row:
            subject = f"{where}: the image {row.image} (ids {first.id!r} and {row.id!r})"
            raise InputError(_twice(subject, first.split, row.split, "keep one of them"))
        ids[row.id] = row.split
    if not ids:
        raise InputError(f"{where}: a manifest needs at least one image; there is none")


def _check_id(text: str, where: str) -> None:
    """Make sure that a file can be called after an id, as masks are, and lies where it is meant to."""
    if not text.isprintable() or set(text) & set("/\\") or text in (".", ".."):
        raise InputError(f"{where}: an id must be fit to be the name of a file; got {text[:_MAX_SHOWN]!r}")


def _twice(subject: str, first: str, second: str, advice: str) -> str:
    if first == second:
        return f"{subject} stands twice in the split {first!r}; {advice}"
    return (
        f"{subject} is in two splits, {first!r} and {second!r}: what is scored must not have been trained on; {advice}"
    )


def _parse(text: str, where: str, folder: Path) -> list[ManifestRow]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        lines = [(reader.line_num, line) for line in reader if line]
    except csv.Error as error:
        raise InputError(f"the manifest {where} is not CSV: {error} in line {reader.line_num}") from None
    columns = [name.strip() for name in lines[0][1]] if lines else []
    _check_columns(columns, where)
    return [_row(dict(zip(columns, cells, strict=False)), len(cells) == len(columns), f"{where}, line {number}", folder)
            for number, cells in lines[1:]]  # fmt: skip


def _check_columns(columns: list[str], where: str) -> None:
    missing = [name for name in REQUIRED_COLUMNS if name not in columns]
    unknown = [name for name in columns if name not in (*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS)]
    known = f"a manifest has {', '.join(REQUIRED_COLUMNS)}, and perhaps {', '.join(OPTIONAL_COLUMNS)}"
    if missing:
        raise InputError(f"the manifest {where} lacks the column {', '.join(missing)} in its first line; {known}")
    if unknown:
        raise InputError(f"the manifest {where} has the unknown column {', '.join(map(repr, unknown))}; {known}")
    if len(set(columns)) != len(columns):
        raise InputError(f"the manifest {where} names a column twice: {', '.join(columns)}")


def _row(cells: dict[str, str], is_complete: bool, where: str, folder: Path) -> ManifestRow:
    if not is_complete:
        raise InputError(f"{where}: a row must have as many cells as the first line has columns")
    cells = {name: text.strip() for name, text in cells.items()}
    empty = [name for name in ("id", "split", "image") if not cells[name]]
    if empty:
        raise InputError(f"{where}: {', '.join(empty)} must not be empty")
    rotate = cells.get("rotate") or "0"
    if rotate not in _TURNS:
        raise InputError(f"{where}: rotate must be one of {', '.join(_TURNS)}; got {rotate!r}")
    # Not resolved: a link to a picture is a picture of its own, under the name that was given.
    paths = {name: folder / cells[name] if cells.get(name) else None for name in _PATH_COLUMNS}
    image = paths["image"]
    assert image is not None
    return ManifestRow(
        cells["id"], cells["split"], image, paths["label"], paths["cube"], paths["confidence"], int(rotate)
    )


def _check_files(rows: list[ManifestRow], where: str) -> None:
    named = (getattr(row, name) for row in rows for name in _PATH_COLUMNS)
    missing = [str(path)[:_MAX_SHOWN] for path in named if path is not None and not is_there(path)]
    if missing:
        shown = ", ".join(missing[:_NUM_NAMED]) + (", ..." if len(missing) > _NUM_NAMED else "")
        raise MissingFileError(
            f"{len(missing)} files that the manifest {where} names do not exist: {shown}; its paths count from its own "
            f"folder"
        )


def _cell(value: str | Path | int | None, folder: Path) -> str:
    if not isinstance(value, Path):
        return "" if value is None else str(value)
    try:
        return Path(os.path.relpath(value.absolute(), folder)).as_posix()
    except ValueError:  # on another drive of Windows
        return value.absolute().as_posix()
