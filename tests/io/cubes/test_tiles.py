"""Cutting a cube into blocks: the order of storage and the size of blocks."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hyperpoint.cube import Cube
from hyperpoint.io.cubes._flat import FlatCube
from hyperpoint.io.cubes._samples import SampleRule
from hyperpoint.io.cubes._tiles import About, MemoryCube

ORDERS = ["".join(order) for order in permutations("rcb")]


def _flat(folder: Path, order: str, shape: tuple[int, int, int]) -> Cube:
    values = np.arange(np.prod(shape), dtype="<f4").reshape(shape)
    stored = values.transpose(["rcb".index(axis) for axis in order])
    stored.tofile(folder / "samples")
    about = About(folder / "samples", "flat", SampleRule())
    return FlatCube(about, order, stored.shape, np.dtype("<f4"), 0)


@pytest.mark.parametrize("order", ORDERS)
def test_blocks_come_in_the_order_of_storage(tmp_path: Path, order: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("hyperpoint.cube", "hyperpoint.io.cubes._tiles"):
        monkeypatch.setattr(f"{module}.BLOCK_BYTES", 4 * 2 * 6 * 3)
    cube = _flat(tmp_path, order, (6, 6, 3))
    expected = np.arange(108).reshape(6, 6, 3)
    by_rows = order.index("r") < order.index("c")
    starts = [(b.rows.start, b.cols.start) for b in cube.blocks()]
    assert starts == ([(0, 0), (2, 0), (4, 0)] if by_rows else [(0, 0), (0, 2), (0, 4)])
    np.testing.assert_array_equal(cube.read(), expected)
    for num in (1, 5, 30):
        rows, cols = np.random.default_rng(num).integers(0, 6, (2, num))
        np.testing.assert_array_equal(cube.pixels(rows, cols), expected[rows, cols])


@pytest.mark.parametrize("order", ORDERS)
def test_memory_is_left_as_it_is(order: str) -> None:
    values = np.arange(24, dtype="f4").reshape(2, 3, 4)
    stored = values.transpose(["rcb".index(axis) for axis in order])
    cube = MemoryCube(About(Path("m"), "memory", SampleRule(no_data=5, divisor=2)), order, stored)
    expected = np.where(values == 5, np.nan, values / 2)
    np.testing.assert_array_equal(cube.read(), expected)
    np.testing.assert_array_equal(cube.read(), expected)
    assert values[0, 1, 1] == 5


def test_bands_are_probed_over_the_whole_height(tmp_path: Path) -> None:
    values = np.full((160, 3, 2), np.nan, dtype="<f4")
    values[..., 0] = 1
    values[151:, :, 1] = 1  # the last sixteenth
    values.tofile(tmp_path / "samples")
    cube = FlatCube(About(tmp_path / "samples", "flat", SampleRule()), "rcb", values.shape, np.dtype("<f4"), 0)
    assert cube.good_bands.tolist() == [True, True]


@settings(deadline=None, max_examples=100)
@given(
    chunk=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    shape=st.tuples(*[st.integers(1, 40)] * 3),
    order=st.sampled_from(ORDERS),
)
def test_tiles_cover_every_pixel_once(chunk: tuple[int, int], shape: tuple[int, int, int], order: str) -> None:
    values = np.zeros(shape, dtype="u1").transpose(["rcb".index(axis) for axis in order])
    cube = MemoryCube(About(Path("m"), "memory", SampleRule()), order, values)
    cube._order, cube._chunk = order, (min(chunk[0], shape[0]), min(chunk[1], shape[1]))
    with pytest.MonkeyPatch.context() as patch:
        for module in ("hyperpoint.cube", "hyperpoint.io.cubes._tiles"):
            patch.setattr(f"{module}.BLOCK_BYTES", 4000)
        patch.setattr("hyperpoint.io.cubes._tiles._LARGEST_TILE_BYTES", 50_000)
        cube._tile = cube._tile_size()
    times = np.zeros(shape[:2], dtype=int)
    for rows, cols in cube._tiles():
        times[rows, cols] += 1
    assert (times == 1).all()
    assert cube._tile[0] * cube._tile[1] * shape[2] * 4 <= max(50_000, max(shape[:2]) * shape[2] * 4)
