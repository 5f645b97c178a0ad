from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hyperpoint.io.classes import classes_from_names
from hyperpoint.io.images import write_png
from hyperpoint.io.manifest import ManifestRow, write_manifest
from hyperpoint.io.masks import write_mask

Run = Callable[..., Any]
# A network with dropout; sizes at which a step takes a few hundredths of a second.
SMALL = ("--model", "smp:fpn:resnet18", "--weights", "none", "--crop", "32", "32", "--batch-size", "2",
         "--workers", "0", "--accelerator", "cpu")  # fmt: skip


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """Four images to train on, three to validate; and one to test that is not there any more."""
    rng = np.random.default_rng(0)
    rows = []
    for number, split in enumerate(["train"] * 4 + ["val"] * 3 + ["test"]):
        row = ManifestRow(split + str(number), split, tmp_path / f"{number}.png", tmp_path / f"{number}_mask.png")
        labels = rng.integers(0, 2, (40, 40)).astype(np.uint8)
        write_png(row.image, np.repeat(200 * labels[..., None], 3, axis=2).astype(np.uint8))
        assert row.label is not None
        write_mask(row.label, labels)
        rows.append(row)
    path = write_manifest(tmp_path / "manifest.csv", rows, classes_from_names(["dark", "light"]))
    rows[-1].image.unlink()
    return path


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Networks as small as these wait for other threads rather than compute, where cores are shared."""
    pytest.importorskip("lightning")
    from hyperpoint.spectral.networks.training import single_thread

    with single_thread():
        yield


@pytest.mark.usefixtures("one_thread")
def test_trains(run: Run, manifest: Path, tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text("steps = 9\nval_every = 1\nseed = 4\n")
    status, stdout, stderr = run(
        "train", manifest, "--out", tmp_path / "run", "--config", settings, "--steps", 2, *SMALL, "--json"
    )
    assert (status, stderr) == (0, "")
    told = json.loads(stdout)
    assert told.keys() == {"run", "miou", "step", "images_per_second", "waiting_share"}
    assert 0 <= told["miou"] <= 1
    text = (tmp_path / "run" / "config.toml").read_text()
    assert 'model = "smp:fpn:resnet18"' in text
    assert {"steps = 2", "val_every = 1", "seed = 4", "crop = [32, 32]", "lr = 0.01"} <= set(text.splitlines())
    status, stdout, stderr = run("train", manifest, "--out", tmp_path / "run", "--resume", "--json")
    assert (status, stderr) == (0, "")
    idle = {"images_per_second": None, "waiting_share": None}
    assert json.loads(stdout) == told | idle  # there was nothing left to do
    status, stdout, stderr = run("train", manifest, "--out", tmp_path / "run", "--resume")
    assert (status, stderr) == (0, "")
    assert f"wrote {tmp_path / 'run'}: smp:fpn:resnet18 of step {told['step']} with a val mIoU of" in stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "hrnet"], r"unknown model 'hrnet' \(did you mean hrnet_w"),
        (["--steps", "0"], "steps must be 1 or more"),
        (["--crop", "0", "5"], "a crop has at least one row"),
        (["--precision", "64"], "'64' is not one of"),
        (["--config", "nothing.toml"], "nothing.toml does not exist"),
        (["--weights", "nothing.safetensors"], "nothing.safetensors does not exist"),
        (["--input", "cube"], "needs cubes, but"),
        (["--model", "deeplabv3plus_r50", "--batch-size", "1"], "cannot learn from one crop of 32 x 32 at a time"),
    ],
)
def test_bad_input(run: Run, manifest: Path, tmp_path: Path, arguments: list[str], message: str) -> None:
    pytest.importorskip("lightning")
    status, stdout, stderr = run("train", manifest, "--out", tmp_path / "run", *SMALL, *arguments)
    assert (status, stdout) == (2, "")
    assert len(stderr.splitlines()) == 1
    with pytest.raises(AssertionError, match=message):
        raise AssertionError(stderr)
    assert not (tmp_path / "run" / "config.toml").exists()


def test_every_setting_is_an_option(run: Run) -> None:
    from dataclasses import fields

    from hyperpoint.segment.config import TrainingConfig

    _, stdout, _ = run("train", "--help")
    assert all("--" + one.name.replace("_", "-") in stdout for one in fields(TrainingConfig))
    assert "--crop ROWS COLUMNS" in stdout


def start(manifest: Path, out: Path, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "error::UserWarning", "-m", "hyperpoint", "train", str(manifest), "--out",
               str(out), *SMALL, *more]  # fmt: skip
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def finish(process: subprocess.Popen[str]) -> str:
    stdout, stderr = process.communicate(timeout=300)
    assert (process.returncode, stderr) == (0, "")
    return stdout


def load(path: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    return load_file(path / "model.safetensors")


def assert_equal(first: Path, second: Path) -> None:
    import torch

    one, other = load(first), load(second)
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)
    states = [torch.load(path / "last.ckpt", weights_only=True)["state_dict"] for path in (first, second)]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


@pytest.mark.slow
def test_a_process_that_is_killed_can_be_resumed(manifest: Path, tmp_path: Path) -> None:
    pytest.importorskip("lightning")
    settings = ("--steps", "40", "--val-every", "10", "--checkpoint-every", "4")
    finish(start(manifest, tmp_path / "through", *settings))
    for _ in range(2):
        process = start(manifest, tmp_path / "cut", *settings, "--resume")
        checkpoint = tmp_path / "cut" / "last.ckpt"
        before = checkpoint.stat().st_mtime_ns if checkpoint.exists() else 0
        while not (checkpoint.exists() and checkpoint.stat().st_mtime_ns > before) and process.poll() is None:
            time.sleep(0.02)
        time.sleep(0.1)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL, "it was done before it could be killed"
    finish(start(manifest, tmp_path / "cut", *settings, "--resume"))
    assert_equal(tmp_path / "through", tmp_path / "cut")
    steps = []
    for name in ("through", "cut"):
        with (tmp_path / name / "metrics.csv").open() as file:
            steps.append([row["step"] for row in csv.DictReader(file)])
    assert steps[0] == steps[1]
    assert not list((tmp_path / "cut").glob(".*"))


@pytest.mark.slow
def test_two_processes(manifest: Path, tmp_path: Path) -> None:
    """DDP on the CPU."""
    pytest.importorskip("lightning")
    settings = ("--steps", "4", "--val-every", "2", "--checkpoint-every", "2", "--devices", "2")
    told = json.loads(finish(start(manifest, tmp_path / "two", *settings, "--json")))
    assert 0 <= told["miou"] <= 1
    # A validation image that one process alone takes counts once: the score is that of the kept network.
    import torch

    from hyperpoint.io.images import read_rgb
    from hyperpoint.io.manifest import read_manifest
    from hyperpoint.io.masks import read_label_ids
    from hyperpoint.metrics import ConfusionMatrix
    from hyperpoint.segment.bundle import ModelBundle

    bundle, matrix = ModelBundle.load(tmp_path / "two"), ConfusionMatrix(2)
    model = bundle.build()
    for row in read_manifest(manifest, splits=("val",)).rows:
        x = bundle.standardisation.apply(read_rgb(row.image)).transpose(2, 0, 1)
        assert row.label is not None
        with torch.no_grad():
            matrix.update(model(torch.from_numpy(x.copy())[None]).argmax(1)[0].numpy(), read_label_ids(row.label))
    assert bundle.training["score"]["num_pixels"] == matrix.num_pixels == 3 * 40 * 40
    assert bundle.training["score"]["miou"] == pytest.approx(matrix.miou, abs=1e-4)


@pytest.mark.slow
def test_two_processes_report_what_is_wrong_once(manifest: Path, tmp_path: Path) -> None:
    pytest.importorskip("lightning")
    (manifest.parent / "1.png").write_bytes(b"")
    process = start(manifest, tmp_path / "run", "--steps", "2", "--devices", "2")
    _, stderr = process.communicate(timeout=120)
    assert process.returncode == 2
    assert len(stderr.splitlines()) == 1


@pytest.mark.slow
def test_two_processes_end_together(manifest: Path, tmp_path: Path) -> None:
    pytest.importorskip("lightning")
    process = start(manifest, tmp_path / "run", "--steps", "50", "--devices", "2", "--lr", "1e30")
    _, stderr = process.communicate(timeout=300)
    assert process.returncode == 2
    assert "is not finite" in stderr
    assert len(stderr.splitlines()) == 1
    # Each process that had such a batch saved its own.
    assert list((tmp_path / "run").glob("non_finite_batch_rank?.npz"))
    assert not (tmp_path / "run" / "non_finite_batch.npz").exists()
