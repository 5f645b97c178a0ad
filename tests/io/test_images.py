from __future__ import annotations

import logging
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hyperpoint.errors import InputError, MissingFileError
from hyperpoint.io.images import is_in_colours, picture_size, read_rgb, write_png
from hyperpoint.types import UInt8Array


def picture(height: int = 5, width: int = 7) -> UInt8Array:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("suffix", ["png", "tif", "bmp"])
def test_colours_come_back_as_they_were(tmp_path: Path, suffix: str) -> None:
    image = picture()
    Image.fromarray(image).save(tmp_path / f"a.{suffix}")
    got = read_rgb(tmp_path / f"a.{suffix}")
    np.testing.assert_array_equal(got, image)
    assert got.flags.writeable


def test_jpeg_has_the_right_shape_and_nearly_the_colour(tmp_path: Path) -> None:
    Image.fromarray(np.full((6, 9, 3), (200, 100, 50), np.uint8)).save(tmp_path / "a.jpg")
    got = read_rgb(tmp_path / "a.jpg")
    assert got.shape == (6, 9, 3)
    assert abs(got.astype(int) - (200, 100, 50)).max() < 8


def test_grey_becomes_three_equal_channels(tmp_path: Path) -> None:
    grey = picture()[:, :, 0]
    write_png(tmp_path / "a.png", grey)
    np.testing.assert_array_equal(read_rgb(tmp_path / "a.png"), np.stack([grey] * 3, axis=2))


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_sixteen_bits_are_scaled_by_their_full_range(tmp_path: Path, suffix: str) -> None:
    Image.fromarray(np.array([[0, 0x12FF, 0xFFFF]], np.uint16)).save(tmp_path / f"a.{suffix}")
    assert read_rgb(tmp_path / f"a.{suffix}")[0, :, 1].tolist() == [0, 0x12, 255]


def test_alpha_and_palette_are_resolved(tmp_path: Path) -> None:
    image = picture()
    alpha = np.arange(35, dtype=np.uint8).reshape(5, 7, 1)
    Image.fromarray(np.concatenate([image, alpha], axis=2)).save(tmp_path / "rgba.png")
    np.testing.assert_array_equal(read_rgb(tmp_path / "rgba.png"), image)
    palette = Image.fromarray(np.array([[0, 1]], np.uint8))
    palette.putpalette([10, 20, 30, 40, 50, 60])
    palette.save(tmp_path / "p.png", transparency=b"\x00\x80")
    assert read_rgb(tmp_path / "p.png").tolist() == [[[10, 20, 30], [40, 50, 60]]]


def test_exif_orientation_is_not_applied_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(picture()).save(tmp_path / "a.jpg", exif=exif)
    logger = logging.getLogger("hyperpoint")
    logger.addHandler(caplog.handler)
    try:
        assert read_rgb(tmp_path / "a.jpg").shape == (5, 7, 3)
    finally:
        logger.removeHandler(caplog.handler)
    assert "orientation 6, which is not applied" in caplog.text


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "bmp"])
def test_a_file_that_ends_early_is_named(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"scene.{suffix}"
    Image.fromarray(picture(60, 80)).save(path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(InputError, match=rf"scene\.{suffix} is (damaged or incomplete|no picture)"):
        read_rgb(path)


def test_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"the rgb image .*a\.png does not exist"):
        read_rgb(tmp_path / "a.png")
    (tmp_path / "a.png").write_bytes(b"row,col,label\n")
    with pytest.raises(InputError, match="no picture that can be read"):
        read_rgb(tmp_path / "a.png")
    Image.fromarray(np.zeros((2, 2), np.float32)).save(tmp_path / "f.tif")
    with pytest.raises(InputError, match="32 bits a value"):
        read_rgb(tmp_path / "f.tif")


def test_a_decompression_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_png(tmp_path / "a.png", np.zeros((50, 50), np.uint8))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(InputError, match="more than 2,000 pixels"):
        read_rgb(tmp_path / "a.png")


def test_a_small_file_that_says_it_is_a_huge_picture_is_refused(tmp_path: Path) -> None:
    write_png(tmp_path / "a.png", np.zeros((5, 5), np.uint8))
    content = bytearray((tmp_path / "a.png").read_bytes())
    content[16:24] = struct.pack(">II", 9_500, 9_000)
    content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
    (tmp_path / "a.png").write_bytes(content)
    for read in (read_rgb, picture_size):
        with pytest.raises(InputError, match="says that it has 9000 x 9500 pixels, more than its"):
            read(tmp_path / "a.png")


def test_an_empty_large_picture_is_no_bomb(tmp_path: Path) -> None:
    Image.new("1", (5000, 4000)).save(tmp_path / "a.png")
    assert picture_size(tmp_path / "a.png") == (4000, 5000)


def test_formats_that_are_handed_to_other_programs_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nshowpage\n")
    with Image.open(tmp_path / "a.png") as image:  # Pillow would
        assert image.format == "EPS"
    with pytest.raises(InputError, match="no picture that can be read"):
        read_rgb(tmp_path / "a.png")


def test_write_png_refuses_other_arrays_and_leaves_no_file(tmp_path: Path) -> None:
    for bad in (np.zeros((2, 2, 3), np.uint16), np.zeros((2, 2, 4), np.uint8), np.zeros((0, 2), np.uint8)):
        with pytest.raises(InputError, match="a PNG is written from"):
            write_png(tmp_path / "a.png", bad)
    assert list(tmp_path.iterdir()) == []


def test_the_size_is_read_off_the_header(tmp_path: Path) -> None:
    write_png(tmp_path / "a.png", picture(5, 7))
    (tmp_path / "a.png").write_bytes((tmp_path / "a.png").read_bytes()[:60])  # nothing but the header is left
    assert picture_size(tmp_path / "a.png") == (5, 7)
    (tmp_path / "b.png").write_bytes(b"no picture")
    with pytest.raises(InputError, match=r"b\.png is no picture that can be read"):
        picture_size(tmp_path / "b.png")
    with pytest.raises(MissingFileError):
        picture_size(tmp_path / "c.png")


def test_pictures_in_colours_are_told_by_their_header(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_png(tmp_path / "a.png", picture(5, 7))
    write_png(tmp_path / "b.png", np.zeros((5, 5), np.uint8))
    (tmp_path / "c.png").write_bytes(b"no picture")
    assert [is_in_colours(tmp_path / name) for name in ("a.png", "b.png", "c.png", "d.png")] == [
        True,
        False,
        False,
        False,
    ]
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    assert not is_in_colours(tmp_path / "a.png")
