"""The list of classes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hyperpoint.studio.classes import color_from_hex, color_to_hex
from hyperpoint.studio.presets import preset, preset_names
from hyperpoint.studio.views.counting import pixel_counts
from hyperpoint.studio.views.section import Section, Values, do
from hyperpoint.types import IGNORE

if TYPE_CHECKING:
    from hyperpoint.studio.desk import Desk

_TITLES = {"lib-hsi": "LIB-HSI", "cityscapes": "Cityscapes"}
_NUM_KEYS = 9


def describe(desk: Desk) -> dict[str, Any]:
    """Say what the list shows."""
    presets = [{"name": name, "title": _TITLES.get(name, name), "tip": "Classes of this data set"}
               for name in preset_names() if name != "empty"]  # fmt: skip
    shown: dict[str, Any] = {
        "hasScene": desk.current is not None, "editable": desk.can_edit, "rows": [], "unlabelled": None,
        "presets": presets, "canTake": True, "fromPrevious": False,
    }  # fmt: skip
    if desk.current is None:
        return shown
    state = desk.current.session.state
    points = np.bincount(state.points.labels, minlength=256)
    pixels = pixel_counts(desk.current)
    num_pixels = int(pixels.sum())
    is_labelled = int(pixels[IGNORE]) < num_pixels
    shown["rows"] = [
        {
            "key": class_id,
            "digit": str(position) if position <= _NUM_KEYS else "",
            "name": state.classes[class_id].name,
            "color": color_to_hex(state.classes[class_id].color),
            "locked": state.classes[class_id].locked,
            "active": class_id == desk.edit.active,
            "points": int(points[class_id]),
            "pixels": int(pixels[class_id]),
            "share": float(pixels[class_id] / num_pixels) if is_labelled else None,
            "editable": shown["editable"],
        }
        for position, class_id in enumerate(state.classes.live, 1)
    ]
    shown["unlabelled"] = float(pixels[IGNORE] / num_pixels) if is_labelled else None
    shown["canTake"] = len(state.points) == 0
    shown["fromPrevious"] = desk.workspace.entries.index(desk.current.entry) > 0
    return shown


def _recolour(desk: Desk, values: Values) -> None:
    desk.edit.recolour_class(int(values["id"]), color_from_hex(str(values["color"])))


def _take_preset(desk: Desk, values: Values) -> None:
    table = preset(str(values["name"]))
    if table is not None:
        desk.edit.take_classes(table)


def _import(desk: Desk, values: Values) -> None:
    path = Path(str(values["path"]).strip())
    current = desk.current
    if current is not None and not path.is_absolute():
        path = current.entry.cube.parent / path
    desk.edit.import_points(path)


CLASSES = Section(
    describe,
    frozenset({"scene", "classes", "points", "labels"}),
    {
        "classes.add": do("edit.add_class"),
        "classes.choose": do("edit.choose", "id"),
        "classes.nth": do("edit.choose_nth", "position"),
        "classes.rename": do("edit.rename_class", "id", "name"),
        "classes.recolour": _recolour,
        "classes.lock": do("edit.lock_class", "id", "locked"),
        "classes.merge": do("edit.merge_classes", "source", "target"),
        "classes.preset": _take_preset,
        "classes.previous": do("out.start_from_previous"),
        "points.import": _import,
    },
)
