from __future__ import annotations

import logging
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hyperpoint.catalog.checking import check_copy
from hyperpoint.catalog.dataset import Dataset, load_dataset
from hyperpoint.errors import MissingFileError
from hyperpoint.io.images import read_rgb, write_png
from hyperpoint.synth import synthesise

SIZE = (32, 40)


@pytest.fixture
def facades(tmp_path: Path) -> Path:
    synthesise(tmp_path, "lib-hsi", 3, SIZE)
    return tmp_path


@pytest.fixture
def lib_hsi() -> Dataset:
    return load_dataset("lib-hsi")


def only(pattern: str, root: Path) -> Path:
    (path,) = root.glob(pattern)
    return path


def test_a_copy_in_order_has_no_problem(facades: Path, lib_hsi: Dataset) -> None:
    told: list[tuple[int, int, str]] = []
    report = check_copy(lib_hsi, facades, lambda done, total, what: told.append((done, total, what)))
    assert report.problems == []
    assert report.num_scenes == {"train": 1, "validation": 1, "test": 1}
    assert (dict(report.num_bands), dict(report.sizes)) == ({204: 3}, {SIZE: 3})
    assert report.notes == [
        "1 of the 393 scenes of the split 'train' are here",
        "1 of the 45 scenes of the split 'validation' are here",
        "1 of the 75 scenes of the split 'test' are here",
    ]
    assert told[-1][:2] == (3, 3)
    assert told[0][2].startswith("train/")


def test_a_copy_of_hsicity2_in_order_has_no_problem(tmp_path: Path) -> None:
    synthesise(tmp_path, "hsicity2", 2, SIZE)
    report = check_copy(load_dataset("hsicity2"), tmp_path)
    assert report.problems == []
    assert dict(report.num_bands) == {128: 2}


def remove_photo(root: Path) -> str:
    only("train/rgb/*.png", root).unlink()
    return r"train/\w+ lacks its photo \(.*rgb"


def remove_cube_and_labels(root: Path) -> str:
    only("train/reflectance_cubes/*.hdr", root).unlink()
    only("train/labels/*.png", root).unlink()
    return r"train/\w+ lacks its cube \(.*\.hdr\) and its label image \(.*labels"


def truncate_cube(root: Path) -> str:
    data = only("test/reflectance_cubes/*.dat", root)
    data.write_bytes(data.read_bytes()[:-4])
    return r"test/.*truncated"


def lengthen_cube(root: Path) -> str:
    data = only("test/reflectance_cubes/*.dat", root)
    data.write_bytes(data.read_bytes() + b"more")
    return r"test/.*4 more than its header describes"


def break_header(root: Path) -> str:
    header = only("test/reflectance_cubes/*.hdr", root)
    header.write_text(header.read_text().replace("bands = 204", "bands = many"))
    return r"test/.*says bands = many"


def drop_bands(root: Path) -> str:
    header, data = (only(f"test/reflectance_cubes/*{suffix}", root) for suffix in (".hdr", ".dat"))
    lines = [line for line in header.read_text().splitlines() if not line.startswith("wavelength")]
    header.write_text("\n".join(lines).replace("bands = 204", "bands = 102"))
    data.write_bytes(data.read_bytes()[: data.stat().st_size // 2])
    return r"test/\w+: the cube has 102 bands, most have 204"


def swap_sides(root: Path) -> str:
    header = only("test/reflectance_cubes/*.hdr", root)
    text = header.read_text().replace("samples = 32", "samples = 4O").replace("lines = 40", "lines = 32")
    header.write_text(text.replace("4O", "40"))
    return r"test/\w+: the rgb image of 32 x 40 pixels does not fit the cube"


def empty_cube(root: Path) -> str:
    data = only("test/reflectance_cubes/*.dat", root)
    data.write_bytes(bytes(data.stat().st_size))
    return r"test/\w+: the cube .* seems to hold no spectrum at all"


def break_photo(root: Path) -> str:
    photo = only("validation/rgb/*.png", root)
    photo.write_bytes(photo.read_bytes()[:200])
    return r"validation/\w+: .*rgb"


def cut_labels(root: Path) -> str:
    labels = only("validation/labels/*.png", root)
    write_png(labels, read_rgb(labels)[:, 1:])
    return r"validation/\w+: the labels .* have 32 x 39 pixels, the photo 32 x 40"


def strange_colour(root: Path) -> str:
    labels = only("validation/labels/*.png", root)
    image = read_rgb(labels)
    image[3, 4] = (1, 2, 3)
    write_png(labels, image)
    return r"validation/\w+: .*1 pixels have a colour that is in no class.*\(1, 2, 3\) at row 3, column 4"


def copy_photo(root: Path) -> str:
    only("test/rgb/*.png", root).write_bytes(only("train/rgb/*.png", root).read_bytes())
    return r"are the same photo in two splits"


def remove_split(root: Path) -> str:
    (root / "validation").rename(root / "val")
    return r"no scene of the split 'validation'"


@pytest.mark.parametrize(
    "spoil",
    [
        remove_photo, remove_cube_and_labels, truncate_cube, lengthen_cube, break_header, drop_bands, swap_sides,
        empty_cube, break_photo, cut_labels, strange_colour, copy_photo, remove_split,
    ],
)  # fmt: skip
def test_what_is_wrong_is_found_once_and_named(
    facades: Path, lib_hsi: Dataset, spoil: Callable[[Path], str], caplog: pytest.LogCaptureFixture
) -> None:
    message = spoil(facades)
    with caplog.at_level(logging.WARNING):
        report = check_copy(lib_hsi, facades)
    assert len(report.problems) == 1
    assert re.search(message, report.problems[0]), report.problems[0]
    assert caplog.text == ""


def test_ids_that_are_no_class_are_found(tmp_path: Path) -> None:
    synthesise(tmp_path, "hsicity2", 2, SIZE)
    labels = only("train/*_gray.png", tmp_path)
    ids = np.full(SIZE, 4, dtype=np.uint8)
    ids[0, 0] = 19
    write_png(labels, ids)
    (problem,) = check_copy(load_dataset("hsicity2"), tmp_path).problems
    assert "hold class 19, but the classes of hsicity2 end with 18" in problem


def test_stray_files_and_scenes_without_panel_are_notes(facades: Path, lib_hsi: Dataset) -> None:
    (facades / "train" / "rgb" / "._0001.png").write_bytes(b"stray")
    (facades / "._train").write_bytes(b"stray")
    labels = only("test/labels/*.png", facades)
    image = read_rgb(labels)
    panel = lib_hsi.classes.colors[lib_hsi.white_reference or 0]
    image[(image == panel).all(axis=2)] = 0
    write_png(labels, image)
    report = check_copy(lib_hsi, facades)
    assert report.problems == []
    assert "2 stray files (._train, train/rgb/._0001.png), which are passed over; they may be deleted" in report.notes
    assert any(note.startswith("1 scenes show no Whiteboard") for note in report.notes)


def test_a_folder_that_is_no_copy_is_told(tmp_path: Path, lib_hsi: Dataset) -> None:
    with pytest.raises(MissingFileError, match="no scene of the split 'train'"):
        check_copy(lib_hsi, tmp_path)
    with pytest.raises(MissingFileError, match="there is no folder"):
        check_copy(lib_hsi, tmp_path / "nowhere")


def test_the_logger_is_left_as_it_was(facades: Path, lib_hsi: Dataset) -> None:
    logger = logging.getLogger("hyperpoint.io.cubes")
    before = (logger.handlers[:], logger.level, logger.propagate)
    check_copy(lib_hsi, facades)
    assert (logger.handlers, logger.level, logger.propagate) == before
