"""White-reference correction."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hyperpoint.cube import ArrayCube
from hyperpoint.errors import InputError, MissingFileError
from hyperpoint.preprocess.calibration import (
    CalibratedCube,
    reference_from_csv,
    reference_from_cube,
    reference_from_pixels,
)


def radiance(reflectance: np.ndarray, white: np.ndarray, dark: np.ndarray) -> ArrayCube:
    return ArrayCube((reflectance * (white - dark) + dark).astype(np.float32))


@pytest.mark.parametrize("columns", [1, 5])
def test_recovers_reflectance(columns: int) -> None:
    rng = np.random.default_rng(0)
    reflectance = rng.uniform(0.1, 0.9, (4, 5, 3))
    white, dark = (
        rng.uniform(50, 100, (columns, 3)).astype(np.float32),
        rng.uniform(1, 5, (columns, 3)).astype(np.float32),
    )
    calibrated = CalibratedCube(radiance(reflectance, white, dark), white, dark)
    np.testing.assert_allclose(calibrated.read(), reflectance, rtol=1e-5)
    np.testing.assert_allclose(
        calibrated.pixels(np.array([3, 0]), np.array([4, 1])), reflectance[[3, 0], [4, 1]], rtol=1e-5
    )
    assert calibrated.is_reflectance
    assert calibrated.num_guarded == 0


def test_near_zero_reference_is_guarded_counted_and_told(caplog: pytest.LogCaptureFixture) -> None:
    white = np.array([[100, 0, 50]], dtype=np.float32)
    calibrated = CalibratedCube(ArrayCube(np.ones((2, 2, 3), np.float32)), white)
    assert calibrated.num_guarded == 1
    assert calibrated.good_bands.tolist() == [True, False, True]
    assert np.isfinite(calibrated.read()).all()
    assert "near zero in 1 of 3 entries; 1 bands are left out" in caplog.text


def test_a_dead_column_of_the_reference_takes_the_median_of_the_others() -> None:
    white = np.full((20, 2), 10, dtype=np.float32)
    white[7, 1] = 0
    calibrated = CalibratedCube(ArrayCube(np.full((1, 20, 2), 5, np.float32)), white)
    assert calibrated.good_bands.all()
    np.testing.assert_allclose(calibrated.read(), 0.5)


def test_swapped_white_and_dark() -> None:
    with pytest.raises(InputError, match="swapped"):
        CalibratedCube(ArrayCube(np.ones((1, 1, 2))), np.full((1, 2), 1, np.float32), np.full((1, 2), 9, np.float32))


def test_wrong_number_of_bands() -> None:
    with pytest.raises(InputError, match="4 bands in 1 columns; the cube has 2 bands"):
        CalibratedCube(ArrayCube(np.ones((1, 1, 2))), np.ones((1, 4), np.float32))


def test_reference_from_a_cube_per_column_or_not() -> None:
    values = np.stack([np.full((4, 3), 2.0), np.full((4, 3), 6.0)], axis=2)
    values[:, 1] *= 2
    reference = ArrayCube(values)
    np.testing.assert_allclose(reference_from_cube(reference, 3), [[2, 6], [4, 12], [2, 6]])
    np.testing.assert_allclose(reference_from_cube(reference, 99), [[8 / 3, 8]], rtol=1e-6)


def test_reference_from_a_panel_leaves_out_what_is_saturated() -> None:
    values = np.full((2, 2, 2), 4, dtype=np.float32)
    values[0, 0] = np.inf
    rows, cols = np.array([0, 0]), np.array([0, 1])
    np.testing.assert_allclose(reference_from_pixels(ArrayCube(values), rows, cols), [[4, 4]])
    with pytest.raises(InputError, match="1 pixels, of which none"):
        reference_from_pixels(ArrayCube(values), rows[:1], cols[:1])
    with pytest.raises(InputError, match="0 pixels"):
        reference_from_pixels(ArrayCube(values), rows[:0], cols[:0])


def test_spectrum_from_csv(tmp_path: Path) -> None:
    cube = ArrayCube(np.ones((1, 1, 3)), wavelengths=[450, 500, 550])
    by_band, by_wavelength = tmp_path / "bands.csv", tmp_path / "nm.csv"
    by_band.write_text("\ufeffvalue\r\n1\r\n2\r\n3\r\n", encoding="utf-8")
    by_wavelength.write_text("wavelength_nm,value\n600,4\n400,2\n")
    np.testing.assert_allclose(reference_from_csv(by_band, cube), [[1, 2, 3]])
    np.testing.assert_allclose(reference_from_csv(by_wavelength, cube), [[2.5, 3, 3.5]])


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("1\n2\n", "2 values and the cube 3 bands"), ("1,2,3\n", "one number a line"), ("", "one number a line"),
     ("1\nx\n", "line 2"), ("1\n1e39\n1\n", "line 2: '1e39' is beyond"), ("700,1\n720,2\n", "no wavelength in common")],
)  # fmt: skip
def test_malformed_csv(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "white.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=complaint):
        reference_from_csv(path, ArrayCube(np.ones((1, 1, 3)), wavelengths=[450, 500, 550]))


def test_no_csv(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"none\.csv"):
        reference_from_csv(tmp_path / "none.csv", ArrayCube(np.ones((1, 1, 3))))


def test_bands_beyond_a_spectrum_by_wavelength_are_given_up(tmp_path: Path) -> None:
    path = tmp_path / "nm.csv"
    path.write_text("440,10\n510,10\n")
    cube = ArrayCube(np.full((1, 1, 3), 5, np.float32), wavelengths=[450, 500, 550])
    calibrated = CalibratedCube(cube, reference_from_csv(path, cube))
    assert calibrated.good_bands.tolist() == [True, True, False]
    np.testing.assert_allclose(calibrated.read()[..., :2], 0.5)


def test_a_csv_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "white.csv"
    path.write_bytes(bytes([0xFF, 0xFE, 0x41, 0xD8]))
    with pytest.raises(InputError, match="not UTF-8"):
        reference_from_csv(path, ArrayCube(np.ones((1, 1, 3))))
