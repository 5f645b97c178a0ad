"""Make a manifest of rows: masks as ids, everything checked, then written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hyperpoint.errors import ClassTableError, InputError
from hyperpoint.io.classes import default_classes, read_classes
from hyperpoint.io.files import StrPath, check_writable, make_folder
from hyperpoint.io.images import is_in_colours
from hyperpoint.io.manifest import CLASSES_NAME, Manifest, ManifestRow, check_rows, write_manifest
from hyperpoint.io.masks import read_label_ids, read_mask, used_ids, write_mask
from hyperpoint.io.pairs import Progress, check_pairs, each_row
from hyperpoint.types import ClassTable

MASK_FOLDER = "masks"


@dataclass(frozen=True, eq=False)
class BuiltManifest:
    """A manifest that was written.

    Attributes
    ----------
    manifest
        As `read_manifest` returns it.
    pixels
        (num_rows, num_classes) int64: how many pixels of each mask bear each class.
    mask_folder
        Where masks in colours were written as ids; None if there were none.
    """

    manifest: Manifest
    pixels: NDArray[np.int64]
    mask_folder: Path | None


def build_manifest(
    out: StrPath, rows: Sequence[ManifestRow], classes: ClassTable | None, progress: Progress | None = None
) -> BuiltManifest:
    """Check every image and mask of `rows`, and write the manifest `out` with `classes.json` beside it.

    Masks in the colours of `classes` are written as ids into the folder masks/<name of the manifest> beside it; one
    that is there already and holds the same is left as it is. Other masks are named where they lie.

    Parameters
    ----------
    out
        The manifest, a .csv; its folder is made if need be.
    classes
        What the ids mean; None: they are called by their numbers.
    progress
        Called with (done, total, name of the image).

    Raises
    ------
    InputError
        If an id or an image is in two splits; images or masks are damaged, of different sizes or hold ids out of
        the table (all of them counted); or a file cannot be written, or would replace the table of another manifest.
    ClassTableError
        If a mask is in colours that are in no class.
    """
    target = Path(out).absolute()
    check_rows(rows, str(out))
    make_folder(target.parent)
    for file in (target, target.with_name(CLASSES_NAME)):
        check_writable(file)
    folder = target.parent / MASK_FOLDER / target.stem  # a second manifest in this folder has masks of its own
    planned = [_with_ids(row, folder) for row in rows]
    table = default_classes(_ids_in(rows)) if classes is None else classes
    _check_table(target, table)
    pixels = check_pairs(rows, table, progress, read=lambda path: read_mask(path, classes))
    # Only now, with nothing wrong, is anything written.
    changed = [pair for pair in zip(rows, planned, strict=True) if pair[0] is not pair[1]]
    each_row([before for before, _ in changed], lambda row: _write_ids(row, table, folder))
    write_manifest(target, planned, table)
    return BuiltManifest(Manifest(target, tuple(planned), table), pixels, folder if changed else None)


def _with_ids(row: ManifestRow, folder: Path) -> ManifestRow:
    """Return the row with the mask of ids that is going to be written if its own is in colours."""
    if row.label is None or not is_in_colours(row.label):
        return row
    target = _ids_file(row, folder)
    if target.resolve() == row.label.resolve():
        raise InputError(f"the mask {row.label} is in colours and would be replaced by one of ids; write elsewhere")
    return replace(row, label=target)


def _ids_file(row: ManifestRow, folder: Path) -> Path:
    return folder / row.split / f"{row.id}.png"


def _write_ids(row: ManifestRow, classes: ClassTable, folder: Path) -> None:
    """Write the ids of a mask in colours, unless they are there already."""
    assert row.label is not None
    labels, target = read_mask(row.label, classes), _ids_file(row, folder)
    if not (target.exists() and np.array_equal(read_label_ids(target), labels)):
        make_folder(target.parent)
        write_mask(target, labels, classes)


def _ids_in(rows: Sequence[ManifestRow]) -> list[int]:
    def ids_of(row: ManifestRow) -> list[int]:
        return [] if row.label is None else used_ids(read_mask(row.label))

    found = {one for ids in each_row(rows, ids_of) for one in ids}
    if not found:
        raise ClassTableError("every pixel of every mask is unlabelled (255), so there is nothing to learn")
    return sorted(found)


def _check_table(target: Path, classes: ClassTable) -> None:
    """Refuse to replace a class table that belongs to something else than the manifest at `target`."""
    table = target.with_name(CLASSES_NAME)
    is_shared = not target.exists() or any(other != target for other in target.parent.glob("*.csv"))
    if table.exists() and is_shared and read_classes(table) != classes:
        raise InputError(
            f"{table} holds another class table, and would be replaced; write the manifest into a folder of its own"
        )
