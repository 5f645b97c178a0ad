"""Loss and mIoU by step, as a picture."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from hyperpoint.io.files import StrPath
from hyperpoint.io.images import save_png

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

Row = Mapping[str, float]
Points = list[tuple[float, float]]

_PANEL = (560, 360)
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 40, 48
_INK, _GRID = (40, 40, 40), (225, 225, 225)
# Told apart also by those who do not see red or green (Okabe and Ito, 2008).
_PANELS: tuple[tuple[str, dict[str, tuple[int, int, int]]], ...] = (
    ("loss", {"train_loss": (0, 114, 178), "val_loss": (230, 159, 0)}),
    ("validation", {"val_miou": (0, 158, 115), "val_accuracy": (204, 121, 167)}),
)
_NUM_TICKS = 5
# The loss in validation can be many times that in training, above all early, when batch normalisation has seen little.
_HEADROOM = 2.0


def draw_curves(path: StrPath, rows: Sequence[Row]) -> None:
    """Draw the loss, and mIoU and accuracy in validation, by step.

    Parameters
    ----------
    path
        The PNG to write, atomically.
    rows
        Entries of metrics.csv: `step`, and those of `train_loss`, `val_loss`, `val_miou`, `val_accuracy` there are.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (_PANEL[0] * len(_PANELS), _PANEL[1]), "white")
    draw = ImageDraw.Draw(image)
    for number, (title, colors) in enumerate(_PANELS):
        curves = {name: _points(rows, name) for name in colors}
        _draw_panel(draw, number * _PANEL[0], title, curves, colors)
    save_png(path, image)


def _points(rows: Sequence[Row], name: str) -> Points:
    return [(row["step"], row[name]) for row in rows if math.isfinite(row.get(name, math.nan))]


def _draw_panel(
    draw: ImageDraw, left: int, title: str, curves: Mapping[str, Points], colors: Mapping[str, tuple[int, int, int]]
) -> None:
    points = [point for curve in curves.values() for point in curve]
    steps, values = ticks(0, max([1.0, *(step for step, _ in points)])), ticks(0, _highest(curves))
    width, height = _PANEL[0] - _LEFT - _RIGHT, _PANEL[1] - _TOP - _BOTTOM

    def place(step: float, value: float) -> tuple[float, float]:
        return left + _LEFT + width * step / steps[-1], _TOP + height * max(0.0, 1 - value / values[-1])

    for step in steps:
        draw.line([place(step, 0), place(step, values[-1])], _GRID)
        draw.text((place(step, 0)[0], _TOP + height + 6), f"{step:g}", _INK, anchor="ma")
    for value in values:
        draw.line([place(0, value), place(steps[-1], value)], _GRID)
        draw.text((left + _LEFT - 6, place(0, value)[1]), f"{value:g}", _INK, anchor="rm")
    draw.text((left + _LEFT + width / 2, _PANEL[1] - 10), "step", _INK, anchor="ms")
    draw.text((left + _LEFT, _TOP - 12), title, _INK, anchor="ls")
    for number, (name, curve) in enumerate(curves.items()):
        corner = (left + _PANEL[0] - _RIGHT, _TOP - 12 - 14 * (len(curves) - 1 - number))
        draw.text(corner, name.replace("_", " "), colors[name], anchor="rs")
        on_panel = [place(*point) for point in curve]
        if len(on_panel) > 1:
            draw.line(on_panel, colors[name], 2)
        for col, row in on_panel if len(on_panel) < _PANEL[0] // 16 else []:
            draw.ellipse((col - 2, row - 2, col + 2, row + 2), colors[name])


def _highest(curves: Mapping[str, Points]) -> float:
    """Return how far up a panel must reach: to its highest value, but not much above that of its first curve."""
    highest = [max(value for _, value in curve) for curve in curves.values() if curve]
    return max(1e-6, min(max(highest), _HEADROOM * highest[0])) if highest else 1.0


def ticks(low: float, high: float) -> list[float]:
    """Return about five round numbers, evenly spaced, from `low` until they reach `high`."""
    rough = (high - low) / _NUM_TICKS
    magnitude = 10.0 ** math.floor(math.log10(rough))
    spacing = next(factor * magnitude for factor in (1, 2, 2.5, 5, 10) if factor * magnitude >= rough * (1 - 1e-9))
    return [low + number * spacing for number in range(math.ceil((high - low) / spacing * (1 - 1e-9)) + 1)]
