from __future__ import annotations

import logging
from itertools import islice

import numpy as np
import pytest

from hyperpoint.comparisons import patches
from hyperpoint.comparisons.patches import Located, PatchSource, locate, read_patches
from hyperpoint.comparisons.preparation import Preparation
from hyperpoint.comparisons.scenes import PointScene
from hyperpoint.cube import ArrayCube, FloatArray
from hyperpoint.errors import InputError, PointsError
from hyperpoint.segment.standardisation import Standardisation
from hyperpoint.types import PointSet, Scene


def points_at(rows: list[int], cols: list[int], labels: list[int]) -> PointSet:
    return PointSet(np.array(rows), np.array(cols), np.array(labels, dtype=np.uint8))


def unchanged(bands: int) -> Preparation:
    return Preparation("none", Standardisation(np.zeros(bands, np.float32), np.ones(bands, np.float32)))


def cube_of(number: int, size: tuple[int, int] = (6, 7)) -> FloatArray:
    """Values that tell scene, row, column and band."""
    rows, cols = np.indices(size)
    return np.stack([1000 * number + 10 * rows + cols + 1, rows + 1, cols + 1], axis=2).astype(np.float32)


def scene_of(number: int, points: PointSet) -> PointScene:
    return PointScene(f"s{number}", points, lambda: Scene(cube_of(number)))


def quiet(done: int, total: int, what: str) -> None: ...


@pytest.mark.parametrize("read_bytes", [patches.READ_BYTES, 200])
def test_patches_are_what_lies_around_points_and_the_edge_is_repeated(
    read_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patches, "READ_BYTES", read_bytes)
    values = cube_of(0)
    rows, cols = np.array([5, 0, 3, 3]), np.array([6, 0, 2, 2])
    found = read_patches(ArrayCube(values), rows, cols, 5, unchanged(3))
    padded = np.pad(values, ((2, 2), (2, 2), (0, 0)), mode="edge")
    expected = np.stack([padded[row : row + 5, col : col + 5] for row, col in zip(rows, cols, strict=True)])
    assert np.array_equal(found, expected)


def test_points_are_found_on_a_coarser_cube_and_those_without_spectrum_left_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    values = cube_of(0)
    values[2, 3] = np.nan
    points = points_at([0, 5, 11, 4], [1, 7, 13, 2], [2, 1, 0, 255])
    scenes = [PointScene("a", points, lambda: Scene(values, rgb=np.zeros((12, 14, 3), np.uint8)))]
    with caplog.at_level(logging.WARNING):
        found, spectra = locate(scenes, 3, "none", quiet)
    assert (found[0].rows.tolist(), found[0].cols.tolist(), found[0].targets.tolist()) == ([0, 5], [0, 6], [2, 0])
    assert np.array_equal(spectra, values[[0, 5], [0, 6]])
    assert "1 points have no usable spectrum" in caplog.text


def test_scenes_without_points_are_counted(caplog: pytest.LogCaptureFixture) -> None:
    empty, two = points_at([], [], []), points_at([1, 2], [1, 2], [0, 1])
    with caplog.at_level(logging.WARNING):
        found, _ = locate([scene_of(0, empty), scene_of(1, two)], 2, "max", quiet)
    assert [one.open().cube.read()[0, 0, 0] for one in found] == [1001]
    assert "1 of 2 scenes have no point to learn from" in caplog.text


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (points_at([1, 2], [1, 2], [0, 5]), "a point of s0 bears class 5, but the classes are 0 to 3"),
        (points_at([1, 60], [1, 2], [0, 1]), "a point of s0 lies outside its 6 x 7 pixels"),
        (points_at([1, 2], [1, 2], [1, 1]), "at least two classes; the 1 scenes have 1"),
    ],
)
def test_points_that_cannot_be_learned_from_are_told(points: PointSet, message: str) -> None:
    with pytest.raises(PointsError, match=message):
        locate([scene_of(0, points)], 4, "max", quiet)


def test_cubes_of_two_cameras_are_told() -> None:
    points = points_at([1, 2], [1, 2], [0, 1])
    other = PointScene("other", points, lambda: Scene(np.ones((6, 7, 5), np.float32)))
    with pytest.raises(InputError, match="the cube of other has 5 bands, that of s0 3; a network"):
        locate([scene_of(0, points), other], 2, "max", quiet)


class Counting:
    """Scenes of four points each that count how often they are opened."""

    def __init__(self, num: int) -> None:
        self.opened = [0] * num
        self.scenes = [self._scene(number) for number in range(num)]

    def _scene(self, number: int) -> Located:
        def opened() -> Scene:
            self.opened[number] += 1
            return Scene(cube_of(number))

        at = np.arange(4)
        return Located(opened, at, at, np.full(4, number))


def scenes_in(batch: patches.Pool) -> set[int]:
    """Return the scenes that a batch is of, told by the values of its patches."""
    return set((batch.patches[:, 1, 1, 0] // 1000).astype(int).tolist())


def test_what_fits_into_memory_is_read_once_and_every_patch_seen_once_a_round() -> None:
    counting = Counting(3)
    source = PatchSource(counting.scenes, unchanged(3), 3, memory=1e9)
    batches = list(islice(source.batches(6, np.random.default_rng(0)), 4))
    assert counting.opened == [1, 1, 1]
    assert all(len(batch.targets) == 6 for batch in batches)
    for one in (batches[:2], batches[2:]):
        seen = np.concatenate([batch.patches[:, 1, 1, 0] for batch in one])
        assert len(np.unique(seen)) == 12
    first, second = (np.concatenate([batch.targets for batch in one]) for one in (batches[:2], batches[2:]))
    assert not np.array_equal(first, second)


def test_targets_stay_with_their_patches() -> None:
    source = PatchSource(Counting(4).scenes, unchanged(3), 3, memory=1e9)
    for batch in islice(source.batches(5, np.random.default_rng(0)), 7):
        assert np.array_equal(batch.patches[:, 1, 1, 0] // 1000, batch.targets)


def test_what_does_not_fit_is_read_in_pools_dealt_anew_each_round() -> None:
    counting = Counting(8)
    bytes_of_scene = 4 * 3 * 3 * 3 * 4
    source = PatchSource(counting.scenes, unchanged(3), 3, memory=patches.POOLS_AT_ONCE * 2 * bytes_of_scene)
    batches = source.batches(8, np.random.default_rng(0))
    rounds = [[scenes_in(next(batches)) for _ in range(4)] for _ in range(3)]
    batches.close()
    for one in rounds:
        assert set().union(*one) == set(range(8))
        assert sum(map(len, one)) == 8  # no scene in two pools
        assert max(map(len, one)) == 2
    assert min(counting.opened) >= 3
    assert len({tuple(sorted(map(tuple, map(sorted, one)))) for one in rounds}) > 1


def test_a_small_pool_fills_its_last_batch_with_patches_of_its_own() -> None:
    source = PatchSource(Counting(1).scenes, unchanged(3), 3, memory=1e9)
    batch = next(source.batches(10, np.random.default_rng(0)))
    assert len(batch.targets) == 10
    assert len(np.unique(batch.patches[:, 1, 1, 0])) == 4
