"""The list of scenes: which there are in the paths that were given, and the files that belong to each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from hyperpoint.catalog.dataset import dataset_names, load_dataset
from hyperpoint.errors import InputError
from hyperpoint.io.files import StrPath
from hyperpoint.studio.access import Access
from hyperpoint.studio.finding import (
    Place,
    check_cube,
    find_cubes,
    header_of,
    photo_beside,
    place_of,
    stem_of,
    truth_beside,
)
from hyperpoint.studio.naming import unique_names


@dataclass(frozen=True)
class SceneEntry:
    """A scene in the list.

    Attributes
    ----------
    key
        Its name, different for every scene of the workspace and fit to be the name of a file.
    cube, rgb, truth
        Its files, absolute; rgb and truth are None where there are none.
    options
        How it is opened: what `open_scene` takes, besides the rgb image.
    dataset
        The data set of the catalog that it is of, by name; its classes are those of the truth. None if unknown.
    """

    key: str
    cube: Path
    rgb: Path | None = None
    truth: Path | None = None
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)
    dataset: str | None = None


class Listing(NamedTuple):
    """The scenes, and one sentence for each file that looked like one and was left out."""

    entries: list[SceneEntry]
    notes: list[str]


def list_scenes(
    paths: Sequence[Path], rgb: StrPath | None, dataset: str | None, options: Mapping[str, Any], access: Access
) -> Listing:
    """List the scenes of files and folders, in the order given, within a folder in natural order; each once.

    Parameters
    ----------
    paths
        Absolute.
    rgb
        The photo of the only scene, or a folder of photos that bear the names of the cubes.
    dataset
        The data set that scenes are of whose layout does not say; None: any that the catalog knows.
    options
        How all scenes are opened; they go before what a data set says.
    access
        Is told what may be opened: the paths, and the pictures that belong to a scene. Links may lead about within a
        data set, and not out of it.

    Raises
    ------
    MissingFileError, CubeFormatError
        If a path does not exist or is of no format that is known.
    InputError
        If one photo is given for several scenes, or there is no data set of that name.
    """
    default = None if dataset is None else load_dataset(dataset)
    datasets = [load_dataset(name) for name in dataset_names()] if default is None else [default]
    cubes: dict[Path, Path] = {}
    notes: list[str] = []
    for path in paths:
        check_cube(path)
        if path.is_dir():
            access.allow_folder(path.resolve())
            found = find_cubes(path, datasets)
            notes += found.notes
        else:
            access.allow_namesakes(path, stem_of(path))
            found = None
        for cube in [header_of(path)] if found is None else found.cubes:
            cubes.setdefault(cube.resolve(), cube)
    photos = None if rgb is None else Path(rgb).resolve()
    if photos is not None and not photos.is_dir() and len(cubes) != 1:
        raise InputError(f"one rgb image, {rgb}, is given for {len(cubes)} scenes; give a folder of images instead")
    places = [place_of(cube, datasets) for cube in cubes.values()]
    entries = []
    for key, cube, place in zip(_keys(list(cubes.values()), places), cubes.values(), places, strict=True):
        of = place.dataset if place is not None else default
        photo, truth = _photo(cube, place, photos), place.truth if place is not None else truth_beside(cube)
        _allow(access, (photo, truth), (place.root if place is not None else cube.parent).resolve(), photos)
        turn = {"rotate": of.rotate} if of is not None and of.rotate else {}
        entries.append(SceneEntry(key, cube, photo, truth, {**turn, **options}, of.name if of is not None else None))
    return Listing(entries, notes)


def _keys(cubes: Sequence[Path], places: Sequence[Place | None]) -> list[str]:
    pairs = list(zip(cubes, places, strict=True))
    return unique_names(
        [place.id if place is not None else stem_of(cube) for cube, place in pairs],
        [place.split if place is not None else cube.parent.name for cube, place in pairs],
    )


def _photo(cube: Path, place: Place | None, given: Path | None) -> Path | None:
    if given is not None:
        return photo_beside(cube, given) if given.is_dir() else given
    return place.rgb if place is not None else photo_beside(cube)


def _allow(access: Access, pictures: Sequence[Path | None], home: Path, given: Path | None) -> None:
    for picture in pictures:
        if picture is None:
            continue
        resolved = picture.resolve()
        if resolved.is_relative_to(home) or (given is not None and resolved.is_relative_to(given)):
            access.allow_file(picture)
