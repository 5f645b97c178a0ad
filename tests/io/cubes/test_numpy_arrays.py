"""`.npy` and `.npz`: memory order, names, damage."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from hyperpoint.errors import CubeFormatError, InputError
from hyperpoint.io.cubes import open_cube
from hyperpoint.io.cubes._flat import FlatCube

Array = NDArray[np.float32]


@pytest.mark.parametrize("is_fortran", [False, True])
@pytest.mark.parametrize("axes", ["r c b", "b r c", "c b r", "b (r=5 c=4)", "(c=4 r=5) b"])
def test_axes_in_both_memory_orders(tmp_path: Path, tiny: Array, axes: str, is_fortran: bool) -> None:
    stored = tiny.transpose(["rcb".index(axis) for axis in axes if axis in "rcb"])
    if "(" in axes:
        stored = stored.reshape(3, 20) if axes.startswith("b") else stored.reshape(20, 3)
    np.save(tmp_path / "scene.npy", np.asfortranarray(stored) if is_fortran else np.ascontiguousarray(stored))
    np.testing.assert_array_equal(open_cube(tmp_path / "scene.npy", axes=axes).read(), tiny)


def test_big_endian_integers(tmp_path: Path) -> None:
    values = np.arange(24, dtype=">u2").reshape(2, 3, 4)
    np.save(tmp_path / "scene.npy", values)
    np.testing.assert_array_equal(open_cube(tmp_path / "scene.npy").read(), values)


def test_matrix_needs_axes(tmp_path: Path) -> None:
    np.save(tmp_path / "scene.npy", np.zeros((20, 3)))
    with pytest.raises(InputError, match="has 2 axes"):
        open_cube(tmp_path / "scene.npy")


def test_npy_has_no_variables(tmp_path: Path, tiny: Array) -> None:
    np.save(tmp_path / "scene.npy", tiny)
    with pytest.raises(InputError, match="single array"):
        open_cube(tmp_path / "scene.npy", variable="cube")


@pytest.mark.parametrize("is_packed", [False, True])
def test_npz_with_wavelengths(tmp_path: Path, tiny: Array, is_packed: bool) -> None:
    save = np.savez_compressed if is_packed else np.savez
    save(tmp_path / "scene.npz", first=np.zeros((9, 9, 9)), hsi=tiny, wavelength_nm=np.array([500.0, 600, 700]))
    cube = open_cube(tmp_path / "scene.npz")
    assert isinstance(cube, FlatCube) is not is_packed
    np.testing.assert_array_equal(cube.read(), tiny)
    assert cube.wavelengths is not None and cube.wavelengths.tolist() == [500, 600, 700]
    assert open_cube(tmp_path / "scene.npz", variable="first").shape == (9, 9, 9)


def test_packed_arrays_in_fortran_order(tmp_path: Path, tiny: Array) -> None:
    np.savez_compressed(tmp_path / "scene.npz", hsi=np.asfortranarray(tiny))
    np.testing.assert_array_equal(open_cube(tmp_path / "scene.npz").read(), tiny)


def test_objects_are_never_loaded(tmp_path: Path) -> None:
    np.savez(tmp_path / "scene.npz", cube=np.array([[[{}]]], dtype=object))
    with pytest.raises(CubeFormatError, match=r"no array that is clearly a cube .*cube \(1 x 1 x 1 object\)"):
        open_cube(tmp_path / "scene.npz")


def test_input_errors_stay_input_errors(tmp_path: Path, tiny: Array) -> None:
    np.savez(tmp_path / "scene.npz", cube=tiny)
    with pytest.raises(InputError, match="no variable 'hsi'"):
        open_cube(tmp_path / "scene.npz", variable="hsi")
    with pytest.raises(InputError, match="do not fit"):
        open_cube(tmp_path / "scene.npz", axes="r=9 c b")


@pytest.mark.parametrize("name", ["scene.npy", "scene.npz"])
def test_truncated(tmp_path: Path, name: str) -> None:
    values = np.random.default_rng(0).random((9, 9, 9))
    if name.endswith("npy"):
        np.save(tmp_path / name, values)
    else:
        np.savez(tmp_path / name, cube=values)
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:-600])
    with pytest.raises(CubeFormatError, match=r"scene\.np. is (truncated|no NumPy file, or a damaged one)"):
        open_cube(tmp_path / name)


def _header(shape: tuple[int, ...]) -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": "<f4", "fortran_order": False, "shape": shape})
    return buffer.getvalue()


@pytest.mark.parametrize("shape", [(10**6, 10**6, 10), (-1, 5, 5)])
def test_headers_that_lie(tmp_path: Path, shape: tuple[int, ...]) -> None:
    (tmp_path / "scene.npy").write_bytes(_header(shape) + bytes(100))
    with pytest.raises(CubeFormatError):
        open_cube(tmp_path / "scene.npy")
    with zipfile.ZipFile(tmp_path / "scene.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("cube.npy", _header(shape) + bytes(100))
    with pytest.raises(CubeFormatError, match="its header describes"):
        open_cube(tmp_path / "scene.npz")


def test_a_zip_that_promises_more_than_it_can_hold(tmp_path: Path) -> None:
    path = tmp_path / "scene.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("cube.npy", _header((1000, 1000, 100)) + bytes(100))
    raw = bytearray(path.read_bytes())
    entry = raw.rindex(b"PK\x01\x02")
    size = 400_000_000 + len(_header((1000, 1000, 100)))
    raw[entry + 24 : entry + 28] = size.to_bytes(4, "little")
    path.write_bytes(raw)
    with pytest.raises(CubeFormatError, match="promises 400000128 bytes"):
        open_cube(path)
