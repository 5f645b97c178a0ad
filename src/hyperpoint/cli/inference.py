"""Options of the commands that run a trained network; `predictor_from` takes their values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from hyperpoint.segment.predictors.averaging import AveragingPredictor

_SCALES = "--scales"


class InferenceCommand(click.Command):
    """A command whose option --scales takes as many numbers as follow it, which click has no option for."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Make one argument of the numbers after --scales."""
        return super().parse_args(ctx, _joined(args))


def _joined(args: Sequence[str]) -> list[str]:
    joined: list[str] = []
    takes = False
    for argument in args:
        is_number = argument.replace(".", "", 1).isdecimal()
        if takes and is_number and joined[-1] != _SCALES:
            joined[-1] += f" {argument}"
            continue
        takes = argument == _SCALES or (takes and is_number)
        joined.append(argument)
    return joined


def inference_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of applying a network to images."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


_OPTIONS = (
    click.option("--device", default="auto", show_default=True, metavar="NAME",
                 help="What to compute on: auto (a GPU if there is one), cpu, cuda, cuda:1."),
    click.option("--precision", type=click.Choice(["32", "bf16", "fp16"]), default="32", show_default=True,
                 help="Floating-point numbers: 32 bit, or mixed with 16 bit."),
    click.option("--batch-size", type=click.IntRange(min=1),
                 help="Images of equal size (or windows) computed at a time.  [default: 8 on a GPU, else 1]"),
    click.option("--window", type=(int, int), metavar="H W",
                 help="Let the network see windows of H x W pixels, not the whole image: for large images."),
    click.option("--overlap", type=float, metavar="SHARE",
                 help="Share of a window that the next one covers, too; there the mean is taken.  [default: 1/3]"),
    click.option(_SCALES, metavar="S...", help="Take the mean over the image resized by these factors, such as "
                 "--scales 0.5 1 1.5.  [default: 1]"),
    click.option("--flip", is_flag=True, help="Take the mean with the mirrored image."),
)  # fmt: skip


def predictor_from(run: str, options: dict[str, Any]) -> AveragingPredictor[Any]:
    """Open the network of `run` with the values of `inference_options`."""
    from hyperpoint.segment.predictors.inference import DEFAULT_OVERLAP, Inference
    from hyperpoint.segment.predictors.opening import open_predictor

    if options["overlap"] is not None and options["window"] is None:
        raise click.UsageError("--overlap is for windows; give their size with --window")
    inference = Inference(
        window=options["window"],
        overlap=DEFAULT_OVERLAP if options["overlap"] is None else options["overlap"],
        scales=_numbers(options["scales"]),
        flip=options["flip"],
    )
    return open_predictor(
        run, options["device"], precision=options["precision"], inference=inference, batch_size=options["batch_size"]
    )


def _numbers(text: str | None) -> tuple[float, ...]:
    if text is None:
        return (1.0,)
    try:
        return tuple(float(part) for part in text.replace(",", " ").split())
    except ValueError:
        raise click.UsageError(f"--scales takes numbers, such as --scales 0.5 1 1.5; got {text!r}") from None
