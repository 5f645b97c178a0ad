"""How long the studio takes, in a browser, from a click to the new annotation and from a move to the spectrum.

    python -m benchmarks.studio_speed [--size 512 512 204] [--points 5] [--clicks 15] [--folder DIR]

from the repository's root; it needs Debian's chromium and Playwright. The scene is synthetic: 204 bands give a facade
as LIB-HSI has them (ENVI), 128 bands a street as HSICityV2 has them (`.hsd`). `--folder` keeps it for another run.

It has some points of each class before the first click; clicks go to all classes in turn, a second or so apart. A
click lasts from its pointer event to the frame after the one in which the new labels were drawn, a move from its
pointer event to the first frame in which the plot of spectra no longer changes: both are late by a frame at the most.
"""

from __future__ import annotations

import argparse
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hyperpoint.catalog.dataset import load_dataset
from hyperpoint.catalog.layouts import SceneFiles
from hyperpoint.catalog.truth import read_truth
from hyperpoint.studio.edits import TakeClasses, TakePoints
from hyperpoint.studio.workspace import Workspace
from hyperpoint.synth.synthesis import record_facade, record_street
from hyperpoint.synth.writers import write_hsicity, write_lib_hsi
from hyperpoint.types import IGNORE, ClassTable, LabelArray, PointSet

if TYPE_CHECKING:
    from playwright.sync_api import Page

DATASETS = {204: "lib-hsi", 128: "hsicity2"}
TARGETS_PER_CLASS = 10  # to click and to move over
SMALLEST_CLASS = 100  # pixels
WARM_UP = 3
NUM_MOVES = 30
PAUSE_MS, MOVE_PAUSE_MS = 1000, 300
APART = 12  # screen pixels between clicks: nearer ones select the point that is there
BROWSER_OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]

# What is noted in the browser: when the pointer went down and moved, when labels were drawn, when the plot changed.
NOTE_CLICKS = """(surface) => {
  const notes = window.notes = {down: 0, moved: 0, drawn: [], plotted: 0}
  addEventListener("pointerdown", (event) => { notes.down = event.timeStamp }, true)
  addEventListener("pointermove", (event) => { notes.moved = event.timeStamp }, true)
  let seen = surface.dataset.drawn
  new MutationObserver(() => {
    if (surface.dataset.drawn !== seen) { seen = surface.dataset.drawn; notes.drawn.push(performance.now()) }
  }).observe(surface, {attributes: true, attributeFilter: ["data-drawn"]})
}"""
NOTE_PLOT = """(canvas) => {
  const pen = canvas.getContext("2d")
  let seen = null
  const look = (now) => {
    let sum = 0
    const pixels = new Int32Array(pen.getImageData(0, 0, canvas.width, canvas.height).data.buffer)
    for (let i = 0; i < pixels.length; i++) sum = (31 * sum + pixels[i]) | 0
    if (sum !== seen) { seen = sum; window.notes.plotted = now }
    requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
}"""


class Target(NamedTuple):
    """A pixel to click, and the class it is of."""

    row: int
    col: int
    label: int


class Times(NamedTuple):
    """Milliseconds from clicks to labels and from moves to spectra, and what the page says an update took, in s."""

    clicks: list[float]
    updates: list[float]
    hovers: list[float]


def make_scene(folder: Path, size: tuple[int, int, int]) -> tuple[SceneFiles, ClassTable]:
    """Write a scene of (rows, columns, bands) in the layout of its data set, unless it is there."""
    rows, cols, bands = size
    if bands not in DATASETS:
        sys.exit(f"scenes have 204 bands (facades) or 128 (streets); got {bands}")
    dataset = load_dataset(DATASETS[bands])
    layout, name = dataset.layouts[0], f"{rows}x{cols}"
    cube, rgb, label = (layout.path(p, folder, "train", name) for p in (layout.cubes[0], layout.rgb, layout.label))
    files = SceneFiles(name, "train", cube, rgb, label)
    if not label.is_file():
        record, write = (record_facade, write_lib_hsi) if bands == 204 else (record_street, write_hsicity)
        write(files, record(dataset, (rows, cols), np.random.default_rng(0)), dataset.classes)
    return files, dataset.classes


def draw_targets(truth: LabelArray, per_class: int, seed: int = 0) -> list[Target]:
    """Draw pixels of every class that has enough of them, the classes in turn."""
    rng = np.random.default_rng(seed)
    ids, counts = np.unique(truth[truth != IGNORE], return_counts=True)
    drawn = []
    for class_id in ids[counts >= SMALLEST_CLASS].tolist():
        rows, cols = np.nonzero(truth == class_id)
        chosen = rng.choice(len(rows), per_class, replace=False)
        drawn.append([Target(int(rows[i]), int(cols[i]), class_id) for i in chosen])
    return [target for turn in zip(*drawn, strict=True) for target in turn]


def begin(files: SceneFiles, state: Path, targets: Sequence[Target], classes: ClassTable) -> None:
    """Keep a state with these points in a folder, as an earlier visit would have left it."""
    rows, cols, labels = (np.array(part) for part in zip(*targets, strict=True))
    with_points = TakePoints(PointSet(rows, cols, labels), classes)
    workspace = Workspace([files.cube], state)
    store = workspace.store(workspace.entries[0])
    session = store.open_session(workspace.open(workspace.entries[0]).size)
    session.apply(TakeClasses(classes))
    session.apply(with_points)
    store.close()


@contextmanager
def serving(cube: Path, state: Path) -> Iterator[str]:
    """Run the studio in a process of its own; give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "hyperpoint", "-q", "studio", str(cube), "--state", str(state)]
    server = subprocess.Popen([*command, "--port", str(port), "--no-browser"], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        if f":{port}" not in server.stdout.readline():
            sys.exit("the studio did not start")
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.wait(30)


class Tab:
    """A browser's tab with the studio in it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        page.set_default_timeout(80_000)
        page.goto(address)
        self.surface = page.locator(".hp-surface")
        self.surface.wait_for()
        page.locator(".tile", has_text=re.compile(r"\d %.*cross")).wait_for()  # annotated, and cross-validated
        self.surface.evaluate(NOTE_CLICKS)
        data: dict[str, str] = self.surface.evaluate("element => ({...element.dataset})")
        self.scale, self._top, self._left = (float(data[name]) for name in ("scale", "top", "left"))
        box = self.surface.bounding_box()
        assert box is not None
        self._x, self._y = box["x"], box["y"]

    def place(self, target: Target) -> tuple[float, float]:
        """Return where a pixel is on the screen."""
        x = self._x + (target.col + 0.5 - self._left) * self.scale
        return x, self._y + (target.row + 0.5 - self._top) * self.scale

    def click(self, target: Target) -> tuple[float, float]:
        """Choose the class and click the pixel; return ms until the labels were drawn, and s as the page has it."""
        self.page.locator(".class-row").nth(target.label).click(position={"x": 5, "y": 5})
        self.page.mouse.move(*self.place(target))
        self.page.wait_for_timeout(MOVE_PAUSE_MS)
        seen = self.page.evaluate("notes.drawn.length")
        self.page.mouse.click(*self.place(target))
        self.page.wait_for_function(f"notes.drawn.length > {seen}", polling=50)
        took = self.page.evaluate(f"notes.drawn[{seen}] - notes.down")
        self.page.wait_for_timeout(PAUSE_MS)
        update = self.page.locator(".tile", has_text="last update").locator("b").inner_text()
        return float(took), float(update.removesuffix(" s"))

    def watch_plot(self) -> None:
        """Note changes of the plot from now on; that costs time in every frame."""
        self.page.locator(".hp-spectrum canvas").first.evaluate(NOTE_PLOT)

    def hover(self, target: Target) -> float:
        """Move over a pixel; return ms until its spectrum was drawn."""
        self.page.mouse.move(*self.place(target))
        self.page.wait_for_function("notes.plotted > notes.moved", polling=50)
        self.page.wait_for_timeout(MOVE_PAUSE_MS)
        return float(self.page.evaluate("notes.plotted - notes.moved"))


def measure(tab: Tab, targets: Sequence[Target], before: Sequence[Target], num: int) -> Times:
    """Click and hover, where there is no point yet."""
    taken = [tab.place(one) for one in before]
    clicks: list[tuple[float, float]] = []
    for target in targets:
        x, y = tab.place(target)
        if len(clicks) < WARM_UP + num and all(np.hypot(x - a, y - b) > APART for a, b in taken):
            taken.append((x, y))
            clicks.append(tab.click(target))
    took = clicks[WARM_UP:]
    tab.watch_plot()
    hovers = [tab.hover(target) for target in targets[-NUM_MOVES - WARM_UP :]][WARM_UP:]
    return Times([ms for ms, _ in took], [s for _, s in took], hovers)


def in_words(values: Sequence[float], unit: str) -> str:
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"median {middle:.3g} {unit}, {low:.3g} to {high:.3g} {unit} ({len(values)})"


def run(folder: Path, size: tuple[int, int, int], num_points: int, num_clicks: int) -> None:
    from playwright.sync_api import sync_playwright

    files, classes = make_scene(folder, size)
    is_coloured = load_dataset(DATASETS[size[2]]).labels == "colors"
    truth = read_truth(files.label, classes if is_coloured else None).labels
    before = draw_targets(truth, num_points)
    with tempfile.TemporaryDirectory() as state, sync_playwright() as playwright:
        begin(files, Path(state), before, classes)
        with serving(files.cube, Path(state)) as address:
            chrome = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=BROWSER_OPTIONS)
            tab = Tab(chrome.new_page(viewport={"width": 1280, "height": 800}), address)
            times = measure(tab, draw_targets(truth, TARGETS_PER_CLASS, seed=1), before, num_clicks)
            chrome.close()
    num_classes = len({target.label for target in before})
    print(f"{' x '.join(map(str, size))}, {num_classes} classes, {len(before)} points at first")
    print(f"click to the new overlay   {in_words(times.clicks, 'ms')}")
    print(f"  of which the annotation  {in_words([1000 * s for s in times.updates], 'ms')}")
    print(f"move to the spectrum       {in_words(times.hovers, 'ms')}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, nargs=3, default=(512, 512, 204), metavar=("ROWS", "COLS", "BANDS"))
    parser.add_argument("--points", type=int, default=5, help="of each class, set before")
    parser.add_argument("--clicks", type=int, default=15, help="how many, besides three to warm up")
    parser.add_argument("--folder", type=Path, help="where the scene is kept; default: nowhere")
    args = parser.parse_args()
    if args.folder is not None:
        run(args.folder, tuple(args.size), args.points, args.clicks)
    else:
        with tempfile.TemporaryDirectory() as folder:
            run(Path(folder), tuple(args.size), args.points, args.clicks)


if __name__ == "__main__":
    main()
