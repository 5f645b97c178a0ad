"""`hyperpoint annotate`: what it writes, and that it writes nothing when the input is bad."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

Run = Callable[..., tuple[int, str, str]]


def test_writes_mask_provenance_preview_and_confidence(run: Run, files: Path) -> None:
    status, out, err = run(
        "annotate", files / "cube.npz", "--rgb", files / "rgb.png", "--points", files / "points.csv",
        "--classes", files / "classes.json", "--seed", 3, "--out", files / "mask.png", "--preview", "--confidence",
    )  # fmt: skip
    assert (status, err) == (0, "")
    with Image.open(files / "mask.png") as mask:
        assert mask.mode == "P"
        labels = np.asarray(mask)
        assert mask.getpalette()[:6] == [0, 0, 255, 255, 0, 0]  # type: ignore[index]
    assert (labels[:, :55] == 1).all()
    assert (labels[:, 65:] == 0).all()
    with Image.open(files / "mask_preview.png") as preview:
        assert preview.size == (120, 100)
    with Image.open(files / "mask_confidence.png") as confidence:
        assert confidence.mode == "I;16"
        assert np.asarray(confidence).max() <= 65535
    facts = json.loads((files / "mask.json").read_text())
    assert facts["seed"] == 3
    assert facts["recipe"]["name"] == "best"
    for name in ("cube", "samples", "points"):
        assert facts["inputs"][name]["fingerprint"].startswith("sha256:")
    assert [entry["name"] for entry in facts["classes"]] == ["sky", "wall"]
    assert sum(entry["pixels"] for entry in facts["classes"]) == 12_000
    assert "wall" in out


def test_same_input_same_bytes(run: Run, files: Path) -> None:
    arguments = ("annotate", files / "cube.npz", "--points", files / "points.csv", "--out")
    for name in ("a.png", "b.png"):
        assert run(*arguments, files / name)[0] == 0
    assert (files / "a.png").read_bytes() == (files / "b.png").read_bytes()


def test_quiet_prints_nothing(run: Run, files: Path) -> None:
    status, out, err = run(
        "annotate", files / "cube.npz", "--points", files / "points.csv", "--out", files / "m.png", "-q"
    )
    assert (status, out, err) == (0, "", "")


def test_geotiff_keeps_the_georeference(run: Run, files: Path) -> None:
    rasterio = pytest.importorskip("rasterio", reason="extra geo is not installed")
    cube = np.load(files / "cube.npz")["cube"]
    place = rasterio.transform.from_origin(300_000, 5_800_000, 30, 30)
    with rasterio.open(
        files / "cube.tif",
        "w",
        driver="GTiff",
        dtype="float32",
        count=12,
        height=100,
        width=120,
        crs="EPSG:32633",
        transform=place,
    ) as dataset:
        dataset.write(np.moveaxis(cube, 2, 0))
    for out in ("mask.tif", "mask.png"):
        assert run("annotate", files / "cube.tif", "--points", files / "points.csv", "--out", files / out)[0] == 0
    with rasterio.open(files / "mask.tif") as mask:
        assert mask.transform == place
        assert mask.crs.to_epsg() == 32633
        assert mask.nodata == 255
        np.testing.assert_array_equal(mask.read(1), np.asarray(Image.open(files / "mask.png")))
    a, d, b, e, x, y = (float(line) for line in (files / "mask.pgw").read_text().split())
    assert (a, d, b, e, x, y) == (30, 0, 0, -30, 300_015, 5_799_985)
    assert "33N" in (files / "mask.prj").read_text()


@pytest.mark.parametrize(
    ("points", "more", "complaint"),
    [
        ("row,col,label\n1,1,wall\n2,2,wall\n", [], "at least two classes"),
        ("row,col,label\n1,1,wall\n99,200,sky\n", [], "200"),
        ("row,col,label\n1,1,wall\n2,2,tree\n", ["--classes", "classes.json"], "tree"),
        ("row,col,label\n1,1,wall\n1,1,sky\n", [], "two labels"),
        ("row,col,label\n1,1,wall\n2,2,sky\n", ["--recipe", "magic"], "unknown recipe 'magic'"),
        ("row,col,label\n1,1,wall\n2,2,sky\n", ["--rgb", "points.csv"], "points.csv"),
        ("row,col,label\n1,1,wall\n2,2,sky\n", ["--bands", "1:2"], "no band"),
        ("row,col,label\n1,1,wall\n2,2,sky\n", ["--out", "nowhere/mask.png"], "nowhere"),
        ("row,col,label\n1,1,wall\n2,2,sky\n", ["--out", "points.csv/mask.png"], "points.csv"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(
    run: Run, files: Path, monkeypatch: pytest.MonkeyPatch, points: str, more: list[str], complaint: str
) -> None:
    monkeypatch.chdir(files)
    Path("points.csv").write_text(points)
    before = sorted(files.rglob("*"))
    status, out, err = run("annotate", "cube.npz", "--points", "points.csv", "--out", "mask.png", *more)
    assert status == 2
    assert out == ""
    assert complaint in err
    assert err.count("\n") == 1
    assert sorted(files.rglob("*")) == before


def test_a_real_scene_from_points_to_png(run: Run, shared_data: Path, tmp_path: Path) -> None:
    with np.load(shared_data / "jasper_ridge.npz") as data:
        truth = (data["label"].astype(np.int16) - 1).astype(np.uint8)
    Image.fromarray(truth).save(tmp_path / "truth.png")
    assert run("points", tmp_path / "truth.png", "--per-class", 20, "--out", tmp_path / "p.csv")[0] == 0
    cube = shared_data / "native" / "jasper_ridge" / "jasperRidge2_R198.mat"
    status, _, err = run("annotate", cube, "--points", tmp_path / "p.csv", "--out", tmp_path / "mask.png")
    assert status == 0, err
    scores = json.loads(run("score", tmp_path / "mask.png", tmp_path / "truth.png", "--json")[1])
    assert scores["coverage"] == 1
    assert scores["accuracy"] > 0.5


def test_a_data_set_by_name_gives_classes_and_white_reference(run: Run, tmp_path: Path) -> None:
    """The labels of a synthetic LIB-HSI scene, in its colours, and a cube lit by coloured light."""
    import hyperpoint as hp
    from hyperpoint.synth import synthesise

    synthesise(tmp_path, "lib-hsi", 3, (96, 96), 0)
    train = tmp_path / "train"
    label, rgb, cube = train / "labels/0001.png", train / "rgb/0001.png", train / "reflectance_cubes/0001.hdr"
    reflectance = hp.open_scene(cube).cube.read()
    np.save(tmp_path / "radiance.npy", reflectance * np.linspace(1, 3, reflectance.shape[2], dtype=np.float32))
    common = ("--rgb", rgb, "--rotate", 270, "--white", f"lib-hsi:{label}")
    assert run("points", label, "--classes", "lib-hsi", "--per-class", 20, "--out", tmp_path / "p.csv")[0] == 0
    status, _, err = run(
        "annotate", tmp_path / "radiance.npy", *common, "--points", tmp_path / "p.csv", "--classes", "lib-hsi",
        "--out", tmp_path / "mask.png",
    )  # fmt: skip
    assert status == 0, err
    scores = json.loads(run("score", tmp_path / "mask.png", label, "--classes", "lib-hsi", "--json")[1])
    assert scores["accuracy"] > 0.3
    assert {"Whiteboard", "Brick Wall"} & {entry["name"] for entry in scores["per_class"]}
    assert (
        run("annotate", cube, "--points", tmp_path / "p.csv", "--white", f"hsicity2:{label}", "--out", tmp_path / "m")[
            0
        ]
        == 2
    )


@pytest.mark.parametrize(
    ("out", "complaint"),
    [
        ("rgb.png", "rgb.png is one of the inputs"),
        ("points.csv", "must end in .png"),
        ("shapes.png", "shapes.json is one of the inputs"),
        ("mask.jpg", "must end in .png"),
    ],
)
def test_no_input_is_ever_overwritten(run: Run, files: Path, out: str, complaint: str) -> None:
    shapes = {
        "shapes": [{"label": name, "points": [[col, 9]], "shape_type": "point"} for name, col in (("a", 5), ("b", 99))]
    }
    (files / "shapes.json").write_text(json.dumps(shapes))
    before = {path: path.read_bytes() for path in files.iterdir()}
    status, _, err = run(
        "annotate",
        files / "cube.npz",
        "--rgb",
        files / "rgb.png",
        "--points",
        files / "shapes.json",
        "--out",
        files / out,
    )
    assert status == 2
    assert complaint in err
    assert {path: path.read_bytes() for path in files.iterdir()} == before


def test_a_place_that_cannot_be_written_is_found_before_anything_is(run: Run, files: Path) -> None:
    (files / "mask.json").mkdir()
    status, _, err = run("annotate", files / "cube.npz", "--points", files / "points.csv", "--out", files / "mask.png")
    assert (status, "mask.json" in err) == (2, True)
    assert not (files / "mask.png").exists()


@pytest.mark.parametrize("name", ["mask.pgw", "mask.prj"])
def test_a_world_file_replaces_no_input(run: Run, files: Path, name: str) -> None:
    (files / "points.csv").rename(files / name)
    before = {path: path.read_bytes() for path in files.iterdir()}
    status, _, err = run("annotate", files / "cube.npz", "--points", files / name, "--out", files / "mask.png")
    assert (status, f"{name} is one of the inputs" in err) == (2, True)
    assert {path: path.read_bytes() for path in files.iterdir()} == before


@pytest.mark.parametrize("linked", [False, True])
@pytest.mark.parametrize("step", ["write_mask", "write_confidence", "write_png", "write_json"])
def test_an_old_record_never_describes_a_new_mask(
    run: Run, files: Path, monkeypatch: pytest.MonkeyPatch, step: str, linked: bool
) -> None:
    arguments = ("annotate", files / "cube.npz", "--points", files / "points.csv", "--preview", "--confidence",
                 "--out", files / "mask.png")  # fmt: skip
    if linked:
        (files / "kept.json").write_text("{}")
        (files / "mask.json").symlink_to(files / "kept.json")
    assert run(*arguments)[0] == 0
    assert (files / "mask.json").is_symlink() == linked

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(f"hyperpoint.annotation.outputs.{step}", fail)
        assert run(*arguments, "--seed", 1)[0] == 1
    assert not (files / "mask.json").exists()
    assert run(*arguments, "--seed", 1)[0] == 0
    assert json.loads((files / "mask.json").read_text())["seed"] == 1
