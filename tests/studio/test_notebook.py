from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import hyperpoint as hp
from hyperpoint.studio.jobs import at_once

pytest.importorskip("panel")


def test_a_scene_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hyperpoint.studio.notebook._in_the_loop", lambda: at_once)  # a browser's tests leave a loop
    cube = np.random.default_rng(0).random((8, 9, 5), dtype=np.float32)
    view = hp.open_studio(hp.Scene(cube), state=tmp_path)
    page = view.page
    page.desk.jobs.wait()
    page.desk.jobs.wait()
    assert view.top["scene"] == "scene"
    assert "hp-alone" not in view.css_classes
    page.hear({"do": "classes.add"})
    page.desk.edit.tap(1, 2)
    assert view.status["status"].startswith("1 point")
    assert any(tmp_path.rglob("journal.jsonl"))
    page.close()


def test_a_cell_that_is_run_again_takes_the_scene_over(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hyperpoint.studio.notebook._in_the_loop", lambda: at_once)
    first = hp.open_studio(folder / "a.npy").page
    first.desk.jobs.wait()
    first.desk.jobs.wait()
    second = hp.open_studio(folder / "a.npy").page
    other = hp.open_studio(folder / "b.npy").page
    for page in (second, other):
        page.desk.jobs.wait()
        page.desk.jobs.wait()
    assert second.desk.can_edit
    assert other.desk.can_edit
    assert not first.desk.can_edit
    first.hear({"do": "scenes.take_over"})
    assert second.desk.can_edit
    assert "run its cell again" in first.desk.message
    third = hp.open_studio(folder).page
    third.desk.jobs.wait()
    assert third.desk.can_edit
    assert "A later cell" in second.desk.message
    for page in (other, third):
        page.close()


def test_a_scene_in_memory_goes_on_in_the_next_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hyperpoint.studio.notebook._in_the_loop", lambda: at_once)
    scene = hp.Scene(np.random.default_rng(0).random((8, 9, 5), dtype=np.float32))
    first = hp.open_studio(scene).page
    first.desk.jobs.wait()
    first.desk.jobs.wait()
    first.hear({"do": "classes.add"})
    first.desk.edit.tap(1, 2)
    second = hp.open_studio(scene).page
    second.desk.jobs.wait()
    second.desk.jobs.wait()
    assert first.desk.is_closed
    assert second.desk.status.startswith("1 point")
    second.close()


def test_no_such_scene(tmp_path: Path) -> None:
    with pytest.raises(hp.HyperpointError):
        hp.open_studio(tmp_path / "missing.hdr")


CELLS = [
    """
import asyncio
import numpy as np
import hyperpoint as hp

truth = np.repeat([[0, 1]], 16, axis=1).repeat(24, axis=0)
spectra = np.stack([np.linspace(0.2, 0.8, 8), np.linspace(0.8, 0.2, 8)])
noise = 0.02 * np.random.default_rng(0).standard_normal((24, 32, 8))
view = hp.open_studio(hp.Scene(cube=spectra[truth] + noise))
view
""",
    """
page = view.page

async def settle():
    while page.desk.current is None or page.desk.current.refitter is None:
        await asyncio.sleep(0.05)
    while not page.desk.current.refitter.wait(0):
        await asyncio.sleep(0.05)

await settle()
for class_id, pixel in enumerate([(10, 5), (10, 25)]):
    page.hear({"do": "classes.add"})
    page.desk.edit.choose(class_id)
    page.desk.edit.tap(*pixel)
await settle()
labels = page.desk.current.annotation.labels
print(view.top["scene"], "|", view.status["status"], "|", (labels == truth).mean())
""",
]


@pytest.mark.slow
def test_in_a_kernel() -> None:
    """A page is shown that loads nothing from elsewhere, and clicks are answered while the kernel goes on."""
    nbclient = pytest.importorskip("nbclient")
    from nbformat.v4 import new_code_cell, new_notebook

    notebook = new_notebook(cells=[new_code_cell(source) for source in CELLS])
    nbclient.NotebookClient(notebook, kernel_name="python3", timeout=300).execute()
    *shown, page = notebook.cells[0].outputs
    assert "data-root-id" in page.data["text/html"]
    sent = "".join(str(part) for output in [*shown, page] for part in output.get("data", {}).values())
    assert len(sent) > 1_000_000  # the scripts are in it
    assert "cdn.bokeh.org" not in sent
    assert "cdn.holoviz.org/panel/" not in sent
    assert notebook.cells[1].outputs[-1].text.strip() == "scene | 2 points · revision 4 | 1.0"
