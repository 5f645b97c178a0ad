from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hyperpoint.errors import InputError, MissingFileError, PointsError
from hyperpoint.io.masks import write_mask
from hyperpoint.io.points import read_points, write_points
from hyperpoint.types import ClassTable, PointSet

TABLE = ClassTable(("wall", "window, glass"), ((200, 80, 60), (0, 0, 255)))


def read(
    tmp_path: Path, text: str | bytes, classes: ClassTable | None = None, size: tuple[int, int] | None = None
) -> tuple[list[tuple[int, ...]], ClassTable | None]:
    path = tmp_path / "p.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    points, table = read_points(path, classes, size)
    return as_tuples(points), table


def as_tuples(points: PointSet) -> list[tuple[int, ...]]:
    return list(zip(points.rows.tolist(), points.cols.tolist(), points.labels.tolist(), strict=True))


def test_ids_are_kept_and_empty_is_unannotated(tmp_path: Path) -> None:
    assert read(tmp_path, "row,col,label\n1,2,7\n3,4,\n5,6,0\n") == ([(1, 2, 7), (3, 4, 255), (5, 6, 0)], None)


def test_names_get_ids_by_first_appearance_or_from_the_table(tmp_path: Path) -> None:
    text = 'row,col,label\n1,2,"window, glass"\n3,4,wall\n'
    points, table = read(tmp_path, text)
    assert points == [(1, 2, 0), (3, 4, 1)]
    assert table is not None
    assert table.names == ("window, glass", "wall")
    assert read(tmp_path, text, TABLE) == ([(1, 2, 1), (3, 4, 0)], TABLE)


@pytest.mark.parametrize(
    "text",
    [
        "row,col,label\n1,2,wall\n3,4,\n",
        "row,col,label\n1,2,wall\n3,4,",
        b"\xef\xbb\xbfrow,col,label\r\n1,2,wall\r\n3,4,\r\n",
        "row,col,label\r1,2,wall\r3,4,\r",
        "\n# drawn by hand, \"quickly\n Row , COL, Label \n\n 1, 2 , wall \n  # again,\"\n3,4,  \n,,\n\n",
        "label,note,col,row\nwall,near door,2,1\n,,4,3\n",
        "row,col,label\n1.0,2.,0\n3,4,255\n",
        'row,col,label\n1,2,"wall"\n1,2,wall\n3,4,\n1,2,\n3,4,\n',
        "row,col,label\n1,2,wall,\n3,4,,,\n",
    ],
)  # fmt: skip
def test_all_of_these_are_the_same_two_points(tmp_path: Path, text: str | bytes) -> None:
    assert read(tmp_path, text, TABLE) == ([(1, 2, 0), (3, 4, 255)], TABLE)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("row,column,label\n1,2,0\n", r"p\.csv, line 1: no column col; .* got 'row,column,label'"),
        ("row;col;label\n1;2;0\n", "line 1: no column row and no column col and no column label"),
        ("1,2,0\n", "line 1: no column row"),
        ("row,col,label\n1,2,0\n1.5,2,0\n", r"line 3: row must be a whole number; got '1\.5'"),
        ("row,col,label\n1,abc,0\n", "line 2: col must be a whole number; got 'abc'"),
        ("row,col,label\n1,,0\n", "line 2: col must be a whole number; got ''"),
        ("row,col,label\n1,99999999999999999999,0\n", "line 2: col must be a whole number"),
        ("row,col,label\n1,nan,0\n", "line 2: col must be a whole number"),
        ("row,col,label\n\n-1,2,0\n", "line 3: row is -1; rows and columns count from 0"),
        ("row,col,label\n10,0,0\n", r"line 2: the point \(row 10, col 0\) lies outside .* 10 rows x 20 .*swapped"),
        ("row,col,label\n0,20,0\n", r"line 2: the point \(row 0, col 20\) lies outside"),
        ("row,col,label\n1,2,roof\n", "line 2: unknown class 'roof'; known are: wall, window, glass"),
        ("row,col,label\n1,2,2\n", "line 2: unknown class '2'"),
        ("row,col,label\n1,2,wall\n3,4,0\n1,2,1\n", r"lines 2 and 4: the pixel .* two labels, 'wall' and '1'"),
        ("row,col,label\n1,2,window, glass\n", "line 2 has 4 fields, the header 3; put quotation marks"),
        ("row,col,label\n1,2\n", "line 2 has 2 fields"),
        ("row,col,label\n", "holds no points"),
        ("", "holds no points"),
        ("# nothing\n\n", "holds no points"),
        ('row,col,label\n1,2,"' + "a" * 200_000, "is no CSV: field larger"),
        (b"\x00\x01\x02row,col", "is not text"),
        (b"row,col,label\n1,2,\xff\xfe\n", "is not UTF-8 text"),
    ],
)
def test_errors_name_file_line_and_fault(tmp_path: Path, text: str | bytes, message: str) -> None:
    with pytest.raises(PointsError, match=message) as caught:
        read(tmp_path, text, TABLE, (10, 20))
    assert "p.csv" in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"the points file .*p\.csv does not exist"):
        read_points(tmp_path / "p.csv")
    with pytest.raises(InputError, match="is a folder"):
        read_points(tmp_path)


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), min_size=1).filter(lambda one: one.strip())
PIXELS = st.tuples(st.integers(0, 10**8), st.integers(0, 10**8))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    labels=st.dictionaries(PIXELS, st.sampled_from([0, 1, 2, 255]), min_size=1),
    names=st.lists(NAMES, min_size=3, max_size=3, unique_by=str.strip),
    line_end=st.sampled_from([b"\n", b"\r\n"]),
    mark=st.sampled_from([b"", b"\xef\xbb\xbf"]),
)
def test_points_come_back_as_they_were(
    tmp_path: Path, labels: dict[tuple[int, int], int], names: list[str], line_end: bytes, mark: bytes
) -> None:
    rows, cols = np.array(list(labels)).T
    points = PointSet(rows, cols, np.array(list(labels.values()), np.uint8))
    path = tmp_path / "p.csv"
    for table in (None, ClassTable(tuple(names), ((1, 1, 1), (2, 2, 2), (3, 3, 3)))):
        write_points(path, points, table)
        path.write_bytes(mark + path.read_bytes().replace(b"\n", line_end))
        assert as_tuples(read_points(path, table)[0]) == as_tuples(points)


def test_written_points_are_plain_lines(tmp_path: Path) -> None:
    points = PointSet(np.array([1, 3]), np.array([2, 4]), np.array([1, 255], np.uint8))
    write_points(tmp_path / "p.csv", points, TABLE)
    assert (tmp_path / "p.csv").read_bytes() == b'row,col,label\n1,2,"window, glass"\n3,4,\n'
    write_points(tmp_path / "p.csv", points)
    assert (tmp_path / "p.csv").read_bytes() == b"row,col,label\n1,2,1\n3,4,\n"


def test_a_label_that_the_table_lacks_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(PointsError, match="bear class 2, but the class table ends with class 1"):
        write_points(tmp_path / "p.csv", PointSet(np.array([1]), np.array([1]), np.array([2], np.uint8)), TABLE)
    assert list(tmp_path.iterdir()) == []


def test_the_content_decides_not_the_suffix(tmp_path: Path) -> None:
    write_mask(tmp_path / "mask.csv", np.array([[255, 3]], np.uint8))
    assert as_tuples(read_points(tmp_path / "mask.csv")[0]) == [(0, 1, 3)]
    feature = '{"type": "Feature", "properties": {"label": 4}, "geometry": {"type": "Point", "coordinates": [1, 0]}}'
    (tmp_path / "p.txt").write_text(f"\ufeff\n {feature}", encoding="utf-8")
    assert as_tuples(read_points(tmp_path / "p.txt")[0]) == [(0, 1, 4)]
    (tmp_path / "csv.json").write_text("row,col,label\n0,1,5\n")
    assert as_tuples(read_points(tmp_path / "csv.json")[0]) == [(0, 1, 5)]
    # begins as a BMP does
    (tmp_path / "bm.csv").write_text("BM,row,col,label\nx,0,1,6\n")
    assert as_tuples(read_points(tmp_path / "bm.csv")[0]) == [(0, 1, 6)]
