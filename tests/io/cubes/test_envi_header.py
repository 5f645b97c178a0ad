"""Fields of ENVI headers, and the odd ways in which they are written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hyperpoint.errors import CubeFormatError
from hyperpoint.io.cubes._envi_header import EnviHeader, read_header

_SIZES = "samples = 4\nlines = 3\nbands = 2\n"
_WKT = 'PROJCS["UTM_Zone_33N",UNIT["Meter",1.0]]'


def _header(folder: Path, text: str | bytes) -> EnviHeader:
    path = folder / "scene.hdr"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_header(path)


@pytest.mark.parametrize(
    "text",
    [
        "ENVI\n" + _SIZES + "wavelength = {\n500,\n600}\n",
        "ENVI\nSamples=4\n  LINES  =3\nbands\t=\t2\nWaveLength={ 500 , 600 }\n",
        "\n\nENVI\n" + _SIZES + "wavelength = {500, 600}\n",
        "\ufeffENVI\n" + _SIZES + "wavelength = {500, 600}\n",
        "envi\r\nsamples = 4\r\nlines = 3\r\nbands = 2\r\nwavelength = {500,\r\n; half way\r\n600}\r\n",
        "ENVI\n" + _SIZES + "wavelength = {500, 600",
        ("ENVI\ndescription = {in µm}\n" + _SIZES + "wavelength = {500, 600}\n").encode("latin-1"),
    ],
    ids=["plain", "odd spacing", "blank lines first", "byte-order mark", "lower case, CRLF", "open brace", "latin-1"],
)
def test_ways_of_writing(tmp_path: Path, text: str | bytes) -> None:
    header = _header(tmp_path, text)
    assert header.sizes == (3, 4, 2)
    assert header.wavelengths is not None and header.wavelengths.tolist() == [500, 600]


@pytest.mark.parametrize("text", ["", "#?RADIANCE\n", "samples = 4\n", b"ENVI\0\1\2\3"])
def test_no_envi_header(tmp_path: Path, text: str | bytes) -> None:
    with pytest.raises(CubeFormatError, match="no ENVI header"):
        _header(tmp_path, text)


def test_a_huge_file_is_not_parsed(tmp_path: Path) -> None:
    path = tmp_path / "scene.hdr"
    with path.open("wb") as file:
        file.write(b"ENVI\n")
        file.truncate(1 << 40)
    with pytest.raises(CubeFormatError, match="it has 1099511627776 bytes"):
        read_header(path)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("wavelength = {0.5, 0.6}\nwavelength units = Micrometers", [500, 600]),
        ("wavelength = {0.5, 0.6}", [500, 600]),
        ("wavelength = {500, 600}\nwavelength units = Micrometers", [500, 600]),
        ("wavelength = {500, 600}\nwavelength units = Nanometers", [500, 600]),
        ("wavelength = {5000, 6000}\nwavelength units = Angstroms", [500, 600]),
        ("wavelength = {1, 2}\nwavelength units = Index", None),
        ("band names = {band 12 (550.3 nm), band 13 (0.56 Micrometers)}", [550.3, 560]),
        ("band names = {band 1, band 2}", None),
        ("wavelength = {500, 600, 700}", None),
        ("wavelength = {500, what}", None),
        ("", None),
    ],
)
def test_wavelengths(tmp_path: Path, fields: str, expected: list[float] | None) -> None:
    found = _header(tmp_path, f"ENVI\n{_SIZES}{fields}\n").wavelengths
    assert (found is None) == (expected is None)
    if expected is not None and found is not None:
        np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("reflectance scale factor = 10000", True),
        ("z plot titles = {wavelength [nm], Reflectance [* 10000]}", True),
        ("data units = Radiance", False),
        ("description = {radiance to reflectance}", None),
    ],
)
def test_is_reflectance(tmp_path: Path, fields: str, expected: bool | None) -> None:
    assert _header(tmp_path, f"ENVI\n{_SIZES}{fields}\n").is_reflectance is expected


def test_bad_band_list_of_another_length_is_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert _header(tmp_path, f"ENVI\n{_SIZES}bbl = {{1, 0, 1}}\n").good_bands is None
    assert "3 entries for 2 bands" in caplog.text


@pytest.mark.parametrize("rotation", ["", ", rotation=30"])
def test_georeference_is_that_of_gdal(tmp_path: Path, rotation: str) -> None:
    rasterio = pytest.importorskip("rasterio")
    map_info = f"{{UTM, 2.5, 1.5, 1000, 2000, 10, 20, 33, North, WGS-84, units=Meters{rotation}}}"
    rest = "data type = 1\ninterleave = bsq\nbyte order = 0\nheader offset = 0\n"
    text = f"ENVI\n{_SIZES}{rest}map info = {map_info}\ncoordinate system string = {{{_WKT}}}\n"
    found = _header(tmp_path, text).georeference
    (tmp_path / "scene.img").write_bytes(bytes(24))
    with rasterio.open(tmp_path / "scene.img") as theirs:
        expected = tuple(theirs.transform)[:6]
    assert found is not None and found.crs == _WKT
    np.testing.assert_allclose(found.transform, expected, atol=1e-9)


@pytest.mark.parametrize(
    "fields",
    [
        "map info = {UTM, 1, 1, 1000, 2000, 10, 20, 33, North, WGS-84}",
        f"coordinate system string = {{{_WKT}}}",
        f"map info = {{Arbitrary, 1, 1}}\ncoordinate system string = {{{_WKT}}}",
    ],
    ids=["no coordinate system", "no map info", "map info too short"],
)
def test_no_georeference(tmp_path: Path, fields: str) -> None:
    assert _header(tmp_path, f"ENVI\n{_SIZES}{fields}\n").georeference is None
