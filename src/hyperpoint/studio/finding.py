"""Which files in a folder are scenes, and which pictures and labels belong to them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from hyperpoint.catalog.dataset import Dataset
from hyperpoint.catalog.layouts import Layout
from hyperpoint.errors import CubeFormatError, HyperpointError, MissingFileError
from hyperpoint.io.cubes import known_formats, open_cube
from hyperpoint.io.images import is_in_colours
from hyperpoint.io.masks import MASK_SUFFIXES

STATE_FOLDER = ".hyperpoint"
EXPORT_FOLDER = "hyperpoint-export"

# LIB-HSI's scenes lie three folders deep, counted from the folder that its archive is unpacked in.
_MAX_DEPTH = 6
# What has fewer is a picture or a mask: no spectrum.
_FEWEST_BANDS = 4
_HEADER = ".hdr"
_PHOTO_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp")
_PHOTO_NAMES = ("{}", "{}_rgb", "rgb_{}", "rgb{}")
_TRUTH_NAMES = ("{}_gt", "{}_truth", "{}_labels", "{}_label", "{}_gray", "rgb{}_gray")


class Found(NamedTuple):
    """The cubes of a folder, in natural order, and a sentence on each thing that looked like one and was left out."""

    cubes: list[Path]
    notes: list[str]


@dataclass(frozen=True)
class Place:
    """What the layout of a data set says of a cube in it.

    `root` is the folder that the splits lie in; `is_best` is False for a cube that is there in a preferred format too.
    """

    dataset: Dataset
    root: Path
    split: str
    id: str
    rgb: Path
    truth: Path | None
    is_best: bool


def natural(path: Path) -> list[tuple[int, str]]:
    """Return a key that sorts paths as people do: 2 before 10."""
    return [(int(part or -1) if part.isdecimal() else -1, part) for part in re.split(r"(\d+)", str(path).casefold())]


def find_cubes(folder: Path, datasets: Sequence[Dataset]) -> Found:
    """Find the cubes in a folder and those below it.

    A file counts as cube if its suffix is that of a format and it can be opened and has four bands or more, so that
    photos, masks and other arrays are passed over; of an ENVI cube the header counts. Hidden folders, links to folders
    and what the studio exports are not searched.
    """
    found = Found([], [])
    _search(folder, datasets, found, _MAX_DEPTH)
    return found


def _search(folder: Path, datasets: Sequence[Dataset], found: Found, depth: int) -> None:
    try:
        entries = sorted((one for one in folder.iterdir() if not one.name.startswith(".")), key=natural)
    except OSError as error:
        found.notes.append(f"the folder {folder} was not searched: {error.strerror}")
        return
    if _is_capture(entries) and _is_cube(folder, []):
        found.cubes.append(folder)
        return
    for entry in entries:
        if not entry.is_dir():
            if _is_scene(entry, datasets, found.notes):
                found.cubes.append(entry)
        elif entry.is_symlink():
            found.notes.append(f"the folder {entry} is a link and was not searched; give {entry.resolve()} itself")
        elif entry.name == EXPORT_FOLDER:
            continue
        elif depth:
            _search(entry, datasets, found, depth - 1)
        else:
            found.notes.append(f"the folder {entry} lies too deep and was not searched; give it itself")


def _is_capture(entries: Sequence[Path]) -> bool:
    return any(one.name in ("capture", "results") and one.is_dir() for one in entries)


def _is_scene(file: Path, datasets: Sequence[Dataset], notes: list[str]) -> bool:
    if file.suffix.lower() not in _scanned_suffixes() or not file.is_file():
        return False
    place = place_of(file, datasets)
    return place.is_best if place is not None else _is_cube(file, notes)


@lru_cache(maxsize=1)
def _scanned_suffixes() -> frozenset[str]:
    formats = {name: set(suffixes) for name, suffixes in known_formats().items()}
    formats["envi"] = {_HEADER}
    return frozenset[str]().union(*formats.values())


def _is_cube(path: Path, notes: list[str]) -> bool:
    try:
        return open_cube(path).shape[2] >= _FEWEST_BANDS
    except HyperpointError as error:
        notes.append(f"{path} was left out: {error}")
        return False


def header_of(path: Path) -> Path:
    """Return the header of an ENVI cube that is given by its data file; other paths as they are."""
    if path.suffix.lower() not in known_formats()["envi"]:
        return path
    beside = (path.with_suffix(_HEADER), path.with_name(path.name + _HEADER))
    return next((one for one in beside if one.is_file()), path)


def place_of(cube: Path, datasets: Sequence[Dataset]) -> Place | None:
    """Say where in the layout of a data set a cube lies (an absolute path); None if its photo is not in its place."""
    for dataset in datasets:
        for layout in dataset.layouts:
            for number, pattern in enumerate(layout.cubes):
                found = _match(cube, pattern)
                if found is None:
                    continue
                root, split, scene_id = found
                rgb, truth = (layout.path(one, root, split, scene_id) for one in (layout.rgb, layout.label))
                if rgb.is_file():
                    is_best = not any(one.is_file() for one in _preferred(layout, number, found))
                    return Place(dataset, root, split, scene_id, rgb, truth if truth.is_file() else None, is_best)
    return None


def _match(cube: Path, pattern: str) -> tuple[Path, str, str] | None:
    """Return (root, split, id) if the end of the path is as the pattern says."""
    depth = pattern.count("/") + 1
    if len(cube.parts) <= depth:
        return None
    wanted = re.escape(pattern).replace(r"\{split\}", "(?P<split>[^/]+)", 1).replace(r"\{split\}", "(?P=split)")
    found = re.fullmatch(wanted.replace(r"\{id\}", "(?P<id>[^/]+)"), "/".join(cube.parts[-depth:]))
    return None if found is None else (cube.parents[depth - 1], found["split"], found["id"])


def _preferred(layout: Layout, number: int, found: tuple[Path, str, str]) -> Iterator[Path]:
    return (layout.path(pattern, *found) for pattern in layout.cubes[:number])


def stem_of(cube: Path) -> str:
    """Return the name of a cube without the suffixes of its format: of "a.dat.hdr" it is "a"."""
    if cube.is_dir():
        return cube.name
    stem = Path(cube.stem)
    return stem.stem if cube.suffix.lower() == _HEADER and stem.suffix.lower() in known_formats()["envi"] else stem.name


def photo_beside(cube: Path, folder: Path | None = None) -> Path | None:
    """Return the picture in colours that bears the name of a cube, beside it or in `folder`; None if there is none."""
    candidates = _named(folder or cube.parent, stem_of(cube), _PHOTO_NAMES, _PHOTO_SUFFIXES)
    return next((one for one in candidates if is_in_colours(one)), None)


def truth_beside(cube: Path) -> Path | None:
    """Return the mask beside a cube whose name says that it is its truth; None if there is none.

    A mask with a provenance beside it is an annotation, and no truth.
    """
    candidates = _named(cube.parent, stem_of(cube), _TRUTH_NAMES, MASK_SUFFIXES)
    return next((one for one in candidates if not one.with_suffix(".json").exists()), None)


def _named(folder: Path, stem: str, names: Sequence[str], suffixes: Sequence[str]) -> Iterator[Path]:
    paths = (folder / (name.format(stem) + suffix) for name in names for suffix in suffixes)
    return (path for path in paths if path.is_file())


def check_cube(path: Path) -> None:
    """Make sure that a file or folder that was given by name is there and of a known format.

    Raises
    ------
    MissingFileError, CubeFormatError
        If not.
    """
    if not path.exists():
        raise MissingFileError(f"there is no file or folder {path}; check the path")
    suffixes = {suffix for one in known_formats().values() for suffix in one}
    if path.is_file() and path.suffix.lower() not in suffixes:
        raise CubeFormatError(f"{path} is no cube that hyperpoint reads; it reads {' '.join(sorted(suffixes))}")
