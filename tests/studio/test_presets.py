from __future__ import annotations

import pytest

from hyperpoint.errors import InputError
from hyperpoint.studio.presets import preset, preset_names


def test_presets_are_the_classes_of_the_catalog() -> None:
    assert preset_names() == ["empty", "lib-hsi", "cityscapes"]
    assert preset("empty") is None
    lib, city = preset("lib-hsi"), preset("cityscapes")
    assert lib is not None
    assert city is not None
    assert (len(lib), lib.names[0]) == (44, "Whiteboard")
    assert (len(city), city.names[18], city.colors[0]) == (19, "bicycle", (128, 64, 128))


def test_an_unknown_preset_is_refused() -> None:
    with pytest.raises(InputError, match="unknown preset 'x'; known are empty"):
        preset("x")
