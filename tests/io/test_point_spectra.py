from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hyperpoint.errors import PointsError
from hyperpoint.io.point_spectra import read_npz_points, write_point_spectra
from hyperpoint.io.points import read_points
from hyperpoint.types import ClassTable, PointSet

POINTS = PointSet(np.array([3, 1]), np.array([4, 2]), np.array([1, 255], np.uint8))
SPECTRA = np.array([[0.1, 0.2, 0.3], [0.4, np.nan, 0.6]], np.float32)
RGB = np.array([[1, 2, 3], [4, 5, 6]], np.uint8)
TABLE = ClassTable(("a", "b"), ((1, 1, 1), (2, 2, 2)))


def test_the_six_arrays_come_back_without_pickle(tmp_path: Path) -> None:
    write_point_spectra(tmp_path / "p.npz", POINTS, SPECTRA, RGB, np.array([450.0, 550.0, 650.0]))
    assert [one.name for one in tmp_path.iterdir()] == ["p.npz"]
    with np.load(tmp_path / "p.npz", allow_pickle=False) as arrays:
        assert sorted(arrays.files) == ["cols", "labels", "rgb", "rows", "spectra", "wavelengths"]
        np.testing.assert_array_equal(arrays["spectra"], SPECTRA)
        np.testing.assert_array_equal(arrays["rgb"], RGB)
        assert arrays["wavelengths"].tolist() == [450, 550, 650]
    points, table = read_points(tmp_path / "p.npz", TABLE, (4, 5))
    assert points.rows.tolist() == [3, 1]
    assert points.cols.tolist() == [4, 2]
    assert points.labels.tolist() == [1, 255]
    assert table is TABLE


def test_unknown_wavelengths_are_an_empty_array(tmp_path: Path) -> None:
    write_point_spectra(tmp_path / "p", POINTS, SPECTRA, RGB)
    with np.load(tmp_path / "p") as arrays:
        assert arrays["wavelengths"].shape == (0,)


def test_what_does_not_fit_is_not_written(tmp_path: Path) -> None:
    for spectra, rgb, wavelengths in (
        (SPECTRA[:1], RGB, None),
        (SPECTRA, RGB[:1], None),
        (SPECTRA, RGB, np.array([450.0])),
    ):
        with pytest.raises(PointsError, match="2 points need"):
            write_point_spectra(tmp_path / "p.npz", POINTS, spectra, rgb, wavelengths)
    assert list(tmp_path.iterdir()) == []


def test_points_are_checked_against_image_and_table(tmp_path: Path) -> None:
    write_point_spectra(tmp_path / "p.npz", POINTS, SPECTRA, RGB)
    with pytest.raises(PointsError, match=r"p\.npz, point 0: the point \(row 3, col 4\) lies outside"):
        read_npz_points(tmp_path / "p.npz", size=(3, 9))
    with pytest.raises(PointsError, match="unknown class 1; known are 0 to 0"):
        read_npz_points(tmp_path / "p.npz", ClassTable(("a",), ((1, 1, 1),)))


def test_damaged_and_foreign_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.npz"
    np.savez(path, rows=[1], cols=[2])
    with pytest.raises(PointsError, match="has no array labels; it holds: rows, cols"):
        read_points(path)
    np.savez(path, rows=[1], cols=[2], labels=np.array([{}], dtype=object))
    with pytest.raises(PointsError, match=r"p\.npz is no point set, .*allow_pickle"):
        read_points(path)
    np.savez(path, rows=[], cols=[], labels=[])
    with pytest.raises(PointsError, match="holds no points"):
        read_points(path)
    np.savez(path, rows=[1, 1], cols=[2, 2], labels=[0, 1])
    with pytest.raises(PointsError, match=r"p\.npz: the pixel \(1, 2\) bears two labels"):
        read_points(path)
    write_point_spectra(path, POINTS, SPECTRA, RGB)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(PointsError, match="is no point set, or a damaged one"):
        read_points(path)
