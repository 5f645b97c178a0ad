"""Finding the shift between cube and rgb."""

from __future__ import annotations

import numpy as np
import pytest

from hyperpoint.errors import InputError
from hyperpoint.preprocess.alignment import find_shift
from hyperpoint.types import UInt8Array


def blobs(seed: int, size: int = 160) -> UInt8Array:
    import cv2

    noise = np.random.default_rng(seed).random((size, size), dtype=np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 4)
    patches = (smooth > np.median(smooth)).astype(np.uint8) * 160 + 40
    return np.repeat(patches[..., None], 3, axis=2)


@pytest.mark.parametrize(("down", "right"), [(0, 0), (3, -5), (-7, 2)])
@pytest.mark.parametrize("factor", [1, 3])
def test_finds_a_known_shift(down: int, right: int, factor: int) -> None:
    picture = blobs(1)
    rgb = np.roll(picture, (down, right), axis=(0, 1)).repeat(factor, axis=0).repeat(factor, axis=1)
    shift = find_shift(255 - picture, rgb)  # inverted: the cameras need not agree on brightness
    assert (shift.down, shift.right) == (down, right)


def test_different_pictures() -> None:
    with pytest.raises(InputError, match="no reliable shift"):
        find_shift(blobs(1), blobs(2))
