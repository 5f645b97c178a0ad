from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hyperpoint.errors import InputError
from hyperpoint.io.images import read_rgb, write_png
from hyperpoint.io.masks import read_confidence, read_label_ids
from hyperpoint.segment.prediction import predict_images
from hyperpoint.segment.predictors.averaging import AveragingPredictor
from hyperpoint.segment.predictors.opening import open_predictor
from hyperpoint.types import LabelArray

MakeOnnx = Callable[..., Path]
COLORS = (255 * np.eye(3)).astype(np.uint8)


@pytest.fixture
def predictor(make_onnx: MakeOnnx) -> AveragingPredictor[Any]:
    return open_predictor(make_onnx(), batch_size=2)


@pytest.fixture
def photos(tmp_path: Path) -> dict[Path, LabelArray]:
    """Images, and how the network of `make_onnx` labels them."""
    rng = np.random.default_rng(0)
    found: dict[Path, LabelArray] = {}
    for number, size in enumerate(((10, 12), (10, 12), (10, 12), (7, 33), (1, 1))):
        path = tmp_path / "photos" / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        found[path] = rng.integers(0, 3, size).astype(np.uint8)
        write_png(path, COLORS[found[path]])
    return found


def test_masks_overlays_and_confidence(
    predictor: AveragingPredictor[Any], photos: dict[Path, LabelArray], tmp_path: Path
) -> None:
    out, steps = tmp_path / "out", []
    done = predict_images(
        predictor, list(photos), out, with_confidence=True, progress=lambda *step: steps.append(step[:2])
    )
    for path, expected in photos.items():
        np.testing.assert_array_equal(read_label_ids(out / path.name), expected)
        overlay = read_rgb(out / f"{path.stem}_overlay.png")
        colour = predictor.classes.palette()[expected].astype(int)
        assert np.abs(overlay - (COLORS[expected] + colour) / 2).max() <= 1
        confidence = read_confidence(out / f"{path.stem}_confidence.png")
        assert confidence == pytest.approx(predictor.predict(COLORS[expected]).max(axis=0), abs=1e-4)
    assert (done.num_images, done.num_pixels, len(done.written)) == (5, 3 * 120 + 7 * 33 + 1, 15)
    assert sorted(out.iterdir()) == sorted(done.written)
    assert steps == [(2, 5), (3, 5), (4, 5), (5, 5)]
    assert 0 < done.network_seconds <= done.seconds


def test_masks_alone(predictor: AveragingPredictor[Any], photos: dict[Path, LabelArray], tmp_path: Path) -> None:
    predict_images(predictor, list(photos), tmp_path / "out", with_overlay=False)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [path.name for path in photos]


def test_a_bad_image_stops_no_other_and_is_named(
    predictor: AveragingPredictor[Any], photos: dict[Path, LabelArray], tmp_path: Path
) -> None:
    bad = list(photos)[1]
    bad.write_bytes(bad.read_bytes()[:50])
    with pytest.raises(InputError, match=r"1 of 5 images cannot be predicted: .*1\.png .*; the others are written"):
        predict_images(predictor, list(photos), tmp_path / "out", with_overlay=False)
    assert sorted(path.stem for path in (tmp_path / "out").iterdir()) == ["0", "2", "3", "4"]


def test_two_images_of_one_name_and_images_in_the_output_folder(
    predictor: AveragingPredictor[Any], photos: dict[Path, LabelArray], tmp_path: Path
) -> None:
    first, before = next(iter(photos)), next(iter(photos)).read_bytes()
    with pytest.raises(InputError, match="would both be written"):
        predict_images(predictor, [first, tmp_path / "elsewhere" / "0.jpg"], tmp_path / "out")
    assert not (tmp_path / "out").exists()
    with pytest.raises(InputError, match="one of the inputs"):
        predict_images(predictor, [first], first.parent)
    assert first.read_bytes() == before


def test_int8_labels_alike(make_onnx: MakeOnnx, photos: dict[Path, LabelArray], tmp_path: Path) -> None:
    from hyperpoint.segment.quantisation import quantise

    quantise(make_onnx(), tmp_path / "int8.onnx", "dynamic")
    predict_images(open_predictor(tmp_path / "int8.onnx"), list(photos), tmp_path / "out", with_overlay=False)
    for path, expected in photos.items():
        np.testing.assert_array_equal(read_label_ids(tmp_path / "out" / path.name), expected)
