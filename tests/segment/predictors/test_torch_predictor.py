from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from hyperpoint.errors import InputError
from hyperpoint.io.classes import classes_from_names
from hyperpoint.segment.inputs import InputSpec, Standardisation, imagenet_standardisation
from hyperpoint.segment.predictors.inference import Inference

torch = pytest.importorskip("torch")
from hyperpoint.segment.bundle import ModelBundle  # noqa: E402
from hyperpoint.segment.models import build_model  # noqa: E402
from hyperpoint.segment.predictors.torch_predictor import TorchPredictor  # noqa: E402

CLASSES = classes_from_names(["wall", "door", "roof", "sky"])


@pytest.fixture(scope="module")
def bundle() -> Any:
    """A network that was never trained, but with batch statistics of its own, so that its logits differ by pixel."""
    torch.manual_seed(0)
    model = build_model("smp:unet:resnet18", len(CLASSES))
    with torch.no_grad():
        for _ in range(2):
            model(torch.randn(2, 3, 64, 64))
    return ModelBundle.of(model, CLASSES, InputSpec("rgb"), imagenet_standardisation())


@pytest.fixture(scope="module")
def image() -> Any:
    smooth = np.random.default_rng(0).random((7, 9, 3)).repeat(8, axis=0).repeat(8, axis=1)
    return (255 * smooth).astype(np.uint8)[:53, :70]


@pytest.fixture(scope="module")
def model(bundle: Any) -> Any:
    return bundle.build()


def probabilities(model: Any, image: Any) -> Any:
    """What the bare network says, (N, classes, H, W), and what it was shown."""
    batch = torch.from_numpy(imagenet_standardisation().apply(image).transpose(2, 0, 1)[None].copy())
    with torch.no_grad():
        return model(batch).softmax(1), batch


def test_a_whole_image_of_odd_size(bundle: Any, model: Any, image: Any) -> None:
    predictor = TorchPredictor(bundle, "cpu")
    expected = probabilities(model, image)[0][0].numpy()
    got = predictor.predict(image)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, expected, atol=1e-5)
    np.testing.assert_allclose(predictor.predict(image.astype(np.float32)), expected, atol=1e-5)
    labels, confidence = predictor.label(np.stack([image, image[::-1]]), confidence=True)
    assert labels.dtype == np.uint8
    assert confidence is not None
    np.testing.assert_array_equal(labels[0], expected.argmax(axis=0))
    np.testing.assert_allclose(confidence[0], expected.max(axis=0), atol=1e-5)
    assert len(np.unique(labels)) > 1
    assert predictor.predict(image[:1, :1]).shape == (4, 1, 1)


def test_windows_are_averaged_where_they_overlap(bundle: Any, model: Any, image: Any) -> None:
    window, tops, lefts = (32, 40), (0, 16, 21), (0, 20, 30)
    total, count = np.zeros((4, 53, 70)), np.zeros((53, 70))
    for top, left in itertools.product(tops, lefts):
        place = np.s_[top : top + window[0], left : left + window[1]]
        total[(slice(None), *place)] += probabilities(model, image[place])[0][0].numpy()
        count[place] += 1
    for batch_size in (1, 2, 8):
        predictor = TorchPredictor(bundle, "cpu", inference=Inference(window, 0.5), batch_size=batch_size)
        np.testing.assert_allclose(predictor.predict(image), total / count, atol=1e-5)
    np.testing.assert_array_equal(predictor.label(image[None])[0][0], (total / count).argmax(axis=0))


def test_scales_and_mirror_images_are_averaged(bundle: Any, model: Any, image: Any) -> None:
    whole, batch = probabilities(model, image)
    found = [whole]
    resize = torch.nn.functional.interpolate
    with torch.no_grad():
        found.append(model(batch.flip(-1)).softmax(1).flip(-1))
        small = resize(batch, size=(26, 35), mode="bilinear")
        for mirrored in (False, True):
            part = model(small.flip(-1) if mirrored else small).softmax(1)
            found.append(resize(part.flip(-1) if mirrored else part, size=(53, 70), mode="bilinear"))
    predictor = TorchPredictor(bundle, "cpu", inference=Inference(scales=(1.0, 0.5), flip=True))
    np.testing.assert_allclose(predictor.predict(image), torch.stack(found).mean(0)[0].numpy(), atol=1e-5)


def test_mixed_precision_labels_nearly_alike(bundle: Any, image: Any) -> None:
    exact, mixed = (TorchPredictor(bundle, "cpu", precision).predict(image) for precision in ("32", "bf16"))
    assert mixed.dtype == np.float32
    assert 0 < np.abs(mixed - exact).max() < 0.1


def test_components_of_cubes() -> None:
    rng = np.random.default_rng(0)
    spec = Standardisation(rng.random(6).astype(np.float32), np.ones(6, np.float32),
                           rng.normal(size=(2, 6)).astype(np.float32))  # fmt: skip
    model = build_model("smp:unet:resnet18", 4, in_channels=2)
    predictor = TorchPredictor(ModelBundle.of(model, CLASSES, InputSpec("pca", 2), spec), "cpu")
    cube = rng.random((32, 40, 6)).astype(np.float32)
    cube[0, 0] = np.nan
    assert np.isfinite(predictor.predict(cube)).all()
    np.testing.assert_array_equal(
        predictor.label(spec.apply(cube)[None], standardised=True)[0], predictor.label(cube[None])[0]
    )


def test_what_cannot_be_used_is_refused(bundle: Any, image: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="no device 'abacus'"):
        TorchPredictor(bundle, "abacus")
    with pytest.raises(InputError, match="unknown precision"):
        TorchPredictor(bundle, "cpu", "int4")
    predictor = TorchPredictor(bundle, "cpu")
    with pytest.raises(InputError, match="3 channels"):
        predictor.predict(np.zeros((8, 8, 4), np.uint8))

    def fail(_batch: Any) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(predictor.model, "forward", fail)
    with pytest.raises(InputError, match=r"1 images or windows of 53 x 70 pixels do not fit .*--window 512 512"):
        predictor.predict(image)
