"""Spectral libraries from what the command line is given: library files, and earlier annotations."""

from __future__ import annotations

import logging
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hyperpoint.cli.common import classes_from, open_from
from hyperpoint.cli.recorded import found_again, recorded_inputs
from hyperpoint.errors import HyperpointError, InputError, MissingFileError

if TYPE_CHECKING:
    from hyperpoint.library import SpectralLibrary
    from hyperpoint.types import ClassTable, PointSet, Scene

logger = logging.getLogger(__name__)

_ADVICE = (
    "give a spectral library (.npz, .csv, .sli), the OUT.json of an earlier `hyperpoint annotate`, or their folder"
)


@dataclass(frozen=True)
class Purpose:
    """What a library is gathered for.

    Parameters
    ----------
    table
        Classes to match by name; None keeps the sources' own.
    by_id
        Whether the table was given (--classes), so that sources without names count in it; one that was made of the
        points' names says nothing of their ids.
    outputs
        Resolved paths of the files that will be written.
    cube, variable, origin
        The scene to annotate, whose own earlier points are no news to it; None where none is annotated.
    """

    table: ClassTable | None
    by_id: bool
    outputs: frozenset[Path]
    cube: str | None = None
    variable: str | None = None
    origin: str | None = None

    @classmethod
    def scene(
        cls, scene: Scene, given: dict[str, Any], table: ClassTable | None, outputs: Sequence[Path | str | None]
    ) -> Purpose:
        """Return the purpose of annotating `scene`; `given` are the command's options, with `cube` and `classes`."""
        written = frozenset(Path(path).resolve() for path in outputs if path)
        variable = given["variable"]
        by_id = given["classes"] is not None
        return cls(table, by_id, written, given["cube"], variable, _origin(scene, variable))

    def is_same_cube(self, cube: str, variable: str | None) -> bool:
        """Say whether the scene to annotate is that cube."""
        return self.cube is not None and self.variable == variable and Path(cube).resolve() == Path(self.cube).resolve()

    def check_kept(self, path: str | Path) -> None:
        """Make sure that a file which is learned from is not overwritten."""
        if Path(path).resolve() in self.outputs:
            raise click.UsageError(f"{path} is one of the inputs and would be overwritten; choose another --out")


def like_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --like, whose values `gather_library` takes."""
    return click.option(
        "--like",
        multiple=True,
        type=click.Path(),
        metavar="SCENE_DIR_OR_LIBRARY",
        help="Learn from earlier scenes too: a spectral library (.npz, .csv, ENVI .sli), the OUT.json of an earlier "
        "annotation, or a folder of these. May be given several times.",
    )(command)


def gather_library(sources: Sequence[str], purpose: Purpose) -> SpectralLibrary:
    """Join the libraries, and the points of the earlier annotations, at `sources`.

    Parameters
    ----------
    sources
        Library files, provenance files (OUT.json) of earlier annotations, or folders that hold such files. What
        cannot be used in a folder is passed over with a warning, as long as something is left of it.
    purpose
        What for.

    Raises
    ------
    InputError, MissingFileError
        If a source is none of these, a cube or a point file that it names is gone, or only one side has class names.
    click.UsageError
        If a source would be overwritten.
    """
    from hyperpoint.library import join_libraries

    found = [library for source in sources for library in _libraries_at(Path(source), purpose)]
    if not found:
        raise InputError(f"there is no earlier scene's spectrum in {', '.join(sources)}: {_ADVICE}")
    return join_libraries(found)


def library_of_scene(cube: str, points: str, table: ClassTable | None, options: dict[str, Any]) -> SpectralLibrary:
    """Keep the spectra at the annotated points of one scene; `options` are those of `scene_options`.

    `table` says what the labels mean; points with labels of their own, which it does not have, keep these.
    """
    from hyperpoint.library import SpectralLibrary

    scene = open_from(cube, options)
    point_set, names = _points(points, table, scene, Path(options["rgb"] or cube).name)
    return SpectralLibrary.of(scene, point_set, names, origin=_origin(scene, options["variable"]))


def _points(path: str, table: ClassTable | None, scene: Scene, image: str) -> tuple[PointSet, ClassTable | None]:
    from hyperpoint.io.points import read_points

    try:
        return read_points(path, table, scene.size, image=image)
    except HyperpointError:
        if table is not None:
            with suppress(HyperpointError):
                return read_points(path, None, scene.size, image=image)
        raise


def _origin(scene: Scene, variable: str | None) -> str | None:
    """Return what tells a scene from others: the fingerprint of its samples, and which array of the file it is."""
    from hyperpoint.io.files import fingerprint

    path = scene.cube.path
    if path is None or not Path(path).is_file():
        return None
    return _with_variable(fingerprint(path), variable)


def _with_variable(fingerprint: str, variable: str | None) -> str:
    return f"{fingerprint} {variable}" if variable else fingerprint


def _libraries_at(path: Path, purpose: Purpose) -> list[SpectralLibrary]:
    if not path.exists():
        raise MissingFileError(f"{path} does not exist; {_ADVICE}")
    if path.is_dir():
        return _in_folder(path, purpose)
    if path.suffix.lower() != ".json":
        return _read(path, purpose)
    if (inputs := recorded_inputs(path)) is None:
        raise InputError(f"{path} is not the provenance of an annotation; {_ADVICE}")
    return _annotated_earlier(path, inputs, purpose)


def _in_folder(folder: Path, purpose: Purpose) -> list[SpectralLibrary]:
    found: list[SpectralLibrary] = []
    failures: list[tuple[Path, HyperpointError]] = []
    num = 0
    entries = [entry for entry in folder.iterdir() if entry.is_file()]
    for entry in sorted(entries, key=lambda entry: (entry.suffix.lower() != ".json", entry)):
        if purpose.cube is None and entry.resolve() in purpose.outputs:
            continue  # what `hyperpoint library` wrote here last time, and is to write again
        inputs = recorded_inputs(entry) if entry.suffix.lower() == ".json" else None
        if inputs is None and not _is_library(entry):
            continue
        num += 1
        try:
            found += _read(entry, purpose) if inputs is None else _annotated_earlier(entry, inputs, purpose)
        except HyperpointError as error:
            failures.append((entry, error))
    if not num:
        raise InputError(f"the folder {folder} holds neither spectral libraries nor annotations; {_ADVICE}")
    if failures and not found:
        raise failures[0][1]
    for entry, reason in failures:
        logger.warning("%s is passed over: %s", entry, reason)
    return found


def _read(path: Path, purpose: Purpose) -> list[SpectralLibrary]:
    from hyperpoint.io.spectral_libraries import read_library

    library = read_library(path, purpose.table, by_id=purpose.by_id)
    purpose.check_kept(path)
    return _fitting(path, library, purpose)


def _fitting(path: Path, library: SpectralLibrary, purpose: Purpose) -> list[SpectralLibrary]:
    """Match the classes, and leave out what is from the scene to annotate."""
    if purpose.table is not None:
        library = library.matched(purpose.table, by_id=purpose.by_id)
    elif purpose.cube is not None and library.names is not None:
        raise InputError(
            f"{path} names its classes and the points have only ids, which cannot be matched; give the class table "
            f"that the points count in (--classes)"
        )
    others = library if purpose.origin is None else library.without(purpose.origin)
    if others is None or len(others) < len(library):
        num = len(library) - (0 if others is None else len(others))
        logger.info("%s: %d spectra are from the scene that is annotated, and passed over", path, num)
    return [] if others is None else [others]


def _is_library(path: Path) -> bool:
    """Say whether a file of a folder is a library: other npz and CSV files (cubes, points) may lie beside it."""
    suffix = path.suffix.lower()
    try:
        if suffix == ".npz":
            with zipfile.ZipFile(path) as stored:
                return {"spectra.npy", "labels.npy"} <= set(stored.namelist())
        if suffix == ".csv":
            with path.open(encoding="utf-8-sig", errors="replace") as stream:
                head = [cell.strip().lower() for cell in stream.readline(1 << 20).split(",")]
            return "label" in head and not {"row", "col"} & set(head)
    except (ValueError, OSError, EOFError, RuntimeError, zipfile.BadZipFile):
        return False
    return suffix == ".sli"


def _annotated_earlier(path: Path, inputs: dict[str, Any], purpose: Purpose) -> list[SpectralLibrary]:
    """Reopen cube and points of an earlier annotation, with the options that it was made with."""
    samples, variable = inputs.get("samples"), inputs.get("variable")
    stated = samples.get("fingerprint") if isinstance(samples, dict) else None
    is_own = stated is not None and purpose.origin == _with_variable(str(stated), variable)
    given = {} if is_own else found_again(path, inputs)
    if is_own or purpose.is_same_cube(given["cube"], variable):
        logger.info("%s annotates the same cube, and is passed over", path)
        return []
    for file in (path, given["cube"], given["points"]):
        purpose.check_kept(file)
    options = {**given, "rotate": given["rotate"] or "0"}
    table, cube, points = classes_from(options.pop("classes")), options.pop("cube"), options.pop("points")
    try:
        return _fitting(path, library_of_scene(cube, points, table, options), purpose)
    except HyperpointError as error:
        raise InputError(f"the earlier annotation {path} cannot be used: {error}") from error
