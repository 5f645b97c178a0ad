"""Elements of MATLAB files that SciPy must not get to see."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from hyperpoint.errors import CubeFormatError
from hyperpoint.io.cubes import open_cube
from hyperpoint.io.cubes._matlab_elements import check_elements

# Where things stand in the file below: header of 128 bytes, tag, flags (16), sizes (24), name (8), tag of the numbers.
_MATRIX_LENGTH, _FLAGS_LENGTH, _NAME, _KIND, _LENGTH = 132, 140, 176, 184, 188


@pytest.fixture
def content() -> bytearray:
    stream = io.BytesIO()
    savemat(stream, {"abcd": np.ones((2, 3, 4))}, do_compression=False)
    return bytearray(stream.getvalue())


def _compressed(content: bytes) -> bytes:
    packed = zlib.compress(content[128:])
    return content[:128] + struct.pack("<II", 15, len(packed)) + packed


@pytest.mark.parametrize("is_compressed", [False, True])
def test_whole_files_pass(tmp_path: Path, is_compressed: bool) -> None:
    cell = np.empty(1, dtype=object)
    cell[0] = "text"
    values = {"a": np.ones((2, 3)), "b": np.array([1 + 2j]), "c": cell, "d": {"e": 1}, "f": "x", "g": np.uint8(3)}
    savemat(tmp_path / "a.mat", values, do_compression=is_compressed)
    assert check_elements(tmp_path / "a.mat") == {"b"}


@pytest.mark.parametrize("is_compressed", [False, True])
@pytest.mark.parametrize(
    ("at", "number"),
    [(_FLAGS_LENGTH, 1 << 31), (_LENGTH, 0xFFFFFFFF), (_KIND, 14), (_KIND, 99), (_KIND, 16), (128, 9)],
)
def test_what_would_crash_or_flood_scipy_is_refused(
    tmp_path: Path, content: bytearray, at: int, number: int, is_compressed: bool
) -> None:
    content[at : at + 4] = struct.pack("<I", number)
    (tmp_path / "a.mat").write_bytes(_compressed(bytes(content)) if is_compressed and at != 128 else bytes(content))
    with pytest.raises(CubeFormatError, match=r"a\.mat is no MATLAB file, or a truncated or damaged one"):
        open_cube(tmp_path / "a.mat")


def test_an_element_longer_than_the_file_is_refused(tmp_path: Path, content: bytearray) -> None:
    content[_MATRIX_LENGTH : _MATRIX_LENGTH + 4] = struct.pack("<I", len(content))
    (tmp_path / "a.mat").write_bytes(content)
    with pytest.raises(CubeFormatError, match=f"would have {len(content)} bytes"):
        check_elements(tmp_path / "a.mat")


def test_a_complex_cube_is_not_taken_for_a_real_one(tmp_path: Path) -> None:
    savemat(tmp_path / "a.mat", {"cube": np.ones((2, 3, 4)) * 1j})
    with pytest.raises(CubeFormatError, match="no array that is clearly a cube"):
        open_cube(tmp_path / "a.mat")


def test_version_4_has_no_such_elements(tmp_path: Path) -> None:
    savemat(tmp_path / "a.mat", {"a": np.ones((2, 3))}, format="4")
    assert check_elements(tmp_path / "a.mat") == set()


@pytest.mark.parametrize("is_compressed", [False, True])
def test_parts_are_not_hidden_behind_a_long_name_or_an_odd_tag(
    tmp_path: Path, content: bytearray, is_compressed: bool
) -> None:
    long_name = bytearray(content[: _NAME - 4])
    long_name += struct.pack("<II", 1, 5000) + bytes(5000) + struct.pack("<II", 99, 8) + bytes(8)
    long_name[_MATRIX_LENGTH : _MATRIX_LENGTH + 4] = struct.pack("<I", len(long_name) - 136)
    odd_tag = bytearray(content)
    odd_tag[136:140] = struct.pack("<HH", 6, 24)  # a small part may have four bytes
    for changed in (long_name, odd_tag):
        (tmp_path / "a.mat").write_bytes(_compressed(bytes(changed)) if is_compressed else bytes(changed))
        with pytest.raises(CubeFormatError, match="truncated or damaged one: an element"):
            open_cube(tmp_path / "a.mat")
