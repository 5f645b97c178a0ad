from __future__ import annotations

import subprocess
import sys

import pytest

from hyperpoint.errors import MissingExtraError, RecipeError
from hyperpoint.spectral import classifier_names, make_classifier


def test_names() -> None:
    assert classifier_names() == ("linear-svm", "rbf-svm", "logistic-regression", "twocnn", "hybridsn")


def test_an_unknown_name_lists_those_there_are() -> None:
    with pytest.raises(RecipeError, match=r"unknown classifier 'svm'; known are: linear-svm, rbf-svm"):
        make_classifier("svm")


def test_an_unknown_parameter_lists_those_there_are() -> None:
    with pytest.raises(RecipeError, match=r"no parameter 'cost'; it has: C, gamma"):
        make_classifier("rbf-svm", cost=1)


@pytest.mark.parametrize("params", [{"seed_": 1}, {"classes_": 1}, {"_weights": 1}])
def test_what_fit_sets_is_no_parameter(params: dict[str, int]) -> None:
    with pytest.raises(RecipeError, match="no parameter"):
        make_classifier("linear-svm", **params)


@pytest.mark.parametrize("seed", [-1, 1.5, "0"])
def test_a_bad_seed_is_refused(seed: int) -> None:
    with pytest.raises(RecipeError, match="seed must be a whole number, 0 or more"):
        make_classifier("linear-svm", seed)


def test_seed_and_parameters_are_stored() -> None:
    classifier = make_classifier("linear-svm", 7, C=2.0)
    assert (classifier.seed, vars(classifier)["C"]) == (7, 2.0)


def test_without_torch_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in [name for name in sys.modules if name.startswith("hyperpoint.spectral.networks")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r"'twocnn' needs the package 'torch'.*hyperpoint\[deep\]"):
        make_classifier("twocnn")


def test_importing_the_registry_loads_nothing_heavy() -> None:
    code = (
        "import sys, hyperpoint.spectral; hyperpoint.spectral.classifier_names(); "
        "assert not {'sklearn', 'scipy', 'torch'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
