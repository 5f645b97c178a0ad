"""The demonstration at a tiny size, without networks."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from hyperpoint.cli.main import main
from hyperpoint.demo import pictures, report, run, training
from hyperpoint.demo.expected import without_expected_warnings
from hyperpoint.metrics import ConfusionMatrix
from hyperpoint.types import ClassTable

RECIPES = ("paper-svm", "paper-svm-rgb")


@pytest.fixture(autouse=True)
def _log() -> Iterator[None]:
    """Put back how the log is told, which the command decides."""
    logger = logging.getLogger("hyperpoint")
    before = (logger.handlers[:], logger.propagate, logger.level)
    yield
    logger.handlers[:], logger.propagate = before[0], before[1]
    logger.setLevel(before[2])


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> tuple[run.DemoResult, Path, list[tuple[int, int]]]:
    told: list[tuple[int, int]] = []
    out = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "RECIPES", RECIPES)
        patch.setattr(run, "LAYOUTS", {"lib-hsi": (96, 96), "hsicity2": (96, 128)})
        done = run.run_demo(out, seed=0, progress=lambda now, total, what: told.append((now, total)))
    return done, out, told


def test_six_scenes_annotated_and_scored(result: tuple[run.DemoResult, Path, list[tuple[int, int]]]) -> None:
    done, out, told = result
    assert len(done.scenes) == 6
    assert told[-1][0] == told[-1][1]
    for recipe in RECIPES:
        assert len(list((out / "masks" / recipe).glob("*.png"))) == 6
    rows = {(layout, recipe): miou for layout, recipe, miou, *_ in report.summary_rows(done)}
    for layout in ("lib-hsi", "hsicity2"):
        assert rows[layout, "paper-svm"] > rows[layout, "paper-svm-rgb"]


def test_report_needs_nothing_beside_it(result: tuple[run.DemoResult, Path, list[tuple[int, int]]]) -> None:
    html = report.render_report(result[0], "<p>of the training</p>")
    assert html.count("<section>") == 6
    assert html.count("src='data:image/") == html.count("<img ")
    assert "$" not in html
    assert "<p>of the training</p>" in html
    assert f"{100 * report.summary_rows(result[0])[0][2]:.1f}" in html


def test_a_picture_for_each_scene(result: tuple[run.DemoResult, Path, list[tuple[int, int]]], tmp_path: Path) -> None:
    pictures.write_pictures(tmp_path, result[0])
    assert len(list(tmp_path.glob("*.png"))) == 6


def test_without_pytorch_its_recipes_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "RECIPES", ("paper-svm", "paper-twocnn"))
    monkeypatch.setattr(run, "LAYOUTS", {"hsicity2": (48, 64)})
    monkeypatch.setattr(run, "SCENES_PER_LAYOUT", 2)
    monkeypatch.setattr(run, "find_spec", lambda name: None)
    done = run.run_demo(tmp_path)
    assert {recipe for _, recipe in done.scores} == {"paper-svm"}
    assert "Left out, since PyTorch is not installed: TwoCNN, spectra." in report.render_report(done, "")


def test_the_command_without_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "RECIPES", ("paper-svm",))
    monkeypatch.setattr(run, "LAYOUTS", {"hsicity2": (48, 64)})
    monkeypatch.setattr(run, "SCENES_PER_LAYOUT", 2)
    assert main(["demo", "--out", str(tmp_path), "--no-training"]) == 0
    told = capsys.readouterr()
    assert "nothing was trained: --no-training was given" in told.out
    assert told.err == ""
    assert "Nothing was trained: --no-training was given." in (tmp_path / "report.html").read_text()
    assert len(list((tmp_path / "pictures").glob("*.png"))) == 2
    assert not (tmp_path / "training").exists()


def test_only_expected_warnings_are_dropped(caplog: pytest.LogCaptureFixture) -> None:
    opening, voting = logging.getLogger("hyperpoint.opening"), logging.getLogger("hyperpoint.annotation.annotate")
    with without_expected_warnings():
        opening.warning("%s holds radiance and no white reference is given: ...", "a.hsd")
        opening.warning("the white reference is saturated")
        voting.warning("%d of %d annotated points lie on masked pixels", 1, 2)
    opening.warning("%s holds radiance and no white reference is given: ...", "b.hsd")
    assert [record.getMessage() for record in caplog.records] == [
        "the white reference is saturated",
        "1 of 2 annotated points lie on masked pixels",
        "b.hsd holds radiance and no white reference is given: ...",
    ]


def test_the_command_shows_what_came_of_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    classes = ClassTable(("road", "sky"), ((90, 90, 90), (0, 0, 255)))
    truth = np.zeros((4, 5), np.uint8)
    scene = training.UnseenScene("0009", np.zeros((4, 5, 3), np.uint8), truth, dict.fromkeys(training.KINDS, truth))
    networks = {}
    for kind, wrong in zip(training.KINDS, (2, 4, 7), strict=True):
        matrix = ConfusionMatrix(2)
        matrix.update(np.repeat([1, 0], [wrong, 20 - wrong]).reshape(4, 5), truth)
        networks[kind] = training.NetworkScore(matrix, 0.5, 1.0)
    made = training.TrainingResult(classes, training.SETTINGS, 17, 99, networks["truth"].matrix, networks, [scene])
    monkeypatch.setattr(training, "run_training", lambda *_: made)
    monkeypatch.setattr(run, "run_demo", lambda *_: run.DemoResult())
    assert main(["demo", "--out", str(tmp_path)]) == 0
    # mIoU of one class: the share that is right, 0.9, 0.8 and 0.65.
    shown = capsys.readouterr().out
    assert all(number in shown for number in ("90.0", "80.0", "65.0", "88.9", "72.2"))
    assert (tmp_path / "pictures" / "unseen-0009.png").exists()
