"""Make whole data sets of synthetic scenes, in the layouts of the real ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from hyperpoint.catalog.dataset import Dataset, load_dataset
from hyperpoint.catalog.layouts import SceneFiles
from hyperpoint.errors import InputError
from hyperpoint.io.files import StrPath
from hyperpoint.synth.camera import Sensor, View, record_cube, take_photo
from hyperpoint.synth.facade import draw_facade
from hyperpoint.synth.sensors import hsicity_camera, specim_iq
from hyperpoint.synth.street import draw_street
from hyperpoint.synth.writers import Recording, write_hsicity, write_label_info, write_lib_hsi

# (rows, columns): half and a quarter of the real pictures' sides, which keeps a scene at a second and some 50 MB.
DEFAULT_SIZES = {"lib-hsi": (256, 256), "hsicity2": (356, 472)}
SMALLEST, LARGEST = 32, 4096
VALIDATION_SHARE = TEST_SHARE = 0.15
# The radiance of HSICityV2 is small: a sunlit white surface has about this in the brightest band.
HSICITY_WHITE = 0.06

Progress = Callable[[int, int, str], None]


def synthesise(
    out: StrPath,
    layout: str,
    num_scenes: int,
    size: tuple[int, int] | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> list[SceneFiles]:
    """Write synthetic scenes in the folder layout, splits and file formats of a real data set.

    Of the scenes 70 % go to train, 15 % to validation and 15 % to test, at least one each. HSICityV2 has no validation
    split: there, what is not test is train. The same arguments give the same files, whatever was there before.

    Parameters
    ----------
    out
        Folder to write to; it is made if needed, and files of the same names are replaced.
    layout
        "lib-hsi" (facades: reflectance, ENVI cubes of 204 bands that must be turned by 270 degrees) or "hsicity2"
        (streets: radiance, `.hsd` cubes of 128 bands).
    num_scenes
        In all splits together.
    size
        Rows and columns of the pictures; None takes half (LIB-HSI) and a quarter (HSICityV2) of the real ones.
    seed
        Seeds every random draw; scene `i` of a seed is the same whatever `num_scenes` is.
    progress
        Called after every scene with the number of scenes done, that of all, and the split and id of the scene.

    Returns
    -------
    The files of every scene, in order of splits and ids.

    Raises
    ------
    InputError
        If the layout is unknown, there are fewer scenes than splits, or the size is out of range; and if `out` cannot
        be written to.
    """
    if layout not in DEFAULT_SIZES:
        raise InputError(f"unknown layout {layout!r}; known are {', '.join(DEFAULT_SIZES)}")
    dataset = load_dataset(layout)
    shape = _checked_size(size or DEFAULT_SIZES[layout])
    splits = split_sizes(dataset, num_scenes)
    root = Path(out)
    done: list[SceneFiles] = []
    for split, count in splits.items():
        for _ in range(count):
            files = _files(root, dataset, split, f"{len(done) + 1:04d}")
            _write_scene(files, dataset, shape, np.random.default_rng([seed, len(done)]))
            done.append(files)
            if progress is not None:
                progress(len(done), num_scenes, f"{split}/{files.id}")
    if layout == "lib-hsi":
        write_label_info(root, dataset.classes, dataset.groups)
    return done


def split_sizes(dataset: Dataset, num_scenes: int) -> dict[str, int]:
    """Return how many of `num_scenes` go to each split: 15 % to validation and to test, at least one each.

    Raises
    ------
    InputError
        If there are fewer scenes than splits.
    """
    if num_scenes < len(dataset.splits):
        raise InputError(
            f"{num_scenes} scenes cannot fill the {len(dataset.splits)} splits of {dataset.name} "
            f"({', '.join(dataset.splits)}); ask for at least {len(dataset.splits)}"
        )
    shares = {"validation": VALIDATION_SHARE, "test": TEST_SHARE}
    sizes = {split: max(1, round(shares[split] * num_scenes)) for split in dataset.splits if split in shares}
    return {split: sizes.get(split, num_scenes - sum(sizes.values())) for split in dataset.splits}


def _checked_size(size: tuple[int, int]) -> tuple[int, int]:
    if not all(SMALLEST <= side <= LARGEST for side in size):
        raise InputError(f"the size must be {SMALLEST} to {LARGEST} rows and columns; got {size[0]} x {size[1]}")
    return size


def _files(root: Path, dataset: Dataset, split: str, scene_id: str) -> SceneFiles:
    layout = dataset.layouts[0]
    cube, rgb, label = (
        layout.path(pattern, root, split, scene_id) for pattern in (layout.cubes[0], layout.rgb, layout.label)
    )
    return SceneFiles(scene_id, split, cube, rgb, label)


def _write_scene(files: SceneFiles, dataset: Dataset, shape: tuple[int, int], rng: np.random.Generator) -> None:
    if dataset.name == "lib-hsi":
        write_lib_hsi(files, record_facade(dataset, shape, rng), dataset.classes)
    else:
        write_hsicity(files, record_street(dataset, shape, rng), dataset.classes)


def record_facade(dataset: Dataset, shape: tuple[int, int], rng: np.random.Generator) -> Recording:
    """Draw a facade of `shape` (H, W) and record it: reflectance relative to the white panel."""
    return _record(draw_facade(shape, dataset.classes, rng), specim_iq(), rng, as_reflectance=True)


def record_street(dataset: Dataset, shape: tuple[int, int], rng: np.random.Generator) -> Recording:
    """Draw a street of `shape` (H, W) and record it: radiance as the sensor sees it, uncorrected."""
    scene = _record(draw_street(shape, dataset.classes, rng), hsicity_camera(), rng, as_reflectance=False)
    np.multiply(scene.cube, np.float32(HSICITY_WHITE), out=scene.cube)
    return scene


def _record(view: View, sensor: Sensor, rng: np.random.Generator, *, as_reflectance: bool) -> Recording:
    cube = record_cube(view, sensor, rng, as_reflectance=as_reflectance)
    return Recording(cube, sensor.wavelengths, take_photo(view, rng), view.canvas.labels)
