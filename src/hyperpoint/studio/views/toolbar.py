"""The strips above and below the picture: tools, layers, what lies over the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from hyperpoint.errors import InputError
from hyperpoint.studio.viewing import Layer, Overlay, Tool
from hyperpoint.studio.views.section import Section, Values

if TYPE_CHECKING:
    from hyperpoint.studio.desk import Desk

MAX_RADIUS = 60
_RADIUS_STEP = 1.25

# What the browser may choose, and how what it sends is made sure of.
_CHOICES = {"layer": get_args(Layer), "overlay": get_args(Overlay), "tool": get_args(Tool)}
_RANGES = {"stretch": (0.0, 25.0), "opacity": (0.0, 1.0), "radius": (1.0, float(MAX_RADIUS))}
_SWITCHES = ("borders", "normalised", "show_score")


def describe(desk: Desk) -> dict[str, Any]:
    """Say what the strips show."""
    viewing, current = desk.viewing, desk.current
    wavelengths = None if current is None else current.opened.scene.wavelengths
    return {
        "hasScene": current is not None,
        "editable": desk.can_edit,
        "hasWhite": current is not None and current.white is not None,
        "tool": viewing.tool,
        "radius": viewing.radius,
        "layer": viewing.layer,
        "band": viewing.band,
        "bands": list(viewing.bands),
        "numBands": 1 if current is None else current.opened.layers.num_bands,
        "wavelengths": None if wavelengths is None else [round(float(nm), 1) for nm in wavelengths],
        "stretch": viewing.stretch,
        "overlay": viewing.overlay,
        "opacity": viewing.opacity,
        "hidden": viewing.is_overlay_hidden,
        "borders": viewing.borders,
    }


def _show(desk: Desk, values: Values) -> None:
    choices = {name: _checked(desk, name, value) for name, value in values.items() if name != "do"}
    if "overlay" in choices:
        choices["is_overlay_hidden"] = False
    if choices.get("layer") == "bands" and len(set(desk.viewing.bands)) == 1 and desk.current is not None:
        choices["bands"] = desk.current.opened.layers.default_bands()
    desk.show(**choices)
    if choices.get("tool") == "swipe" and desk.current is not None:
        opened_from = desk.current.opened.scene.provenance
        if "rgb" in opened_from and opened_from["rgb"] is None:
            desk.say("This scene has no photo of its own: both sides show the cube.")


def _checked(desk: Desk, name: str, value: Any) -> Any:
    if name in _CHOICES and value in _CHOICES[name]:
        return value
    if name in _RANGES and isinstance(value, int | float):
        low, high = _RANGES[name]
        number = min(max(float(value), low), high)
        return round(number) if name == "radius" else number
    if name in _SWITCHES and isinstance(value, bool):
        return value
    if name == "band":
        return _band(desk, value)
    if name == "bands" and isinstance(value, list) and len(value) == 3:
        return tuple(_band(desk, one) for one in value)
    raise InputError(f"{value!r} cannot be chosen as {name}")


def _band(desk: Desk, value: Any) -> int:
    num = 1 if desk.current is None else desk.current.opened.layers.num_bands
    return min(max(int(value), 0), num - 1)


def _resize_brush(desk: Desk, values: Values) -> None:
    radius = desk.viewing.radius
    changed = radius * _RADIUS_STEP if values["larger"] else radius / _RADIUS_STEP
    step = 1 if values["larger"] else -1
    desk.show(radius=min(max(round(changed), 1) if round(changed) != radius else max(radius + step, 1), MAX_RADIUS))


def _hide_overlay(desk: Desk, _values: Values) -> None:
    desk.show(is_overlay_hidden=not desk.viewing.is_overlay_hidden)


TOOLS = Section(
    describe,
    frozenset({"scene", "viewing"}),
    {"show": _show, "brush.resize": _resize_brush, "overlay.hide": _hide_overlay},
)
