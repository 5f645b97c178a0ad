from __future__ import annotations

import re
import sys
from dataclasses import fields, replace
from pathlib import Path
from subprocess import run
from typing import Any

import pytest

from hyperpoint.errors import InputError
from hyperpoint.segment.config import FREE_ON_RESUME, TrainingConfig, config_from_toml, make_config


def test_the_defaults_are_the_schedule_of_the_paper() -> None:
    config = TrainingConfig()
    assert (config.model, config.steps, config.batch_size) == ("hrnet_w48", 80_000, 4)
    assert (config.lr, config.min_lr, config.lr_power) == (0.01, 1e-4, 0.9)
    assert (config.momentum, config.weight_decay) == (0.9, 5e-4)
    assert (config.crop, config.scale, config.max_class_share) == ((512, 512), (0.5, 2.0), 0.75)
    assert config.val_every == 8_000


def test_toml_holds_everything(tmp_path: Path) -> None:
    config = TrainingConfig(
        model='a "strange" näme', crop=(33, 65), scale=(1, 1.5), lr=1e-5, min_lr=1e-7, workers=3, compile=True,
        loss="cross-entropy+lovasz", class_weights="balanced", val_every=7, weight_decay=0,
    )  # fmt: skip
    for one in (config, TrainingConfig()):
        path = tmp_path / "config.toml"
        path.write_text(one.to_toml(), encoding="utf-8")
        assert make_config(config_from_toml(path)) == one


def test_later_layers_override_earlier_ones() -> None:
    config = make_config({"steps": 100, "lr": 0.5}, {"steps": 30})
    assert (config.steps, config.lr, config.val_every) == (30, 0.5, 3)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"step": 3}, r"no setting 'step' \(did you mean steps\?\)"),
        ({"steps": 0}, "steps must be 1 or more; got 0"),
        ({"steps": 3.5}, "steps must be a whole number; got 3.5"),
        ({"steps": True}, "steps must be a whole number; got True"),
        ({"crop": [5]}, r"crop must be two numbers; got \[5\]"),
        ({"crop": [5, 5.5]}, "crop must be a whole number; got 5.5"),
        ({"flip": "yes"}, "flip must be a number; got 'yes'"),
        ({"photometric": 1}, "photometric must be true or false; got 1"),
        ({"lr": float("nan")}, "lr must be above 0; got nan"),
        ({"lr": 1e-5}, r"min_lr must be 0 to lr \(1e-05\); got 0.0001"),
        ({"momentum": 1}, "momentum must be 0 or more and below 1"),
        ({"precision": "64"}, "precision must be one of 32, bf16, fp16; got '64'"),
        ({"loss": "dice+dice"}, "loss must be"),
        ({"loss": "focal"}, "loss must be cross-entropy, dice, lovasz"),
        ({"loss": "dice", "class_weights": "balanced"}, r"loss is dice: add it, as in cross-entropy\+dice"),
        ({"loss": "dice", "confidence_weighted": True}, "act on the cross-entropy"),
        ({"workers": -1}, "workers must be 0 or more"),
    ],
)
def test_what_is_wrong_is_told(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        make_config(settings)


def test_a_malformed_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text("steps = ")
    with pytest.raises(InputError, match=re.escape(f"{path} is not valid TOML")):
        config_from_toml(path)
    path.write_text("stepz = 5")
    with pytest.raises(InputError, match=r"has no setting 'stepz' \(did you mean steps\?\)"):
        config_from_toml(path)


def test_only_what_leaves_the_weights_alone_may_change_on_resuming() -> None:
    config = TrainingConfig()
    others: dict[str, Any] = {"workers": 9, "checkpoint_every": 9, "accelerator": "cpu", "compile": True}
    assert set(others) == FREE_ON_RESUME
    replace(config, **others).check_resumes(config, "run")
    with pytest.raises(InputError, match=r"in run cannot be resumed .* steps was 80000, not 9; seed was 0, not 9"):
        replace(config, steps=9, seed=9).check_resumes(config, "run")


def test_every_setting_says_what_it_is() -> None:
    assert all(one.metadata["help"].endswith((".", "]", ")")) for one in fields(TrainingConfig))


def test_needs_no_torch() -> None:
    code = "import sys, hyperpoint.segment.config; print({'torch', 'numpy', 'cv2'} & set(sys.modules))"
    done = run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
