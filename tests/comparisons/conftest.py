"""Small scenes whose classes differ in their spectra, and are nowhere told apart by place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
import pytest

from hyperpoint.catalog.sampling import sample_per_class
from hyperpoint.comparisons.scenes import PointScene
from hyperpoint.cube import FloatArray
from hyperpoint.types import LabelArray, Scene, Truth

NUM_CLASSES = 4
NUM_BANDS = 10


class Labelled(NamedTuple):
    """A scene in memory with its truth."""

    scene: Scene
    labels: LabelArray
    cube: FloatArray


def make_labelled(seed: int, size: tuple[int, int] = (64, 80), num_bands: int = NUM_BANDS) -> Labelled:
    """A scene of rectangles in random order; a spectrum is that of its class, times any brightness, with noise."""
    rng = np.random.default_rng(seed)
    tiles = rng.permuted(np.resize(np.arange(NUM_CLASSES), (4, 4)).ravel()).reshape(4, 4)
    labels = np.kron(tiles, np.ones((size[0] // 4, size[1] // 4))).astype(np.uint8)
    grid = np.linspace(0, np.pi, num_bands)
    spectra = 0.5 + 0.3 * np.stack([np.sin(grid * (1 + one / 2)) for one in range(NUM_CLASSES)])
    brightness = rng.uniform(0.3, 1, size)[..., None]
    cube = ((spectra[labels] + rng.normal(0, 0.08, (*size, num_bands))) * brightness).astype(np.float32)
    return Labelled(Scene(cube), labels, cube)


@pytest.fixture
def labelled() -> Callable[..., Labelled]:
    return make_labelled


@pytest.fixture
def training() -> list[PointScene]:
    """Three scenes of 15 points a class."""
    scenes = []
    for seed in range(3):
        one = make_labelled(seed)
        points = sample_per_class(Truth(one.labels), 15, seed)
        scenes.append(PointScene(f"scene-{seed}", points, partial(getattr, one, "scene")))
    return scenes


@pytest.fixture(autouse=True)
def torch_on_one_thread() -> Iterator[None]:
    """Keep PyTorch to one thread, so that test processes do not wait for each other; skip where it is absent."""
    torch = pytest.importorskip("torch", reason="the networks need PyTorch (extra deep)")
    num_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(num_threads)
