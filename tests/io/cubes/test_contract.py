"""What every reader must do, whatever the format."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from hyperpoint.cube import Cube
from hyperpoint.errors import InputError
from hyperpoint.io.cubes import known_formats, open_cube

Array = NDArray[np.float32]
Write = Callable[[Path, Array], Cube]
WriteEnvi = Callable[..., Path]


def _matlab(folder: Path, values: Array) -> Cube:
    from scipy.io import savemat

    savemat(folder / "scene.mat", {"cube": values}, do_compression=True)
    return open_cube(folder / "scene.mat")


def _matlab_matrix(folder: Path, values: Array) -> Cube:
    from scipy.io import savemat

    rows, cols, bands = values.shape
    matrix = values.reshape(-1, bands, order="F").T
    savemat(folder / "scene.mat", {"Y": matrix, "nRow": rows, "nCol": cols})
    return open_cube(folder / "scene.mat")


def _matlab_73(folder: Path, values: Array) -> Cube:
    import h5py

    with h5py.File(folder / "scene.mat", "w", userblock_size=512) as file:
        file.create_dataset("cube", data=values.T, chunks=(2, 3, 2), compression="gzip")
    return open_cube(folder / "scene.mat")


def _matlab_73_matrix(folder: Path, values: Array) -> Cube:
    import h5py

    rows, cols, bands = values.shape
    with h5py.File(folder / "scene.mat", "w", userblock_size=512) as file:
        file["Y"] = values.reshape(-1, bands, order="F")  # MATLAB's (bands, pixels), reversed
        file["nRow"], file["nCol"] = np.array([[float(rows)]]), np.array([[float(cols)]])
    return open_cube(folder / "scene.mat")


def _hdf5(folder: Path, values: Array) -> Cube:
    import h5py

    with h5py.File(folder / "scene.h5", "w") as file:
        file.create_dataset("deep/down/scene", data=values.transpose(2, 0, 1), chunks=(3, 2, 3), compression="gzip")
    return open_cube(folder / "scene.h5", axes="b r c")


def _geotiff(folder: Path, values: Array) -> Cube:
    rasterio = pytest.importorskip("rasterio")
    rows, cols, bands = values.shape
    profile = {"driver": "GTiff", "height": rows, "width": cols, "count": bands, "dtype": "float32"}
    transform = rasterio.Affine(30, 0, 1000, 0, -30, 2000)
    with rasterio.open(folder / "scene.tif", "w", **profile, crs="EPSG:32633", transform=transform) as file:
        file.write(values.transpose(2, 0, 1))
    return open_cube(folder / "scene.tif")


def _hsd(folder: Path, values: Array) -> Cube:
    rows, cols, bands = values.shape
    header = struct.pack("<5ifi", rows, cols, bands, bands, 450, 250.0, 950)
    parts = [np.zeros(bands), np.eye(bands), values]
    (folder / "scene.hsd").write_bytes(header + b"".join(np.asarray(part, dtype="<f4").tobytes() for part in parts))
    return open_cube(folder / "scene.hsd")


def _npy(folder: Path, values: Array) -> Cube:
    np.save(folder / "scene.npy", values)
    return open_cube(folder / "scene.npy")


def _npy_fortran(folder: Path, values: Array) -> Cube:
    np.save(folder / "scene.npy", np.asfortranarray(values))
    return open_cube(folder / "scene.npy")


def _npz(folder: Path, values: Array) -> Cube:
    np.savez(folder / "scene.npz", cube=values, label=np.zeros(values.shape[:2]))
    return open_cube(folder / "scene.npz")


def _npz_compressed(folder: Path, values: Array) -> Cube:
    np.savez_compressed(folder / "scene.npz", cube=values.transpose(2, 1, 0))
    return open_cube(folder / "scene.npz", axes="b c r")


@pytest.fixture
def writers(write_envi: WriteEnvi) -> dict[str, Write]:
    def envi(interleave: str, **more: Any) -> Write:
        return lambda folder, values: open_cube(write_envi(folder, values, interleave, **more))

    def specim(folder: Path, values: Array) -> Cube:
        (folder / "results").mkdir()
        write_envi(folder / "results", values, name="REFLECTANCE_1")
        return open_cube(folder)

    return {
        "envi": envi("bil"),
        "envi bsq": envi("bsq", big_endian=True, offset=7),
        "envi bip": envi("bip"),
        "envi gzip": envi("bsq", pack=gzip.compress, file_compression="1"),
        "specim-iq": specim,
        "matlab": _matlab,
        "matlab matrix": _matlab_matrix,
        "matlab 7.3": _matlab_73,
        "matlab 7.3 matrix": _matlab_73_matrix,
        "hdf5": _hdf5,
        "geotiff": _geotiff,
        "hsicityv2": _hsd,
        "numpy": _npy,
        "numpy fortran": _npy_fortran,
        "numpy npz": _npz,
        "numpy npz packed": _npz_compressed,
    }


NAMES = [
    "envi", "envi bsq", "envi bip", "envi gzip", "specim-iq", "matlab", "matlab matrix", "matlab 7.3",
    "matlab 7.3 matrix", "hdf5", "geotiff", "hsicityv2", "numpy", "numpy fortran", "numpy npz", "numpy npz packed",
]  # fmt: skip


def test_every_known_format_is_under_contract(writers: dict[str, Write]) -> None:
    assert set(known_formats()) == {name.split()[0] for name in NAMES}
    assert list(writers) == NAMES


@pytest.fixture(params=NAMES)
def cube(request: pytest.FixtureRequest, writers: dict[str, Write], tmp_path: Path, tiny: Array) -> Cube:
    return writers[request.param](tmp_path, tiny)


def test_shape_type_and_format(cube: Cube, tiny: Array) -> None:
    assert cube.shape == tiny.shape
    assert cube.dtype.newbyteorder("=") == np.float32
    assert cube.format in known_formats()
    assert cube.path is not None and Path(cube.path).exists()
    assert cube.good_bands.dtype == bool and cube.good_bands.tolist() == [True] * 3


def test_read_gives_back_what_was_written(cube: Cube, tiny: Array) -> None:
    values = cube.read()
    assert values.dtype == np.float32
    np.testing.assert_array_equal(values, tiny)


def test_blocks_cover_every_pixel_once_and_can_be_kept(cube: Cube, tiny: Array) -> None:
    times = np.zeros(tiny.shape[:2], dtype=int)
    blocks = list(cube.blocks())  # a reader that reused its buffer would fail here
    for block in blocks:
        times[block.rows, block.cols] += 1
        assert block.values.dtype == np.float32
        np.testing.assert_array_equal(block.values, tiny[block.rows, block.cols])
    assert (times == 1).all()


def test_pixels_agree_with_read_in_any_order_and_number(cube: Cube, tiny: Array) -> None:
    rng = np.random.default_rng(0)
    for num in (0, 1, 3, 200):
        rows, cols = rng.integers(0, 5, num), rng.integers(0, 4, num)
        spectra = cube.pixels(rows, cols)
        assert spectra.dtype == np.float32 and spectra.shape == (num, 3)
        np.testing.assert_array_equal(spectra, tiny[rows, cols])


def test_a_pixel_outside_is_refused(cube: Cube) -> None:
    for row, col in ((5, 0), (0, 4), (-1, 0)):
        with pytest.raises(InputError, match="outside the cube"):
            cube.pixels(np.array([row]), np.array([col]))


def test_a_second_pass_gives_the_same(cube: Cube, tiny: Array) -> None:
    cube.read()
    np.testing.assert_array_equal(cube.read(), tiny)
