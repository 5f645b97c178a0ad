"""The demonstration at a tiny size, without the networks."""

from __future__ import annotations

from pathlib import Path

import pytest

from hyperpoint.demo import pictures, report, run

RECIPES = ("paper-svm", "paper-svm-rgb")


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
    html = report.render_report(result[0])
    assert html.count("<section>") == 6
    assert html.count("src='data:image/") == html.count("<img ")
    assert "$" not in html
    assert f"{100 * report.summary_rows(result[0])[0][2]:.1f}" in html


def test_a_picture_for_each_scene(result: tuple[run.DemoResult, Path, list[tuple[int, int]]], tmp_path: Path) -> None:
    pictures.write_pictures(tmp_path, result[0])
    assert len(list(tmp_path.glob("*.png"))) == 6
