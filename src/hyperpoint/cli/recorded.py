"""What an earlier `hyperpoint annotate` recorded of its inputs, and where these files are now."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, TypeGuard

from hyperpoint.errors import InputError, MissingFileError

logger = logging.getLogger(__name__)

_FILES = ("cube", "points", "classes", "rgb", "white", "dark")
_TEXTS = ("bands", "variable", "axes")


def recorded_inputs(path: Path) -> dict[str, Any] | None:
    """Return what `hyperpoint annotate` recorded of its inputs in OUT.json, or None if the file is something else."""
    from hyperpoint.io.files import read_json

    try:
        content = read_json(path, "provenance", InputError)
    except (ValueError, OSError):
        return None
    inputs = content.get("inputs") if isinstance(content, dict) else None
    return inputs if isinstance(inputs, dict) and _is_complete(inputs) else None


def _is_complete(inputs: dict[str, Any]) -> bool:
    return (
        all(_is_file(value) or _is_text(value) for value in map(inputs.get, ("cube", "points")))
        and all(value is None or _is_text(value) or _is_file(value) for value in map(inputs.get, _FILES))
        and all(value is None or _is_text(value) for value in map(inputs.get, _TEXTS))
        and inputs.get("rotate", "0") in ("0", "90", "180", "270")
        and inputs.get("align") in (None, True, False)
    )


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and "\0" not in value


def _is_file(value: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict) and _is_text(value.get("path"))


def found_again(provenance: Path, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the options that an annotation was made with, the recorded files as the paths where they are now.

    A file is looked for beside the provenance and where it was recorded. Where there are two, the one that agrees with
    the record is taken, and if neither does, or both, the one beside the provenance.

    Raises
    ------
    MissingFileError
        If a file is in neither place.
    """
    found = {name: inputs.get(name) for name in (*_FILES, *_TEXTS, "rotate", "align")}
    for name, value in found.items():
        if _is_file(value):
            samples = inputs.get("samples") if name == "cube" else None
            found[name] = _place(provenance, value, samples if _is_file(samples) else None)
    return found


def _place(provenance: Path, record: dict[str, Any], companion: dict[str, Any] | None) -> str:
    """Return where a recorded file is now; `companion` is one that lies beside it, as samples beside an ENVI header."""
    from hyperpoint.io.files import is_there

    recorded = Path(record["path"])
    records = [record] if companion is None or companion["path"] == record["path"] else [record, companion]
    beside = provenance.parent / recorded.name
    places = {place.resolve(): place for place in (recorded, beside) if is_there(place) and place.is_file()}
    if not places:
        raise MissingFileError(
            f"{provenance} was made from {recorded}, which is no longer there; run from the same folder as then, or "
            f"leave that annotation out"
        )
    changed = {place: _changed(place, records) for place in places.values()}
    best = min(changed, key=lambda place: (len(changed[place]), place != beside))
    for file in changed[best]:
        logger.warning("%s has changed since %s was made from it", file, provenance)
    return str(best)


def _changed(place: Path, records: list[dict[str, Any]]) -> list[Path]:
    """Return which of the files, recorded as beside each other and the first of them at `place`, are others now."""
    from hyperpoint.io.files import fingerprint, is_there

    files = [place, *(place.parent / Path(record["path"]).name for record in records[1:])]
    return [
        file
        for file, record in zip(files, records, strict=True)
        if not is_there(file) or fingerprint(file) != record.get("fingerprint")
    ]
