"""Options that every command has, or that every command which opens a scene has."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from hyperpoint.cube import BoolArray
    from hyperpoint.types import ClassTable, Scene

_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def add_common_options(command: click.Command) -> click.Command:
    """Give a command --threads, --quiet, --verbose and --debug, once."""
    if any(param.name == "threads" for param in command.params):
        return command
    command.params += [
        click.Option(
            ["--threads"], type=click.IntRange(min=1), expose_value=False, callback=_set_threads, is_eager=True,
            help="Use at most this many threads.  [default: all cores]",
        ),
        click.Option(["-q", "--quiet"], is_flag=True, expose_value=False, callback=_be_quiet, help="Say only errors."),
        click.Option(
            ["-v", "--verbose"], is_flag=True, expose_value=False, callback=_be_verbose, help="Say what is being done."
        ),
        click.Option(["--debug"], is_flag=True, expose_value=False, help="On an error, show where it arose."),
    ]  # fmt: skip
    return command


def is_quiet() -> bool:
    """Say whether --quiet was given: no progress is drawn then, and no summary printed."""
    return logging.getLogger("hyperpoint").level >= logging.ERROR


def _set_threads(_ctx: click.Context, _param: click.Parameter, num: int | None) -> None:
    if num is None:
        return
    for variable in _THREAD_VARIABLES:
        os.environ[variable] = str(num)
    if "numpy" in sys.modules:  # its BLAS has read the environment already
        from threadpoolctl import threadpool_limits

        threadpool_limits(num)
    import cv2

    cv2.setNumThreads(num)


def _be_quiet(_ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if wanted:
        log_at(logging.ERROR)


def _be_verbose(_ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if wanted:
        log_at(logging.INFO)


def log_at(level: int) -> None:
    """Send hyperpoint's log from `level` on to stderr, as lines of their own."""
    logger = logging.getLogger("hyperpoint")
    if not logger.handlers:
        handler = _StderrHandler()
        handler.setFormatter(logging.Formatter("hyperpoint: %(message)s"))
        logger.addHandler(handler)
        logger.propagate = False
    logger.setLevel(level)


class _StderrHandler(logging.Handler):
    """Writes to whatever stderr is at that moment (tests and progress bars exchange it)."""

    def emit(self, record: logging.LogRecord) -> None:
        click.echo(self.format(record), err=True)


def scene_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of opening and preparing a scene; `open_from` takes their values."""
    for option in reversed(_SCENE_OPTIONS):
        command = option(command)
    return command


_SCENE_OPTIONS = (
    click.option("--rgb", type=click.Path(), metavar="IMAGE",
                 help="Colour image of the scene, as fine as the cube or finer; without it one is rendered."),
    click.option("--rotate", type=click.Choice(["0", "90", "180", "270"]), default="0", show_default=True,
                 help="Turn the cube counter-clockwise, as numpy.rot90 (LIB-HSI: 270)."),
    click.option("--align", is_flag=True, help="Find the shift between cube and rgb image, and apply it."),
    click.option("--bands", metavar="LOW:HIGH", help="Use only bands in this range of nm, such as 420:940."),
    click.option("--variable", metavar="NAME", help="Which array of the file is the cube (MATLAB, HDF5, npz)."),
    click.option("--axes", metavar="PATTERN",
                 help="Order of its axes: rows r, columns c, bands b, such as 'b r c' or 'b (c=100 r=100)'."),
    click.option("--white", metavar="REFERENCE",
                 help="White reference: MASK.png (not 0 = panel), r0,c0,r1,c1, SPECTRUM.csv, a recorded cube, or "
                 "lib-hsi:LABELS.png (or mine.toml:LABELS.png) for a data set's white-reference class."),
    click.option("--dark", metavar="CUBE", help="Dark reference: a recorded cube."),
)  # fmt: skip


def open_from(cube: str, options: dict[str, Any]) -> Scene:
    """Open the scene `cube` with the values of `scene_options`."""
    from hyperpoint.opening import open_scene

    white = _white_of_dataset(options["white"]) if options["white"] else None
    return open_scene(
        cube, **{**options, "rotate": int(options["rotate"]), "white": options["white"] if white is None else white}
    )


def _white_of_dataset(text: str) -> BoolArray | None:
    """Return where the labels in "lib-hsi:labels.png" show that data set's white reference; None for other texts."""
    name, colon, label_image = text.partition(":")
    if not colon or not _is_dataset(name):
        return None
    from hyperpoint.catalog.dataset import load_dataset
    from hyperpoint.catalog.truth import read_truth, white_mask
    from hyperpoint.errors import InputError

    dataset = load_dataset(name)
    if dataset.white_reference is None:
        raise InputError(f"the labels of {name} have no white-reference class; give another reference (--white)")
    truth = read_truth(label_image, dataset.classes if dataset.labels == "colors" else None)
    return white_mask(truth, dataset.white_reference)


def _is_dataset(text: str) -> bool:
    """Say whether a text names a data set: one that comes with hyperpoint, or the TOML file of another."""
    from hyperpoint.catalog.dataset import dataset_names

    return text.endswith(".toml") or text in dataset_names()


def classes_option(purpose: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the option --classes, whose help begins with `purpose`; `classes_from` takes its value."""
    return click.option(
        "--classes",
        metavar="TABLE",
        help=f'{purpose}: a JSON list of {{"name": ..., "color": [r, g, b]}}, the id being the position, or a data '
        "set: lib-hsi, hsicity2, or a .toml file.",
    )


def classes_from(text: str | None) -> ClassTable | None:
    """Read the class table that `classes_option` was given: a JSON file, or that of a data set."""
    if text is None:
        return None
    from hyperpoint.catalog.dataset import load_dataset
    from hyperpoint.io.classes import read_classes

    return load_dataset(text).classes if _is_dataset(text) else read_classes(text)
