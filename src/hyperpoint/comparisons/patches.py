"""Patches around points of many scenes, without ever holding a cube."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hyperpoint.comparisons.preparation import Preparation, without_gaps
from hyperpoint.comparisons.scenes import PointScene
from hyperpoint.cube import Cube, FloatArray, IndexArray, usable_pixels
from hyperpoint.errors import InputError, PointsError
from hyperpoint.preprocess.normalisation import Normalisation
from hyperpoint.segment.ahead import read_ahead
from hyperpoint.types import Scene

logger = logging.getLogger(__name__)

Progress = Callable[[int, int, str], None]

# Raw spectra that are in memory at a time while patches are cut out.
READ_BYTES = 128 << 20
# Spectra from which the preparation is estimated, in all scenes together.
MAX_SPECTRA = 400_000
# In memory at a time: the pool that is learned from, the next, and the one after while they change places.
POOLS_AT_ONCE = 3


@dataclass(frozen=True, eq=False)
class Located:
    """The points of a scene that are learned from, on its cube: `rows`, `cols`, `targets`, all (n,) int64."""

    open: Callable[[], Scene]
    rows: IndexArray
    cols: IndexArray
    targets: IndexArray


def locate(
    scenes: Sequence[PointScene], num_classes: int, normalisation: Normalisation, progress: Progress
) -> tuple[list[Located], FloatArray]:
    """Find where the annotated points lie on the cubes, and read their spectra.

    Points whose spectrum cannot be used are left out, and scenes without any other; warnings count them.

    Returns
    -------
    The scenes, and spectra (n, bands) float32 of at most `MAX_SPECTRA` points, as `without_gaps` returns them.

    Raises
    ------
    PointsError
        If a label is no class, or fewer than two classes are left.
    InputError
        If cubes differ in their number of bands.
    """
    annotated = [scene for scene in scenes if scene.points.is_annotated.any()]
    found: list[Located] = []
    spectra: list[FloatArray] = []
    num_unusable = 0
    for number, scene in enumerate(annotated):
        progress(number, len(annotated), f"reading points of {scene.id}")
        located, values = _locate_one(scene, num_classes, normalisation)
        num_unusable += len(scene.points.annotated) - len(values)
        if spectra and values.shape[1] != spectra[0].shape[1]:
            raise InputError(
                f"the cube of {scene.id} has {values.shape[1]} bands, that of {annotated[0].id} {spectra[0].shape[1]}; "
                f"a network takes cubes of one camera"
            )
        spectra.append(values[: -(-MAX_SPECTRA // len(annotated))])
        if len(values):
            found.append(located)
    if num_unusable:
        logger.warning("%d points have no usable spectrum and are not learned from", num_unusable)
    if len(found) < len(scenes):
        logger.warning("%d of %d scenes have no point to learn from", len(scenes) - len(found), len(scenes))
    occurring = {int(target) for one in found for target in np.unique(one.targets)}
    if len(occurring) < 2:
        raise PointsError(
            f"a classifier needs points of at least two classes; the {len(scenes)} scenes have {len(occurring)}"
        )
    return found, np.concatenate(spectra)


def _locate_one(scene: PointScene, num_classes: int, normalisation: Normalisation) -> tuple[Located, FloatArray]:
    points = scene.points.annotated
    if points.labels.max() >= num_classes:
        raise PointsError(
            f"a point of {scene.id} bears class {points.labels.max()}, but the classes are 0 to {num_classes - 1}"
        )
    opened = scene.open()
    height, width = opened.size
    if points.rows.max() >= height or points.cols.max() >= width:
        raise PointsError(f"a point of {scene.id} lies outside its {height} x {width} pixels")
    rows, cols = opened.to_cube(points.rows, points.cols)
    values = opened.cube.pixels(rows, cols)
    usable = usable_pixels(values[:, opened.cube.good_bands])
    located = Located(scene.open, rows[usable], cols[usable], points.labels[usable].astype(np.int64))
    return located, without_gaps(values[usable], opened.cube.good_bands, normalisation)


def read_patches(cube: Cube, rows: IndexArray, cols: IndexArray, width: int, preparation: Preparation) -> FloatArray:
    """Cut patches out of a cube; what lies beyond its edge repeats the edge.

    Parameters
    ----------
    rows, cols
        (n,): the pixels in the middle.
    width
        Pixels across a patch, odd.

    Returns
    -------
    (n, width, width, num_channels) float32, prepared.
    """
    height, across, bands = cube.shape
    out = np.empty((len(rows), width, width, preparation.num_channels), dtype=np.float32)
    offsets = np.arange(width) - width // 2
    size = max(1, READ_BYTES // (4 * bands * width * width))
    order = np.lexsort((cols, rows))  # neighbours share pixels, and lie near each other in the file
    for start in range(0, len(rows), size):
        part = order[start : start + size]
        patch_rows = (rows[part, None] + offsets).clip(0, height - 1)
        patch_cols = (cols[part, None] + offsets).clip(0, across - 1)
        places = patch_rows[:, :, None] * across + patch_cols[:, None, :]
        distinct, where = np.unique(places, return_inverse=True)
        values = preparation.apply(cube.pixels(*np.divmod(distinct, across)), cube.good_bands)
        out[part] = values[where.reshape(places.shape)]
    return out


@dataclass(frozen=True, eq=False)
class Pool:
    """Patches that are in memory together: `patches` (n, width, width, channels) float32, `targets` (n,) int64."""

    patches: FloatArray
    targets: IndexArray


class PatchSource:
    """The patches of many scenes, in batches, within a bound of memory.

    If all fit they are read once. Else the scenes are dealt at random to pools that do, which are read one after the
    other while the one before is learned from, and dealt anew in every round.

    Parameters
    ----------
    memory
        Bytes that patches may take. A scene whose patches take more is read nevertheless.
    """

    def __init__(self, scenes: Sequence[Located], preparation: Preparation, width: int, memory: float) -> None:
        self._scenes, self._preparation, self._width = scenes, preparation, width
        per_patch = 4 * width * width * preparation.num_channels
        self._bytes = [per_patch * len(scene.targets) for scene in scenes]
        self._memory = memory
        self._kept: Pool | None = None

    def batches(self, size: int, rng: np.random.Generator) -> Generator[Pool]:
        """Yield batches of exactly `size` patches without end, each pool in random order.

        A batch that a pool cannot fill takes patches of that pool again.
        """
        while True:
            with closing(self._pools(rng)) as pools:
                for pool in pools:
                    yield from _split(pool, size, rng)

    def _pools(self, rng: np.random.Generator) -> Generator[Pool]:
        if sum(self._bytes) <= self._memory:
            self._kept = self._kept or self._read(np.arange(len(self._scenes)))
            yield self._kept
        else:
            yield from read_ahead(self._deal(rng), self._read, num_threads=1, num_ahead=1)

    def _deal(self, rng: np.random.Generator) -> list[NDArray[np.int64]]:
        """Return which scenes make up each pool of a round."""
        order = rng.permutation(len(self._scenes))
        sizes = np.array(self._bytes, dtype=np.float64)[order]
        before = np.cumsum(sizes) - sizes
        pool_of = (before // max(1.0, self._memory / POOLS_AT_ONCE)).astype(np.int64)
        return [order[pool_of == number] for number in np.unique(pool_of)]

    def _read(self, which: NDArray[np.int64]) -> Pool:
        scenes = [self._scenes[number] for number in which]
        patches = [
            read_patches(scene.open().cube, scene.rows, scene.cols, self._width, self._preparation) for scene in scenes
        ]
        return Pool(np.concatenate(patches), np.concatenate([scene.targets for scene in scenes]))


def _split(pool: Pool, size: int, rng: np.random.Generator) -> Iterator[Pool]:
    num = len(pool.targets)
    order = rng.permutation(num)
    missing = -num % size
    order = np.concatenate([order, rng.integers(num, size=missing)])
    for start in range(0, len(order), size):
        part = order[start : start + size]
        yield Pool(pool.patches[part], pool.targets[part])
