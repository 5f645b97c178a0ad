"""Images a second in training, and how long the network waits for them: street photos of 480 x 360 pixels.

On the CPU a small network on small crops, so that it ends; with a GPU also the network of the paper, in bf16.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch

from hyperpoint.io.classes import classes_from_names
from hyperpoint.io.manifest import Manifest, ManifestRow
from hyperpoint.io.masks import write_mask
from hyperpoint.segment.config import TrainingConfig
from hyperpoint.segment.training import train

NUM_PHOTOS, NUM_CLASSES = 24, 11
HEIGHT, WIDTH = 360, 480


@pytest.fixture(scope="module")
def street_photos(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    """Smooth shapes with some noise, which take JPEG and PNG about as long as a street does; no validation."""
    folder = tmp_path_factory.mktemp("photos")
    rng, rows = np.random.default_rng(0), []
    colours = rng.integers(30, 220, (NUM_CLASSES, 3))
    for number in range(NUM_PHOTOS):
        coarse = rng.normal(size=(12, 16)).astype(np.float32)
        heights = cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
        labels = np.digitize(heights, np.linspace(-1.5, 1.5, NUM_CLASSES - 1)).astype(np.uint8)
        image = (colours[labels] + rng.normal(0, 8, (HEIGHT, WIDTH, 3))).clip(0, 255).astype(np.uint8)
        cv2.imwrite(str(folder / f"{number}.jpg"), image)
        write_mask(folder / f"{number}.png", labels)
        rows.append(ManifestRow(str(number), "train", folder / f"{number}.jpg", folder / f"{number}.png"))
    return Manifest(folder / "m.csv", tuple(rows), classes_from_names([str(number) for number in range(NUM_CLASSES)]))


def _measure(benchmark: Any, manifest: Manifest, out: Path, config: TrainingConfig) -> None:
    run = benchmark.pedantic(train, (manifest, config, out), rounds=1)
    benchmark.extra_info["images_per_second"] = run.images_per_second
    benchmark.extra_info["waiting_share"] = run.waiting_share


@pytest.mark.parametrize("workers", [0, 1])
def test_hrnet_w18_on_the_cpu(benchmark: Any, street_photos: Manifest, tmp_path: Path, workers: int) -> None:
    """Aim: less than 10 % of the time waiting, with one worker."""
    config = TrainingConfig(
        model="hrnet_w18", weights="none", steps=12, crop=(180, 240), accelerator="cpu", workers=workers
    )
    _measure(benchmark, street_photos, tmp_path / "run", config)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
@pytest.mark.parametrize("size", [(360, 480), (512, 512)])
def test_hrnet_w48_on_a_gpu(benchmark: Any, street_photos: Manifest, tmp_path: Path, size: tuple[int, int]) -> None:
    """Aim: less than 10 % of the time waiting, with the default number of workers."""
    config = TrainingConfig(weights="none", steps=300, crop=size, precision="bf16", accelerator="gpu")
    _measure(benchmark, street_photos, tmp_path / "run", config)
