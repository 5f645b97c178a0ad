from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from hyperpoint.errors import InputError
from hyperpoint.segment.predictors.inference import Inference
from hyperpoint.segment.predictors.onnx_averaging import OnnxAveragingPredictor
from hyperpoint.segment.predictors.onnx_predictor import OnnxPredictor
from hyperpoint.segment.predictors.windows import coverage, window_starts

MakeOnnx = Callable[..., Path]


def photo(height: int, width: int, num: int = 1) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (num, height, width, 3)).astype(np.uint8)


@pytest.fixture
def network(make_onnx: MakeOnnx) -> OnnxPredictor:
    return OnnxPredictor(make_onnx(), num_threads=1)


@given(st.integers(1, 60), st.integers(1, 60), st.floats(0, 0.99))
def test_windows_cover_everything_and_stay_inside(length: int, window: int, overlap: float) -> None:
    window = min(length, window)
    starts = window_starts(length, window, overlap)
    assert starts[0] == 0
    assert starts[-1] == length - window
    assert starts == sorted(set(starts))
    assert coverage(starts, window, length).min() >= 1


@pytest.mark.parametrize(
    "inference",
    [
        Inference(window=(7, 5)),
        Inference(window=(7, 5), overlap=0.0),
        Inference(window=(1, 100), overlap=0.5),
        Inference(window=(6, 30), overlap=0.8),
        Inference(flip=True),
        Inference(window=(9, 9), flip=True),
    ],
)
@pytest.mark.parametrize("batch_size", [1, 3])
def test_a_network_that_looks_at_single_pixels_gives_the_same_in_any_way(
    network: OnnxPredictor, inference: Inference, batch_size: int
) -> None:
    images = photo(23, 31, num=2)
    predictor = OnnxAveragingPredictor(network, inference, batch_size)
    labels, confidence = predictor.label(images, confidence=True)
    assert confidence is not None
    for image, ids, sure in zip(images, labels, confidence, strict=True):
        expected = network.predict(image)
        np.testing.assert_allclose(predictor.predict(image), expected, atol=1e-6)
        np.testing.assert_array_equal(ids, expected.argmax(axis=0))
        np.testing.assert_allclose(sure, expected.max(axis=0), atol=1e-6)
    np.testing.assert_array_equal(predictor.label(images)[0], labels)
    assert predictor.label(images)[1] is None


def test_scales_are_averaged(network: OnnxPredictor) -> None:
    import cv2

    image = photo(10, 13)[0]
    got = OnnxAveragingPredictor(network, Inference(scales=(1.0, 0.5))).predict(image)
    standardised = network.facts.standardisation.apply(image)
    small = cv2.resize(standardised, (6, 5), interpolation=cv2.INTER_LINEAR)
    raw = small * network.facts.standardisation.std + network.facts.standardisation.mean
    other = cv2.resize(network.predict(raw).transpose(1, 2, 0), (13, 10), interpolation=cv2.INTER_LINEAR)
    np.testing.assert_allclose(got, (network.predict(image) + other.transpose(2, 0, 1)) / 2, atol=1e-5)
    assert OnnxAveragingPredictor(network, Inference(scales=(0.05,))).predict(image).shape == (3, 10, 13)


def test_standardised_images_are_taken_as_they_are(network: OnnxPredictor) -> None:
    images = photo(8, 9, num=2)
    predictor = OnnxAveragingPredictor(network)
    standardised = predictor.standardisation.apply(images)
    np.testing.assert_array_equal(predictor.label(standardised, standardised=True)[0], predictor.label(images)[0])


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"window": (0, 5)}, "at least 1 x 1"),
        ({"overlap": 1.0}, "from 0 to below 1"),
        ({"scales": ()}, "one or more"),
        ({"scales": (1.0, -1.0)}, "0.05 to 20"),
    ],
)
def test_settings_out_of_range(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        Inference(**settings)


def test_in_words() -> None:
    assert str(Inference()) == "the whole image"
    words = str(Inference((512, 256), 0.5, (0.5, 1.0), flip=True))
    assert words == "windows of 512 x 256 that overlap by 50 %, scales 0.5 1, mirrored too"
