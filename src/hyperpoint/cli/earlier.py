"""Spectral libraries from what the command line is given: library files, and earlier annotations."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hyperpoint.cli.common import classes_from, open_from
from hyperpoint.errors import HyperpointError, InputError, MissingFileError

if TYPE_CHECKING:
    from hyperpoint.library import SpectralLibrary
    from hyperpoint.types import ClassTable

logger = logging.getLogger(__name__)

_SCENE_OPTIONS = ("rgb", "rotate", "align", "bands", "variable", "axes", "white", "dark")
_ADVICE = (
    "give a spectral library (.npz, .csv, .sli), the OUT.json of an earlier `hyperpoint annotate`, or their folder"
)


def gather_library(
    sources: Sequence[str], table: ClassTable | None, *, except_cube: str | None = None
) -> SpectralLibrary:
    """Join the libraries, and the points of the earlier annotations, at `sources`.

    Parameters
    ----------
    sources
        Library files, provenance files (OUT.json) of earlier annotations, or folders that hold such files.
    table
        Classes to match by name; None keeps the sources' own.
    except_cube
        A cube whose own earlier annotations are passed over: its points are no news to it.

    Raises
    ------
    InputError, MissingFileError
        If a source is none of these, or a cube or a point file that it names is gone.
    """
    from hyperpoint.library import join_libraries

    found = [library for source in sources for library in _libraries_at(Path(source), table, except_cube)]
    if not found:
        raise InputError(f"there is no earlier scene's spectrum in {', '.join(sources)}: {_ADVICE}")
    return join_libraries(found)


def library_of_scene(cube: str, points: str, table: ClassTable | None, options: dict[str, Any]) -> SpectralLibrary:
    """Keep the spectra at the annotated points of one scene; `options` are those of `scene_options`."""
    from hyperpoint.io.points import read_points
    from hyperpoint.library import SpectralLibrary

    scene = open_from(cube, options)
    point_set, names = read_points(points, table, scene.size, image=Path(options["rgb"] or cube).name)
    return SpectralLibrary.of(scene, point_set, names)


def _libraries_at(path: Path, table: ClassTable | None, except_cube: str | None) -> list[SpectralLibrary]:
    if not path.exists():
        raise MissingFileError(f"{path} does not exist; {_ADVICE}")
    if not path.is_dir():
        if path.suffix.lower() != ".json":
            return [_read(path, table)]
        if (inputs := _recorded_inputs(path)) is None:
            raise InputError(f"{path} is not the provenance of an annotation; {_ADVICE}")
        return _annotated_earlier(path, inputs, table, except_cube)
    entries = sorted(path.iterdir())
    earlier = [(entry, _recorded_inputs(entry)) for entry in entries if entry.suffix.lower() == ".json"]
    kept = [lib for entry, inputs in earlier if inputs for lib in _annotated_earlier(entry, inputs, table, except_cube)]
    files = [entry for entry in entries if _is_library(entry)]
    if not files and not any(inputs for _, inputs in earlier):
        raise InputError(f"the folder {path} holds neither spectral libraries nor annotations; {_ADVICE}")
    return kept + [_read(entry, table) for entry in files]


def _read(path: Path, table: ClassTable | None) -> SpectralLibrary:
    from hyperpoint.io.spectral_libraries import read_library

    return read_library(path, table)


def _is_library(path: Path) -> bool:
    """Say whether a file of a folder is a library: other npz and CSV files (cubes, points) may lie beside it."""
    suffix = path.suffix.lower()
    if suffix == ".npz":
        import numpy as np

        with np.load(path, allow_pickle=False) as stored:
            return {"spectra", "labels"} <= set(stored.files)
    if suffix == ".csv":
        with path.open(encoding="utf-8-sig", errors="replace") as stream:
            head = [cell.strip().lower() for cell in stream.readline(1 << 20).split(",")]
        return "label" in head and not {"row", "col"} & set(head)
    return suffix == ".sli"


def _recorded_inputs(path: Path) -> dict[str, Any] | None:
    """Return what `hyperpoint annotate` recorded of its inputs in OUT.json, or None if the file is something else."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError):
        return None
    inputs = content.get("inputs") if isinstance(content, dict) else None
    return inputs if isinstance(inputs, dict) and {"cube", "points"} <= inputs.keys() else None


def _annotated_earlier(
    path: Path, inputs: dict[str, Any], table: ClassTable | None, except_cube: str | None
) -> list[SpectralLibrary]:
    """Reopen cube and points of an earlier annotation, with the options that it was made with."""
    given = {name: _found_again(path, value) for name, value in inputs.items()}
    cube = given["cube"]
    if except_cube is not None and Path(cube).resolve() == Path(except_cube).resolve():
        logger.info("%s annotates the same cube, and is passed over", path)
        return []
    options = {name: given.get(name) for name in _SCENE_OPTIONS} | {"rotate": str(given.get("rotate", "0"))}
    try:
        library = library_of_scene(cube, given["points"], classes_from(given.get("classes")), options)
        return [library if table is None else library.matched(table)]
    except HyperpointError as error:
        raise InputError(f"the earlier annotation {path} cannot be used: {error}") from error


def _found_again(provenance: Path, value: Any) -> Any:
    """Return the path of a recorded file: as it was recorded, else beside the provenance; other values as they are."""
    if not (isinstance(value, dict) and "path" in value):
        return value
    from hyperpoint.io.files import fingerprint

    recorded = Path(value["path"])
    place = next((p for p in (recorded, provenance.parent / recorded.name) if p.is_file()), None)
    if place is None:
        raise MissingFileError(
            f"{provenance} was made from {recorded}, which is no longer there; run from the same folder as then, or "
            f"leave that annotation out"
        )
    if fingerprint(place) != value.get("fingerprint"):
        logger.warning("%s has changed since %s was made from it", place, provenance)
    return str(place)
