from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from hyperpoint.studio.thumbnails import SIDE, as_png, cached_thumbnail, coarse_rgb
from hyperpoint.types import Scene, UInt8Array

RED = np.full((4, 6, 3), (255, 0, 0), dtype=np.uint8)


def test_a_photo_is_made_small_and_a_small_one_left_as_it_is() -> None:
    cube = np.ones((40, 80, 2), dtype=np.float32)
    rgb = np.zeros((200, 400, 3), dtype=np.uint8)
    rgb[:, 200:] = 250
    small = coarse_rgb(Scene(cube, rgb=rgb))
    assert small.shape == (SIDE // 2, SIDE, 3)
    assert (small[0, 0].tolist(), small[-1, -1].tolist()) == ([0] * 3, [250] * 3)
    tiny = coarse_rgb(Scene(cube, rgb=rgb[:40, 160:240]))
    np.testing.assert_array_equal(tiny, rgb[:40, 160:240])


def test_without_a_photo_spectra_are_rendered_in_their_places() -> None:
    nm = np.linspace(420, 700, 15)
    cube = np.zeros((300, 200, 15), dtype=np.float32)
    cube[:150, :, nm < 480] = 1  # blue above, red below
    cube[150:, :, nm > 620] = 1
    cube[0, 0] = np.nan
    small = coarse_rgb(Scene(cube, wavelengths=nm))
    assert small.shape == (160, 107, 3)
    above, below = small[10, 50].astype(int), small[-10, 50].astype(int)
    assert above[2] > above[0]
    assert below[0] > below[2]


def test_a_thumbnail_is_made_once_for_a_source(tmp_path: Path) -> None:
    path, calls = tmp_path / "folder" / "a.png", []

    def render() -> UInt8Array:
        calls.append(1)
        return RED

    first = cached_thumbnail(path, "one", render)
    assert cached_thumbnail(path, "one", render) == first
    assert len(calls) == 1
    cached_thumbnail(path, "two", render)
    assert len(calls) == 2
    path.write_bytes(first[:50])
    assert cached_thumbnail(path, "one", render) == first
    assert len(calls) == 3
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(path.read_bytes()))), RED)


def test_a_thumbnail_that_cannot_be_kept_is_made_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    content = cached_thumbnail(tmp_path / "file" / "a.png", "one", lambda: RED)
    assert content == as_png(RED, "one")
