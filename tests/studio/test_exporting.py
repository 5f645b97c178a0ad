from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hyperpoint.cube import ArrayCube, Georeference
from hyperpoint.errors import InputError
from hyperpoint.io.classes import read_classes
from hyperpoint.io.coco import choose_image, read_coco
from hyperpoint.io.cubes import open_cube
from hyperpoint.io.images import read_rgb
from hyperpoint.io.manifest import read_manifest
from hyperpoint.io.masks import read_confidence, read_label_ids
from hyperpoint.io.pairs import check_pairs
from hyperpoint.io.points import read_points
from hyperpoint.studio.exporting import EXPORT_KINDS, Labelled, export
from hyperpoint.studio.listing import SceneEntry
from hyperpoint.types import ClassTable, PointSet, Scene

CLASSES = ClassTable(("wall", "door"), ((200, 0, 0), (0, 200, 0)))
OTHER = ClassTable(("sky", "wall"), ((0, 0, 200), (200, 0, 0)))
LABELS = np.array([[0, 0, 1, 255], [0, 0, 1, 1], [0, 0, 0, 255]], dtype=np.uint8)
PLACE = Georeference((30.0, 0.0, 383000.0, 0.0, -30.0, 5818000.0), 'LOCAL_CS["site",UNIT["metre",1]]')
PLAIN = ("masks", "confidence", "points", "overlays", "manifest", "coco", "envi")


def labelled(folder: Path, key: str = "a", classes: ClassTable = CLASSES, *, placed: bool = False) -> Labelled:
    cube = ArrayCube(np.linspace(0.1, 1, 3 * 4 * 5, dtype=np.float32).reshape(3, 4, 5))
    if placed:
        cube.georeference = PLACE
    entry = SceneEntry(key, folder / f"{key}.npy")
    points = PointSet(np.array([0, 1, 2]), np.array([0, 2, 3]), np.array([0, 1, 255]))
    return Labelled(entry, Scene(cube), LABELS, np.full((3, 4), 0.5, dtype=np.float32), points, classes)


def with_photo(scene: Labelled, folder: Path) -> Labelled:
    photo = folder / f"{scene.entry.key}_photo.png"
    Image.new("RGB", (4, 3), (1, 2, 3)).save(photo)
    opened = Scene(scene.scene.cube, rgb=read_rgb(photo), provenance={"rgb": str(photo), "rotate": 270, "white": None})
    np.save(scene.entry.cube, np.ones((3, 4, 5), dtype=np.float32))
    return replace(scene, entry=replace(scene.entry, rgb=photo), scene=opened)


def test_everything_is_written_and_read_back(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = export([labelled(tmp_path)], PLAIN, out)
    assert not done.notes
    assert sorted(one.relative_to(out).as_posix() for one in done.written) == sorted(
        one.relative_to(out).as_posix() for one in out.rglob("*") if one.is_file()
    )
    np.testing.assert_array_equal(read_label_ids(out / "masks/a.png"), LABELS)
    np.testing.assert_allclose(read_confidence(out / "confidence/a.png"), 0.5, atol=1e-4)
    points, _ = read_points(out / "points/a.csv", CLASSES, (3, 4))
    assert points.labels.tolist() == [0, 1, 255]
    assert read_rgb(out / "overlays/a.png").shape == (3, 4, 3)
    assert read_classes(out / "classes.json") == CLASSES
    np.testing.assert_array_equal(open_cube(out / "envi/a.hdr").read()[..., 0], np.where(LABELS == 255, 0, LABELS + 1))
    content = json.loads((out / "coco.json").read_text())
    found = np.full(LABELS.shape, 255, dtype=np.uint8)
    for shape in read_coco(content, choose_image(content, "a.png", None, ""), ""):
        found[shape.rows, shape.cols] = CLASSES.id_of(shape.label)
    np.testing.assert_array_equal(found, LABELS)


def test_a_manifest_is_ready_for_training_and_writes_the_masks_it_names(tmp_path: Path) -> None:
    out = tmp_path / "out"
    scenes = [labelled(tmp_path, "rendered"), with_photo(labelled(tmp_path, "photo"), tmp_path)]
    export(scenes, ["manifest"], out)
    manifest = read_manifest(out / "manifest.csv")
    assert manifest.classes == CLASSES
    assert sorted(manifest.splits) == ["train", "val"]
    assert check_pairs(manifest.rows, manifest.classes).tolist() == [[7, 3], [7, 3]]
    rendered, photo = manifest.rows
    assert (rendered.image, rendered.cube) == (out / "images/rendered.png", None)
    assert (photo.image.resolve(), photo.rotate) == (tmp_path / "photo_photo.png", 270)
    assert photo.cube is not None
    assert photo.cube.resolve() == tmp_path / "photo.npy"
    assert rendered.confidence is None


def test_scenes_with_other_classes_share_one_table_also_with_an_earlier_export(tmp_path: Path) -> None:
    out = tmp_path / "out"
    export([labelled(tmp_path)], ["manifest", "points"], out)
    done = export([labelled(tmp_path, "b", OTHER)], ["manifest", "points", "envi"], out)
    assert read_classes(out / "classes.json").names == ("wall", "door", "sky")
    np.testing.assert_array_equal(read_label_ids(out / "masks/a.png"), LABELS)
    renumbered = np.array([2, 0, 255], dtype=np.uint8)[np.where(LABELS == 255, 2, LABELS)]
    np.testing.assert_array_equal(read_label_ids(out / "masks/b.png"), renumbered)
    assert (out / "points/b.csv").read_text() == "row,col,label\n0,0,sky\n1,2,wall\n2,3,\n"
    manifest = read_manifest(out / "manifest.csv")
    assert [row.id for row in manifest.rows] == ["a", "b"]
    assert check_pairs(manifest.rows, manifest.classes).tolist() == [[7, 3, 0], [3, 0, 7]]
    assert done.notes == (
        "Of the 2 scenes of the manifest 1 is for validation.",
        "The classes of b are numbered as in classes.json, which all scenes of the folder share, and not as in the "
        "studio.",
    )


def test_geotiff_is_written_where_there_are_coordinates_and_missed_elsewhere(tmp_path: Path) -> None:
    rasterio = pytest.importorskip("rasterio")
    plain = [labelled(tmp_path, name) for name in "abcde"]
    done = export([*plain, labelled(tmp_path, "f", placed=True)], ["geotiff", "envi"], tmp_path / "out")
    assert done.notes == (
        "There is no GeoTIFF of a, b, c and 2 more: the cube has no coordinates, or was turned or moved.",
    )
    with rasterio.open(tmp_path / "out/geotiff/f.tif") as dataset:
        assert tuple(dataset.transform)[:6] == PLACE.transform
        np.testing.assert_array_equal(dataset.read(1), LABELS)
    place = open_cube(tmp_path / "out/envi/f.hdr").georeference
    assert place is not None
    assert place.transform == PLACE.transform
    assert not (tmp_path / "out/geotiff/a.tif").exists()


def test_labels_on_a_finer_grid_lie_on_the_same_ground(tmp_path: Path) -> None:
    scene = labelled(tmp_path, placed=True)
    finer = replace(
        scene,
        scene=scene.scene.with_rgb(np.zeros((6, 8, 3), dtype=np.uint8)),
        labels=LABELS.repeat(2, 0).repeat(2, 1),
        confidence=np.ones((6, 8), dtype=np.float32),
    )
    export([finer], ["envi"], tmp_path / "out")
    place = open_cube(tmp_path / "out/envi/a.hdr").georeference
    assert place is not None
    assert place.transform == (15.0, 0.0, 383000.0, 0.0, -15.0, 5818000.0)


def test_scenes_are_taken_one_by_one_and_progress_told(tmp_path: Path) -> None:
    told: list[tuple[int, int, str]] = []

    def stream() -> Iterator[Labelled]:
        for number, key in enumerate("ab"):
            assert len(told) == number
            yield labelled(tmp_path, key)

    export(stream(), ["masks"], tmp_path / "out", lambda *told_now: told.append(told_now), total=2)
    assert told == [(1, 2, "a"), (2, 2, "b")]


@pytest.mark.parametrize("key", ["../../escape", "/etc/passwd", "..", "a/b\0c"])
def test_nothing_is_written_outside_of_the_folder(tmp_path: Path, key: str) -> None:
    scene = labelled(tmp_path)
    scene = replace(scene, entry=replace(scene.entry, key=key))
    out = tmp_path / "deep" / "out"
    done = export([scene], [kind for kind in EXPORT_KINDS if kind != "geotiff"], out)
    assert all(one.resolve().is_relative_to(out) for one in done.written)
    assert [one.name for one in tmp_path.iterdir()] == ["deep"]


def test_a_link_out_of_the_folder_and_the_scene_s_own_files_are_left_alone(tmp_path: Path) -> None:
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    for folder in (out, elsewhere):
        folder.mkdir()
    (out / "masks").symlink_to(elsewhere)
    with pytest.raises(InputError, match="leads out of the folder"):
        export([labelled(tmp_path)], ["masks"], out)
    assert not list(elsewhere.iterdir())
    (out / "masks").unlink()
    (out / "masks").mkdir()
    truth = out / "masks" / "a.png"
    truth.write_bytes(b"truth")
    scene = labelled(tmp_path)
    with pytest.raises(InputError, match=r"a\.png is a file of the scene a and would be replaced"):
        export([replace(scene, entry=replace(scene.entry, truth=truth))], ["masks"], out)
    assert truth.read_bytes() == b"truth"


@pytest.mark.parametrize(("kinds", "message"), [(["masks", "video"], "unknown are video"), ([], "none is chosen")])
def test_kinds_are_checked_first(tmp_path: Path, kinds: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        export([labelled(tmp_path)], kinds, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    with pytest.raises(InputError, match="no scene to export"):
        export([], ["masks"], tmp_path / "out")
