from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hyperpoint.reproduce import sizes
from hyperpoint.synth import synthesise

Run = Callable[..., Any]


@pytest.fixture(scope="module")
def streets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("streets")
    synthesise(root, "hsicity2", 3, (48, 48), seed=1)
    return root


@pytest.fixture(autouse=True)
def _tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    tiny = replace(sizes.QUICK, num_train=1, num_test=1, num_seeds=2, twocnn_iterations=10, num_embedded=60)
    monkeypatch.setattr(sizes, "QUICK", tiny)


def test_a_table_is_made_and_made_again_from_what_is_kept(run: Run, streets: Path, tmp_path: Path) -> None:
    base = ("--dataset", "hsicity2", "--root", streets, "--out", tmp_path)
    options = (*base, "--quick", "--regions", 25, "--iterations", 12)
    first = run("reproduce", "table1", *options)
    assert first.status == 0
    assert "table1.csv" in first.stdout
    csv = (tmp_path / "table1.csv").read_bytes()
    assert csv.startswith(b"method,recipe,acc,miou,paper_acc,paper_miou,")
    assert b"TwoCNN (HS),paper-twocnn-12," in csv
    again = run("reproduce", "table1", *options, "--quiet")
    assert (again.status, again.stdout) == (0, "")
    assert (tmp_path / "table1.csv").read_bytes() == csv


@pytest.mark.parametrize(
    ("name", "dataset", "right"), [("table2", "hsicity2", "table3"), ("table3", "lib-hsi", "table2")]
)
def test_the_table_of_the_other_data_set_ends_with_2(
    name: str, dataset: str, right: str, run: Run, streets: Path, tmp_path: Path
) -> None:
    found = run("reproduce", name, "--dataset", dataset, "--root", streets, "--out", tmp_path / "out", "--quick")
    assert found.status == 2
    assert right in found.stderr
    assert not (tmp_path / "out").exists()


def test_what_went_wrong_with_a_part_is_told_and_ends_with_1(run: Run, streets: Path, tmp_path: Path) -> None:
    found = run(
        "reproduce", "table1", "--dataset", "hsicity2", "--root", streets, "--out", tmp_path, "--quick",
        "--regions", 1, "--per-region", 2,
    )  # fmt: skip
    assert found.status == 1
    assert "cannot be annotated" in found.stderr
    assert (tmp_path / "table1.md").exists()


def test_bad_options_end_with_2(run: Run, streets: Path, tmp_path: Path) -> None:
    base = ("--dataset", "hsicity2", "--root", streets, "--out", tmp_path)
    assert run("reproduce", "table9", *base).status == 2
    assert run("reproduce", "fig2", *base, "--ratio", "four").status == 2
    assert run("reproduce", "fig2", "--dataset", "hsicity2", "--root", tmp_path / "no", "--out", tmp_path).status == 2
