"""What an export has of all its scenes together: one class table, the manifest and the COCO file."""

from __future__ import annotations

import hashlib
import logging
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hyperpoint.errors import ClassTableError, InputError, MissingFileError
from hyperpoint.io.classes import read_classes
from hyperpoint.io.coco_writer import CocoFile
from hyperpoint.io.manifest import CLASSES_NAME, ManifestRow, read_manifest, write_manifest
from hyperpoint.types import IGNORE, MAX_CLASSES, ClassTable, LabelArray

logger = logging.getLogger(__name__)

MANIFEST_NAME, COCO_NAME = "manifest.csv", "coco.json"
# Of several scenes this part, at least one, chooses the best network while `hyperpoint train` learns from the others.
VALIDATION_SHARE = 0.2


class JointClasses:
    """The classes of several scenes, told by their names: an id, once given, stays.

    Parameters
    ----------
    table
        Classes to go on from, or None.
    """

    def __init__(self, table: ClassTable | None = None) -> None:
        self._colors = {} if table is None else dict(zip(table.names, table.colors, strict=True))

    @classmethod
    def of_folder(cls, folder: Path) -> JointClasses:
        """Go on from the class table in a folder, if there is one.

        Raises
        ------
        ClassTableError
            If it is malformed.
        """
        path = folder / CLASSES_NAME
        return cls(read_classes(path) if path.is_file() else None)

    @property
    def table(self) -> ClassTable:
        """The classes so far; of a class the colour that it had last."""
        return ClassTable(tuple(self._colors), tuple(self._colors.values()))

    def add(self, classes: ClassTable) -> NDArray[np.uint8]:
        """Add the classes of a scene, and return what its ids become, (256,) uint8.

        Raises
        ------
        ClassTableError
            If there are more classes than ids.
        """
        self._colors.update(zip(classes.names, classes.colors, strict=True))
        if len(self._colors) > MAX_CLASSES:
            raise ClassTableError(
                f"the scenes have {len(self._colors)} classes between them, and {MAX_CLASSES} are the most; export "
                f"scenes of other classes to another folder"
            )
        position = {name: number for number, name in enumerate(self._colors)}
        ids = np.full(256, IGNORE, dtype=np.uint8)
        ids[: len(classes)] = [position[name] for name in classes.names]
        return ids


class Gathered:
    """Manifest and COCO file of an export, gone on with from an earlier one in the same folder.

    Of the manifest's scenes `VALIDATION_SHARE` is for validation; a scene that was exported before keeps its split, for
    what a network has learned from must not be what chooses it.

    Parameters
    ----------
    folder
        That of the export.
    kinds
        "manifest" and "coco" say which of them are written.

    Attributes
    ----------
    notes
        Sentences: why an earlier manifest cannot be gone on with, and how the scenes are divided.
    """

    def __init__(self, folder: Path, kinds: frozenset[str]) -> None:
        self._folder, self._kinds = folder, kinds
        self.notes: list[str] = []
        self._rows = self._earlier_rows() if "manifest" in kinds else {}
        self._fresh: set[str] = set()
        coco = folder / COCO_NAME
        self._coco = CocoFile.read(coco) if "coco" in kinds and coco.is_file() else CocoFile()

    def add(
        self, name: str, photo: Path, labels: LabelArray, mask: Path, confidence: Path | None,
        cube: tuple[Path, int] | None,
    ) -> None:  # fmt: skip
        """Add a scene, in place of what an earlier export had of it.

        Parameters
        ----------
        name
            Of the scene, different for each.
        photo, mask, confidence
            Its files.
        labels
            (H, W) uint8.
        cube
            The cube and the degrees it is turned by, if a manifest can tell how it is opened.
        """
        if "coco" in self._kinds:
            self._coco.add(_relative(photo, self._folder), labels)
        if "manifest" in self._kinds:
            path, rotate = cube or (None, 0)
            same = [key for key, row in self._rows.items() if key == name or row.image.resolve() == photo.resolve()]
            splits = [self._rows.pop(key).split for key in same]
            if not splits:
                self._fresh.add(name)
            split = splits[0] if splits else "train"
            self._rows[name] = ManifestRow(name, split, photo, mask, path, confidence, rotate)

    def write(self, classes: ClassTable) -> list[Path]:
        """Write both, as far as they are wanted; return the files."""
        written = []
        if "coco" in self._kinds:
            written.append(self._folder / COCO_NAME)
            self._coco.write(written[-1], classes)
        if "manifest" in self._kinds:
            written.append(write_manifest(self._folder / MANIFEST_NAME, self._divided(), classes))
        return written

    def _divided(self) -> list[ManifestRow]:
        """Take as many of the new scenes for validation as it lacks, whatever their order; say how many it has."""
        rows = list(self._rows.values())
        wanted = max(1, round(VALIDATION_SHARE * len(rows))) if len(rows) > 1 else 0
        lacking = max(0, wanted - sum(row.split == "val" for row in rows))
        taken = set(sorted(self._fresh, key=lambda name: hashlib.sha256(name.encode()).digest())[:lacking])
        rows = [replace(row, split="val") if row.id in taken else row for row in rows]
        num = sum(row.split == "val" for row in rows)
        if num:
            is_or_are = "is" if num == 1 else "are"
            self.notes.append(f"Of the {len(rows)} scenes of the manifest {num} {is_or_are} for validation.")
        return rows

    def _earlier_rows(self) -> dict[str, ManifestRow]:
        path = self._folder / MANIFEST_NAME
        if not path.is_file():
            return {}
        try:
            return {row.id: row for row in read_manifest(path).rows}
        except (InputError, MissingFileError, ClassTableError) as error:
            self.notes.append(f"The earlier manifest was not gone on with: {error}")
            return {}


def _relative(path: Path, folder: Path) -> str:
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # on another drive of Windows
        return path.as_posix()
