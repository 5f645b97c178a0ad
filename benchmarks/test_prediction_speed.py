"""Images a second in prediction: the bare network, labels of it, and files written, by PyTorch and ONNX Runtime."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch

from hyperpoint.io.classes import classes_from_names
from hyperpoint.segment.bundle import ModelBundle
from hyperpoint.segment.export import export_model
from hyperpoint.segment.inputs import InputSpec, imagenet_standardisation
from hyperpoint.segment.models import build_model
from hyperpoint.segment.photos import read_photo
from hyperpoint.segment.prediction import predict_images
from hyperpoint.segment.predictors.averaging import AveragingPredictor
from hyperpoint.segment.predictors.onnx_predictor import OnnxPredictor
from hyperpoint.segment.predictors.opening import open_predictor
from hyperpoint.segment.quantisation import quantise

NUM_CLASSES, NUM_IMAGES = 11, 8
HEIGHT, WIDTH = 360, 480
ROUNDS = 4
ENGINES = ("pytorch", "onnxruntime", "onnxruntime-int8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained hrnet_w18 as a run, and photos as large as those of CamVid."""
    folder = tmp_path_factory.mktemp("prediction")
    torch.manual_seed(0)
    names = classes_from_names([str(number) for number in range(NUM_CLASSES)])
    bundle = ModelBundle.of(build_model("hrnet_w18", NUM_CLASSES), names, InputSpec("rgb"), imagenet_standardisation())
    bundle.save(folder)
    rng = np.random.default_rng(0)
    (folder / "photos").mkdir()
    for number in range(NUM_IMAGES):
        coarse = rng.integers(0, 256, (24, 32, 3)).astype(np.float32)
        smooth = cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
        noisy = (smooth + rng.normal(0, 6, smooth.shape)).clip(0, 255).astype(np.uint8)
        cv2.imwrite(str(folder / "photos" / f"{number}.jpg"), noisy)
    return folder


def _onnx(folder: Path, engine: str) -> Path:
    """Return the file that an engine runs, writing it if it is the first to ask."""
    path = folder / "network.onnx"
    if not path.exists():
        export_model(ModelBundle.load(folder), path, tolerance=0.01)
    if engine == "onnxruntime-int8":
        quantise(path, folder / "int8.onnx", "dynamic")
        return folder / "int8.onnx"
    return path


def _open(folder: Path, engine: str) -> tuple[AveragingPredictor[Any], Callable[[], object]]:
    """Return the predictor, and the network alone on one image that is standardised already."""
    batch = np.random.default_rng(0).standard_normal((1, 3, HEIGHT, WIDTH), dtype=np.float32)
    if engine == "pytorch":
        device = "cuda" if torch.cuda.is_available() else "cpu"
        model = ModelBundle.load(folder).build().to(device)
        tensor = torch.from_numpy(batch).to(device)

        def bare() -> object:
            with torch.inference_mode():
                logits = model(tensor)
                return logits[0, 0, 0, 0].item()  # waits for a GPU

        return open_predictor(folder, device, batch_size=1), bare
    path = _onnx(folder, engine)
    network = OnnxPredictor(path, torch.get_num_threads())
    return open_predictor(path), lambda: network.logits(batch)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@pytest.mark.parametrize("engine", ENGINES)
def test_labels_and_files_against_the_bare_network(benchmark: Any, folder: Path, tmp_path: Path, engine: str) -> None:
    """Aim: labelling an image takes at most 10 % longer than the network alone; so do reading and writing files."""
    predictor, bare = _open(folder, engine)
    image = read_photo(folder / "photos" / "0.jpg")[None]
    images = sorted((folder / "photos").iterdir())
    bare(), predictor.label(image)
    # By turns, so that a machine that is shared is slow for both alike.
    alone, labels, files = [], [], []
    for _ in range(ROUNDS):
        for _ in images:
            alone.append(_seconds(bare))
            labels.append(_seconds(lambda: predictor.label(image)))
        files.append(_seconds(lambda: predict_images(predictor, images, tmp_path / "masks")) / NUM_IMAGES)
    benchmark.pedantic(lambda: predictor.label(image), rounds=ROUNDS)
    seconds = {"bare": np.median(alone), "labels": np.median(labels), "files": np.median(files)}
    benchmark.extra_info |= {f"{name}_images_per_second": float(1 / value) for name, value in seconds.items()}
    overheads = {name: 100 * (seconds[name] / seconds["bare"] - 1) for name in ("labels", "files")}
    benchmark.extra_info |= {f"{name}_overhead_percent": float(value) for name, value in overheads.items()}
    print(engine, {key: round(value, 2) for key, value in benchmark.extra_info.items()})
    assert overheads["labels"] < 10
