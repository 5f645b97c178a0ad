"""`hyperpoint train`: from a manifest to a network."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import Field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

import click

from hyperpoint.cli.common import is_quiet
from hyperpoint.cli.progress import progress_bar
from hyperpoint.segment.config import CHOICES, TrainingConfig, config_from_toml, make_config

if TYPE_CHECKING:
    from hyperpoint.segment.run_folder import RunFolder

# Packages of the extra "deep" whose absence is not a fault in the code.
_DEEP_PACKAGES = ("torch", "lightning", "safetensors", "segmentation_models_pytorch", "timm", "tensorboardX")


def _setting_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add an option for every setting of `TrainingConfig`; one that is not given is None."""
    hints = get_type_hints(TrainingConfig)
    for one in reversed(fields(TrainingConfig)):
        command = _option(one, hints[one.name])(command)
    return command


def _option(one: Field[Any], hint: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    name, text = "--" + one.name.replace("_", "-"), one.metadata["help"]
    if "[default:" not in text:
        text += f"  [default: {_shown(one.default)}]"
    if hint is bool:
        return click.option(f"{name}/--no-{name[2:]}", one.name, default=None, help=text)
    pair = {"tuple[int, int]": (int, int), "tuple[float, float]": (float, float)}.get(str(hint))
    if pair is not None:
        return click.option(name, one.name, type=pair, metavar=one.metadata["metavar"], help=text)
    if one.name in CHOICES:
        return click.option(name, one.name, type=click.Choice(CHOICES[one.name]), help=text)
    kind = hint if hint in (int, float, str) else int
    return click.option(name, one.name, type=kind, metavar=one.metadata["metavar"], help=text)


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return " ".join(f"{part:g}" for part in value)
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else f"{value}"


@click.command("train")
@click.argument("manifest", type=click.Path())
@click.option("--out", required=True, type=click.Path(), metavar="RUN", help="Folder to write to.")
@click.option(
    "--config",
    "config_file",
    type=click.Path(),
    metavar="FILE.toml",
    help="Settings, named as the options below (batch_size for --batch-size), which override them.",
)
@click.option(
    "--resume", is_flag=True, help="Go on with the run in RUN, under its settings; begin if it has no checkpoint."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object to stdout.")
@_setting_options
def command(manifest: str, out: str, config_file: str | None, resume: bool, as_json: bool, **settings: Any) -> None:
    """Train a network on the images of MANIFEST that are of the split train, and keep the best on the split val.

    Images of the split test are never looked at. The defaults are the paper's and MMSegmentation's schedule, meant for
    a GPU. A run can be stopped at any time; --resume goes on with it.

    \b
    Examples:
      hyperpoint train manifest.csv --out runs/facades
      hyperpoint train manifest.csv --out runs/facades --resume
      hyperpoint train manifest.csv --model hrnet_w18 --weights none --steps 500 --crop 180 240 --out runs/small

    \b
    RUN: model.safetensors and model.json (the best network), config.toml (all settings; --config takes it),
    last.ckpt (for --resume), metrics.csv, curves.png, tensorboard/.

    \b
    JSON: {"run", "miou" (best on val; null without val), "step" (when it was saved), "images_per_second",
           "waiting_share" (null where nothing was timed)}
    """
    from hyperpoint.io.manifest import read_manifest

    given = {name: value for name, value in settings.items() if value is not None}
    config = make_config(*_layers(config_file, out, resume), given)
    # What the test split names is nobody's business here, not even whether it is there.
    content = read_manifest(manifest, splits=("train", "val"))
    train, is_first_process = _import_training()
    with progress_bar("") as progress:
        run = train(content, config, out, resume=resume, progress=progress)
    if is_first_process():
        _tell(run, config, as_json)


def _layers(config_file: str | None, out: str, resume: bool) -> list[dict[str, Any]]:
    from hyperpoint.segment.run_folder import RunFolder

    layers = []
    earlier = RunFolder(Path(out)).config_file
    if resume and earlier.exists():
        layers.append(config_from_toml(earlier))
    if config_file is not None:
        layers.append(config_from_toml(config_file))
    return layers


def _import_training() -> tuple[Callable[..., RunFolder], Callable[[], bool]]:
    from hyperpoint.errors import MissingExtraError

    try:
        from hyperpoint.segment.run_folder import is_first_process
        from hyperpoint.segment.training import train
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in _DEEP_PACKAGES:
            raise
        raise MissingExtraError("hyperpoint train", package, "deep") from None
    return train, is_first_process


def _tell(run: RunFolder, config: TrainingConfig, as_json: bool) -> None:
    miou = None if run.miou is None or run.miou != run.miou else run.miou
    if as_json:
        speed = {"images_per_second": run.images_per_second, "waiting_share": run.waiting_share}
        click.echo(json.dumps({"run": str(run.path), "miou": miou, "step": run.step, **speed}))
    elif not is_quiet():
        if run.images_per_second is not None and run.waiting_share is not None:
            click.echo(
                f"{run.images_per_second:.1f} images a second, {100 * run.waiting_share:.1f} % of the time waiting for "
                f"them"
            )
        score = "" if miou is None else f" with a val mIoU of {100 * miou:.2f} %"
        click.echo(f"wrote {run.path}: {config.model} of step {run.step}{score}")
