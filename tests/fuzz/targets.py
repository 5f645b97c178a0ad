"""All readers under test."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.fuzz.cube_targets import CUBE_TARGETS
from tests.fuzz.other_targets import OTHER_TARGETS
from tests.fuzz.target import Target, write_files

# Cheap ones first.
TARGET_NAMES = (*OTHER_TARGETS, *CUBE_TARGETS)


@cache
def get_target(name: str) -> Target:
    """Return a target, ready for use: its valid files have been read, and with them the libraries that it needs."""
    target = {**OTHER_TARGETS, **CUBE_TARGETS}[name]()
    with TemporaryDirectory() as folder:
        for files in target.valid:
            write_files(Path(folder), files)
            target.read(Path(folder))
    return target
