from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hyperpoint.io.images import write_png
from hyperpoint.io.manifest import ManifestRow, write_manifest
from hyperpoint.io.masks import read_label_ids, write_mask

Run = Callable[..., Any]
COLORS = (255 * np.eye(3)).astype(np.uint8)
LABELS = np.random.default_rng(0).integers(0, 3, (15, 22)).astype(np.uint8)


@pytest.fixture
def folder(tmp_path: Path, make_onnx: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """The network colours.onnx, and photos/a.png and b.png of other sizes."""
    make_onnx()
    (tmp_path / "photos").mkdir()
    write_png(tmp_path / "photos" / "a.png", COLORS[LABELS])
    write_png(tmp_path / "photos" / "b.png", COLORS[LABELS.T.copy()])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_folder_of_images(run: Run, folder: Path) -> None:
    done = run("predict", "colours.onnx", "photos", "--out", "out", "--confidence", "--json")
    assert (done.status, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert (found["num_images"], found["videos"]) == (2, [])
    assert sorted(Path(path).name for path in found["written"]) == names(folder / "out")
    assert len(found["written"]) == 6
    np.testing.assert_array_equal(read_label_ids("out/a.png"), LABELS)
    np.testing.assert_array_equal(read_label_ids("out/b.png"), LABELS.T)


def test_for_people_and_in_windows(run: Run, folder: Path) -> None:
    options = ["--no-overlay", "--window", "8", "9", "--flip", "--scales", "1"]
    done = run("predict", "colours.onnx", *options, "photos/a.png", "photos/*.png", "--out", "out")
    assert done.status == 0, done.stderr
    assert "wrote 2 files to out: 2 images" in done.stdout
    assert "the network alone" in done.stdout
    assert names(folder / "out") == ["a.png", "b.png"]
    np.testing.assert_array_equal(read_label_ids("out/a.png"), LABELS)


def test_a_video_prints_its_frame_rate(run: Run, folder: Path) -> None:
    import cv2

    writer = cv2.VideoWriter("walk.avi", cv2.VideoWriter.fourcc(*"MJPG"), 10, (64, 48))
    for _ in range(4):
        writer.write(np.full((48, 64, 3), 200, np.uint8))
    writer.release()
    done = run("predict", "colours.onnx", "walk.avi", "--out", "out", "--frames", "3")
    assert done.status == 0, done.stderr
    assert "wrote out/walk_overlay.mp4: 3 frames of 48 x 64 pixels" in done.stdout
    assert "frames a second" in done.stdout
    done = run("predict", "colours.onnx", "walk.avi", "photos/a.png", "--out", "out", "--no-overlay", "--json")
    found = json.loads(done.stdout)
    assert (found["num_images"], found["videos"][0]["num_frames"]) == (1, 4)
    assert names(folder / "out" / "walk") == [f"{number:06d}.png" for number in range(4)]


def test_an_onnx_file_needs_neither_torch_nor_the_libraries_of_networks(folder: Path) -> None:
    blocked = ("torch", "torchvision", "timm", "segmentation_models_pytorch", "lightning", "safetensors", "onnx")
    code = (
        f"import sys\nfor name in {blocked!r}: sys.modules[name] = None\n"
        "from hyperpoint.cli.main import main\n"
        "sys.exit(main(['predict', 'colours.onnx', 'photos', '--out', 'out']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr
    np.testing.assert_array_equal(read_label_ids(folder / "out" / "a.png"), LABELS)
    assert names(folder / "out") == ["a.png", "a_overlay.png", "b.png", "b_overlay.png"]


def test_bad_input(run: Run, folder: Path) -> None:
    def fails(*arguments: str) -> str:
        done = run("predict", *arguments)
        assert (done.status, done.stdout) == (2, "")
        assert done.stderr.count("\n") == 1
        return str(done.stderr)

    assert "check the path" in fails("colours.onnx", "nowhere.png", "--out", "out")
    (folder / "bad.onnx").write_bytes(b"odd")
    assert "no network that ONNX Runtime can run" in fails("bad.onnx", "photos", "--out", "out")
    assert "is one of the inputs" in fails("colours.onnx", "photos", "--out", "photos")
    (folder / "more").mkdir()
    write_png(folder / "more" / "A.png", COLORS[LABELS])
    assert "would both be written" in fails("colours.onnx", "photos", "more", "--out", "out")
    assert "does not exist" in fails("nowhere", "photos", "--out", "out")
    assert not (folder / "out").exists()
    (folder / "more" / "A.png").write_bytes(b"odd")
    assert "1 of 1 images cannot be predicted: " in fails("colours.onnx", "more", "--out", "out")
    assert names(folder / "out") == []


@pytest.mark.slow
def test_a_network_that_sees_components_of_cubes(run: Run, folder: Path) -> None:
    torch = pytest.importorskip("torch")
    from hyperpoint.io.classes import classes_from_names
    from hyperpoint.segment.bundle import ModelBundle
    from hyperpoint.segment.inputs import InputSpec
    from hyperpoint.segment.models import build_model
    from hyperpoint.segment.standardisation import fit_standardisation

    torch.manual_seed(0)
    cube = np.random.default_rng(0).random((40, 33, 6)).astype(np.float32)
    np.savez(folder / "scene.npz", cube=cube, wavelengths=np.linspace(420, 900, 6))
    spec = fit_standardisation(cube.reshape(-1, 6), 2)
    model = build_model("smp:unet:resnet18", 3, in_channels=2)
    classes = classes_from_names(["red", "green", "blue"])
    bundle = ModelBundle.of(model, classes, InputSpec("pca", 2), spec)
    bundle.save(folder / "run")
    done = run("predict", "run", "scene.npz", "--out", "out", "--rotate", "90", "--device", "cpu")
    assert done.status == 0, done.stderr
    with torch.no_grad():
        batch = torch.from_numpy(spec.apply(np.rot90(cube)).transpose(2, 0, 1)[None].copy())
        expected = bundle.build()(batch)[0].argmax(0).numpy()
    found = read_label_ids(folder / "out" / "scene.png")
    assert found.shape == (33, 40)
    assert (found == expected).mean() > 0.999
    assert names(folder / "out") == ["scene.png", "scene_overlay.png"]

    truth = np.random.default_rng(1).integers(0, 3, found.shape).astype(np.uint8)
    write_png(folder / "scene.png", np.zeros((*found.shape, 3), np.uint8))
    write_mask(folder / "truth.png", truth)
    row = ManifestRow("scene", "test", folder / "scene.png", folder / "truth.png", folder / "scene.npz", rotate=90)
    write_manifest(folder / "manifest.csv", [row], classes)
    scores = json.loads(run("evaluate", "run", "manifest.csv", "--device", "cpu", "--json").stdout)
    assert scores["accuracy"] == pytest.approx((found == truth).mean())
