from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hyperpoint.catalog.dataset import dataset_names, load_dataset
from hyperpoint.errors import CubeFormatError, MissingFileError
from hyperpoint.studio.finding import (
    check_cube,
    find_cubes,
    header_of,
    natural,
    photo_beside,
    place_of,
    stem_of,
    truth_beside,
)

DATASETS = [load_dataset(name) for name in dataset_names()]


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def save_cube(path: Path, num_bands: int = 5) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, np.ones((6, 7, num_bands), dtype=np.float32))
    return path


def save_photo(path: Path, mode: str = "RGB") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, (7, 6)).save(path)
    return path


def test_cubes_are_found_in_natural_order_and_nothing_else(tmp_path: Path) -> None:
    for name in ("b10.npy", "b9.npy", "a/deep/c.npy"):
        save_cube(tmp_path / name)
    save_cube(tmp_path / "picture.npy", num_bands=3)
    for name in (".hidden/d.npy", "._b9.npy", "hyperpoint-export/e.npy", ".hyperpoint/f.npy"):
        save_cube(tmp_path / name)
    touch(tmp_path / "readme.txt")
    touch(tmp_path / "broken.npy")
    found = find_cubes(tmp_path, DATASETS)
    assert [one.relative_to(tmp_path).as_posix() for one in found.cubes] == ["a/deep/c.npy", "b9.npy", "b10.npy"]
    assert len(found.notes) == 1
    assert "broken.npy was left out" in found.notes[0]


def test_links_to_folders_and_what_lies_too_deep_are_said_and_not_searched(tmp_path: Path) -> None:
    save_cube(tmp_path / "elsewhere/a.npy")
    root = tmp_path / "root"
    save_cube(root / "1/2/3/4/5/6/b.npy")
    save_cube(root / "1/2/3/4/5/6/7/c.npy")
    (root / "link").symlink_to(tmp_path / "elsewhere")
    found = find_cubes(root, DATASETS)
    assert [one.name for one in found.cubes] == ["b.npy"]
    assert len(found.notes) == 2
    assert "7 lies too deep" in found.notes[0]
    assert "is a link and was not searched; give" in found.notes[1]


def test_a_cube_of_lib_hsi_has_its_photo_and_truth(tmp_path: Path) -> None:
    cube = touch(tmp_path / "train/reflectance_cubes/0001.hdr")
    assert place_of(cube, DATASETS) is None, "without a photo it is no LIB-HSI"
    rgb = save_photo(tmp_path / "train/rgb/0001.png")
    place = place_of(cube, DATASETS)
    assert place is not None
    assert (place.dataset.name, place.root, place.split, place.id) == ("lib-hsi", tmp_path, "train", "0001")
    assert (place.rgb, place.truth) == (rgb, None)
    truth = save_photo(tmp_path / "train/labels/0001.png")
    again = place_of(cube, DATASETS)
    assert again is not None
    assert again.truth == truth
    assert find_cubes(tmp_path, DATASETS).cubes == [cube], "it is not opened to be listed"


def test_of_a_cube_in_two_formats_the_preferred_counts(tmp_path: Path) -> None:
    touch(tmp_path / "test/rgb7.jpg")
    pt, hsd = touch(tmp_path / "test/7.pt"), touch(tmp_path / "test/7.hsd")
    assert find_cubes(tmp_path, DATASETS).cubes == [hsd]
    hsd.unlink()
    assert find_cubes(tmp_path, DATASETS).cubes == [pt]


def test_a_folder_named_results_need_not_be_a_capture(tmp_path: Path) -> None:
    cube = save_cube(tmp_path / "results/a.npy")
    found = find_cubes(tmp_path, DATASETS)
    assert found.cubes == [cube]
    assert found.notes == []


def test_photos_are_in_colours_and_truths_are_no_annotations(tmp_path: Path) -> None:
    cube = touch(tmp_path / "a.hdr")
    save_photo(tmp_path / "a.png", mode="P")
    assert photo_beside(cube) is None
    photo = save_photo(tmp_path / "a_rgb.jpg")
    assert photo_beside(cube) == photo
    assert photo_beside(cube, tmp_path / "none") is None
    truth = save_photo(tmp_path / "a_gt.png", mode="L")
    assert truth_beside(cube) == truth
    touch(tmp_path / "a_gt.json")
    assert truth_beside(cube) is None


@pytest.mark.parametrize(("header", "data"), [("a.hdr", "a.dat"), ("a.raw.hdr", "a.raw")])
def test_an_envi_cube_is_told_by_its_header(tmp_path: Path, header: str, data: str) -> None:
    assert header_of(touch(tmp_path / data)) == tmp_path / data
    touch(tmp_path / header)
    assert header_of(tmp_path / data) == tmp_path / header
    assert stem_of(tmp_path / header) == "a"


def test_what_is_no_cube_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="there is no file or folder"):
        check_cube(tmp_path / "a.npy")
    with pytest.raises(CubeFormatError, match=r"a\.txt is no cube that hyperpoint reads"):
        check_cube(touch(tmp_path / "a.txt"))


def test_natural_order() -> None:
    names = ["a10", "a2", "a", "B1", "b01"]
    assert [one.name for one in sorted(map(Path, names), key=natural)] == ["a", "a2", "a10", "b01", "B1"]
