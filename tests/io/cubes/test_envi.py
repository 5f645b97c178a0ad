"""ENVI files: layouts, types, pairs of files, damage."""

from __future__ import annotations

import gzip
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hyperpoint.errors import CubeFormatError, MissingFileError
from hyperpoint.io.cubes.envi import open_envi

Array = NDArray[np.float32]
WriteEnvi = Callable[..., Path]


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    shape=st.tuples(*[st.integers(1, 6)] * 3),
    interleave=st.sampled_from(["bsq", "bil", "bip"]),
    dtype=st.sampled_from(["u1", "i2", "i4", "f4", "f8", "u2", "u4", "i8", "u8"]),
    big_endian=st.booleans(),
    offset=st.integers(0, 9),
    seed=st.integers(0, 99),
)
def test_every_layout_and_type_comes_back(
    tmp_path: Path,
    write_envi: WriteEnvi,
    shape: tuple[int, int, int],
    interleave: str,
    dtype: str,
    big_endian: bool,
    offset: int,
    seed: int,
) -> None:
    values = np.random.default_rng(seed).integers(0, 250, shape).astype(dtype)
    header = write_envi(tmp_path, values, interleave, big_endian=big_endian, offset=offset)
    cube = open_envi(header)
    assert cube.shape == shape and cube.dtype.newbyteorder("=") == values.dtype
    np.testing.assert_array_equal(cube.read(), values.astype(np.float32))
    rows, cols = np.array([shape[0] - 1, 0]), np.array([0, shape[1] - 1])
    np.testing.assert_array_equal(cube.pixels(rows, cols), values[rows, cols].astype(np.float32))


def test_agrees_with_spectral_python(tmp_path: Path, write_envi: WriteEnvi) -> None:
    import spectral

    values = np.random.default_rng(0).integers(-9000, 9000, (4, 5, 6)).astype("i2")
    for interleave in ("bsq", "bil", "bip"):
        header = write_envi(tmp_path, values, interleave, big_endian=True, offset=3)
        theirs = spectral.envi.open(str(header)).load()
        np.testing.assert_array_equal(open_envi(header).read(), np.asarray(theirs))


@pytest.mark.parametrize("suffix", [".dat", ".raw", ".img", ".bsq", ".bil", ".bip", "", ".DAT", ".Raw"])
def test_header_and_data_find_each_other(tmp_path: Path, tiny: Array, write_envi: WriteEnvi, suffix: str) -> None:
    header = write_envi(tmp_path, tiny, suffix=suffix)
    for path in (header, tmp_path / f"scene{suffix}"):
        np.testing.assert_array_equal(open_envi(path).read(), tiny)


def test_header_named_after_the_whole_data_file(tmp_path: Path, tiny: Array, write_envi: WriteEnvi) -> None:
    write_envi(tmp_path, tiny, suffix=".dat").rename(tmp_path / "scene.dat.hdr")
    for name in ("scene.dat", "scene.dat.hdr"):
        np.testing.assert_array_equal(open_envi(tmp_path / name).read(), tiny)


def test_upper_case_header(tmp_path: Path, tiny: Array, write_envi: WriteEnvi) -> None:
    write_envi(tmp_path, tiny).rename(tmp_path / "scene.HDR")
    np.testing.assert_array_equal(open_envi(tmp_path / "scene.dat").read(), tiny)
    np.testing.assert_array_equal(open_envi(tmp_path / "scene.HDR").read(), tiny)


def test_of_several_data_files_the_one_that_is_long_enough(tmp_path: Path, tiny: Array, write_envi: WriteEnvi) -> None:
    header = write_envi(tmp_path, tiny, suffix=".raw")
    (tmp_path / "scene.dat").write_bytes(b"notes")
    np.testing.assert_array_equal(open_envi(header).read(), tiny)


def test_header_without_data(tmp_path: Path, tiny: Array, write_envi: WriteEnvi) -> None:
    header = write_envi(tmp_path, tiny)
    (tmp_path / "scene.dat").unlink()
    with pytest.raises(MissingFileError, match=r"scene\.hdr has no data file: .*called scene"):
        open_envi(header)


def test_data_without_header(tmp_path: Path) -> None:
    (tmp_path / "scene.raw").write_bytes(bytes(10))
    with pytest.raises(MissingFileError, match=r"neither scene\.hdr nor scene\.raw\.hdr"):
        open_envi(tmp_path / "scene.raw")


def test_truncated_file_tells_both_sizes(tmp_path: Path, tiny: Array, write_envi: WriteEnvi) -> None:
    header = write_envi(tmp_path, tiny, offset=8)
    data = tmp_path / "scene.dat"
    data.write_bytes(data.read_bytes()[:-1])
    with pytest.raises(CubeFormatError, match=r"truncated: .* need 248 bytes, and it has 247"):
        open_envi(header)


def test_a_file_that_shrinks_after_opening(tmp_path: Path, tiny: Array, write_envi: WriteEnvi) -> None:
    cube = open_envi(write_envi(tmp_path, tiny, "bip"))
    data = tmp_path / "scene.dat"
    data.write_bytes(data.read_bytes()[:100])
    with pytest.raises(CubeFormatError, match="140 bytes early"):
        cube.read()


@pytest.mark.parametrize("fields", [{}, {"file_compression": "1"}])
def test_a_header_that_claims_terabytes_is_refused_at_once(
    tmp_path: Path, tiny: Array, write_envi: WriteEnvi, fields: dict[str, str]
) -> None:
    header = write_envi(tmp_path, tiny, samples="1000000", lines="1000000", bands="10", pack=gzip.compress, **fields)
    with pytest.raises(CubeFormatError, match="40000000000000 bytes"):
        open_envi(header)


def test_longer_file_is_read_with_a_warning(
    tmp_path: Path, tiny: Array, write_envi: WriteEnvi, caplog: pytest.LogCaptureFixture
) -> None:
    header = write_envi(tmp_path, tiny, pack=lambda samples: samples + bytes(5))
    np.testing.assert_array_equal(open_envi(header).read(), tiny)
    assert "5 more than its header describes" in caplog.text


def test_missing_byte_order_is_told_once(
    tmp_path: Path, tiny: Array, write_envi: WriteEnvi, caplog: pytest.LogCaptureFixture
) -> None:
    header = write_envi(tmp_path, tiny, byte_order=None)
    for _ in range(2):
        np.testing.assert_array_equal(open_envi(header).read(), tiny)
    warnings = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 1 and "little-endian" in warnings[0].getMessage()


class TestGzip:
    def pack(self, folder: Path, values: NDArray[Any], write: WriteEnvi, change: Callable[[bytes], bytes]) -> Path:
        return write(folder, values, "bsq", offset=4, file_compression="1", pack=lambda raw: change(raw))

    def test_offset_counts_unpacked(self, tmp_path: Path, tiny: Array, write_envi: WriteEnvi) -> None:
        cube = open_envi(self.pack(tmp_path, tiny, write_envi, gzip.compress))
        np.testing.assert_array_equal(cube.read(), tiny)

    def test_not_packed_after_all(self, tmp_path: Path, tiny: Array, write_envi: WriteEnvi) -> None:
        np.testing.assert_array_equal(open_envi(self.pack(tmp_path, tiny, write_envi, bytes)).read(), tiny)

    def test_unpacks_to_more_than_promised(self, tmp_path: Path, tiny: Array, write_envi: WriteEnvi) -> None:
        header = self.pack(tmp_path, tiny, write_envi, lambda raw: gzip.compress(raw + bytes(10_000_000)))
        with pytest.raises(CubeFormatError, match="more than the 244 bytes"):
            open_envi(header)

    @pytest.mark.parametrize(
        "change",
        [
            lambda raw: gzip.compress(raw[:-1]),
            lambda raw: gzip.compress(raw)[:-12],
            lambda raw: gzip.compress(raw)[:30] + b"\xff\xff\xff" + gzip.compress(raw)[33:],
        ],
        ids=["too few samples", "cut off", "damaged"],
    )
    def test_damage(self, tmp_path: Path, tiny: Array, write_envi: WriteEnvi, change: Callable[[bytes], bytes]) -> None:
        with pytest.raises(CubeFormatError, match="truncated or damaged: unpacked it must have 244 bytes"):
            open_envi(self.pack(tmp_path, tiny, write_envi, change))


def test_no_data_and_saturation_and_scale(tmp_path: Path, write_envi: WriteEnvi) -> None:
    values = np.array([[[0, 5000, 65535]]], dtype="u2")
    cube = open_envi(write_envi(tmp_path, values, data_ignore_value="0", reflectance_scale_factor="10000"))
    np.testing.assert_array_equal(cube.read(), np.array([[[np.nan, 0.5, np.inf]]], dtype=np.float32))
    assert cube.is_reflectance is True
    assert cube.good_bands.tolist() == [False, True, True]


def test_stated_ceiling_is_saturation_of_raw_counts_only(tmp_path: Path, write_envi: WriteEnvi) -> None:
    values = np.array([[[100, 4095]]], dtype="u2")
    assert open_envi(write_envi(tmp_path, values, ceiling="4095")).read().tolist() == [[[100, np.inf]]]
    scaled = open_envi(write_envi(tmp_path, values, ceiling="4095", reflectance_scale_factor="4095"))
    assert scaled.read()[0, 0, 1] == 1


def test_float_infinities_are_left_alone(tmp_path: Path, write_envi: WriteEnvi) -> None:
    values = np.array([[[1, np.inf, -np.inf]]], dtype="f4")
    np.testing.assert_array_equal(open_envi(write_envi(tmp_path, values)).read(), values)


def test_bad_bands_stated_and_found(tmp_path: Path, write_envi: WriteEnvi) -> None:
    values = np.ones((40, 3, 4), dtype="f4")
    values[..., 2] = -9999
    values[:20, :, 3] = -9999  # holds data below
    header = write_envi(tmp_path, values, data_ignore_value="-9999", bbl="{1, 0, 1, 1}")
    assert open_envi(header).good_bands.tolist() == [True, False, False, True]


def test_an_image_without_any_data_keeps_its_bands(tmp_path: Path, write_envi: WriteEnvi) -> None:
    values = np.full((3, 3, 2), np.nan, dtype="f4")
    assert open_envi(write_envi(tmp_path, values)).good_bands.all()


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"interleave": "tile"}, "interleave = 'tile'; bsq, bil or bip"),
        ({"data_type": "6"}, "complex samples"),
        ({"reflectance_scale_factor": "-1"}, "scale factor of -1; it must be above 0"),
        ({"data_type": "7"}, "data type = 7; known are"),
        ({"samples": None}, "has no field 'samples'"),
        ({"samples": "0"}, "samples = 0; a whole number from 1"),
        ({"lines": "-3"}, "lines = -3"),
        ({"bands": "many"}, "bands = many"),
        ({"header_offset": "-1"}, "header offset = -1"),
        ({"byte_order": "2"}, "byte order = 2"),
        ({"file_type": "ENVI Spectral Library"}, "spectral library, not an image"),
        ({"major_frame_offsets": "{4, 0}"}, "major frame offsets"),
    ],
)
def test_headers_that_cannot_be_read(
    tmp_path: Path, tiny: Array, write_envi: WriteEnvi, fields: dict[str, str | None], told: str
) -> None:
    with pytest.raises(CubeFormatError, match=told) as caught:
        open_envi(write_envi(tmp_path, tiny, **fields))
    assert "\n" not in str(caught.value)
