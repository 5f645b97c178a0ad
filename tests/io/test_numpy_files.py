"""NumPy's files, whole and damaged."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hyperpoint.errors import InputError, PointsError
from hyperpoint.io.numpy_files import read_array_header, read_npz, telling


def _npy(text: str, version: int = 1, body: bytes = b"") -> bytes:
    encoded = text.encode() + b"\n"
    length = len(encoded).to_bytes(2 if version == 1 else 4, "little")
    return b"\x93NUMPY" + bytes([version, 0]) + length + encoded + body


def _npz(path: Path, method: int = zipfile.ZIP_DEFLATED, **members: bytes) -> None:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)


@pytest.mark.parametrize("array", [np.zeros((2, 3), "<f4"), np.zeros((4, 1, 2), ">u2", order="F"), np.array("text")])
def test_headers_are_those_that_numpy_writes(array: np.ndarray[Any, Any]) -> None:
    stream = io.BytesIO()
    np.save(stream, array)
    stream.seek(0)

    header = read_array_header(stream)

    assert (header.shape, header.dtype, header.num_bytes) == (array.shape, array.dtype, array.nbytes)
    assert header.is_fortran == (array.ndim > 2)
    assert header.start == stream.tell() == len(stream.getvalue()) - array.nbytes


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x93NUMPY\x01",
        b"\x93NUMPY\x09\x00" + bytes(20),
        b"\x93NUMPY\x02\x00\xff\xff\xff\xff{",  # a header of 4 GB
        _npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 3)}"),
        _npy("{'descr': '<f4', 'fortran_order': False, 'shape': (True,)}"),
        _npy("{'descr': '|V0', 'fortran_order': False, 'shape': (1000000000000,)}"),
        _npy("{'descr': '<f4', 'fortran_order': False, 'shape': (3,", version=2),
        _npy("{'descr': __import__('os').getcwd(), 'fortran_order': False, 'shape': (3,)}"),
        _npy("(" * 5000),
    ],
)
def test_headers_that_describe_nothing_are_refused(content: bytes, tmp_path: Path) -> None:
    with (
        pytest.raises(InputError, match="a is no array, or a damaged one"),
        telling(tmp_path / "a", "array", InputError),
    ):
        read_array_header(io.BytesIO(content))


def test_named_arrays_are_read_as_far_as_they_are_there(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", one=np.arange(3), two=np.ones(2))
    arrays, found = read_npz(tmp_path / "a.npz", ("two", "three"), "point set", PointsError)
    assert found == ["one", "two"]
    assert arrays.keys() == {"two"}
    np.testing.assert_array_equal(arrays["two"], 1)


@pytest.mark.parametrize("order", ["<", ">"])
def test_letters_that_are_none_are_refused(order: str, tmp_path: Path) -> None:
    texts = np.array(["a", "b"], dtype=f"{order}U1")
    np.savez(tmp_path / "good.npz", names=texts)
    assert read_npz(tmp_path / "good.npz", ("names",), "library", InputError)[0]["names"].tolist() == ["a", "b"]
    texts.view(f"{order}u4")[1] = 0x110000  # one more than Unicode has
    np.savez(tmp_path / "bad.npz", names=texts)
    with pytest.raises(InputError, match="letters beyond Unicode"):
        read_npz(tmp_path / "bad.npz", ("names",), "library", InputError)


def test_an_array_that_claims_terabytes_is_refused(tmp_path: Path) -> None:
    huge = _npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000, 1000000)}", body=bytes(8))
    _npz(tmp_path / "a.npz", rows=huge)
    with pytest.raises(PointsError, match="its header describes 80000000000"):
        read_npz(tmp_path / "a.npz", ("rows",), "point set", PointsError)


def test_a_bomb_is_refused_by_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hyperpoint.io.inflation.most_unpacked_bytes", lambda: 1 << 20)
    np.savez_compressed(tmp_path / "a.npz", rows=np.zeros(1 << 18))
    with pytest.raises(PointsError, match="at once"):
        read_npz(tmp_path / "a.npz", ("rows",), "point set", PointsError)


def test_other_methods_of_compression_are_refused(tmp_path: Path) -> None:
    _npz(tmp_path / "a.npz", zipfile.ZIP_LZMA, rows=_npy("{'descr': '<f4', 'fortran_order': False, 'shape': ()}"))
    with pytest.raises(PointsError, match="compressed by another method"):
        read_npz(tmp_path / "a.npz", ("rows",), "point set", PointsError)


def test_a_member_that_is_no_array_is_refused(tmp_path: Path) -> None:
    _npz(tmp_path / "a.npz", rows=b"nothing of the kind")
    with pytest.raises(PointsError, match="does not begin as one"):
        read_npz(tmp_path / "a.npz", ("rows",), "point set", PointsError)
