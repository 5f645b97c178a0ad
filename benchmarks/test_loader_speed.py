"""Training samples a second: street photos of 480 x 360 pixels, resized, cropped to 360 x 480 and distorted."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from hyperpoint.io.classes import classes_from_names
from hyperpoint.io.manifest import Manifest, ManifestRow
from hyperpoint.io.masks import write_mask
from hyperpoint.segment.data.module import SegmentationData
from hyperpoint.segment.data.transforms import Augmentation
from hyperpoint.segment.inputs import InputSpec, imagenet_standardisation

BATCH_SIZE = 4
NUM_BATCHES = 25


def _photo(height: int, width: int, rng: np.random.Generator) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Make smooth shapes with some noise, which take JPEG and PNG about as long as a street does, and their classes."""
    heights = cv2.resize(rng.normal(size=(12, 16)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    labels = np.digitize(heights, [-1.2, -0.8, -0.4, -0.1, 0.1, 0.4, 0.8, 1.2]).astype(np.uint8)
    colours = rng.integers(30, 220, (9, 3))
    return (colours[labels] + rng.normal(0, 8, (height, width, 3))).clip(0, 255).astype(np.uint8), labels


def _manifest(folder: Path, num: int, height: int, width: int) -> Manifest:
    rng, rows = np.random.default_rng(0), []
    for number in range(num):
        image, labels = _photo(height, width, rng)
        cv2.imwrite(str(folder / f"{number}.jpg"), image)
        write_mask(folder / f"{number}.png", labels)
        rows.append(ManifestRow(str(number), "train", folder / f"{number}.jpg", folder / f"{number}.png"))
    return Manifest(folder / "m.csv", tuple(rows), classes_from_names([str(number) for number in range(9)]))


def _data(manifest: Manifest, num_workers: int) -> SegmentationData:
    return SegmentationData(
        manifest, InputSpec("rgb"), imagenet_standardisation(), Augmentation((360, 480)),
        batch_size=BATCH_SIZE, seed=0, num_workers=num_workers, val_split="train",
    )  # fmt: skip


@pytest.fixture(scope="module")
def street_photos(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    """As large as those of CamVid-HS."""
    return _manifest(tmp_path_factory.mktemp("small"), 40, 360, 480)


@pytest.fixture(scope="module")
def large_photos(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    """As large as those of HSICityV2."""
    return _manifest(tmp_path_factory.mktemp("large"), 8, 1422, 1889)


def test_one_process_480x360(benchmark: Any, street_photos: Manifest) -> None:
    """Aim: 100 samples a second on one core."""
    samples = _data(street_photos, 0).training

    def prepare_100() -> None:
        for k in range(100):
            samples[k]

    benchmark.pedantic(prepare_100, rounds=3, warmup_rounds=1)
    benchmark.extra_info["samples_per_second"] = 100 / benchmark.stats["min"]


def test_one_process_1889x1422(benchmark: Any, large_photos: Manifest) -> None:
    """Aim: 12 samples a second on one core; decoding is most of it."""
    samples = _data(large_photos, 0).training

    def prepare_16() -> None:
        for k in range(16):
            samples[k]

    benchmark.pedantic(prepare_16, rounds=3, warmup_rounds=1)
    benchmark.extra_info["samples_per_second"] = 16 / benchmark.stats["min"]


@pytest.mark.parametrize("num_workers", [1, 2])
def test_workers_480x360(benchmark: Any, street_photos: Manifest, num_workers: int) -> None:
    """Aim: 100 samples a second for each worker that has a core of its own."""
    batches = iter(_data(street_photos, num_workers).train_dataloader())
    take: Callable[[], list[Any]] = lambda: list(islice(batches, NUM_BATCHES))  # noqa: E731
    benchmark.pedantic(take, rounds=3, warmup_rounds=1)
    benchmark.extra_info["samples_per_second"] = NUM_BATCHES * BATCH_SIZE / benchmark.stats["min"]
