"""Pictures: grids of images, curves, bars, and clouds of points; drawn by matplotlib, without its global state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hyperpoint.io.files import atomic_path
from hyperpoint.io.masks import used_ids
from hyperpoint.types import ClassTable, LabelArray, UInt8Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 150
NOT_RUN = "not run"
# Told apart also by those who do not see red or green (Okabe and Ito, 2008).
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
_PANEL_INCHES = 2.2
_LEGEND_ROW_INCHES = 0.16
_LEGEND_COLUMNS = 6


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of so many inches."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def save(figure: Figure, path: Path) -> list[Path]:
    """Write `path`.png and `path`.svg, each atomically, and return them; the same figure gives the same files."""
    from matplotlib import rc_context

    written = []
    for suffix, metadata in ((".png", {"Software": None}), (".svg", {"Date": None})):
        target = path.with_name(path.name + suffix)
        with rc_context({"svg.hashsalt": path.name, "svg.fonttype": "none"}), atomic_path(target) as temporary:
            figure.savefig(temporary, format=suffix[1:], dpi=DPI, metadata=metadata)
        written.append(target)
    return written


def image_grid(
    rows: Sequence[Sequence[UInt8Array | None]], titles: Sequence[str], names: Sequence[str], classes: ClassTable
) -> Figure:
    """Draw pictures in rows, a title above each column, a name before each row, and the classes that occur below.

    Parameters
    ----------
    rows
        Pictures (H, W, 3), and labels (H, W), which get the colours of their classes, black where there are none; in
        the place of None stands that it was not run.
    """
    every = [image for row in rows for image in row if image is not None]
    height = _PANEL_INCHES * every[0].shape[0] / every[0].shape[1]
    occurring = sorted({one for image in every if image.ndim == 2 for one in used_ids(image)})
    legend = _LEGEND_ROW_INCHES * (1 + -(-len(occurring) // _LEGEND_COLUMNS))
    figure = new_figure(_PANEL_INCHES * len(titles), (height + 0.05) * len(rows) + 0.2 + legend)
    panels = figure.subplots(len(rows), len(titles), squeeze=False)
    palette = classes.palette()
    for number, (row, name) in enumerate(zip(rows, names, strict=True)):
        for axes, image, title in zip(panels[number], row, titles, strict=True):
            shown = palette[image] if image is not None and image.ndim == 2 else image
            _show(axes, shown, title if number == 0 else "")
        panels[number][0].set_ylabel(name, fontsize=8)
    _explain(figure, classes, occurring)
    return figure


def _show(axes: Axes, image: UInt8Array | None, title: str) -> None:
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_title(title, fontsize=9)
    if image is None:
        axes.text(0.5, 0.5, NOT_RUN, ha="center", va="center", transform=axes.transAxes, fontsize=8)
    else:
        axes.imshow(image, interpolation="nearest")


def _explain(figure: Figure, classes: ClassTable, ids: Sequence[int]) -> None:
    from matplotlib.patches import Patch

    patches = [Patch(facecolor=class_color(classes, one), edgecolor="#888888", label=classes.names[one]) for one in ids]
    figure.legend(handles=patches, loc="outside lower center", ncols=_LEGEND_COLUMNS, fontsize=7, frameon=False)


def class_color(classes: ClassTable, number: int) -> tuple[float, float, float]:
    """Return the colour of a class as matplotlib takes it."""
    r, g, b = classes.colors[number]
    return r / 255, g / 255, b / 255


def draw_curves(
    axes: Axes, places: Sequence[str], curves: Mapping[str, Sequence[tuple[float | None, float | None]]]
) -> None:
    """Draw curves over named places: of each a mean and a spread (bars) at every place, None where it was not run."""
    for (name, curve), color in zip(curves.items(), COLORS, strict=False):
        there = [(place, mean, spread or 0.0) for place, (mean, spread) in enumerate(curve) if mean is not None]
        if there:
            at, means, spreads = zip(*there, strict=True)
            axes.errorbar(at, means, yerr=spreads, label=name, color=color, marker="o", capsize=3, linewidth=1.5)
    axes.set_xticks(range(len(places)), places)
    axes.set_xlim(-0.3, len(places) - 0.7)
    axes.grid(alpha=0.3)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=8)
    else:
        axes.text(0.5, 0.5, NOT_RUN, ha="center", va="center", transform=axes.transAxes, fontsize=8)


def draw_bars(axes: Axes, values: Mapping[str, float | None], title: str, unit: str) -> None:
    """Draw a bar for each value, with the value above it; None leaves its place empty."""
    for place, (value, color) in enumerate(zip(values.values(), COLORS, strict=False)):
        if value is not None:
            axes.bar(place, value, color=color, width=0.6)
            axes.text(place, value, f"{value:.4g}", ha="center", va="bottom", fontsize=8)
    axes.set_xticks(range(len(values)), list(values), fontsize=8)
    axes.set_title(title, fontsize=10)
    axes.set_ylabel(unit)
    axes.margins(y=0.12)


def draw_cloud(axes: Axes, places: NDArray[np.floating], labels: LabelArray, classes: ClassTable, title: str) -> None:
    """Draw points (n, 2) in the colours of their classes."""
    for one in np.unique(labels):
        part = places[labels == one]
        color = class_color(classes, int(one))
        axes.scatter(part[:, 0], part[:, 1], s=12, color=color, label=classes.names[int(one)],
                     edgecolors="#00000055", linewidths=0.3)  # fmt: skip
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_title(title, fontsize=10)
