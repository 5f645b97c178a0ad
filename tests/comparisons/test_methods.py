from __future__ import annotations

import builtins
from typing import Any

import pytest

from hyperpoint.comparisons.methods import METHODS, get_method, method_names
from hyperpoint.errors import InputError, MissingExtraError


def test_the_rows_of_table_4_are_there() -> None:
    assert {"rssan", "jigsawhsi", "hybridsn", "twocnn", "cnn1d", "cnn-hsi", "resnet50"} <= set(method_names())
    assert (get_method("rssan").width, get_method("jigsawhsi").width, get_method("resnet50").width) == (17, 17, 11)
    assert all(method.width % 2 == 1 for method in METHODS.values())


def test_an_unknown_method_lists_those_there_are() -> None:
    with pytest.raises(InputError, match="unknown method 'vit'; known are: rssan, jigsawhsi"):
        get_method("vit")


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    method = get_method("resnet50")
    original = builtins.__import__

    def without_torchvision(name: str, *arguments: Any, **more: Any) -> Any:
        if name.startswith("torchvision"):
            raise ModuleNotFoundError("No module named 'torchvision'", name="torchvision")
        return original(name, *arguments, **more)

    monkeypatch.delitem(__import__("sys").modules, "hyperpoint.comparisons.networks.resnet", raising=False)
    monkeypatch.setattr(builtins, "__import__", without_torchvision)
    with pytest.raises(MissingExtraError, match=r"'resnet50' needs the package 'torchvision'.*\[deep\]"):
        method.build(10, 3)
