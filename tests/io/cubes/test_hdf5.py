"""HDF5: datasets in groups, marks of missing samples, references to other files."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from numpy.typing import NDArray

from hyperpoint.errors import CubeFormatError, InputError
from hyperpoint.io.cubes import open_cube

Array = NDArray[np.float32]


def test_a_dataset_deep_in_the_tree_by_name(tmp_path: Path, tiny: Array) -> None:
    with h5py.File(tmp_path / "scene.h5", "w") as file:
        file["SITE/Reflectance/data"] = tiny
        file["SITE/Reflectance/larger"] = np.zeros((9, 9, 9))
        file["SITE/Metadata/wavelength"] = np.array([500.0, 600, 700])
    for name in ("SITE/Reflectance/data", "/SITE/Reflectance/data"):
        cube = open_cube(tmp_path / "scene.h5", variable=name)
        np.testing.assert_array_equal(cube.read(), tiny)
        assert cube.wavelengths is not None and cube.wavelengths.tolist() == [500, 600, 700]


@pytest.mark.parametrize("attribute", ["_FillValue", "Data_Ignore_Value"])
def test_missing_samples(tmp_path: Path, attribute: str) -> None:
    values = np.array([[[1, -9999, 3]]], dtype="i2")
    with h5py.File(tmp_path / "scene.h5", "w") as file:
        file["cube"] = values
        file["cube"].attrs[attribute] = np.array([-9999.0])
    np.testing.assert_array_equal(open_cube(tmp_path / "scene.h5").read(), [[[1, np.nan, 3]]])


@pytest.mark.parametrize("chunks", [None, (1, 7, 6), (4, 3, 2), (2, 2, 6), (3, 7, 1)])
@pytest.mark.parametrize("axes", ["r c b", "b r c", "c b r"])
def test_any_chunks_and_axes(
    tmp_path: Path, chunks: tuple[int, int, int] | None, axes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hyperpoint.io.cubes._tiles.BLOCK_BYTES", 64)
    monkeypatch.setattr("hyperpoint.cube.BLOCK_BYTES", 64)
    values = np.random.default_rng(1).random((5, 7, 6), dtype=np.float32)
    with h5py.File(tmp_path / "scene.h5", "w") as file:
        file.create_dataset("cube", data=values, chunks=chunks)
    cube = open_cube(tmp_path / "scene.h5", axes=axes)
    expected = values.transpose([axes.split().index(axis) for axis in "rcb"])
    np.testing.assert_array_equal(cube.read(), expected)
    rows, cols = np.mgrid[: expected.shape[0] : 2, : expected.shape[1] : 2].reshape(2, -1)
    np.testing.assert_array_equal(cube.pixels(rows, cols), expected[rows, cols])


def test_other_files_are_not_followed(tmp_path: Path, tiny: Array) -> None:
    tiny.tofile(tmp_path / "secret.bin")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["cube"] = tiny
    with h5py.File(tmp_path / "scene.h5", "w") as file:
        file.create_dataset("cube", tiny.shape, "f4", external=[(str(tmp_path / "secret.bin"), 0, tiny.nbytes)])
        file["link"] = h5py.ExternalLink("other.h5", "cube")
    with pytest.raises(CubeFormatError, match="lies in other files"):
        open_cube(tmp_path / "scene.h5")
    with pytest.raises(InputError, match="no variable 'link'"):
        open_cube(tmp_path / "scene.h5", variable="link")


def test_wavelengths_in_other_files_are_not_followed(tmp_path: Path, tiny: Array) -> None:
    secret = np.arange(1.0, tiny.shape[2] + 1)
    secret.tofile(tmp_path / "secret.bin")
    with h5py.File(tmp_path / "scene.h5", "w") as file:
        file["cube"] = tiny
        file.create_dataset(
            "wavelength", secret.shape, "f8", external=[(str(tmp_path / "secret.bin"), 0, secret.nbytes)]
        )
    with pytest.raises(CubeFormatError, match="lies in other files"):
        open_cube(tmp_path / "scene.h5")


def test_a_cube_that_claims_terabytes_is_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "scene.h5", "w") as file:
        cube = file.create_dataset("cube", (100_000, 100_000, 1000), "u1", chunks=(10, 10, 10), compression="gzip")
        cube[:10, :10, :10] = 1
    with pytest.raises(CubeFormatError, match="promises 10000000000000 bytes"):
        open_cube(tmp_path / "scene.h5")


def test_a_chunk_that_fills_the_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hyperpoint.io.inflation.most_unpacked_bytes", lambda: 999)
    with h5py.File(tmp_path / "scene.h5", "w") as file:
        file.create_dataset("cube", data=np.ones((10, 10, 10), "u1"), chunks=(10, 10, 10), compression="gzip")
    with pytest.raises(CubeFormatError, match="at once"):
        open_cube(tmp_path / "scene.h5")


def test_a_dataset_that_was_never_written(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "scene.h5", "w") as file:
        file.create_dataset("cube", (100_000, 100_000, 100), "f4", chunks=(64, 64, 100))
    with pytest.raises(CubeFormatError, match="never written"):
        open_cube(tmp_path / "scene.h5")


def test_no_hdf5_file(tmp_path: Path) -> None:
    (tmp_path / "scene.h5").write_bytes(b"nothing of the kind")
    with pytest.raises(CubeFormatError, match="no HDF5 file"):
        open_cube(tmp_path / "scene.h5")


def test_damaged_chunk(tmp_path: Path) -> None:
    path = tmp_path / "scene.h5"
    with h5py.File(path, "w") as file:
        values = np.random.default_rng(0).random((8, 8, 8))
        dataset = file.create_dataset("cube", data=values, chunks=(8, 8, 8), compression="gzip")
        offset = dataset.id.get_chunk_info(0).byte_offset
    raw = bytearray(path.read_bytes())
    raw[offset : offset + 40] = b"\xff" * 40
    path.write_bytes(raw)
    with pytest.raises(CubeFormatError, match=r"scene\.h5 is truncated or damaged"):
        open_cube(path)


def test_links_are_followed_once_and_not_out_of_the_file(tmp_path: Path, tiny: Array) -> None:
    with h5py.File(tmp_path / "scene.h5", "w") as file:
        file["b/cube"] = tiny
        file["b/again"] = file["b/cube"]  # the same dataset
        file["b/ring"] = file["b"]  # a group that holds itself
        file["a"] = h5py.SoftLink("/b/cube")
        file["#refs#/x"] = np.ones((9, 9, 9))
    with pytest.raises(InputError, match=r"it has b/again \([0-9 x]+ [a-z0-9]+\)$"):
        open_cube(tmp_path / "scene.h5", variable="nothing")


def test_an_index_that_is_a_ring_does_not_hang(tmp_path: Path) -> None:
    path = tmp_path / "scene.h5"
    with h5py.File(path, "w") as file:
        file["group/cube"] = np.ones((2, 3, 4))
    content = bytearray(path.read_bytes())
    at = content.find(b"TREE\0")
    while at >= 0:  # the index of each group: signature, kind, level, entries, left and right neighbour
        content[at + 16 : at + 24] = struct.pack("<Q", at)
        at = content.find(b"TREE\0", at + 1)
    path.write_bytes(content)
    # In a process of its own, which can be ended: no signal gets into the library.
    read = f"from hyperpoint.io.cubes import open_cube; print(open_cube({str(path)!r}).shape)"
    done = subprocess.run([sys.executable, "-c", read], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode in (0, 1)
    assert done.stdout == "(2, 3, 4)\n" or "CubeFormatError" in done.stderr
