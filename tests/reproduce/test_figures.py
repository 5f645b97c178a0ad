from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from hyperpoint.io.classes import classes_from_names
from hyperpoint.io.images import read_rgb

CLASSES = classes_from_names(["wall", "sky"])


@pytest.fixture(autouse=True)
def _needs_matplotlib() -> None:
    pytest.importorskip("matplotlib")


def test_the_same_figure_gives_the_same_png_and_svg(tmp_path: Path) -> None:
    from hyperpoint.reproduce.figures import draw_curves, new_figure, save

    contents = []
    for _ in range(2):
        figure = new_figure(3, 2)
        axes = figure.subplots()
        draw_curves(axes, ["1:4", "1:8"], {"a": [(10.0, 1.0), (None, None)], "none": [(None, None), (None, None)]})
        assert [text.get_text() for text in axes.get_legend().get_texts()] == ["a"]  # type: ignore[union-attr]
        paths = save(figure, tmp_path / "fig7")
        contents.append([path.read_bytes() for path in paths])
    assert [path.name for path in paths] == ["fig7.png", "fig7.svg"]
    assert contents[0] == contents[1]
    assert ElementTree.parse(paths[1]).getroot().tag.endswith("svg")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fig7.png", "fig7.svg"]


def test_a_grid_shows_pictures_and_says_what_was_not_run(tmp_path: Path) -> None:
    from hyperpoint.reproduce.figures import image_grid, save

    red = np.zeros((20, 30, 3), np.uint8)
    red[..., 0] = 255
    labels = np.ones((20, 30), np.uint8)
    labels[:, :10] = 255
    figure = image_grid([[red, labels, None]], ["(a)", "(b)", "(c)"], ["0001"], CLASSES)
    png, svg = save(figure, tmp_path / "fig5")
    picture = read_rgb(png)
    red_share, sky_share = ((picture == color).all(axis=2).mean() for color in ((255, 0, 0), CLASSES.colors[1]))
    assert red_share > 0.1
    assert 0.5 < sky_share / red_share < 0.8
    text = svg.read_text()
    assert "not run" in text
    assert all(name in text for name in ("sky", "0001", "(b)"))
    assert "wall" not in text


def test_bars_leave_the_place_of_what_was_not_run_empty() -> None:
    from hyperpoint.reproduce.figures import draw_bars, new_figure

    axes = new_figure(3, 2).subplots()
    draw_bars(axes, {"RGB": 1.5, "Full HSI": None, "Ours": 2.0}, "memory", "MiB")
    assert [bar.get_height() for bar in axes.patches] == [1.5, 2.0]  # type: ignore[attr-defined]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["RGB", "Full HSI", "Ours"]
