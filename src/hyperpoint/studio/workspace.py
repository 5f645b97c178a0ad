"""The scenes of a studio: which there are, where their work is kept, and what may be opened and written."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hyperpoint.catalog.dataset import load_dataset
from hyperpoint.catalog.truth import read_truth
from hyperpoint.errors import CubeFormatError, InputError
from hyperpoint.io.files import StrPath
from hyperpoint.opening import open_scene
from hyperpoint.preprocess.calibration import CalibratedCube, reference_from_pixels
from hyperpoint.studio.access import Access
from hyperpoint.studio.finding import EXPORT_FOLDER, STATE_FOLDER, header_of, stem_of
from hyperpoint.studio.listing import SceneEntry, list_scenes
from hyperpoint.studio.naming import free_name, safe_name
from hyperpoint.types import ClassTable, Scene, Truth, UInt8Array

if TYPE_CHECKING:
    from hyperpoint.studio.store import SceneStore

__all__ = ["SceneEntry", "Workspace"]

logger = logging.getLogger(__name__)

Rectangle = tuple[int, int, int, int]

_THUMBNAILS = ".thumbnails"


class Workspace:
    """Scenes and the folders in which their work is kept.

    Parameters
    ----------
    paths
        Cubes, and folders that are searched for cubes. A scene in the layout of a data set gets the photo, the truth
        and the turn that go with it; another one the photo of its own name beside it.
    state_dir
        Where points and the like are kept; None: in a folder `.hyperpoint` beside each cube.
    rgb
        The photo of the only scene, or a folder of photos that bear the names of the cubes.
    dataset
        The data set that scenes are of whose layout does not say; None: any that the catalog knows.
    export_dir
        Where results are written; None: `hyperpoint-export` in the first folder given, or in `state_dir`.
    scenes
        Scenes in memory, by name, besides those of `paths`.
    options
        How all scenes are opened, as `open_scene` takes it: rotate, align, bands, ... They go before a data set's own.

    Attributes
    ----------
    entries
        The scenes, in the order in which they were given, within a folder in natural order.
    notes
        One sentence for each file that looked like a scene and was left out.
    export_dir
        Where results are written.

    Raises
    ------
    MissingFileError, CubeFormatError
        If a path does not exist or is of no format that is known.
    InputError
        If there is no scene, one photo is given for several scenes, or there is no place to keep the work.
    """

    def __init__(
        self,
        paths: Sequence[StrPath],
        state_dir: StrPath | None = None,
        *,
        rgb: StrPath | None = None,
        dataset: str | None = None,
        export_dir: StrPath | None = None,
        scenes: Mapping[str, Scene] | None = None,
        **options: Any,
    ) -> None:
        given = [_absolute(Path(path)) for path in paths]
        self._access = Access()
        self._state_dir = None if state_dir is None else Path(state_dir).resolve()
        self._has_given_photos = rgb is not None
        self._scenes: dict[str, Scene] = {}
        said = {name: value for name, value in options.items() if _is_said(value)}
        self.entries, self.notes = list_scenes(given, rgb, dataset, said, self._access)
        for name, scene in (scenes or {}).items():
            self._add_scene(name, scene)
        if not self.entries:
            reasons = "; ".join(self.notes[:3])
            raise InputError(f"there is no scene in {', '.join(map(str, paths))}" + (f": {reasons}" if reasons else ""))
        self._allow_state()
        self.export_dir = self._export_dir(export_dir, given)
        self._access.allow_folder(self.export_dir)

    def entry(self, key: str) -> SceneEntry:
        """Return the scene of that key.

        Raises
        ------
        InputError
            If there is none.
        """
        for entry in self.entries:
            if entry.key == key:
                return entry
        raise InputError(f"there is no scene {key!r} among the {len(self.entries)} of this studio")

    def open(self, entry: SceneEntry, white: Rectangle | None = None) -> Scene:
        """Open a scene, lazily, with the white reference in a rectangle if one is given.

        A photo that was found by its name only, and does not fit the cube, is left out, and a warning says so.

        Parameters
        ----------
        white
            (r0, c0, r1, c1) on the grid of the rgb image, the end not included.

        Raises
        ------
        HyperpointError
            As `open_scene`; and if a file of the scene is, or links to, one that may not be opened.
        """
        if entry.key in self._scenes:
            scene = self._scenes[entry.key]
            return scene if white is None else _calibrated(scene, white)
        options = dict(entry.options)
        if white is not None:
            options["white"] = ",".join(map(str, white))
        self.check_path(entry.cube)
        if entry.rgb is not None:
            self.check_path(entry.rgb)
        scene = self._opened(entry, options)
        if scene.cube.path is not None:
            self.check_path(scene.cube.path)
        return scene

    def store(self, entry: SceneEntry) -> SceneStore:
        """Return what keeps the work on a scene.

        Raises
        ------
        InputError
            If it cannot be kept there (the message names --state), or a file there leads elsewhere.
        """
        from hyperpoint.studio.store import SceneStore

        folder = self.folder(entry)
        _check_place(folder.parent)
        self.check_path(folder)
        if folder.is_dir():
            for file in folder.iterdir():
                self.check_path(file)
        return SceneStore(folder)

    def folder(self, entry: SceneEntry) -> Path:
        """Return the folder that the work on a scene is kept in; it need not exist.

        Beside the cube it bears the cube's name, so that it may be moved along; in a folder for all scenes a hash of
        the cube's place keeps those of one name apart, whatever else is opened.
        """
        if self._state_dir is None:
            return entry.cube.parent.resolve() / STATE_FOLDER / entry.cube.name
        digest = hashlib.sha256(str(entry.cube.resolve()).encode()).hexdigest()[:10]
        return self._state_dir / f"{safe_name(stem_of(entry.cube))}-{digest}"

    def thumbnail(self, entry: SceneEntry) -> bytes:
        """Return a small picture of a scene, PNG, no side longer than 160 pixels.

        Raises
        ------
        HyperpointError
            If the scene cannot be opened.
        """
        from hyperpoint.studio.thumbnails import as_png, cached_thumbnail, coarse_rgb

        def render() -> UInt8Array:
            return coarse_rgb(self.open(entry))

        if entry.key in self._scenes:
            return as_png(render())
        folder = self.folder(entry)
        path = folder.parent / _THUMBNAILS / f"{folder.name}.png"
        self.check_path(path)
        facts = [(str(one), *_age(one)) for one in (entry.cube, entry.rgb) if one is not None]
        return cached_thumbnail(path, json.dumps([facts, dict(entry.options)], default=str), render)

    def truth(self, entry: SceneEntry) -> Truth:
        """Read the truth that lies beside a scene, for scoring; its ids are those of the scene's data set, if any.

        Raises
        ------
        InputError, ClassTableError
            If there is none, or it cannot be read.
        """
        if entry.truth is None:
            raise InputError(f"no truth lies beside the scene {entry.key}")
        self.check_path(entry.truth)
        is_coloured = entry.dataset is not None and load_dataset(entry.dataset).labels == "colors"
        return read_truth(entry.truth, self.classes_of(entry) if is_coloured else None)

    def classes_of(self, entry: SceneEntry) -> ClassTable | None:
        """Return the classes of the data set that a scene is of, whose ids its truth has; None if that is unknown."""
        return None if entry.dataset is None else load_dataset(entry.dataset).classes

    def check_path(self, path: StrPath) -> Path:
        """Return a path with its links followed, after making sure that it may be opened or written.

        Raises
        ------
        InputError
            If it is neither below a folder that was given, nor one of the scenes' files, nor kept or exported work.
        """
        return self._access.check(path)

    def _add_scene(self, name: str, scene: Scene) -> None:
        key = free_name(name, {entry.key.casefold() for entry in self.entries})
        self._scenes[key] = scene
        self.entries.append(SceneEntry(key, _absolute(header_of(Path(scene.cube.path or key)))))

    def _opened(self, entry: SceneEntry, options: Mapping[str, Any]) -> Scene:
        is_certain = entry.rgb is None or entry.dataset is not None or self._has_given_photos
        try:
            return open_scene(entry.cube, entry.rgb, **options)
        except CubeFormatError:
            raise
        except InputError as error:
            if is_certain:
                raise
            scene = open_scene(entry.cube, **options)
            logger.warning("the picture %s is left out: %s", entry.rgb, error)
            return scene

    def _allow_state(self) -> None:
        """Allow the folders that work is kept in; a link in place of one is not followed."""
        for folder in {self.folder(entry).parent for entry in self.entries}:
            _check_place(folder)
            self._access.allow_folder(folder)

    def _export_dir(self, chosen: StrPath | None, given: Sequence[Path]) -> Path:
        if chosen is not None:
            return Path(chosen).resolve()
        if self._state_dir is not None:
            return self._state_dir / EXPORT_FOLDER
        home = given[0].resolve() if given else self.entries[0].cube.parent
        return (home if home.is_dir() else home.parent) / EXPORT_FOLDER


def _is_said(value: Any) -> bool:
    """Tell the value of an option that somebody gave from None, False, 0 and ""; a mask is one."""
    return value is not None and (not isinstance(value, int | str) or bool(value))


def _absolute(path: Path) -> Path:
    """Return a path that ends in a name of its own; links are kept, for the files beside a link may be meant."""
    return path.resolve() if ".." in path.parts else path.absolute()


def _check_place(folder: Path) -> None:
    """Make sure that files can be made in a folder or, if it is not there, that the folder can."""
    nearest = next(one for one in (folder, *folder.parents) if one.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        raise InputError(
            f"the work on the scenes cannot be kept in {folder}: {nearest} cannot be written to; name a folder of "
            f"your own with --state"
        )


def _calibrated(scene: Scene, white: Rectangle) -> Scene:
    """Return a scene in memory as reflectance."""
    r0, c0, r1, c1 = white
    rows, cols = np.mgrid[r0:r1, c0:c1].reshape(2, -1)
    places = np.unique(np.stack(scene.to_cube(rows, cols)), axis=1)
    cube = CalibratedCube(scene.cube, reference_from_pixels(scene.cube, places[0], places[1]), None)
    return Scene(cube, rgb=scene.rgb, valid=scene.valid, provenance={**scene.provenance, "white": str(white)})


def _age(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_mtime_ns, stat.st_size
