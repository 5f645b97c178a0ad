"""Point sets: CSV read and written; other files that hold points or shapes are told by their content."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from hyperpoint.errors import PointsError
from hyperpoint.io.files import StrPath, atomic_path, existing_file, read_text
from hyperpoint.io.labels import label_ids
from hyperpoint.types import IGNORE, ClassTable, PointSet

# Pixels taken of one stroke, polygon or disc: enough to show how much a material varies within it, few enough that a
# large shape does not drown the points beside it.
PER_SHAPE = 20

_COLUMNS = ("row", "col", "label")
_COORDINATE = re.compile(r"-?[0-9]{1,9}(\.0*)?")
_PICTURE_STARTS = (b"\x89PNG", b"II*\0", b"MM\0*", b"BM", b"\xff\xd8\xff")


def read_points(
    path: StrPath,
    classes: ClassTable | None = None,
    size: tuple[int, int] | None = None,
    *,
    image: str | None = None,
    per_shape: int = PER_SHAPE,
    seed: int = 0,
) -> tuple[PointSet, ClassTable | None]:
    """Read points from a file: CSV, `.npz` point set, GeoJSON, LabelMe, COCO, or an existing mask.

    The content decides, not the suffix. A CSV has a header with the columns `row`, `col` and `label` in any order
    (further columns are passed over); rows and columns count from 0 on the grid of the rgb image. A label is a class
    name or id; empty is a point that was sampled but not annotated. Blank lines and lines that start with `#` are
    passed over. Shapes and masks are thinned: see `hyperpoint.io.shapes.read_shapes`.

    Parameters
    ----------
    path
        The file.
    classes
        Says what names mean. Without it numbers are kept as they are, and names get ids in order of first appearance.
    size
        (H, W) of the rgb grid, to check against; None checks nothing.
    image
        Which image of a COCO file, if it holds several: its file name; folder and suffix need not agree.
    per_shape
        How many pixels are taken of each shape.
    seed
        Seed of that draw.

    Returns
    -------
    The points; and the class table: `classes` if given, one with default colours if the labels are names, else None.

    Raises
    ------
    MissingFileError
        If the file does not exist.
    PointsError
        If something is wrong with a point or a label (the message names file and line), or there are no points.
    InputError
        If a mask cannot be read.
    """
    with existing_file(path, "points file").open("rb") as stream:
        head = stream.read(512)
    if head.startswith(b"PK\3\4"):
        from hyperpoint.io.point_spectra import read_npz_points

        return read_npz_points(path, classes, size), classes
    is_picture = head.startswith(_PICTURE_STARTS) and b"\0" in head
    if is_picture or head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"["):
        from hyperpoint.io.shapes import read_shapes

        return read_shapes(path, classes, size, image=image, per_shape=per_shape, seed=seed)
    return _read_csv(path, classes, size)


def write_points(path: StrPath, points: PointSet, classes: ClassTable | None = None) -> None:
    """Write points as CSV `row,col,label`, atomically: the label is the class name, or the id without `classes`.

    Raises
    ------
    PointsError
        If a label is not in `classes`.
    InputError
        If the file cannot be written.
    """
    ids = points.class_ids
    if classes is not None and len(ids) and ids[-1] >= len(classes):
        raise PointsError(f"the points bear class {ids[-1]}, but the class table ends with class {len(classes) - 1}")
    names = [str(number) for number in range(IGNORE)] if classes is None else list(classes.names)
    text = {IGNORE: "", **dict(enumerate(names))}
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(_COLUMNS)
        triples = zip(points.rows.tolist(), points.cols.tolist(), points.labels.tolist(), strict=True)
        writer.writerows((row, col, text[label]) for row, col, label in triples)


def check_fit(points: PointSet, size: tuple[int, int] | None, classes: ClassTable | None, path: StrPath) -> None:
    """Make sure that every point lies in an image of `size` (H, W) and that `classes` has its label.

    Raises
    ------
    PointsError
        If not; the message names the file and the first such point, counting from 0.
    """
    if size is not None:
        outside = np.flatnonzero((points.rows >= size[0]) | (points.cols >= size[1]))
        if len(outside):
            first = outside[0]
            raise PointsError(
                f"{path}, point {first}: {_outside(int(points.rows[first]), int(points.cols[first]), size)}"
            )
    ids = points.class_ids
    if classes is not None and len(ids) and ids[-1] >= len(classes):
        raise PointsError(f"{path}: unknown class {ids[-1]}; known are 0 to {len(classes) - 1}")


class _Line(NamedTuple):
    number: int
    row: int
    col: int
    label: str


def _read_csv(
    path: StrPath, classes: ClassTable | None, size: tuple[int, int] | None
) -> tuple[PointSet, ClassTable | None]:
    lines = list(_parse(path, read_text(path, "points file", PointsError), size))
    if not lines:
        raise PointsError(f"{path} holds no points; expected lines such as 12,34,wall below the header row,col,label")
    first_seen: dict[str, int] = {}
    for line in lines:
        first_seen.setdefault(line.label, line.number)
    seen = {label: f"{path}, line {number}" for label, number in first_seen.items()}
    ids, table = label_ids(seen, classes)
    _check_one_label_a_pixel(path, lines, ids)
    rows, cols, labels = zip(*((line.row, line.col, ids[line.label]) for line in lines), strict=True)
    return PointSet(np.array(rows), np.array(cols), np.array(labels)), table


def _parse(path: StrPath, text: str, size: tuple[int, int] | None) -> Iterator[_Line]:
    # Comments are blanked before the CSV reader sees them: a quotation mark in one would open a field.
    plain = ("\n" if line.lstrip().startswith("#") else line for line in io.StringIO(text, newline=""))
    reader = csv.reader(plain, skipinitialspace=True)
    columns: tuple[int, int, int] | None = None
    num_fields = 0
    try:
        for fields in reader:
            cells = [field.strip() for field in fields]
            if not any(cells):
                continue
            where = f"{path}, line {reader.line_num}"
            if columns is None:
                columns, num_fields = _find_columns(where, cells), len(cells)
                continue
            if len(cells) < num_fields or any(cells[num_fields:]):
                raise PointsError(
                    f"{where} has {len(cells)} fields, the header {num_fields}; put quotation marks around a label "
                    f"with a comma in it, and leave the field empty for a point without label"
                )
            row, col = _coordinate(cells[columns[0]], where, "row"), _coordinate(cells[columns[1]], where, "col")
            if size is not None and (row >= size[0] or col >= size[1]):
                raise PointsError(f"{where}: {_outside(row, col, size)}")
            yield _Line(reader.line_num, row, col, cells[columns[2]])
    except csv.Error as error:
        raise PointsError(f"{path}, line {reader.line_num} is no CSV: {error}") from None


def _find_columns(where: str, header: list[str]) -> tuple[int, int, int]:
    names = [name.lower() for name in header]
    missing = [name for name in _COLUMNS if name not in names]
    if missing:
        shown = ",".join(header)
        raise PointsError(
            f"{where}: no column {' and no column '.join(missing)}; the first line must name row,col,label, separated "
            f"by commas; got {shown[:60]!r}"
        )
    row, col, label = (names.index(name) for name in _COLUMNS)
    return row, col, label


def _coordinate(text: str, where: str, name: str) -> int:
    if not _COORDINATE.fullmatch(text):
        raise PointsError(f"{where}: {name} must be a whole number; got {text[:40]!r}")
    number = int(text.partition(".")[0])
    if number < 0:
        raise PointsError(f"{where}: {name} is {number}; rows and columns count from 0 at the upper left")
    return number


def _outside(row: int, col: int, size: tuple[int, int]) -> str:
    hint = "; are row and col swapped?" if row < size[1] and col < size[0] else ""
    return (
        f"the point (row {row}, col {col}) lies outside the image of {size[0]} rows x {size[1]} columns, which count "
        f"from 0{hint}"
    )


def _check_one_label_a_pixel(path: StrPath, lines: list[_Line], ids: dict[str, int]) -> None:
    bearers: dict[tuple[int, int], _Line] = {}
    for line in lines:
        if ids[line.label] == IGNORE:
            continue
        other = bearers.setdefault((line.row, line.col), line)
        if ids[other.label] != ids[line.label]:
            raise PointsError(
                f"{path}, lines {other.number} and {line.number}: the pixel (row {line.row}, col {line.col}) bears two "
                f"labels, {other.label!r} and {line.label!r}; keep one of them"
            )
