"""The card from which results are written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from hyperpoint.studio.exporting import EXPORT_KINDS
from hyperpoint.studio.gathering import VALIDATION_SHARE
from hyperpoint.studio.views.section import Section, Values

if TYPE_CHECKING:
    from hyperpoint.studio.desk import Desk

_TITLES = {
    "masks": ("Masks", "PNG, a class id a pixel, 255 = unlabelled"),
    "confidence": ("Confidence", "PNG, 16 bit"),
    "points": ("Points", "CSV: row, col, label"),
    "manifest": ("Manifest", "A table of images and masks, ready for hyperpoint train"),
    "overlays": ("Overlays", "The labels over the image, to look at"),
    "coco": ("COCO", "JSON"),
    "envi": ("ENVI", "Classification file with class names and colours"),
    "geotiff": ("GeoTIFF", "For cubes that have coordinates"),
}
_CHOSEN = ("masks", "points", "manifest")


def describe(desk: Desk) -> dict[str, Any]:
    """Say what the card shows."""
    return {
        "kinds": [
            {"name": kind, "title": _TITLES[kind][0], "tip": _TITLES[kind][1], "chosen": kind in _CHOSEN}
            for kind in EXPORT_KINDS
        ],
        "folder": str(desk.workspace.export_dir),
        "note": _note(desk),
        "numScenes": len(desk.workspace.entries),
        "can": desk.current is not None and not desk.jobs.title,
    }


def _note(desk: Desk) -> str:
    if len(desk.workspace.entries) < 2:
        return ""
    return f"Manifest: one scene in {round(1 / VALIDATION_SHARE)} for validation."


def _export(desk: Desk, values: Values) -> None:
    kinds = [kind for kind in EXPORT_KINDS if kind in values["kinds"]]
    if not kinds:
        desk.say("Choose what to export first.")
        return
    named = str(values["folder"]).strip()
    desk.out.export(kinds, everything=bool(values["all"]), folder=Path(named) if named else None)


EXPORT = Section(describe, frozenset({"scene", "busy"}), {"out.export": _export})
