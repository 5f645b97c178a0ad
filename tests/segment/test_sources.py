from __future__ import annotations

from pathlib import Path

import pytest

from hyperpoint.errors import InputError, MissingFileError
from hyperpoint.segment.sources import Video, check_targets, find_sources, image_targets, video_target


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("b.jpg", "a.PNG", ".hidden.png", "notes.txt", "walk.mp4", "x/c.tif", "cubes/s.hdr", "cubes/s.dat"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_files_folders_and_patterns_each_image_once(folder: Path) -> None:
    names = ["x/c.tif", ".", "*.jpg", str(folder / "x" / "*.tif"), "walk.mp4", "0"]
    images, videos = find_sources(names)
    assert [image.name for image in images] == ["c.tif", "a.PNG", "b.jpg"]
    assert videos == [Video(Path("walk.mp4")), Video(0)]
    assert [video.name for video in videos] == ["walk", "camera0"]


def test_a_file_called_as_a_number_is_no_camera(folder: Path) -> None:
    (folder / "0").touch()
    assert find_sources(["0"]) == ([Path("0")], [])


def test_cubes_in_a_folder(folder: Path) -> None:
    assert find_sources(["cubes"], cubes=True)[0] == [Path("cubes/s.hdr")]
    (folder / "x" / "capture").mkdir()
    assert find_sources(["x"], cubes=True)[0] == [Path("x")]


@pytest.mark.parametrize("name", ["nowhere.png", "*.gif", "nowhere/*.png"])
def test_nothing_there(folder: Path, name: str) -> None:
    with pytest.raises(MissingFileError, match="check the path"):
        find_sources([name])


def test_a_folder_without_images(folder: Path) -> None:
    with pytest.raises(InputError, match="holds no images"):
        find_sources(["empty"])


def test_targets(folder: Path) -> None:
    out = folder / "out"
    assert image_targets(Path("a.b.jpg"), out, overlay=False, confidence=False) == {"mask": out / "a.b.png"}
    names = [path.name for path in image_targets(Path("a.jpg"), out, overlay=True, confidence=True).values()]
    assert names == ["a.png", "a_overlay.png", "a_confidence.png"]
    assert video_target(Video(3), out, overlay=True) == out / "camera3_overlay.mp4"
    assert video_target(Video(Path("walk.mp4")), out, overlay=False) == out / "walk"


def test_nothing_is_written_twice_or_over_an_input(folder: Path) -> None:
    out = folder / "out"
    check_targets([("a.jpg", out / "a.png"), ("a.jpg", out / "a_overlay.png")], [Path("a.jpg")], out)
    assert list(out.iterdir()) == []
    with pytest.raises(InputError, match=r"x/a\.jpg and y/A\.jpg would both be written"):
        check_targets([("x/a.jpg", out / "a.png"), ("y/A.jpg", out / "A.png")], [], out)
    with pytest.raises(InputError, match="is one of the inputs"):
        check_targets([("a.PNG", folder / "a.PNG")], [Path("a.PNG")], folder)
