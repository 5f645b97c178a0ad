from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

pytest.importorskip("panel")

from bokeh.models import ColumnDataSource
from bokeh.plotting import figure

from hyperpoint.errors import InputError
from hyperpoint.studio.views.canvas import Canvas, Tool

SIZE = (6, 9)
RGB = np.random.default_rng(0).integers(0, 256, (*SIZE, 3)).astype(np.uint8)
LABELS = np.random.default_rng(1).integers(0, 4, SIZE).astype(np.uint8)


@pytest.fixture
def canvas() -> Canvas:
    canvas = Canvas()
    canvas.set_picture(RGB)
    return canvas


@pytest.fixture
def calls(canvas: Canvas) -> list[tuple[Any, ...]]:
    """What the callbacks of the canvas were called with."""
    found: list[tuple[Any, ...]] = []
    for name in ("tap", "select", "move", "stroke", "paint", "hover", "rectangle"):
        setattr(canvas, f"on_{name}", lambda *values, name=name: found.append((name, *values)))
    return found


def _plot(canvas: Canvas) -> figure:
    return cast(figure, cast(Any, canvas.panel()).object)


def _sources(canvas: Canvas) -> list[ColumnDataSource]:
    return [model for model in _plot(canvas).references() if isinstance(model, ColumnDataSource)]


def _planes(canvas: Canvas) -> list[np.ndarray[Any, np.dtype[np.uint8]]]:
    """Everything of the picture's size that travels to the browser."""
    return [plane for source in _sources(canvas) for plane in source.data.get("plane", []) if plane.shape == SIZE]


def test_it_can_be_found_and_shows_nothing_but_the_picture(canvas: Canvas) -> None:
    plot = _plot(canvas)
    assert "hp-canvas" in canvas.panel().css_classes
    assert plot.toolbar_location is None
    assert not any(axis.visible for axis in plot.axis)
    assert plot.sizing_mode == "stretch_both"


def test_only_bytes_travel(canvas: Canvas) -> None:
    canvas.set_labels(LABELS, np.zeros((256, 3), np.uint8))
    canvas.set_confidence(LABELS)
    canvas.set_borders(LABELS)
    planes = _planes(canvas)
    assert len(planes) == 3 + 3
    assert all(plane.dtype == np.uint8 for plane in planes)
    assert all(any((plane == RGB[:, :, channel]).all() for plane in planes) for channel in range(3))
    assert all(image.size == 1 for source in _sources(canvas) for image in source.data.get("image", []))


def test_a_look_is_changed_without_sending_an_image(canvas: Canvas) -> None:
    canvas.set_labels(LABELS)
    before = {source.id: source.data for source in _sources(canvas)}
    canvas.set_opacity(0.3)
    canvas.set_overlay_visible(False)
    canvas.set_tool("erase")
    canvas.set_labels(LABELS.copy())
    canvas.set_picture(RGB.copy())
    assert all(source.data is before[source.id] for source in _sources(canvas))
    assert canvas.state.opacity == 0.3
    assert not canvas.state.overlay_visible


def test_labels_changed_in_place_are_sent(canvas: Canvas) -> None:
    labels = LABELS.copy()
    canvas.set_labels(labels)
    labels[0, 0] = 77
    canvas.set_labels(labels)
    assert any(plane[0, 0] == 77 for plane in _planes(canvas) if not (plane == RGB[:, :, 0]).all())


def test_nothing_lies_over_a_picture_of_another_size(canvas: Canvas) -> None:
    canvas.set_labels(LABELS)
    canvas.set_grey(np.zeros((3, 3), np.uint8))
    assert _planes(canvas) == []


@pytest.mark.parametrize("wrong", [RGB.astype(float), RGB[:, :, 0], RGB[:, :, :2]])
def test_another_picture_is_refused(canvas: Canvas, wrong: Any) -> None:
    with pytest.raises(InputError, match=r"must be \(H, W, 3\) uint8"):
        canvas.set_picture(wrong)


def test_an_overlay_of_another_size_is_refused(canvas: Canvas) -> None:
    with pytest.raises(InputError, match="as large as the picture"):
        canvas.set_labels(LABELS[1:])
    with pytest.raises(InputError, match="as large as the picture"):
        canvas.set_swipe(RGB, RGB[1:])


def test_an_unknown_tool_and_points_without_colours_are_refused(canvas: Canvas) -> None:
    with pytest.raises(InputError, match="point, brush"):
        canvas.set_tool(cast(Tool, "hammer"))
    with pytest.raises(InputError, match="2, 2 and 1"):
        canvas.set_points([1, 2], [1, 2], ["#ffffff"])


def test_points_lie_at_the_centres_of_their_pixels(canvas: Canvas) -> None:
    canvas.set_points([1, 4], [2, 8], ["#112233", "#445566"], suspects=[False, True], selected=(1, 2))
    shown = [{name: list(values) for name, values in source.data.items()} for source in _sources(canvas)]
    assert {"x": [2.5, 8.5], "y": [1.5, 4.5], "color": ["#112233", "#445566"]} in shown
    assert {"x": [8.5], "y": [4.5]} in shown
    assert {"x": [2.5], "y": [1.5]} in shown


def test_what_the_browser_tells_reaches_the_owner(canvas: Canvas, calls: list[tuple[Any, ...]]) -> None:
    for event in ([1, "tap", 2, 3], [2, "select", 2, 3], [3, "move", 2, 3, 4, 5], [4, "rectangle", 0, 1, 4, 6]):
        canvas.state.event = event
    assert calls == [("tap", 2, 3), ("select", 2, 3), ("move", (2, 3), (4, 5)), ("rectangle", 0, 1, 4, 6)]
    assert canvas.state.answered == 4


def test_an_event_is_answered_also_when_the_owner_fails(canvas: Canvas) -> None:
    def fail(_row: int, _col: int) -> None:
        raise ValueError("no")

    canvas.on_tap = fail
    with pytest.raises(ValueError, match="no"):
        canvas.state.event = [5, "tap", 0, 0]
    assert canvas.state.answered == 5


def test_strokes_come_as_pixels(canvas: Canvas, calls: list[tuple[Any, ...]]) -> None:
    canvas.state.event = [1, "brush", [1, 1], [1, 3]]
    canvas.set_brush(1, "#ff0000")
    canvas.state.event = [2, "erase", [0], [0]]
    assert calls[0][0] == "stroke"
    assert calls[0][1].tolist() == [1, 1, 1]
    assert calls[0][2].tolist() == [1, 2, 3]
    assert calls[1][:2] == ("paint", "erase")
    assert calls[1][2].tolist() == [0, 1, 9]


def test_each_position_of_the_cursor_is_acknowledged(canvas: Canvas, calls: list[tuple[Any, ...]]) -> None:
    canvas.state.hover = [7, 2, 3]
    assert canvas.state.heard == 7
    canvas.state.hover = [8]
    assert calls == [("hover", 2, 3), ("hover", None, None)]
    assert canvas.state.heard == 8


def test_commands_are_numbered_and_the_last_are_kept(canvas: Canvas) -> None:
    for row in range(40):
        canvas.reveal(row, 2)
    canvas.fit()
    numbers = [command[0] for command in canvas.state.commands]
    assert numbers == list(range(41 - len(numbers) + 1, 42))
    assert [command[1:] for command in canvas.state.commands[-2:]] == [["reveal", 39.5, 2.5], ["fit"]]
