"""Makes pages of the notebooks in docs/notebooks: runs them, and writes cells, texts and pictures as Markdown."""

from __future__ import annotations

import base64
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import nbformat
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
_SECONDS_A_CELL = 600
_is_run = True


class Page(NamedTuple):
    """Markdown, and the pictures that it shows by name."""

    markdown: str
    pictures: dict[str, bytes]


def on_startup(*, command: str, **_: Any) -> None:
    """Remember whether the site is built; while it is being written (`mkdocs serve`), notebooks are not run."""
    global _is_run
    _is_run = command != "serve"


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add a page and its pictures for each notebook, which itself can be downloaded; called by MkDocs."""
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        page = to_page(run(path) if _is_run else nbformat.read(path, as_version=4), path.stem)
        files.append(File.generated(config, f"notebooks/{path.stem}.md", content=page.markdown))
        for name, content in page.pictures.items():
            files.append(File.generated(config, f"notebooks/{name}", content=content))
    return files


def run(path: Path) -> nbformat.NotebookNode:
    """Run a notebook in a kernel of its own and an empty folder, and return it with what it put out.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If a cell raises.
    """
    notebook = nbformat.read(path, as_version=4)
    # The command `hyperpoint` in a cell is to be the one of this Python. Threads of small networks wait for each other
    # more than they compute.
    search = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    environment = {**os.environ, "PATH": search, "OMP_NUM_THREADS": "1"}
    with TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook, kernel_name="python3", timeout=_SECONDS_A_CELL, coalesce_streams=True,
            resources={"metadata": {"path": folder}}, extra_arguments=["--log-level=ERROR"],
        )  # fmt: skip
        client.execute(env=environment)
    return notebook


def to_page(notebook: nbformat.NotebookNode, name: str) -> Page:
    """Write a notebook as Markdown."""
    parts, pictures = [], {}
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            parts.append(cell.source.replace(".ipynb)", ".md)"))
            continue
        parts.append(_code(cell.source))
        for position, output in enumerate(cell.outputs):
            picture = output.get("data", {}).get("image/png")
            if picture is None:
                parts += _texts(output)
                continue
            file = f"{name}-{number}-{position}.png"
            pictures[file] = base64.b64decode(picture)
            parts.append(f"![What this cell shows]({file})")
    heading, *rest = parts
    return Page("\n\n".join([heading, f"[The notebook]({name}.ipynb) to download and run.", *rest]), pictures)


def _code(source: str) -> str:
    """Write a cell of Python, or of commands (`%%sh`)."""
    first, _, rest = source.partition("\n")
    return _fenced("sh", rest) if first.startswith("%%sh") else _fenced("python", source)


def _texts(output: nbformat.NotebookNode) -> Iterator[str]:
    if output.get("name") == "stderr":  # warnings and progress: of use while it runs
        return
    text = output.get("text") or output.get("data", {}).get("text/plain", "")
    if text.strip():
        yield _fenced("text", text.rstrip())


def _fenced(language: str, text: str) -> str:
    return f"```{language}\n{text}\n```"
