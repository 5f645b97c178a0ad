from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Run = Callable[..., Any]


def test_lists_all_networks(run: Run) -> None:
    done = run("models")
    assert done.status == 0
    names = [line.split()[0] for line in done.stdout.splitlines()]
    assert names == [
        "fcn_r50", "deeplabv3plus_r50", "pspnet_r50", "hrnet_w18", "hrnet_w48", "segformer_b2", "smp:ARCH:ENCODER",
    ]  # fmt: skip


def test_json(run: Run) -> None:
    models = json.loads(run("models", "--json").stdout)["models"]
    assert models[4]["name"] == "hrnet_w48"
    assert models[4]["million_parameters"] > 60
    assert models[-1]["million_parameters"] is None
