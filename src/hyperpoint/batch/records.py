"""What is known of the scenes that were annotated before: one small file each, written after all others."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from hyperpoint.batch.job import SceneJob, SceneResult
from hyperpoint.batch.signature import differences, signature_of
from hyperpoint.errors import HyperpointError, InputError
from hyperpoint.io.files import atomic_path, fingerprint, read_json

# Hidden, so that it is no mask's and no user's business; removing it only means that all is annotated again.
FOLDER = ".batch"


@dataclass(frozen=True)
class Standing:
    """How a scene stands before a run: an earlier `result` that still holds, or the `reason` to annotate it."""

    result: SceneResult | None
    reason: str


def record_path(job: SceneJob) -> Path:
    """Return where the record of a scene lies."""
    return job.task.out / FOLDER / f"{job.id}.json"


def write_record(job: SceneJob, result: SceneResult) -> None:
    """Keep a result, atomically, in a folder that exists; from now on the scene counts as done.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    path = record_path(job)
    text = json.dumps(asdict(result), ensure_ascii=False, allow_nan=False) + "\n"
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def forget(job: SceneJob) -> None:
    """Remove the record of a scene, before its files are replaced."""
    record_path(job).unlink(missing_ok=True)


def standing_of(job: SceneJob) -> Standing:
    """Say whether the files of a scene are there, as they were written, and still what would be made now."""
    result = _read(record_path(job))
    if result is None:
        return Standing(None, "not annotated yet")
    try:
        changed = differences(result.signature, signature_of(job))
    except (HyperpointError, OSError) as error:
        return Standing(None, str(error))
    if changed:
        return Standing(None, f"changed: {', '.join(changed)}")
    for name, mark in result.files.items():
        file = job.task.out / name
        if not file.is_file() or fingerprint(file) != mark:
            return Standing(None, f"{name} is {'not as it was written' if file.is_file() else 'gone'}")
    return Standing(result, "done")


def _read(path: Path) -> SceneResult | None:
    """Return a record; None if there is none, or it is not one that this version wrote."""
    try:
        content = read_json(path, "record", InputError)
    except (HyperpointError, OSError):
        return None
    if not isinstance(content, dict) or content.keys() != {one.name for one in fields(SceneResult)}:
        return None
    return SceneResult(**content) if _is_sound(content) else None


def _is_sound(content: dict[str, Any]) -> bool:
    kinds: dict[str, tuple[type, ...]] = {
        "signature": (dict,), "files": (dict,), "notes": (list,), "counts": (list,), "num_points": (int,),
        "coverage": (int, float), "seconds": (int, float), "truth": (str, type(None)),
    }  # fmt: skip
    return all(isinstance(content[name], kind) for name, kind in kinds.items()) and all(
        isinstance(entry, list) and [type(one) for one in entry] == [int] * 3 for entry in content["counts"]
    )
