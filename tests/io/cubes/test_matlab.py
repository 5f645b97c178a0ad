"""MATLAB files: which variable, which axes, both file versions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from hyperpoint.cube import Cube
from hyperpoint.errors import CubeFormatError, InputError
from hyperpoint.io.cubes import open_cube

Array = NDArray[np.float32]


def _save(folder: Path, version: str, **variables: Any) -> Path:
    path = folder / "scene.mat"
    if version == "5":
        from scipy.io import savemat

        savemat(path, variables)
        return path
    import h5py

    with h5py.File(path, "w", userblock_size=512) as file:
        for name, value in variables.items():
            file[name] = np.atleast_2d(np.asarray(value, dtype=getattr(value, "dtype", "f8"))).T
    return path


@pytest.fixture(params=["5", "7.3"])
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_largest_array_unless_one_is_called_a_cube(tmp_path: Path, version: str, tiny: Array) -> None:
    big = np.zeros((9, 9, 9))
    assert open_cube(_save(tmp_path, version, a=tiny, b=big)).shape == (9, 9, 9)
    assert open_cube(_save(tmp_path, version, r_cube=tiny, b=big)).shape == (5, 4, 3)
    assert open_cube(_save(tmp_path, version, a=tiny, b=big), variable="a").shape == (5, 4, 3)


def test_axes(tmp_path: Path, version: str, tiny: Array) -> None:
    path = _save(tmp_path, version, a=tiny.transpose(2, 0, 1))
    np.testing.assert_array_equal(open_cube(path, axes="b r c").read(), tiny)


@pytest.mark.parametrize("axes", ["b (c r)", "b (c=4 r=5)", "b (c r=5)", "b (c=4 r)"])
def test_matrix_of_bands_and_pixels(tmp_path: Path, version: str, tiny: Array, axes: str) -> None:
    matrix = tiny.reshape(20, 3, order="F").T
    sizes = {"nRow": 5, "nCol": 4} if "=" not in axes else {}
    np.testing.assert_array_equal(open_cube(_save(tmp_path, version, Y=matrix, **sizes), axes=axes).read(), tiny)


def test_matrix_whose_size_is_stated(tmp_path: Path, version: str, tiny: Array) -> None:
    matrix = tiny.reshape(20, 3, order="F")
    for stored in (matrix, matrix.T):
        cube = open_cube(_save(tmp_path, version, Y=stored, other=np.zeros((30, 40)), nRow=5, nCol=4))
        np.testing.assert_array_equal(cube.read(), tiny)
        np.testing.assert_array_equal(cube.pixels(np.array([4, 0]), np.array([1, 3])), tiny[[4, 0], [1, 3]])


def test_pixels_along_the_rows(tmp_path: Path, version: str, tiny: Array) -> None:
    path = _save(tmp_path, version, Y=tiny.reshape(20, 3))
    np.testing.assert_array_equal(open_cube(path, axes="(r=5 c=4) b").read(), tiny)


def test_wavelengths_by_name_and_length(tmp_path: Path, version: str, tiny: Array) -> None:
    micrometres = np.array([0.5, 0.6, 0.7])
    for name in ("wavelength", "Wavelengths", "wl", "bands_nm"):
        cube = open_cube(_save(tmp_path, version, cube=tiny, **{name: micrometres}))
        assert cube.wavelengths is not None
        np.testing.assert_allclose(cube.wavelengths, [500, 600, 700])
    assert open_cube(_save(tmp_path, version, cube=tiny, wavelength=np.arange(1.0, 8))).wavelengths is None
    assert open_cube(_save(tmp_path, version, cube=tiny, weights=micrometres)).wavelengths is None


def test_the_axis_as_long_as_the_wavelengths_is_the_bands(tmp_path: Path, version: str, tiny: Array) -> None:
    path = _save(tmp_path, version, cube=tiny.transpose(2, 0, 1), wavelengths=np.array([500.0, 600, 700]))
    np.testing.assert_array_equal(open_cube(path).read(), tiny)


def test_no_cube_lists_what_there_is(tmp_path: Path, version: str) -> None:
    path = _save(tmp_path, version, spectra=np.zeros((7, 6)), scale=2.0)
    with pytest.raises(CubeFormatError, match=r"no array that is clearly a cube .*spectra \(7 x 6 float64\)"):
        open_cube(path)


def test_unknown_variable_lists_what_there_is(tmp_path: Path, version: str, tiny: Array) -> None:
    with pytest.raises(InputError, match=r"no variable 'hsi'; it has cube \(5 x 4 x 3 float32\)"):
        open_cube(_save(tmp_path, version, cube=tiny), variable="hsi")


def test_matrix_without_its_size(tmp_path: Path, version: str) -> None:
    path = _save(tmp_path, version, Y=np.zeros((3, 20)))
    with pytest.raises(InputError, match=r'split by `axes`, as in "b \(c=100 r=100\)"'):
        open_cube(path, variable="Y")
    with pytest.raises(InputError, match="can be split in many ways"):
        open_cube(path, variable="Y", axes="b (c r)")


def test_complex_arrays_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CubeFormatError, match="complex"):
        open_cube(_save(tmp_path, "5", cube=np.ones((2, 2, 2), dtype="c16")))


def test_text_is_no_cube(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no array of numbers but char"):
        open_cube(_save(tmp_path, "5", note="hello"), variable="note")


def test_doubles_stored_as_integers_do_not_saturate(tmp_path: Path) -> None:
    # MATLAB packs whole-numbered doubles as uint16; SciPy returns them as such.
    values = np.full((2, 2, 2), 65535.0)
    assert open_cube(_save(tmp_path, "5", cube=values)).read().max() == 65535
    assert open_cube(_save(tmp_path, "5", cube=values.astype("u2"))).read().max() == np.inf


def _compact_double(shape: tuple[int, int, int], claimed: int) -> bytes:
    """Write a version 5 file by hand: a double array whose samples are stored as uint8, or fewer than claimed."""
    import struct

    def element(kind: int, data: bytes) -> bytes:
        return struct.pack("<II", kind, len(data)) + data + bytes(-len(data) % 8)

    flags, dims = struct.pack("<II", 6, 0), struct.pack("<3i", *shape)
    body = element(6, flags) + element(5, dims) + element(1, b"cube") + element(2, bytes(range(claimed)))
    return b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack("<H", 0x0100) + b"IM" + element(14, body)


def test_compactly_stored_doubles(tmp_path: Path) -> None:
    (tmp_path / "scene.mat").write_bytes(_compact_double((2, 3, 4), 24))
    cube = open_cube(tmp_path / "scene.mat")
    np.testing.assert_array_equal(cube.read(), np.arange(24).reshape(2, 3, 4, order="F"))


def test_a_small_file_that_promises_gigabytes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "scene.mat").write_bytes(_compact_double((40000, 40000, 200), 8))
    with pytest.raises(CubeFormatError, match="promises 320000000000 bytes"):
        open_cube(tmp_path / "scene.mat")


def test_damage(tmp_path: Path, version: str, tiny: Array) -> None:
    path = _save(tmp_path, version, cube=np.random.default_rng(0).random((9, 9, 9)))
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(CubeFormatError, match="damaged"):
        open_cube(path)


def test_no_matlab_file(tmp_path: Path) -> None:
    (tmp_path / "scene.mat").write_bytes(b"nothing of the kind" * 20)
    with pytest.raises(CubeFormatError, match="no MATLAB file"):
        open_cube(tmp_path / "scene.mat")


def _blocks_in_order(cube: Cube) -> list[tuple[int, int]]:
    return [(block.rows.start, block.cols.start) for block in cube.blocks()]


def test_version_73_is_read_in_the_order_of_storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import h5py

    values = np.random.default_rng(0).random((8, 6, 4), dtype=np.float32)
    with h5py.File(tmp_path / "scene.mat", "w", userblock_size=512) as file:
        file.create_dataset("cube", data=values.T, chunks=(4, 2, 8))
    monkeypatch.setattr("hyperpoint.io.cubes._tiles.BLOCK_BYTES", 1)
    monkeypatch.setattr("hyperpoint.cube.BLOCK_BYTES", 1)
    cube = open_cube(tmp_path / "scene.mat")
    assert _blocks_in_order(cube) == [(0, 0), (0, 2), (0, 4)]  # chunks of two columns
    np.testing.assert_array_equal(cube.read(), values)
