from __future__ import annotations

import csv
import importlib.util
import json
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import Any

import pytest

from hyperpoint.errors import InputError, MissingExtraError, MissingFileError
from hyperpoint.reproduce.protocol import Protocol
from hyperpoint.reproduce.run import EXPERIMENTS, reproduce
from hyperpoint.reproduce.sizes import Size

Reproduce = Callable[..., dict[str, Any]]


@pytest.fixture
def make(copies: Path, tmp_path: Path, tiny: Size) -> Reproduce:
    """Call `make("fig2", "lib-hsi")`: runs it at tiny size and returns its record."""

    def run(name: str, dataset: str = "hsicity2", **more: Any) -> dict[str, Any]:
        options: dict[str, Any] = {"size": tiny, "protocol": Protocol(36, 5), **more}
        outcome = reproduce(name, dataset, copies / dataset, tmp_path / dataset, **options)
        assert not outcome.problems
        wanted = {".csv", ".md", ".json"} | ({".png", ".svg"} if name.startswith("fig") else set())
        assert {path.suffix for path in outcome.files} == wanted
        assert all(path.stat().st_size for path in outcome.files)
        record: dict[str, Any] = json.loads((tmp_path / dataset / f"{name}.json").read_text())
        return record

    return run


@pytest.mark.parametrize("dataset", ["lib-hsi", "hsicity2"])
def test_figure_2_has_the_spectra_of_pixels(dataset: str, make: Reproduce, tmp_path: Path) -> None:
    make("fig2", dataset)
    with (tmp_path / dataset / "fig2.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    values = [float(row["value"]) for row in rows]
    num_bands = {"lib-hsi": 204, "hsicity2": 128}[dataset]
    assert len(rows) % num_bands == 0
    assert max(values) == 1.0
    assert len({row["class"] for row in rows}) >= 3


def test_figure_3_embeds_the_same_points_twice(make: Reproduce, tiny: Size) -> None:
    record = make("fig3", protocol=Protocol(16, 5))
    rows = record["tables"]["fig3"]
    assert 30 <= len(rows) <= tiny.num_embedded
    assert rows[0].keys() == {"class", "row", "col", "rgb_1", "rgb_2", "hs_1", "hs_2"}
    assert record["same_class_neighbours"].keys() == {"rgb", "hs"}


def test_table_1_and_figure_5_share_what_they_compute(make: Reproduce) -> None:
    first = make("table1", "lib-hsi")
    rows = {row["method"]: row for row in first["tables"]["table1"]}
    assert list(rows) == ["SVM (RGB)", "SVM (HS)", "TwoCNN (RGB)", "TwoCNN (HS)", "best (HS+RGB)"]
    assert rows["SVM (HS)"]["paper_miou"] == 85.28
    assert rows["TwoCNN (HS)"]["recipe"] == "paper-twocnn-20"
    assert "paper_miou" not in rows["best (HS+RGB)"]
    for row in rows.values():
        assert 0 < row["miou"] < row["acc"] <= 100
        assert (row["scenes"], row["seeds"]) == (2, 2)
        assert row["miou_spread"] >= 0
    assert first["results"]["made"] == 5 * 2 * 2
    assert first["tables"]["table1-classes"]
    second = make("fig5", "lib-hsi")
    assert second["results"]["made"] == 0
    assert {row["annotation"] for row in second["tables"]["fig5"]} == {"(c) SVM", "(d) TwoCNN", "(e) best"}
    assert make("table1", "lib-hsi")["tables"] == first["tables"]


def test_the_record_says_with_what_and_how(make: Reproduce, copies: Path) -> None:
    record = make("fig2")
    assert record["root"] == str(copies / "hsicity2")
    assert record["seeds"] == {"annotations": [0, 1], "networks": [0]}
    assert record["protocol"]["num_regions"] == 36
    assert record["machine"]["versions"]["numpy"]
    assert record["size"]["name"] == "tiny"
    assert len(record["scenes"]["train"]) == 2


@pytest.mark.parametrize(("name", "dataset"), [("table2", "hsicity2"), ("table3", "lib-hsi")])
def test_the_table_of_the_other_data_set_is_refused(name: str, dataset: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"that of (lib-hsi is table2|hsicity2 is table3)"):
        reproduce(name, dataset, tmp_path, tmp_path / "out")


def test_what_is_wrong_is_told_before_anything_is_computed(tmp_path: Path, copies: Path, tiny: Size) -> None:
    with pytest.raises(InputError, match="unknown table or figure 'table9'"):
        reproduce("table9", "lib-hsi", tmp_path, tmp_path / "out")
    with pytest.raises(InputError, match="got 'other'"):
        reproduce("table1", "other", tmp_path, tmp_path / "out")
    with pytest.raises(MissingFileError, match="no folder"):
        reproduce("fig2", "lib-hsi", tmp_path / "nothing", tmp_path / "out", size=tiny)
    with pytest.raises(MissingFileError, match="weights file"):
        reproduce("table2", "lib-hsi", copies / "lib-hsi", tmp_path / "out", size=tiny, weights="no-such-file.pth")


@pytest.mark.parametrize(("name", "package"), [("table1", "torch"), ("table2", "lightning"), ("fig2", "matplotlib")])
def test_a_missing_package_is_named(name: str, package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        "hyperpoint.reproduce.run.find_spec", lambda one: None if one == package else found(one), raising=True
    )
    with pytest.raises(MissingExtraError, match=rf"reproducing {name} needs the package '{package}'.*\[reproduce\]"):
        reproduce(name, "lib-hsi", tmp_path, tmp_path / "out")


def test_a_training_that_was_not_asked_for_leaves_its_cell_empty(make: Reproduce) -> None:
    rows = make("table4", only=["cnn1d"])["tables"]["table4"]
    run = [row for row in rows if row["miou"] is not None]
    assert [row["method"] for row in run] == ["1-D CNN"]
    assert run[0]["seeds"] == 1
    assert len(rows) == 20
    assert sum("paper_miou" in row for row in rows) == 11
    # What was run stays when the next run asks for something else.
    again = make("table4", only=["none of them"])["tables"]["table4"]
    assert [row["miou"] for row in again] == [row["miou"] for row in rows]


def test_figure_7_can_be_had_without_networks_and_piece_by_piece(make: Reproduce, tmp_path: Path) -> None:
    few = Protocol(16, 5, num_seeds=1)
    for only, num in (("annotation SVM+SLIC 1:4", 1), ("annotation SVM+SLIC 1:8", 2)):
        rows = make("fig7", protocol=few, only=[only])["tables"]["fig7"]
        # What the run before has made stays.
        assert [row["alpha"] for row in rows if row.get("annotation_miou")] == ["1:4", "1:8"][:num]
    assert all(row.get("hrnet_miou") is None for row in rows)
    assert "HRNet was not trained" in (tmp_path / "hsicity2" / "fig7.md").read_text()
    assert "not run" in (tmp_path / "hsicity2" / "fig7.svg").read_text()


def test_one_training_that_fails_does_not_end_the_others(
    copies: Path, tmp_path: Path, tiny: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hyperpoint.comparisons import training

    fit = training.fit

    def fail_once(method: str, *arguments: Any, **options: Any) -> Any:
        if method == "cnn1d":
            raise InputError("the loss became nan at step 1; lower learning_rate")
        return fit(method, *arguments, **options)

    monkeypatch.setattr(training, "fit", fail_once)
    outcome = reproduce(
        "table4", "hsicity2", copies / "hsicity2", tmp_path, size=tiny, protocol=Protocol(36, 5),
        only=["cnn1d", "cnn-hsi"],
    )  # fmt: skip
    assert outcome.problems == ("cnn1d, seed 0: the loss became nan at step 1; lower learning_rate",)
    assert [row["method"] for row in outcome.report.tables[0].rows if row["miou"] is not None] == ["CNN-HSI"]
    assert "Problem: cnn1d, seed 0" in (tmp_path / "table4.md").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("dataset", ["lib-hsi", "hsicity2"])
def test_everything_that_trains_networks_runs_to_the_end(
    dataset: str, make: Reproduce, monkeypatch: pytest.MonkeyPatch
) -> None:
    def here(function: Callable[[Any], Any], task: Any) -> Any:
        """Do what a process of its own would, whose start takes seconds (see test_measuring), with what it gets."""
        return function(ForkingPickler.loads(ForkingPickler.dumps(task)))

    monkeypatch.setattr("hyperpoint.reproduce.fig8.in_fresh_process", here)
    table = make("table2" if dataset == "lib-hsi" else "table3", dataset)["tables"]
    (rows,) = table.values()
    assert [row["annotations"] for row in rows] == ["Point-based", "TwoCNN+SLIC", "SVM+SLIC", "best", "GT"]
    assert all(row[network] is not None for row in rows for network in ("fcn", "deeplab", "hrnet"))

    rows = make("table4", dataset)["tables"]["table4"]
    assert len(rows) == 20
    assert all(row["miou"] is not None and row["acc"] is not None and row["pixel_acc"] is not None for row in rows)

    assert make("fig6", dataset)["results"]["made"] == 0  # all are trainings of the tables
    rows = make("fig7", dataset)["tables"]["fig7"]
    assert [row["alpha"] for row in rows[:4]] == ["1:4", "1:8", "1:16", "1:32"]
    assert all(row["hrnet_miou"] is not None for row in rows[:4])
    assert all(row["annotation_miou"] is not None for row in rows)

    rows = make("fig8", dataset)["tables"]["fig8"]
    assert [row["method"] for row in rows] == ["RGB", "Full HSI", "Ours, SVM", "Ours, TwoCNN"]
    assert all(row["peak_training_mib"] > 10 and row["inference_seconds"] > 0 for row in rows)


def test_every_experiment_is_a_command() -> None:
    from hyperpoint.cli.reproduce import NAMES

    assert tuple(EXPERIMENTS) == NAMES


def test_a_study_of_one_seed_has_no_spread(make: Reproduce, tiny: Size) -> None:
    record = make("table1", size=replace(tiny, num_train=1), protocol=Protocol(36, 5, num_seeds=1))
    assert all(row["miou_spread"] is None and row["seeds"] == 1 for row in record["tables"]["table1"])
