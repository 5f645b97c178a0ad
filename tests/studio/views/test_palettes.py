from __future__ import annotations

import numpy as np
import pytest

from hyperpoint.errors import InputError
from hyperpoint.studio.views import palettes


def test_unlabelled_is_transparent_and_classes_are_not() -> None:
    colors = np.random.default_rng(0).integers(0, 256, (256, 3)).astype(np.uint8)
    palette = palettes.classes(colors)
    np.testing.assert_array_equal(palette[:255, :3], colors[:255])
    assert (palette[:255, 3] == 255).all()
    assert palette[255].tolist() == [0, 0, 0, 0]


def test_grey_and_heat_rise() -> None:
    assert palettes.grey()[[0, 17, 255]].tolist() == [[0, 0, 0, 255], [17, 17, 17, 255], [255, 255, 255, 255]]
    luminance = palettes.heat()[:, :3] @ np.array([0.2126, 0.7152, 0.0722])
    assert (np.diff(luminance) > -1).all()
    assert luminance[-1] - luminance[0] > 150


def test_lines_show_only_where_the_mask_does() -> None:
    palette = palettes.lines((1, 2, 3), 0.5)
    assert palette[0].tolist() == [0, 0, 0, 0]
    assert palette[1].tolist() == [1, 2, 3, 128]


@pytest.mark.parametrize("palette", [np.zeros((255, 3), np.uint8), np.zeros((256, 3)), np.zeros(768, np.uint8)])
def test_another_shape_is_refused(palette: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> None:
    with pytest.raises(InputError, match="256"):
        palettes.with_opacity(palette)
