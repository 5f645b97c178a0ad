"""An ENVI header opens no file but its namesakes beside it, and takes no memory on its word alone."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from hyperpoint.errors import CubeFormatError, MissingFileError
from hyperpoint.io.cubes import open_cube

_HEADER = "ENVI\nsamples = 4\nlines = 3\nbands = 2\ndata type = 1\ninterleave = bsq\nbyte order = 0\n"


@pytest.mark.parametrize("field", ["data file", "DATA FILE", "raw data file"])
def test_a_data_file_elsewhere_is_not_followed(tmp_path: Path, field: str) -> None:
    folder = tmp_path / "scenes"
    folder.mkdir()
    for secret in (tmp_path / "secret.dat", folder / "secret.dat"):
        secret.write_bytes(bytes(24))
    for place in ("../secret.dat", str(tmp_path / "secret.dat"), "secret.dat"):
        (folder / "scene.hdr").write_text(f"{_HEADER}{field} = {place}\n", encoding="ascii")
        with pytest.raises(MissingFileError, match="has no data file"):
            open_cube(folder / "scene.hdr")


def test_ten_terabytes_are_refused_before_memory_is_taken(tmp_path: Path) -> None:
    huge = _HEADER.replace("= 4\n", "= 1000000\n").replace("= 3\n", "= 1000000\n").replace("bands = 2", "bands = 10")
    (tmp_path / "scene.hdr").write_text(huge, encoding="ascii")
    (tmp_path / "scene.dat").write_bytes(bytes(24))
    with pytest.raises(CubeFormatError, match="need 10000000000000 bytes, and it has 24"):
        open_cube(tmp_path / "scene.hdr")


def test_a_gzip_bomb_is_refused_by_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    header = _HEADER.replace("lines = 3", "lines = 3000000") + "file compression = 1\n"
    (tmp_path / "scene.hdr").write_text(header, encoding="ascii")
    (tmp_path / "scene.dat").write_bytes(gzip.compress(bytes(24_000_000)))
    monkeypatch.setattr("hyperpoint.io.inflation.most_unpacked_bytes", lambda: 23_000_000)
    with pytest.raises(CubeFormatError, match=r"unpacked to 0\.0 GB at once"):
        open_cube(tmp_path / "scene.hdr")
    monkeypatch.setattr("hyperpoint.io.inflation.most_unpacked_bytes", lambda: 25_000_000)
    assert open_cube(tmp_path / "scene.hdr").shape == (3_000_000, 4, 2)


def test_a_bomb_that_the_header_does_not_own_up_to_is_not_unpacked(tmp_path: Path) -> None:
    (tmp_path / "scene.hdr").write_text(f"{_HEADER}file compression = 1\n", encoding="ascii")
    (tmp_path / "scene.dat").write_bytes(gzip.compress(bytes(50_000_000)))
    with pytest.raises(CubeFormatError, match="unpacks to more than the 24 bytes"):
        open_cube(tmp_path / "scene.hdr")


@pytest.mark.parametrize("scale", ["0", "-1", "1e-320", "1e300", "inf"])
def test_a_scale_that_loses_every_value_is_refused(tmp_path: Path, scale: str) -> None:
    (tmp_path / "scene.hdr").write_text(f"{_HEADER}reflectance scale factor = {scale}\n", encoding="ascii")
    np.ones(24, "u1").tofile(tmp_path / "scene.dat")
    with pytest.raises(CubeFormatError, match="reflectance scale factor"):
        open_cube(tmp_path / "scene.hdr")
