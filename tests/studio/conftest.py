from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from hyperpoint.studio.desk import Desk
from hyperpoint.studio.workspace import Workspace

LEFT, RIGHT = (10, 5), (10, 25)


def save_halves(folder: Path, name: str, seed: int) -> None:
    """Write a scene of 24 x 32 x 8 whose left half rises with wavelength and whose right half falls; and its truth."""
    rng = np.random.default_rng(seed)
    rising = np.linspace(0.2, 0.8, 8)
    cube = np.where(np.arange(32)[:, None] < 16, rising, rising[::-1]) * np.ones((24, 1, 1))
    np.save(folder / f"{name}.npy", (cube + 0.02 * rng.standard_normal(cube.shape)).astype(np.float32))
    photo = np.where(np.arange(32)[:, None] < 16, [200, 60, 60], [60, 60, 200]) * np.ones((24, 1, 1))
    Image.fromarray(photo.astype(np.uint8)).save(folder / f"{name}.png")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with three scenes of two halves."""
    scenes = tmp_path / "scenes"
    scenes.mkdir()
    for seed, name in enumerate(("a", "b", "c")):
        save_halves(scenes, name, seed)
    return scenes


@pytest.fixture
def workspace(folder: Path) -> Workspace:
    """The workspace of these three scenes."""
    return Workspace([folder])


def wait_for(desk: Desk) -> None:
    """Wait until nothing is being done."""
    desk.jobs.wait()
    desk.jobs.wait()  # what opening asked for
    if desk.current is not None and desk.current.refitter is not None:
        assert desk.current.refitter.wait(60)


def open_scene(desk: Desk, position: int) -> None:
    """Open a scene, and wait until it can be annotated."""
    desk.open(desk.workspace.entries[position])
    wait_for(desk)


def click_halves(desk: Desk) -> None:
    """Click both halves, each in its class."""
    for class_id, pixel in enumerate((LEFT, RIGHT)):
        desk.edit.choose(class_id)
        desk.edit.tap(*pixel)
    wait_for(desk)


@pytest.fixture
def desk(workspace: Workspace) -> Iterator[Desk]:
    """A desk at which the first scene is open and ready, with two classes and no points."""
    desk = Desk(workspace)
    open_scene(desk, 0)
    desk.edit.add_class("left")
    desk.edit.add_class("right")
    yield desk
    desk.close()


@pytest.fixture
def settle() -> Callable[[Desk], None]:
    """See `wait_for`."""
    return wait_for


@pytest.fixture
def open_and_wait() -> Callable[[Desk, int], None]:
    """See `open_scene`."""
    return open_scene


@pytest.fixture
def labelled(desk: Desk) -> Desk:
    """That desk, with one point of each half and the annotation made from them."""
    click_halves(desk)
    return desk


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium; tests are skipped for want of it, but fail where HYPERPOINT_BROWSER_REQUIRED is set."""
    refuse = pytest.fail if os.environ.get("HYPERPOINT_BROWSER_REQUIRED") else pytest.skip
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        refuse("no browser: install Debian's chromium to test the studio in one")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        refuse("Playwright is not installed: pip install playwright to test the studio in a browser")
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=chromium, args=options)
        yield chrome
        chrome.close()
