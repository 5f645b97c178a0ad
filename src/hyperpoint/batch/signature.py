"""What a result depends on, so that a rerun does only what is missing or has changed."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hyperpoint.batch.job import SceneJob
from hyperpoint.errors import InputError
from hyperpoint.io.cubes import open_cube
from hyperpoint.io.files import fingerprint


def signature_of(job: SceneJob) -> dict[str, Any]:
    """Return all that the result of a scene depends on, as JSON gives it back.

    Files count by their content, not by their place: a data set that was moved is not annotated anew. The truth counts
    only where points or the white reference are taken from it.

    Raises
    ------
    HyperpointError
        If an input is missing or the cube cannot be opened.
    """
    task = job.task
    content = {
        "id": job.id,
        "version": task.version,
        "recipe": task.recipe.as_dict(),
        "seed": task.seed,
        "points": None if task.draw is None else asdict(task.draw),
        "options": {"rotate": job.rotate, "align": task.align, "white": task.white, "confidence": task.confidence},
        "classes": [[name, *color] for name, color in zip(task.classes.names, task.classes.colors, strict=True)],
        "inputs": {name: _fingerprints(paths) for name, paths in _inputs(job).items()},
    }
    read_back: dict[str, Any] = json.loads(json.dumps(content))
    return read_back


def differences(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Name the parts in which two signatures differ, files of the inputs by themselves: ["seed", "cube"]."""
    found = [part for part in new if part != "inputs" and old.get(part) != new[part]]
    before = old.get("inputs")
    known = before if isinstance(before, dict) else {}
    return found + [name for name, marks in new["inputs"].items() if known.get(name) != marks]


def _inputs(job: SceneJob) -> dict[str, list[Path]]:
    if job.cube is None:
        raise InputError(f"the manifest names no cube for the scene {job.id}; add the column `cube`")
    files = {"cube": _files_of_cube(job.cube), "rgb": [job.rgb]}
    if job.points is not None:
        files["points file"] = [job.points]
    if job.label is not None and (job.task.draw is not None or job.task.white is not None):
        files["truth"] = [job.label]
    return files


def _files_of_cube(path: Path) -> list[Path]:
    """List what a cube is read from: a header and its samples, or everything in a capture folder."""
    if path.is_dir():
        return sorted(entry for entry in path.rglob("*") if entry.is_file())
    samples = open_cube(path).path
    return [path] if samples is None or Path(samples) == path else [path, Path(samples)]


def _fingerprints(paths: list[Path]) -> list[str]:
    return [fingerprint(path) for path in paths]
