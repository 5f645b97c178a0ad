"""`hyperpoint models`: the networks there are."""

from __future__ import annotations

import json

import click


@click.command("models")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object to stdout.")
def command(as_json: bool) -> None:
    """List the networks that `train --model` knows.

    All take any number of input channels, images of any size, and an encoder trained on ImageNet (--weights imagenet).

    \b
    JSON: {"models": [{"name", "description", "million_parameters" (null: it depends on the encoder)}, ...]}
    """
    from dataclasses import asdict

    from hyperpoint.segment.models.registry import MODELS, SMP_DESCRIPTION

    models = (*MODELS, SMP_DESCRIPTION)
    if as_json:
        click.echo(json.dumps({"models": [asdict(model) for model in models]}))
        return
    for model in models:
        size = "" if model.million_parameters is None else f" ({model.million_parameters:.1f} million parameters)"
        click.echo(f"{model.name:<20}{model.description}{size}")
