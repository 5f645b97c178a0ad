"""The studio as a user meets it: a server of its own, a browser, clicks and keys."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

import hyperpoint as hp

pytest.importorskip("panel")

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

TIMEOUT_MS = 90_000  # a shared machine may be slow; nothing here measures time


@contextmanager
def serving(folder: Path, port: int | None = None) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Serve a folder, on any port that is free if none is given; return the address and the process."""
    if port is None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "hyperpoint", "studio", str(folder), "--port", str(port), "--no-browser"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert server.stdout is not None
        said = ""
        while f"127.0.0.1:{port}" not in said:
            line = server.stdout.readline()
            assert line, f"the studio ended: {said}"
            said += line
        yield f"http://127.0.0.1:{port}/", server
    finally:
        if server.poll() is None:
            server.send_signal(signal.SIGTERM)
        server.wait(TIMEOUT_MS / 1000)
        assert server.stdout is not None
        rest = server.stdout.read()
        server.stdout.close()
    assert "Traceback" not in rest, rest


class Visit:
    """A tab, and what a user does in it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        page.set_default_timeout(TIMEOUT_MS)
        self.outside: list[str] = []
        page.on("request", lambda request: None if address in request.url else self.outside.append(request.url))
        page.goto(address)
        page.locator(".hp-surface").wait_for()

    def press(self, name: str) -> None:
        self.page.locator(f".{name}").first.click()

    def take(self, tool: str) -> None:
        """Take a tool, and wait until it is at hand."""
        button = self.page.locator(f".tool-{tool}")
        button.click()
        button.and_(self.page.locator("[aria-pressed=true]")).wait_for()
        self.page.wait_for_timeout(300)

    def expect_status(self, text: str) -> None:
        status = self.page.locator(".hp-status")
        try:
            status.and_(self.page.get_by_text(text, exact=True)).wait_for()
        except Exception as error:
            raise AssertionError(f"expected {text!r}, the page says {status.inner_text()!r}") from error

    def click_pixel(self, row: float, col: float) -> None:
        surface = self.page.locator(".hp-surface")
        data: dict[str, str] = surface.evaluate("element => ({...element.dataset})")
        scale = float(data["scale"])
        position = {"x": (col + 0.5 - float(data["left"])) * scale, "y": (row + 0.5 - float(data["top"])) * scale}
        surface.click(position=position)  # type: ignore[arg-type]

    def canvas(self) -> Any:
        picture = Image.open(BytesIO(self.page.locator(".hp-canvas").screenshot())).convert("RGB")
        return np.asarray(picture).astype(int)


@pytest.fixture
def visit(browser: Browser, folder: Path) -> Iterator[tuple[Visit, str]]:
    with serving(folder) as (address, _server):
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        yield Visit(page, address), address
        page.close()


def test_from_the_first_click_to_the_masks(visit: tuple[Visit, str], folder: Path) -> None:
    tab, address = visit
    tab.expect_status("0 points · revision 0")
    tab.page.get_by_label("Add a class").click()
    tab.expect_status("0 points · revision 1")
    tab.page.get_by_label("Add a class").click()
    tab.expect_status("0 points · revision 2")
    before = tab.canvas()
    tab.page.keyboard.press("1")
    tab.click_pixel(10, 5)
    tab.expect_status("1 point · revision 3")
    tab.page.keyboard.press("2")
    tab.click_pixel(10, 25)
    tab.expect_status("2 points · revision 4")
    tab.page.locator(".tile", has_text="100 %").first.wait_for()  # the coverage: the annotation is there
    tab.page.wait_for_timeout(500)
    labelled = tab.canvas()
    assert (np.abs(labelled - before).max(axis=2) > 20).mean() > 0.2

    tab.page.keyboard.press("Space")  # hides the overlay
    tab.page.wait_for_timeout(500)
    assert (np.abs(tab.canvas() - before).max(axis=2) > 20).mean() < 0.05
    tab.page.keyboard.press("Space")

    tab.press("hp-suggest")
    tab.page.locator(".suggestions li").first.wait_for()
    tab.press("hp-undo")
    tab.expect_status("1 point · revision 5")
    tab.press("hp-redo")
    tab.expect_status("2 points · revision 6")
    tab.press("hp-export")
    tab.page.locator(".message", has_text="Wrote").wait_for()
    manifest = hp.read_manifest(folder.parent / "scenes" / "hyperpoint-export" / "manifest.csv")
    label = manifest.rows[0].label
    assert label is not None
    labels = hp.read_label_ids(label)
    assert (labels[:, :14] == 0).all()
    assert (labels[:, 18:] == 1).all()

    tab.page.reload()
    tab.expect_status("2 points · revision 6")
    tab.page.keyboard.press("2")
    tab.click_pixel(20, 28)
    tab.expect_status("3 points · revision 7")
    assert [url for url in tab.outside if not url.startswith(("data:", "blob:"))] == []
    assert address.startswith("http://127.0.0.1")


@pytest.mark.slow
def test_nothing_is_lost_when_the_server_is_killed(browser: Browser, folder: Path) -> None:
    with serving(folder) as (address, server):
        page = browser.new_page()
        tab = Visit(page, address)
        for name in ("0 points · revision 1", "0 points · revision 2"):
            tab.page.get_by_label("Add a class").click()
            tab.expect_status(name)
        tab.page.keyboard.press("1")
        tab.click_pixel(3, 3)
        tab.expect_status("1 point · revision 3")
        os.kill(server.pid, signal.SIGKILL)
        server.wait(TIMEOUT_MS / 1000)
        page.close()
    with serving(folder) as (address, _server):
        page = browser.new_page()
        tab = Visit(page, address)
        tab.expect_status("1 point · revision 3")
        tab.page.keyboard.press("2")
        tab.click_pixel(3, 28)
        tab.expect_status("2 points · revision 4")
        page.close()


@pytest.mark.slow
def test_a_page_says_that_the_server_is_gone_and_goes_on_with_the_next(browser: Browser, folder: Path) -> None:
    page = browser.new_page()
    with serving(folder) as (address, server):
        tab = Visit(page, address)
        tab.page.get_by_label("Add a class").click()
        tab.expect_status("0 points · revision 1")
        tab.click_pixel(3, 3)
        tab.expect_status("1 point · revision 2")
        os.kill(server.pid, signal.SIGKILL)
        server.wait(TIMEOUT_MS / 1000)
        page.get_by_text("The studio does not answer").wait_for()
    with serving(folder, int(address.rpartition(":")[2].rstrip("/"))):
        page.get_by_text("The studio does not answer").wait_for(state="detached")
        tab.expect_status("1 point · revision 2")
        page.locator(".saved", has_text="Saved").wait_for()
        tab.page.keyboard.press("1")
        tab.click_pixel(3, 28)
        tab.expect_status("2 points · revision 3")
        page.close()


@pytest.mark.slow
def test_a_tool_is_in_the_hand_at_once(visit: tuple[Visit, str]) -> None:
    tab, _ = visit
    tab.page.get_by_label("Add a class").click()
    tab.expect_status("0 points · revision 1")
    tab.page.locator(".tool-correct").click()
    drag(tab, (20, 3), (20, 12))  # before the server has answered
    tab.expect_status("0 points · revision 2")
    tab.page.locator(".tool-point").click()
    tab.click_pixel(3, 3)
    tab.expect_status("1 point · revision 3")


@pytest.mark.slow
def test_strokes_corrections_drags_and_removal(visit: tuple[Visit, str]) -> None:
    tab, _ = visit
    for name in ("0 points · revision 1", "0 points · revision 2"):
        tab.page.get_by_label("Add a class").click()
        tab.expect_status(name)
    tab.page.keyboard.press("1")
    tab.click_pixel(10, 5)
    tab.expect_status("1 point · revision 3")
    drag(tab, (10, 5), (14, 8))
    tab.expect_status("1 point · revision 4")
    tab.take("brush")
    drag(tab, (3, 18), (3, 30))
    tab.expect_status("4 points · revision 5")
    tab.take("correct")
    drag(tab, (20, 3), (20, 12))
    tab.expect_status("4 points · revision 6")
    tab.take("erase")
    drag(tab, (20, 3), (20, 12))
    tab.expect_status("4 points · revision 7")
    tab.take("point")
    tab.click_pixel(14, 8)
    tab.page.keyboard.press("Delete")
    tab.expect_status("3 points · revision 8")
    tab.page.keyboard.press("Control+z")
    tab.expect_status("4 points · revision 9")
    tab.page.keyboard.press("Control+Shift+z")
    tab.expect_status("3 points · revision 10")


@pytest.mark.slow
def test_a_second_tab_is_read_only_until_it_takes_over(visit: tuple[Visit, str], browser: Browser) -> None:
    first, address = visit
    first.page.get_by_label("Add a class").click()
    first.expect_status("0 points · revision 1")
    page = browser.new_page()
    second = Visit(page, address)
    page.get_by_text("edited in another tab").wait_for()
    second.expect_status("0 points · revision 1")
    first.page.keyboard.press("1")
    first.click_pixel(10, 5)
    first.expect_status("1 point · revision 2")
    second.expect_status("1 point · revision 2")
    page.get_by_text("Take over").click()
    first.page.get_by_text("edited in another tab").wait_for()
    page.keyboard.press("1")
    second.click_pixel(12, 25)
    second.expect_status("2 points · revision 3")
    first.expect_status("2 points · revision 3")
    page.close()


@pytest.mark.slow
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1920, 1080)])
def test_nothing_has_a_scroll_bar_and_what_is_opened_stays(visit: tuple[Visit, str], width: int, height: int) -> None:
    tab, _ = visit
    page = tab.page
    page.set_viewport_size({"width": width, "height": height})
    for number in range(2):
        page.get_by_label("Add a class").click()
        tab.expect_status(f"{number} point{'' if number == 1 else 's'} · revision {2 * number + 1}")
        tab.click_pixel(10, 5 + 20 * number)
        tab.expect_status(f"{number + 1} point{'s' if number else ''} · revision {2 * number + 2}")
    page.locator(".tool-correct").click()  # which has a slider of its own
    tab.press("hp-suggest")
    page.locator(".suggestions li").first.wait_for()
    for title in ("Export", "Recipe", "Quality", "Next points"):
        name = page.locator(".fold", has_text=title)
        if name.get_attribute("aria-expanded") == "false":
            name.click()
        assert name.get_attribute("aria-expanded") == "true"
        for part in (".rail.right", ".strip.upper", ".strip.lower", ".top", ".foot"):
            overflow = (
                "element => [element.scrollHeight - element.clientHeight, element.scrollWidth - element.clientWidth]"
            )
            assert max(page.locator(part).evaluate(overflow)) <= 1, part
    assert page.locator(".hp-export").is_visible()


def drag(tab: Visit, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag from pixel to pixel."""
    surface = tab.page.locator(".hp-surface")
    data: dict[str, str] = surface.evaluate("element => ({...element.dataset})")
    box = surface.bounding_box()
    assert box is not None
    scale, top, left = (float(data[name]) for name in ("scale", "top", "left"))
    (x0, y0), (x1, y1) = (
        (box["x"] + (col + 0.5 - left) * scale, box["y"] + (row + 0.5 - top) * scale) for row, col in (start, end)
    )
    tab.page.mouse.move(x0, y0)
    tab.page.mouse.down()
    tab.page.mouse.move(x1, y1, steps=8)
    tab.page.mouse.up()
