from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from hyperpoint.cube import FloatArray
from hyperpoint.errors import ClassTableError, InputError, MissingFileError
from hyperpoint.io.classes import default_classes
from hyperpoint.io.images import write_png
from hyperpoint.io.masks import (
    colors_to_ids,
    read_confidence,
    read_label_ids,
    read_mask,
    used_ids,
    write_confidence,
    write_mask,
)
from hyperpoint.types import ClassTable, LabelArray

LABELS = np.array([[0, 1, 255], [2, 254, 255]], dtype=np.uint8)
TABLE = ClassTable(("wall", "door"), ((200, 80, 60), (0, 0, 255)))
in_one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@in_one_folder
@given(labels=arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9))))
def test_palette_png_comes_back_as_it_was(tmp_path: Path, labels: LabelArray) -> None:
    write_mask(tmp_path / "a.png", labels)
    np.testing.assert_array_equal(read_label_ids(tmp_path / "a.png"), labels)


def test_a_mask_is_an_eight_bit_palette_png_whatever_its_name(tmp_path: Path) -> None:
    write_mask(tmp_path / "a.out", np.array([[0, 1, 255]], np.uint8), TABLE)
    content = (tmp_path / "a.out").read_bytes()
    assert content[24:26] == bytes([8, 3])  # IHDR: bit depth 8, colour type palette
    image = Image.open(tmp_path / "a.out")
    assert np.asarray(image.convert("RGB")).tolist() == [[[200, 80, 60], [0, 0, 255], [0, 0, 0]]]


def test_a_mask_without_table_has_the_default_colours(tmp_path: Path) -> None:
    write_mask(tmp_path / "a.png", LABELS)
    shown = np.asarray(Image.open(tmp_path / "a.png").convert("RGB"))
    assert tuple(shown[1, 1].tolist()) == default_classes([254]).colors[254]
    assert shown[0, 2].tolist() == [0, 0, 0]
    write_mask(tmp_path / "nothing.png", np.full((2, 2), 255, np.uint8))
    assert (read_label_ids(tmp_path / "nothing.png") == 255).all()


def test_a_class_that_the_table_lacks_is_refused_and_no_file_is_left(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds class 254, but the class table ends with class 1"):
        write_mask(tmp_path / "a.png", LABELS, TABLE)
    with pytest.raises(InputError, match="uint8; got int64"):
        write_mask(tmp_path / "a.png", LABELS.astype(np.int64))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("a.png", LABELS),
        ("a.tif", LABELS),
        ("a.bmp", LABELS),
        ("a.png", LABELS.astype(np.uint16)),
        ("a.tif", LABELS.astype(np.uint16)),
        ("a.tif", LABELS.astype(np.int32)),
        ("a.tif", LABELS.astype(np.float32)),
    ],
)
def test_grey_masks_hold_ids(tmp_path: Path, name: str, values: LabelArray) -> None:
    Image.fromarray(values).save(tmp_path / name)
    np.testing.assert_array_equal(read_label_ids(tmp_path / name), LABELS)


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_grey_png_of_few_bits_holds_the_values_as_stored(tmp_path: Path, bits: int) -> None:
    """Decoders spread such values over 0..255."""
    highest = (1 << bits) - 1
    row = bytes([0, (1 << (8 - bits)) | (highest << (8 - 2 * bits))])  # filter byte; pixels 1 and `highest`
    chunks = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in (
            (b"IHDR", struct.pack(">IIBBBBB", 2, 1, bits, 0, 0, 0, 0)),
            (b"IDAT", zlib.compress(row)),
            (b"IEND", b""),
        )
    )
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunks)
    assert read_label_ids(tmp_path / "a.png").tolist() == [[1, highest]]


@pytest.mark.parametrize("values", [[[256]], [[65535]]])
def test_values_above_255_are_refused(tmp_path: Path, values: list[list[int]]) -> None:
    Image.fromarray(np.array(values, np.uint16)).save(tmp_path / "a.png")
    with pytest.raises(InputError, match=r"a\.png must hold whole numbers 0\.\.254"):
        read_label_ids(tmp_path / "a.png")


@pytest.mark.parametrize("value", [-1.0, 0.5, float("nan"), 1e9])
def test_floats_that_are_no_ids_are_refused(tmp_path: Path, value: float) -> None:
    Image.fromarray(np.array([[value]], np.float32)).save(tmp_path / "a.tif")
    with pytest.raises(InputError, match="must hold whole numbers"):
        read_label_ids(tmp_path / "a.tif")


def test_jpeg_colours_and_missing_files_are_refused(tmp_path: Path) -> None:
    Image.fromarray(LABELS).save(tmp_path / "a.jpg")
    with pytest.raises(InputError, match="is a JPEG"):
        read_label_ids(tmp_path / "a.jpg")
    write_png(tmp_path / "a.png", np.zeros((2, 2, 3), np.uint8))
    with pytest.raises(InputError, match="must hold ids"):
        read_label_ids(tmp_path / "a.png")
    with pytest.raises(InputError, match=r"is in colours; give the class table .* \(--classes\)"):
        read_mask(tmp_path / "a.png")
    with pytest.raises(MissingFileError):
        read_mask(tmp_path / "b.png")


def test_real_camvid_labels_hold_their_eleven_classes(shared_data: Path) -> None:
    path = min((shared_data / "camvid" / "train" / "labels").glob("[!.]*.png"))
    labels = read_label_ids(path)
    assert labels.shape == (360, 480)
    assert set(used_ids(labels)) <= set(range(11))


def test_real_float_geotiff_labels_are_read(shared_data: Path) -> None:
    labels = read_label_ids(shared_data / "native" / "enmap_potsdam" / "label_160_128.tif")
    assert labels.shape == (32, 32)
    assert used_ids(labels)[-1] <= 6


def test_masks_in_colours_need_exactly_those_of_the_table(tmp_path: Path) -> None:
    image = np.array([[(0, 0, 255), (200, 80, 60), (0, 0, 0)]], np.uint8)
    write_png(tmp_path / "a.png", image)
    assert read_mask(tmp_path / "a.png", TABLE).tolist() == [[1, 0, 255]]
    black = ClassTable(("dark", "door"), ((0, 0, 0), (0, 0, 255)))
    assert colors_to_ids(image[:, [0, 2]], black).tolist() == [[1, 0]]
    image[0, 1] = (200, 80, 61)
    write_png(tmp_path / "a.png", image)
    with pytest.raises(
        ClassTableError, match=r"a\.png: 1 pixels .* the first of them \(200, 80, 61\) at row 0, column 1"
    ):
        read_mask(tmp_path / "a.png", TABLE)


def test_one_colour_for_two_classes_is_refused() -> None:
    table = ClassTable(("a", "b"), ((1, 2, 3), (1, 2, 3)))
    with pytest.raises(ClassTableError, match=r"'a' and 'b' have the same colour \(1, 2, 3\)"):
        colors_to_ids(np.zeros((1, 1, 3), np.uint8), table)


@in_one_folder
@given(confidence=arrays(np.float32, (3, 4), elements=st.floats(0, 1, width=32)))
def test_confidence_comes_back_to_sixteen_bits(tmp_path: Path, confidence: FloatArray) -> None:
    write_confidence(tmp_path / "a.png", confidence)
    assert np.abs(read_confidence(tmp_path / "a.png") - confidence).max() <= 0.5 / 65535 + 1e-7


def test_confidence_is_sixteen_bit_grey_with_65535_for_one(tmp_path: Path) -> None:
    write_confidence(tmp_path / "a.png", np.array([[0, 1, 0.5]], np.float32))
    assert (tmp_path / "a.png").read_bytes()[24:26] == bytes([16, 0])
    assert np.asarray(Image.open(tmp_path / "a.png")).tolist() == [[0, 65535, 32768]]
    for bad in (1.1, -0.1, float("nan")):
        with pytest.raises(InputError, match=r"must lie in \[0, 1\]"):
            write_confidence(tmp_path / "b.png", np.array([[bad]], np.float32))
    write_mask(tmp_path / "mask.png", LABELS)
    with pytest.raises(InputError, match="grey with 16 bits"):
        read_confidence(tmp_path / "mask.png")
