"""The studio inside a notebook."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from hyperpoint.io.files import StrPath
from hyperpoint.studio.jobs import Later, at_once
from hyperpoint.studio.serving import check_installed
from hyperpoint.types import Scene

if TYPE_CHECKING:
    from hyperpoint.studio.views.page import Page, PageModel
    from hyperpoint.studio.workspace import Workspace

# The pages of this process's notebook that are open, and where scenes in memory keep their state.
_pages: list[Page] = []
_folders: WeakKeyDictionary[Scene, str] = WeakKeyDictionary()


def open_studio(
    scene: Scene | StrPath, state: StrPath | None = None, *, rgb: StrPath | None = None, dataset: str | None = None,
    **options: Any,
) -> PageModel:  # fmt: skip
    """Show the studio on a scene, a cube file or a folder of cubes, in a notebook.

    A cell that is run again goes on with the scene: an earlier view of it in the same process ends.

    Parameters
    ----------
    scene
        A scene in memory, or the path of a cube or of a folder of cubes.
    state
        Folder that points and classes are kept in; None: beside the cubes, or, for a scene in memory, in a temporary
        folder that is not kept for long.
    rgb, dataset, options
        As for the command `hyperpoint studio`: colour image, data set, and how cubes are opened (rotate, align, bands).

    Returns
    -------
    A Panel object, which a notebook shows if it is a cell's last line.

    Raises
    ------
    MissingExtraError
        If Panel is not installed.
    HyperpointError
        If there is no scene, or its state cannot be kept.
    """
    check_installed()
    import panel as pn

    from hyperpoint.studio.app import open_first
    from hyperpoint.studio.desk import Desk
    from hyperpoint.studio.views.page import Page
    from hyperpoint.studio.workspace import Workspace

    pn.extension(inline=True)  # 3 MB in the notebook; otherwise the browser loads them from the network
    if isinstance(scene, Scene):
        if state is None and scene not in _folders:
            _folders[scene] = tempfile.mkdtemp(prefix="hyperpoint-studio-")
        kept = _folders[scene] if state is None else state
        workspace = Workspace([], kept, rgb=rgb, dataset=dataset, scenes={"scene": scene}, **options)
    else:
        workspace = Workspace([scene], state, rgb=rgb, dataset=dataset, **options)
    _end_earlier_views(workspace)
    desk = Desk(workspace, later=_in_the_loop())
    page = Page(desk, is_alone=False)
    _pages.append(page)
    _tick(page)
    open_first(desk)
    return page.model


def _end_earlier_views(workspace: Workspace) -> None:
    """Close the pages of this process that show a scene of a workspace, so that it can be edited in a new one.

    Other processes keep what they edit.
    """
    folders = {workspace.folder(entry) for entry in workspace.entries}
    for page in list(_pages):
        entries = [page.desk.current.entry] if page.desk.current else page.desk.workspace.entries
        if any(page.desk.workspace.folder(entry) in folders for entry in entries):
            _pages.remove(page)
            page.desk.say("A later cell shows this scene; run this cell again to go on here.")
            page.close()
            page.desk.changed("scene")


def _in_the_loop() -> Later:
    """Return what runs functions in the notebook's own thread, which has a loop; in a plain script, at once."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return at_once

    def later(call: Callable[[], None]) -> None:
        loop.call_soon_threadsafe(call)

    return later


def _tick(page: Page) -> None:
    """Call the page's `tick` every second for as long as it is open."""
    if page.desk.later is at_once:
        return
    loop = asyncio.get_running_loop()

    def again() -> None:
        if page in _pages:
            page.tick()
            loop.call_later(1, again)

    loop.call_later(1, again)
