"""SLIC superpixels."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hyperpoint.errors import InputError
from hyperpoint.regions import superpixels
from hyperpoint.regions.superpixels import slic


@pytest.fixture(params=[superpixels.MIN_LARGE_PIXELS, 0], ids=["whole", "halved"])
def how_clustered(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(superpixels, "MIN_LARGE_PIXELS", request.param)


@pytest.mark.usefixtures("how_clustered")
def test_follow_a_colour_edge() -> None:
    rgb = np.full((60, 90, 3), 30, dtype=np.uint8)
    rgb[:, 41:] = 220
    found = slic(rgb, region_size=20)
    for superpixel in range(found.num):
        inside = rgb[found.ids == superpixel]
        assert (inside == inside[0]).all()


@pytest.mark.usefixtures("how_clustered")
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 70), st.integers(1, 70), st.integers(2, 60), st.integers(0, 1000))
def test_every_pixel_has_one_and_numbers_have_no_gaps(height: int, width: int, region_size: int, seed: int) -> None:
    rgb = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    found = slic(rgb, region_size)
    assert found.ids.shape == (height, width)
    assert found.ids.dtype == np.int32
    assert np.unique(found.ids).tolist() == list(range(found.num))


@pytest.mark.usefixtures("how_clustered")
def test_about_the_size_that_was_asked_for() -> None:
    ramp = np.linspace(0, 200, 300, dtype=np.uint8)
    rgb = np.broadcast_to(ramp[None, :, None], (200, 300, 3)).copy()
    assert 20 <= slic(rgb, region_size=50).num <= 30


@pytest.mark.parametrize(("region_size", "ruler"), [(1, 10.0), (50, 0.0)])
def test_out_of_range(region_size: int, ruler: float) -> None:
    with pytest.raises(InputError, match="SLIC needs"):
        slic(np.zeros((9, 9, 3), np.uint8), region_size, ruler)


def test_the_number_of_threads_changes_nothing() -> None:
    noise = np.random.default_rng(0).integers(0, 60, (1001, 1001, 3), dtype=np.uint8)
    noise[300:, 500:] += 150
    before = cv2.getNumThreads()
    found = []
    try:
        for num in (1, 2):
            cv2.setNumThreads(num)
            found.append(slic(noise).ids)
    finally:
        cv2.setNumThreads(before)
    np.testing.assert_array_equal(found[0], found[1])
