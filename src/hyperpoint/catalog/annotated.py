"""Folders of masks: those that `hyperpoint annotate` made, with what their provenance tells, and others."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hyperpoint.errors import ClassTableError, InputError, MissingFileError
from hyperpoint.io.files import StrPath, fingerprint, is_there, read_json
from hyperpoint.io.masks import MASK_SUFFIXES
from hyperpoint.types import ClassTable

# What `hyperpoint annotate` writes beside a mask, under the mask's name with these at its end.
_CONFIDENCE = "_confidence"
_COMPANIONS = (_CONFIDENCE, "_preview")
_TURNS = ("0", "90", "180", "270")
# How a cube was opened, beyond turning it: a manifest cannot say that.
_PREPARING = ("align", "bands", "variable", "axes", "white", "dark")


@dataclass(frozen=True)
class MaskFile:
    """A mask, and what lies beside it: confidence and provenance (`record`), if they are there."""

    path: Path
    confidence: Path | None
    record: dict[str, Any] | None

    @property
    def id(self) -> str:
        """The name of the mask without its suffix."""
        return self.path.stem


def find_masks(folder: StrPath) -> list[MaskFile]:
    """List the masks (PNG, TIFF, BMP) of a folder, sorted by name; hidden files, previews and confidences are none.

    Raises
    ------
    MissingFileError
        If there is no such folder, or no mask in it.
    InputError
        If two masks differ in their suffix only, or a provenance is no JSON object.
    """
    base = Path(folder)
    if not base.is_dir():
        raise MissingFileError(f"there is no folder {base}; give the one that the masks lie in")
    files: dict[str, Path] = {}
    for file in sorted(base.iterdir()):
        if file.suffix.lower() in MASK_SUFFIXES and file.name[0] != "." and file.is_file():
            if file.stem in files:
                raise InputError(f"{files[file.stem]} and {file} differ in their suffix only; keep one of them")
            files[file.stem] = file
    masks = [_mask_file(path) for stem, path in files.items() if not _is_companion(stem, files)]
    if not masks:
        raise MissingFileError(f"there is no mask (PNG, TIFF or BMP) in the folder {base}")
    return masks


def _is_companion(stem: str, files: dict[str, Path]) -> bool:
    return any(stem.endswith(end) and stem.removesuffix(end) in files for end in _COMPANIONS)


def _mask_file(path: Path) -> MaskFile:
    confidence, provenance = path.with_name(f"{path.stem}{_CONFIDENCE}.png"), path.with_suffix(".json")
    record = read_json(provenance, "provenance", InputError) if provenance.exists() else None
    if record is not None and not isinstance(record, dict):
        raise InputError(f"the provenance {provenance} is no JSON object; is it another file that bears its name?")
    return MaskFile(path, confidence if confidence.exists() else None, record)


def classes_of(masks: list[MaskFile]) -> ClassTable | None:
    """Return the class table that the provenance of all masks agrees on; None if none of them names classes.

    Raises
    ------
    ClassTableError
        If two masks were annotated with different tables.
    """
    found: ClassTable | None = None
    first: MaskFile | None = None
    for mask in masks:
        table = _named_classes(mask)
        if table is None:
            continue
        if found is not None and first is not None and table != found:
            raise ClassTableError(
                f"the masks {first.path} and {mask.path} were annotated with different class tables, so an id does not "
                f"mean the same in both; annotate all with one table (--classes)"
            )
        found, first = table, mask
    return found


def check_classes(masks: list[MaskFile], classes: ClassTable) -> None:
    """Make sure that no provenance names other classes than `classes` (colours may differ).

    Raises
    ------
    ClassTableError
        If one does.
    """
    for mask in masks:
        table = _named_classes(mask)
        if table is not None and table.names != classes.names:
            raise ClassTableError(
                f"the mask {mask.path} was annotated with the classes {', '.join(table.names[:5])}, ... and not with "
                f"{', '.join(classes.names[:5])}, ...; annotate with the table that is meant here (--classes)"
            )


def _named_classes(mask: MaskFile) -> ClassTable | None:
    entries = (mask.record or {}).get("classes")
    if not isinstance(entries, list) or not all(isinstance(one, dict) and "name" in one for one in entries):
        return None
    try:
        return ClassTable(
            tuple(str(one["name"]) for one in entries),
            tuple((one["color"][0], one["color"][1], one["color"][2]) for one in entries),
        )
    except (KeyError, IndexError, TypeError):
        raise ClassTableError(f"the provenance of {mask.path} lists malformed classes; annotate it again") from None


def photo_of(mask: MaskFile) -> Path:
    """Return the rgb image that a mask was annotated on, as its provenance names it.

    A relative path counts from the working folder, or else from the folder of the mask.

    Raises
    ------
    InputError
        If there is no provenance, the rgb image was rendered from the cube, or the photo is not there any more as it
        was.
    """
    recorded = _input(mask, "rgb")
    if recorded is None:
        why = "has no provenance beside it" if mask.record is None else "was annotated without an rgb image"
        raise InputError(f"the mask {mask.path} {why}; name the folder of the images, which bear its name (--images)")
    path, expected = recorded
    for candidate in (path, mask.path.parent / path):
        if is_there(candidate) and candidate.is_file() and expected in (None, fingerprint(candidate)):
            return candidate.absolute()
    raise InputError(
        f"the mask {mask.path} was annotated on {path}, which is not there any more as it was; name the folder of the "
        f"images, which bear its name (--images)"
    )


def cube_of(mask: MaskFile) -> tuple[Path, int] | None:
    """Return the cube that a mask was annotated from, and the degrees it was turned by.

    None if that is not known, the cube is not there any more, or it was calibrated or cut besides, which a manifest
    cannot say.
    """
    recorded = _input(mask, "cube")
    if recorded is None:
        return None
    inputs = (mask.record or {})["inputs"]
    turn = str(inputs.get("rotate", 0))
    if any(inputs.get(option) for option in _PREPARING) or turn not in _TURNS:
        return None
    for candidate in (recorded[0], mask.path.parent / recorded[0]):
        if is_there(candidate):
            return candidate.absolute(), int(turn)
    return None


def _input(mask: MaskFile, name: str) -> tuple[Path, str | None] | None:
    inputs = (mask.record or {}).get("inputs")
    entry = inputs.get(name) if isinstance(inputs, dict) else None
    if isinstance(entry, dict) and isinstance(entry.get("path"), str):
        return Path(entry["path"]), entry.get("fingerprint")
    return (Path(entry), None) if isinstance(entry, str) else None
