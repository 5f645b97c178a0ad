from __future__ import annotations

import io
import logging
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hyperpoint.errors import HyperpointError, InputError
from hyperpoint.studio.workspace import Workspace
from hyperpoint.synth import synthesise
from hyperpoint.types import Scene


@pytest.fixture(scope="session")
def lib_hsi(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small copy in the layout of LIB-HSI."""
    root = tmp_path_factory.mktemp("lib")
    synthesise(root, "lib-hsi", 3, (64, 96), 0)
    return root


def save_cube(path: Path, size: tuple[int, int] = (6, 8)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, np.random.default_rng(0).random((*size, 5), dtype=np.float32) + 0.1)
    return path


def save_photo(path: Path, size: tuple[int, int] = (6, 8)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size[::-1], (200, 100, 50)).save(path)
    return path


@pytest.fixture
def envi(tmp_path: Path) -> Path:
    """An ENVI cube of 6 x 8 x 5, its samples in a file beside the header."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "a.dat").write_bytes(np.linspace(1, 2, 240, dtype="<f4").tobytes())
    header = "ENVI\nsamples = 8\nlines = 6\nbands = 5\ndata type = 4\ninterleave = bsq\nbyte order = 0\n"
    (folder / "a.hdr").write_text(header)
    return folder / "a.hdr"


def test_a_data_set_is_listed_and_opened_upright(lib_hsi: Path, tmp_path: Path) -> None:
    workspace = Workspace([lib_hsi], tmp_path)
    assert [entry.key for entry in workspace.entries] == ["0003", "0001", "0002"]  # test, train, validation
    entry = workspace.entry("0001")
    assert entry.rgb == lib_hsi / "train/rgb/0001.png"
    assert (dict(entry.options), entry.dataset) == ({"rotate": 270}, "lib-hsi")
    scene = workspace.open(entry)
    assert (scene.size, scene.cube.shape) == ((64, 96), (64, 96, 204))
    truth = workspace.truth(entry)
    assert truth.labels.shape == (64, 96)
    classes = workspace.classes_of(entry)
    assert classes is not None
    assert truth.labels.min() < len(classes) == 44
    assert Workspace([lib_hsi], tmp_path, rotate=90).entry("0001").options == {"rotate": 90}


def test_part_of_a_data_set_knows_the_rest(lib_hsi: Path, tmp_path: Path) -> None:
    for given in (lib_hsi / "train/reflectance_cubes", lib_hsi / "train/reflectance_cubes/0001.hdr"):
        workspace = Workspace([given], tmp_path)
        (entry,) = workspace.entries
        assert workspace.open(entry).rgb is not None
        assert workspace.truth(entry)
        with pytest.raises(InputError, match="lies outside"):
            workspace.check_path(lib_hsi / "test/rgb/0003.png")


def test_scenes_of_one_name_get_their_split_and_each_is_listed_once(tmp_path: Path) -> None:
    for split in ("train", "test"):
        (tmp_path / split).mkdir()
        (tmp_path / split / "1.hsd").touch()
        save_photo(tmp_path / split / "rgb1.jpg")
    save_cube(tmp_path / "x/2.npy")
    workspace = Workspace([tmp_path / "train", tmp_path, tmp_path / "x/2.npy"])
    assert [entry.key for entry in workspace.entries] == ["train-1", "test-1", "2"]
    assert workspace.export_dir == tmp_path / "train" / "hyperpoint-export"


def test_a_photo_of_the_same_name_is_taken_and_one_that_does_not_fit_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    save_cube(tmp_path / "a.npy")
    save_cube(tmp_path / "b.npy")
    save_photo(tmp_path / "a.png", (12, 16))
    save_photo(tmp_path / "b.png", (5, 9))
    workspace = Workspace([tmp_path])
    assert workspace.open(workspace.entry("a")).size == (12, 16)
    with caplog.at_level(logging.WARNING):
        assert workspace.open(workspace.entry("b")).rgb is None
    assert "b.png is left out: the rgb image of 5 x 9 pixels does not fit" in caplog.text
    given = Workspace([tmp_path / "b.npy"], rgb=tmp_path / "b.png")
    with pytest.raises(InputError, match="does not fit the cube"):
        given.open(given.entries[0])


def test_photos_may_be_given(tmp_path: Path) -> None:
    save_cube(tmp_path / "cubes/a.npy")
    save_cube(tmp_path / "cubes/b.npy")
    photo = save_photo(tmp_path / "photos/b.jpg")
    workspace = Workspace([tmp_path / "cubes"], rgb=tmp_path / "photos")
    assert [entry.rgb for entry in workspace.entries] == [None, photo]
    assert workspace.open(workspace.entry("b")).rgb is not None
    with pytest.raises(InputError, match="is given for 2 scenes; give a folder"):
        Workspace([tmp_path / "cubes"], rgb=photo)


def test_work_is_kept_beside_the_cube_or_in_a_folder_for_all(envi: Path, tmp_path: Path) -> None:
    beside = Workspace([envi])
    assert beside.folder(beside.entries[0]) == envi.parent / ".hyperpoint" / "a.hdr"
    by_data = Workspace([envi.with_suffix(".dat")])
    assert by_data.folder(by_data.entries[0]) == beside.folder(beside.entries[0])
    copy = envi.parent / "sub" / "a.npy"
    save_cube(copy)
    apart = Workspace([envi.parent], tmp_path / "state")
    folders = [apart.folder(entry) for entry in apart.entries]
    assert len(set(folders)) == 2
    assert all(folder.parent == tmp_path / "state" for folder in folders)
    alone = Workspace([copy], tmp_path / "state")
    assert alone.folder(alone.entries[0]) in folders, "it is found again whatever else is opened"
    assert apart.export_dir == tmp_path / "state" / "hyperpoint-export"
    assert not (tmp_path / "state").exists(), "looking makes no folders"


def test_a_store_goes_on_where_it_was(envi: Path) -> None:
    workspace = Workspace([envi])
    entry = workspace.entries[0]
    assert workspace.store(entry).progress == "untouched"
    store = workspace.store(entry)
    store.open_session((6, 8))
    store.change_settings(recipe="best")
    store.close()
    assert (envi.parent / ".hyperpoint" / "a.hdr" / "settings.json").exists()
    assert Workspace([envi.parent]).store(entry).settings == {"recipe": "best"}


def test_where_nothing_can_be_kept_state_is_asked_for(
    envi: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writable = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: path != envi.parent and writable(path, mode))
    with pytest.raises(InputError, match=r"data cannot be written to; name a folder of your own with --state"):
        Workspace([envi])
    assert Workspace([envi], tmp_path / "state").entries
    with pytest.raises(InputError, match="name a folder of your own with --state"):
        Workspace([envi], envi)


def test_only_what_was_given_may_be_opened(envi: Path, tmp_path: Path) -> None:
    save_photo(envi.with_name("other.png"))
    save_photo(envi.with_name("a.png"))
    workspace = Workspace([envi])
    entry = workspace.entries[0]
    assert workspace.open(entry).rgb is not None
    for allowed in (envi, entry.cube, ".hyperpoint/a.hdr/points.csv", "a.dat", "hyperpoint-export/masks/a.png"):
        workspace.check_path(envi.parent / allowed)
    for refused in (envi.with_name("other.png"), tmp_path, "/etc/passwd", envi.parent / "../x"):
        with pytest.raises(InputError, match="may open and write"):
            workspace.check_path(refused)


@pytest.mark.parametrize("name", ["a.hdr", "a.dat", "a.png"])
def test_links_out_of_the_folder_are_not_opened(envi: Path, tmp_path: Path, name: str) -> None:
    save_photo(envi.with_name("a.png"))
    target = tmp_path / "outside" / name
    target.parent.mkdir()
    envi.with_name(name).rename(target)
    envi.with_name(name).symlink_to(target)
    workspace = Workspace([envi.parent])
    with pytest.raises(InputError, match="may open and write"):
        workspace.open(workspace.entries[0])


def test_links_among_the_kept_work_are_not_followed(envi: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    workspace = Workspace([envi.parent])
    entry = workspace.entries[0]
    folder = workspace.folder(entry)
    folder.mkdir(parents=True)
    (folder / "points.csv").symlink_to(outside / "victim")
    with pytest.raises(InputError, match="victim"):
        workspace.store(entry)
    (folder / "points.csv").unlink()
    folder.rmdir()
    folder.parent.rmdir()
    folder.parent.symlink_to(outside)
    with pytest.raises(InputError, match="outside"):
        Workspace([envi.parent]).store(entry)


def test_a_white_rectangle_calibrates(envi: Path) -> None:
    workspace = Workspace([envi])
    raw, calibrated = (workspace.open(workspace.entries[0], white=white) for white in (None, (0, 0, 2, 2)))
    np.testing.assert_allclose(
        calibrated.cube.read(), raw.cube.read() / raw.cube.read()[:2, :2].mean(axis=(0, 1)), rtol=1e-5
    )
    memory = Workspace([], envi.parent, scenes={"a": raw})
    np.testing.assert_allclose(memory.open(memory.entry("a"), (0, 0, 2, 2)).cube.read(), calibrated.cube.read())


def test_scenes_in_memory_are_scenes_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, envi: Path) -> None:
    monkeypatch.chdir(tmp_path)
    scene = Scene(np.ones((6, 8, 5), dtype=np.float32))
    workspace = Workspace([envi], scenes={"my scene": scene, "a": scene})
    assert [entry.key for entry in workspace.entries] == ["a", "my_scene", "a-2"]
    assert workspace.open(workspace.entry("my_scene")) is scene
    assert workspace.folder(workspace.entry("my_scene")) == tmp_path / ".hyperpoint" / "my_scene"
    assert workspace.thumbnail(workspace.entry("a-2")).startswith(b"\x89PNG")


def test_a_thumbnail_is_kept_until_its_source_changes(envi: Path) -> None:
    photo = save_photo(envi.with_name("a.png"), (600, 800))
    workspace = Workspace([envi])
    entry = workspace.entries[0]
    first = workspace.thumbnail(entry)
    assert Image.open(io.BytesIO(first)).size == (160, 120)
    assert (envi.parent / ".hyperpoint" / ".thumbnails" / "a.hdr.png").read_bytes() == first
    assert workspace.thumbnail(entry) == first
    Image.new("RGB", (8, 6)).save(photo)
    assert Image.open(io.BytesIO(workspace.thumbnail(entry))).size == (8, 6)


def test_where_there_is_no_scene_the_reasons_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no scene in"):
        Workspace([tmp_path])
    (tmp_path / "a.npy").touch()
    with pytest.raises(InputError, match=r"no scene in .*: .*a\.npy was left out"):
        Workspace([tmp_path])
    with pytest.raises(HyperpointError, match="there is no file or folder"):
        Workspace([tmp_path / "none"])


def test_what_is_not_there_is_said(envi: Path) -> None:
    workspace = Workspace([envi])
    with pytest.raises(InputError, match="no truth lies beside the scene a"):
        workspace.truth(workspace.entries[0])
    assert workspace.classes_of(workspace.entries[0]) is None
    with pytest.raises(InputError, match="there is no scene 'b' among the 1"):
        workspace.entry("b")
