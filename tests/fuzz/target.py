"""A reader under test: what it is fed with, and how it is called."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from hyperpoint.cube import Cube
from hyperpoint.io.cubes import open_cube
from tests.fuzz.making import Make

# The files of one input: content by name.
Files = dict[str, bytes]

_MOST_BLOCKS = 6


@dataclass(frozen=True)
class Target:
    """A reader.

    Attributes
    ----------
    name
        For the command line.
    valid
        Inputs that must be accepted; the others are made from them.
    make
        Makes the others.
    read
        Reads what lies in a folder.
    """

    name: str
    valid: tuple[Files, ...]
    make: Make[Files]
    read: Callable[[Path], object]


def write_files(folder: Path, files: Files) -> None:
    """Replace what lies in a folder; names may have folders before them."""
    for old in folder.iterdir():
        if old.is_dir() and not old.is_symlink():
            shutil.rmtree(old)
        elif old.name not in files:
            old.unlink()
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)


def only(name: str, content: Make[bytes]) -> Make[Files]:
    """Return a maker of inputs of a single file."""
    return lambda rng: {name: content(rng)}


def reading_cube(name: str) -> Callable[[Path], object]:
    """Return a function that opens a cube and reads some of it."""
    return lambda folder: read_some(open_cube(folder / name))


def read_some(cube: Cube) -> None:
    """Read the first blocks and the corners of a cube, and check that all fits together."""
    height, width, bands = cube.shape
    assert min(cube.shape) > 0
    assert cube.good_bands.shape == (bands,)
    assert cube.wavelengths is None or cube.wavelengths.shape == (bands,)
    for block in islice(cube.blocks(), _MOST_BLOCKS):
        box = (block.rows.stop - block.rows.start, block.cols.stop - block.cols.start, bands)
        assert block.values.shape == box
        assert block.values.dtype == np.float32
    corners = cube.pixels(np.array([0, height - 1]), np.array([0, width - 1]))
    assert corners.shape == (2, bands)
