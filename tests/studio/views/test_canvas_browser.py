from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("panel")

import panel as pn

from hyperpoint.studio.views.canvas import Canvas
from hyperpoint.types import UInt8Array

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SIZE = (24, 40)
RGB = np.random.default_rng(0).integers(0, 256, (*SIZE, 3)).astype(np.uint8)
COLORS = np.random.default_rng(1).integers(0, 256, (256, 3)).astype(np.uint8)

pytestmark = pytest.mark.slow


class Bench:
    """A canvas on a page of its own: what Python does to it, what the pointer does, and what is seen."""

    def __init__(self, page: Page, canvas: Canvas, document: Any) -> None:
        self.page, self.canvas, self._document = page, canvas, document
        self.calls: list[tuple[Any, ...]] = []
        for name in ("tap", "select", "move", "stroke", "paint", "rectangle", "hover"):
            setattr(canvas, f"on_{name}", lambda *values, name=name: self.calls.append((name, *values)))
        self.surface = page.locator(".hp-surface")

    def do(self, *actions: Callable[[], None]) -> None:
        """Do things to the canvas where its document lives, and give the browser time to draw them."""
        for action in actions:
            self._document.add_next_tick_callback(action)
        self.page.wait_for_timeout(400)

    def view(self) -> tuple[float, float, float]:
        """Row and column at the top left corner, and screen pixels a pixel."""
        data = self.surface.evaluate("element => ({...element.dataset})")
        return float(data["top"]), float(data["left"]), float(data["scale"])

    def box(self) -> Any:
        """Where the canvas lies on the page."""
        return self.surface.bounding_box()

    def at(self, row: float, col: float) -> tuple[float, float]:
        """Where on the page the centre of a pixel lies."""
        (top, left, scale), box = self.view(), self.box()
        return box["x"] + (col + 0.5 - left) * scale, box["y"] + (row + 0.5 - top) * scale

    def drag(self, *pixels: tuple[float, float], button: Literal["left", "middle"] = "left") -> None:
        self.page.mouse.move(*self.at(*pixels[0]))
        stops = [self.at(*pixel) for pixel in pixels[1:]]
        self.page.mouse.down(button=button)
        for stop in stops:
            self.page.mouse.move(*stop, steps=4)
        self.page.mouse.up(button=button)

    def wait_for(self, name: str) -> tuple[Any, ...]:
        """Return the last call of this name, as soon as there is one."""
        for _ in range(100):
            found = [call for call in self.calls if call[0] == name]
            if found:
                return found[-1]
            self.page.wait_for_timeout(50)
        pytest.fail(f"{name} was not called; got {self.calls}")

    def seen(self) -> UInt8Array:
        """The page as it looks."""
        return np.asarray(Image.open(BytesIO(self.page.screenshot())).convert("RGB"))

    def seen_pixels(self, inset: float = 0.5) -> UInt8Array:
        """The colour of every pixel of the picture at `inset` of its height and width."""
        screen = self.seen()
        (x, y), scale = self.at(0, 0), self.view()[2]
        rows = np.floor(y + (np.arange(SIZE[0]) - 0.5 + inset) * scale).astype(int)
        cols = np.floor(x + (np.arange(SIZE[1]) - 0.5 + inset) * scale).astype(int)
        pixels: UInt8Array = screen[rows[:, None], cols]
        return pixels


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, list[tuple[Canvas, Any]]]]:
    """The address of a page with a canvas, and for every visit the canvas and its document."""
    made: list[tuple[Canvas, Any]] = []

    def app() -> Any:
        canvas = Canvas()
        canvas.set_picture(RGB)
        made.append((canvas, pn.state.curdoc))
        return pn.Row(canvas.panel(), pn.Column(width=200), sizing_mode="stretch_both")

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        origin = f"127.0.0.1:{free.getsockname()[1]}"
    thread = pn.serve(  # type: ignore[no-untyped-call]
        app, port=int(origin.split(":")[1]), address="127.0.0.1", websocket_origin=[origin],
        show=False, verbose=False, threaded=True,
    )  # fmt: skip
    yield f"http://{origin}", made
    thread.stop()
    thread.join(timeout=10)


@pytest.fixture
def bench(browser: Browser, server: tuple[str, list[tuple[Canvas, Any]]]) -> Iterator[Bench]:
    address, made = server
    page = browser.new_page(viewport={"width": 1000, "height": 560})
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(address)
    page.wait_for_selector(".hp-surface[data-scale]", state="attached", timeout=60_000)
    page.wait_for_timeout(500)
    yield Bench(page, *made[-1])
    page.close()
    assert problems == []


@pytest.mark.parametrize("inset", [0.1, 0.5, 0.9])
def test_pixels_are_square_and_exact(bench: Bench, inset: float) -> None:
    np.testing.assert_array_equal(bench.seen_pixels(inset), RGB)


def test_labels_have_their_colours_and_unlabelled_shows_the_picture(bench: Bench) -> None:
    labels = np.arange(SIZE[0] * SIZE[1]).reshape(SIZE).astype(np.uint8)
    bench.do(lambda: bench.canvas.set_labels(labels, COLORS), lambda: bench.canvas.set_opacity(1))
    expected = np.where(labels[:, :, None] == 255, RGB, COLORS[labels])
    np.testing.assert_array_equal(bench.seen_pixels(), expected)
    bench.do(lambda: bench.canvas.set_overlay_visible(False))
    np.testing.assert_array_equal(bench.seen_pixels(), RGB)


def test_corrections_are_marked_on_any_background_with_lines_as_wide_at_any_zoom(bench: Bench) -> None:
    corrected = np.zeros(SIZE, dtype=np.uint8)
    corrected[5:10, 10:30] = 1
    picture = np.zeros_like(RGB)
    picture[:, 20:] = 255
    bench.do(lambda: bench.canvas.set_picture(picture), lambda: bench.canvas.set_corrected(corrected))
    np.testing.assert_array_equal(bench.seen_pixels()[:4], picture[:4])
    for _ in range(2):
        for col in (15, 25):  # on black and on white
            x, y = (round(value) for value in bench.at(4.5, col))  # on the upper edge
            lightness = bench.seen()[y - 4 : y + 5, x].astype(int).sum(axis=1)
            assert np.ptp(lightness) > 300
        bench.do(lambda: bench.canvas.zoom(1.3))
    bench.do(bench.canvas.fit, lambda: bench.canvas.set_overlay_visible(False))
    np.testing.assert_array_equal(bench.seen_pixels(), picture)
    bench.do(lambda: bench.canvas.set_corrected(None), lambda: bench.canvas.set_overlay_visible(True))
    np.testing.assert_array_equal(bench.seen_pixels(), picture)


def test_a_single_band_is_seen_by_its_palette(bench: Bench) -> None:
    bench.do(lambda: bench.canvas.set_grey(RGB[:, :, 0], COLORS))
    np.testing.assert_array_equal(bench.seen_pixels(), COLORS[RGB[:, :, 0]])


def test_a_divider_compares_two_pictures(bench: Bench) -> None:
    bench.do(lambda: bench.canvas.set_tool("swipe"), lambda: bench.canvas.set_swipe(RGB, 255 - RGB))
    bench.drag((4, 19.5), (4, 29.5))
    bench.page.wait_for_timeout(400)
    seen = bench.seen_pixels()
    np.testing.assert_array_equal(seen[:3, :29], RGB[:3, :29])  # away from the knob and the line
    np.testing.assert_array_equal(seen[:3, 31:], 255 - RGB[:3, 31:])
    bench.do(lambda: bench.canvas.set_swipe(None))
    np.testing.assert_array_equal(bench.seen_pixels(), RGB)


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1920, 1080), (500, 900)])
def test_a_picture_fills_any_window_with_square_pixels(bench: Bench, width: int, height: int) -> None:
    bench.page.set_viewport_size({"width": width, "height": height})
    bench.page.wait_for_timeout(800)
    box, (top, left, scale) = bench.box(), bench.view()
    assert max(SIZE[0] * scale / box["height"], SIZE[1] * scale / box["width"]) == pytest.approx(0.98, abs=0.01)
    assert (top, left) == pytest.approx(
        ((SIZE[0] - box["height"] / scale) / 2, (SIZE[1] - box["width"] / scale) / 2), abs=1 / scale
    )
    np.testing.assert_array_equal(bench.seen_pixels(), RGB)
    sizes = "[document.documentElement.scrollHeight <= innerHeight, document.documentElement.scrollWidth <= innerWidth]"
    assert bench.page.evaluate(sizes) == [True, True]


def test_clicking_adds_and_selects_and_dragging_moves(bench: Bench) -> None:
    bench.page.mouse.click(*bench.at(3, 7))
    assert bench.wait_for("tap") == ("tap", 3, 7)
    bench.do(lambda: bench.canvas.set_points([3], [7], ["#ff0000"]))
    bench.page.mouse.click(*bench.at(3, 7))
    assert bench.wait_for("select") == ("select", 3, 7)
    bench.drag((3, 7), (10, 20))
    assert bench.wait_for("move") == ("move", (3, 7), (10, 20))
    assert len([call for call in bench.calls if call[0] == "tap"]) == 1


def test_a_click_beside_the_picture_is_none(bench: Bench) -> None:
    bench.page.mouse.click(*bench.at(-0.7, 3))
    bench.page.mouse.click(*bench.at(2, 3))
    assert bench.wait_for("tap") == ("tap", 2, 3)
    assert [call[0] for call in bench.calls if call[0] != "hover"] == ["tap"]


def test_a_point_shows_on_black_and_on_white(bench: Bench) -> None:
    picture = np.zeros_like(RGB)
    picture[:, 20:] = 255
    bench.do(
        lambda: bench.canvas.set_picture(picture), lambda: bench.canvas.set_points([12, 12], [5, 30], ["#00ff00"] * 2)
    )
    screen = bench.seen()
    for col in (5, 30):
        x, y = (round(value) for value in bench.at(12, col))
        row = screen[y, x - 15 : x + 15].astype(int)
        assert row[15].tolist() == [0, 255, 0]
        lightness = row.sum(axis=1)
        assert (lightness > 700).any()
        assert (lightness < 250).any()


def test_dragging_pans_and_the_wheel_zooms_at_the_cursor(bench: Bench) -> None:
    top, left, scale = bench.view()
    bench.drag((12, 20), (14, 25))
    bench.page.wait_for_timeout(200)
    assert bench.view() == pytest.approx((top - 2, left - 5, scale), abs=2 / scale)
    x, y = bench.at(8, 10)
    bench.page.mouse.move(x, y)
    bench.page.mouse.wheel(0, -300)
    bench.page.wait_for_timeout(300)
    assert bench.view()[2] > 1.2 * scale
    assert bench.at(8, 10) == pytest.approx((x, y), abs=1.5)
    bench.do(bench.canvas.fit)
    assert bench.view() == pytest.approx((top, left, scale))


def test_another_picture_of_the_same_size_keeps_the_place(bench: Bench) -> None:
    bench.do(lambda: bench.canvas.zoom(2), lambda: bench.canvas.reveal(1, 2))
    place = bench.view()
    bench.do(lambda: bench.canvas.set_grey(RGB[:, :, 0]))
    assert bench.view() == place
    bench.do(lambda: bench.canvas.set_picture(np.zeros((80, 30, 3), np.uint8)))
    assert bench.view() != place


def test_strokes(bench: Bench) -> None:
    bench.do(lambda: bench.canvas.set_tool("brush"))
    bench.drag((5, 5), (5, 9))
    assert [part.tolist() for part in bench.wait_for("stroke")[1:]] == [[5] * 5, [5, 6, 7, 8, 9]]
    bench.page.wait_for_timeout(500)
    assert bench.surface.locator("polyline").count() == 0
    bench.do(lambda: bench.canvas.set_tool("correct"), lambda: bench.canvas.set_brush(1, "#00ff00"))
    bench.drag((0, 0), (0, 2))
    assert bench.wait_for("paint")[2].tolist() == [0, 1, 2, 3, 40, 41, 42]
    bench.do(lambda: bench.canvas.set_tool("erase"))
    bench.page.mouse.click(*bench.at(23, 39))
    bench.page.wait_for_timeout(400)
    _name, kind, pixels = bench.wait_for("paint")
    assert (kind, pixels.tolist()) == ("erase", [22 * 40 + 39, 23 * 40 + 38, 23 * 40 + 39])


def test_the_middle_button_and_alt_pan_while_painting(bench: Bench) -> None:
    bench.do(lambda: bench.canvas.set_tool("correct"))
    top, left, scale = bench.view()
    bench.drag((12, 20), (14, 25), button="middle")
    bench.page.keyboard.down("Alt")
    bench.drag((12, 20), (14, 25))
    bench.page.keyboard.up("Alt")
    bench.page.wait_for_timeout(300)
    assert bench.view() == pytest.approx((top - 4, left - 10, scale), abs=3 / scale)
    assert [call for call in bench.calls if call[0] == "paint"] == []


def test_escape_abandons_a_stroke(bench: Bench) -> None:
    bench.do(lambda: bench.canvas.set_tool("brush"))
    bench.page.mouse.move(*bench.at(3, 3))
    bench.page.mouse.down()
    bench.page.mouse.move(*bench.at(3, 9), steps=3)
    bench.page.keyboard.press("Escape")
    bench.page.mouse.up()
    bench.page.wait_for_timeout(300)
    assert [call for call in bench.calls if call[0] == "stroke"] == []


def test_a_rectangle(bench: Bench) -> None:
    bench.do(lambda: bench.canvas.set_tool("rectangle"))
    bench.drag((9, 30), (2, 4))
    assert bench.wait_for("rectangle") == ("rectangle", 2, 4, 10, 31)


def test_the_pixel_under_the_cursor_is_told(bench: Bench) -> None:
    bench.page.mouse.move(*bench.at(4, 6))
    assert bench.wait_for("hover") == ("hover", 4, 6)
    for col in range(7, 30):
        bench.page.mouse.move(*bench.at(4, col))
    bench.page.wait_for_timeout(500)
    assert bench.wait_for("hover") == ("hover", 4, 29)
    bench.page.mouse.move(*bench.at(-0.8, 29))
    bench.page.wait_for_timeout(500)
    assert bench.wait_for("hover") == ("hover", None, None)
