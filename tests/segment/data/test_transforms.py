from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from hyperpoint.errors import InputError
from hyperpoint.segment.data.transforms import Augmentation, Window, class_share, distort, draw_window, pad

sizes = st.tuples(st.integers(2, 15), st.integers(2, 15))


def ramp(height: int, width: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """An image whose two channels are row and column, and labels that number its pixels."""
    rows, cols = np.mgrid[:height, :width]
    return np.stack([rows, cols], axis=-1).astype(np.float32), (rows * width + cols).astype(np.uint8)


@given(sizes, sizes, st.floats(0.3, 3), st.floats(0, 1), st.integers(0, 99))
def test_image_and_mask_stay_aligned(
    size: tuple[int, int], crop: tuple[int, int], scale: float, flip: float, seed: int
) -> None:
    image, labels = ramp(*size)
    window = draw_window(labels, Augmentation(crop, (scale, scale), flip=flip), np.random.default_rng(seed))
    cut, ids = window.bilinear(image), window.nearest(labels)
    assert cut.shape[:2] == ids.shape == tuple(np.minimum(crop, window.resized))
    # A bilinear sample lies at most half a pixel from the pixel that the mask takes, whatever the transforms.
    np.testing.assert_array_less(np.abs(cut[..., 0] - ids // size[1]), 0.5 + 0.04)
    np.testing.assert_array_less(np.abs(cut[..., 1] - ids % size[1]), 0.5 + 0.04)


def test_a_cube_of_more_bands_than_opencv_takes_at_once_is_cut_as_its_parts() -> None:
    cube = np.random.default_rng(0).random((12, 10, 204), dtype=np.float32)
    window = Window((12, 10), (9, 7), 1, 2, 5, 4, is_flipped=True)
    cut = window.bilinear(cube)
    assert cut.shape == (5, 4, 204)
    for band in (0, 127, 128, 203):
        # OpenCV interpolates few channels more exactly than many.
        np.testing.assert_allclose(cut[..., band], window.bilinear(cube[..., band : band + 1])[..., 0], atol=0.04)


@given(sizes, st.floats(0.4, 3), st.booleans(), st.integers(0, 99))
def test_cutting_is_resizing_the_whole_and_then_cropping(
    size: tuple[int, int], scale: float, is_flipped: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (*size, 3), dtype=np.uint8)
    resized = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
    row, col = rng.integers(0, resized[0]), rng.integers(0, resized[1])
    window = Window(size, resized, int(row), int(col), resized[0] - int(row), resized[1] - int(col), is_flipped)
    whole = cv2.resize(image.astype(np.float32), resized[::-1], interpolation=cv2.INTER_LINEAR)[row:, col:]
    whole = whole[:, ::-1] if is_flipped else whole
    # OpenCV before version 5 takes positions in steps of 1/32 pixel, which is 4 levels of 255 each way.
    assert np.abs(window.bilinear(image) - whole).max() < 9
    mask = image[..., 0]
    exact = cv2.resize(mask, resized[::-1], interpolation=cv2.INTER_NEAREST_EXACT)[row:, col:]
    exact = exact[:, ::-1] if is_flipped else exact
    # Where a centre lies on the border of two pixels, either may be taken.
    is_clear = ~np.logical_or.outer(*(_on_border(*axis) for axis in zip(size, resized, strict=True)))[row:, col:]
    is_clear = is_clear[:, ::-1] if is_flipped else is_clear
    np.testing.assert_array_equal(window.nearest(mask)[is_clear], exact[is_clear])


def _on_border(source: int, resized: int) -> NDArray[np.bool_]:
    on_border: NDArray[np.bool_] = (2 * np.arange(resized) + 1) * source % (2 * resized) == 0
    return on_border


def test_a_window_of_known_answer() -> None:
    image, labels = ramp(4, 4)
    window = Window((4, 4), (8, 8), 2, 4, 2, 3)
    assert window.nearest(labels).tolist() == [[6, 6, 7], [6, 6, 7]]
    np.testing.assert_allclose(window.bilinear(image)[0, :, 1], [1.75, 2.25, 2.75], atol=0.04)
    flipped = Window((4, 4), (8, 8), 2, 4, 2, 3, True)
    assert flipped.nearest(labels).tolist() == [[7, 6, 6], [7, 6, 6]]
    np.testing.assert_allclose(flipped.bilinear(image)[0, :, 1], [2.75, 2.25, 1.75], atol=0.04)


@given(st.integers(0, 200), st.floats(0.3, 0.9))
def test_no_class_fills_more_of_a_crop_than_it_may(seed: int, limit: float) -> None:
    labels = np.zeros((32, 32), np.uint8)
    labels[8:24, 8:24] = 1
    labels[::7] = 255
    augmentation = Augmentation((12, 12), (1, 1), max_class_share=limit)
    window = draw_window(labels, augmentation, np.random.default_rng(seed))
    share = class_share(window.nearest(labels))
    # The limit holds, unless all ten crops that the same draws give exceed it.
    rng = np.random.default_rng(seed)
    rng.uniform(1, 1)
    rng.random()
    tried = [(int(rng.integers(0, 21)), int(rng.integers(0, 21))) for _ in range(10)]
    shares = [class_share(labels[r : r + 12, c : c + 12]) for r, c in tried]
    fitting = [one for one in shares if one < limit]
    assert share == (fitting[0] if fitting else shares[-1])


def test_the_limit_works() -> None:
    labels = np.zeros((64, 64), np.uint8)
    labels[:, 40:] = 1

    def exceeding(limit: float) -> int:
        augmentation = Augmentation((16, 16), (1, 1), limit)
        windows = [draw_window(labels, augmentation, np.random.default_rng(seed)) for seed in range(200)]
        return sum(class_share(one.nearest(labels)) >= 0.75 for one in windows)

    assert exceeding(1) > 120
    assert exceeding(0.75) < 40


def test_the_share_is_that_of_labelled_pixels() -> None:
    assert class_share(np.array([[0, 0, 1, 255, 255]], np.uint8)) == pytest.approx(2 / 3)
    assert class_share(np.full((2, 2), 255, np.uint8)) == 1


def test_scales_flips_and_places_are_spread_as_they_should_be() -> None:
    labels = np.zeros((40, 60), np.uint8)
    rng = np.random.default_rng(0)
    windows = [draw_window(labels, Augmentation((20, 20), max_class_share=1), rng) for _ in range(600)]
    scales = np.array([one.resized[0] / 40 for one in windows])
    assert (scales.min(), scales.max()) == pytest.approx((0.5, 2), abs=0.03)
    assert scales.mean() == pytest.approx(1.25, abs=0.05)
    assert np.mean([one.is_flipped for one in windows]) == pytest.approx(0.5, abs=0.06)
    places = [one.row / (one.resized[0] - 20) for one in windows if one.resized[0] > 30]
    assert np.mean(places) == pytest.approx(0.5, abs=0.06)
    assert (min(places), max(places)) == (0, 1)


def test_padding_lies_at_the_bottom_and_on_the_right() -> None:
    assert pad(np.ones((1, 2), np.uint8), (2, 3), 255).tolist() == [[1, 1, 255], [255, 255, 255]]
    assert pad(np.ones((1, 2, 4), np.float32), (2, 3), 0).shape == (2, 3, 4)


@given(st.integers(0, 500))
def test_distortion_is_repeatable_and_keeps_the_shape(seed: int) -> None:
    image = np.random.default_rng(1).integers(0, 256, (6, 7, 3), dtype=np.uint8)
    before = image.copy()
    first, second = (distort(image, np.random.default_rng(seed)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(image, before)
    assert (first.shape, first.dtype) == (image.shape, image.dtype)


def test_grey_stays_grey() -> None:
    """Without saturation, brightness and contrast alone can act, equally on all channels."""
    image = np.repeat(np.arange(0, 256, 5, dtype=np.uint8)[None, :, None], 3, axis=2)
    for seed in range(50):
        changed = distort(image, np.random.default_rng(seed)).astype(int)
        assert np.ptp(changed, axis=2).max() == 0
        assert (np.diff(changed[0, :, 0]) >= 0).all()


def test_distortion_is_as_strong_as_in_mmsegmentation() -> None:
    image = np.full((2, 2, 3), 100, np.uint8)
    values = np.array([distort(image, np.random.default_rng(seed))[0, 0, 0] for seed in range(3000)]).astype(int)
    # Half of the time there is no change in brightness, half of the time none in contrast.
    assert np.mean(values == 100) == pytest.approx(0.25, abs=0.04)
    assert 34 - 2 <= values.min() < 45
    assert 185 < values.max() <= 198


def test_a_hue_is_turned_and_no_further_than_36_degrees() -> None:
    image = np.full((1, 1, 3), [200, 40, 40], np.uint8)
    hues = [int(cv2.cvtColor(distort(image, np.random.default_rng(n)), cv2.COLOR_RGB2HSV)[0, 0, 0]) for n in range(300)]
    turned = np.array([(hue + 90) % 180 - 90 for hue in hues])
    assert np.abs(turned).max() <= 19
    assert (turned.min() < -12, turned.max() > 12) == (True, True)
    assert np.mean(turned == 0) > 0.4


@pytest.mark.parametrize(
    "wrong", [{"crop": (0, 5)}, {"scale": (2.0, 1.0)}, {"scale": (0.0, 1.0)}, {"max_class_share": 0.0}, {"flip": 1.5}]
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        Augmentation(**wrong)


@given(sizes, st.integers(1, 9))
def test_any_number_of_channels_goes_through(size: tuple[int, int], channels: int) -> None:
    assume(min(size) > 2)
    image = np.random.default_rng(0).normal(size=(*size, channels)).astype(np.float32)
    whole = Window(size, size, 0, 0, *size)
    np.testing.assert_allclose(whole.bilinear(image), image, atol=1e-6)
