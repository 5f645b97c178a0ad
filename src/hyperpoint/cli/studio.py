"""`hyperpoint studio`: click points in a browser and watch the scene label itself."""

from __future__ import annotations

import logging
from typing import Any

import click

from hyperpoint.cli.common import is_quiet

logger = logging.getLogger(__name__)


@click.command("studio")
@click.argument("paths", nargs=-1, required=True, type=click.Path(), metavar="PATH...")
@click.option(
    "--state",
    type=click.Path(),
    metavar="DIR",
    help="Keep points and classes in DIR; needed where the scenes lie read-only.  [default: .hyperpoint/ "
    "beside the scenes]",
)
@click.option("--export", "export_dir", type=click.Path(), metavar="DIR", help="Where exported results are written.")
@click.option(
    "--rgb",
    type=click.Path(),
    metavar="IMAGE",
    help="Colour image of the one scene, or a folder of images that bear the cubes' names.",
)
@click.option(
    "--dataset", metavar="NAME", help="Data set that the scenes are of (lib-hsi, hsicity2): layout, turn, classes."
)
@click.option(
    "--rotate", type=click.Choice(["0", "90", "180", "270"]), default="0", help="Turn the cubes counter-clockwise."
)
@click.option("--align", is_flag=True, help="Find the shift between cube and rgb image, and apply it.")
@click.option("--bands", metavar="LOW:HIGH", help="Use only bands in this range of nm, such as 420:940.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on.  [default: 5006, or one that is free]")
@click.option(
    "--address",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on; any but this machine's own needs --password or --token.",
)
@click.option("--password", help="Ask visitors for this password.")
@click.option("--token", help="Let in only those whose link ends in ?token=...")
@click.option("--no-browser", is_flag=True, help="Open no browser; the address is printed in any case.")
def command(
    paths: tuple[str, ...], state: str | None, export_dir: str | None, rgb: str | None, dataset: str | None,
    rotate: str, port: int | None, address: str, password: str | None, token: str | None, no_browser: bool,
    **options: Any,
) -> None:  # fmt: skip
    """Click points on scenes and watch them label themselves, in a browser.

    PATH is a cube or a folder of cubes. Choose a class, click a pixel that belongs to it; with points of two classes
    every pixel gets a label, anew at every click. Everything is saved as you go: stop with Ctrl+C, start again, and go
    on where you were.

    \b
    Examples:
      hyperpoint studio scene.hdr --rgb scene.png
      hyperpoint studio LIB-HSI/ --state work/
      hyperpoint studio scenes/ --address 0.0.0.0 --password "correct horse"

    \b
    On the page:
      1 to 9  choose a class          n       go to the next suggested point
      Space   hide the annotation     Ctrl+Z  undo
      ?       list all keys
    """
    from hyperpoint.studio.serving import Door, check_installed, serve

    check_installed()
    door = Door(address, port, password, token)
    from hyperpoint.studio.workspace import Workspace

    workspace = Workspace(paths, state, rgb=rgb, dataset=dataset, export_dir=export_dir, rotate=int(rotate), **options)
    for note in workspace.notes:
        logger.warning(note)
    serve(workspace, door, is_browser_opened=not no_browser, ready=lambda url: _greet(url, len(workspace.entries)))


def _greet(url: str, num_scenes: int) -> None:
    click.echo(f"hyperpoint studio: {url}")
    if not is_quiet():
        click.echo(f"{num_scenes} scene{'' if num_scenes == 1 else 's'}; stop with Ctrl+C, nothing is lost", err=True)
