from __future__ import annotations

import numpy as np
import pytest

from hyperpoint.studio.desk import Desk

pytest.importorskip("panel")

from hyperpoint.studio.views.spectrum import SpectrumPlot, bad_ranges, outline


def test_runs_of_bad_bands() -> None:
    axis = np.array([400.0, 410, 420, 430, 440])
    assert bad_ranges(axis, np.array([True, False, True, True, False])) == ([400, 415], [405, 435])
    assert bad_ranges(axis, np.ones(5, dtype=bool)) == ([400], [440])
    assert bad_ranges(axis, np.zeros(5, dtype=bool)) == ([], [])


def test_an_outline_goes_there_and_back() -> None:
    x, y = outline(np.array([1.0, 2, 3]), np.array([5, np.nan, 7], np.float32), np.array([1, 1, 2], np.float32))
    assert x.tolist() == [1, 3, 3, 1]
    assert y.tolist() == [4, 5, 9, 6]


def test_the_spectrum_under_the_cursor(labelled: Desk) -> None:
    plot = SpectrumPlot(labelled)
    plot.update(frozenset({"scene"}))
    plot.hover(3, 4)
    assert labelled.current is not None
    shown = plot.sources["cursor"].data
    np.testing.assert_allclose(shown["y"], labelled.current.opened.scene.cube.pixels(np.array([3]), np.array([4]))[0])
    assert plot.describe(labelled)["legend"].startswith("row 3, col 4 · left")
    plot.hover(None, None)
    assert len(plot.sources["cursor"].data["y"]) == 0


def test_one_line_a_class_and_one_a_point(labelled: Desk) -> None:
    plot = SpectrumPlot(labelled)
    plot.update(frozenset({"scene"}))
    assert len(plot.sources["means"].data["ys"]) == len(plot.sources["pinned"].data["ys"]) == 2
    labelled.viewing.normalised = True
    plot.update(frozenset({"viewing"}))
    assert max(map(np.max, plot.sources["means"].data["ys"])) == pytest.approx(1)


def test_what_is_sent_piece_by_piece_is_what_is_drawn_at_once(labelled: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hyperpoint.studio.views.spectrum.MAX_PINNED", 4)
    plot = SpectrumPlot(labelled)
    plot.update(frozenset({"scene"}))
    current = labelled.current
    assert current is not None

    def check() -> None:
        plot.update(frozenset({"points"}))
        points = current.session.state.points
        last = points.subset(np.arange(max(0, len(points) - 4), len(points)))
        cube = current.opened.scene.cube
        drawn = plot.sources["pinned"].data
        wanted = cube.pixels(last.rows, last.cols).tolist()
        assert sorted(map(list, drawn["ys"])) == sorted(wanted)
        assert {len(values) for values in drawn.values()} == {len(last)}
        anew = SpectrumPlot(labelled)
        anew.update(frozenset({"scene"}))
        for name in ("pinned", "means", "spread"):
            for column, values in anew.sources[name].data.items():
                assert list(map(np.array_equal, values, plot.sources[name].data[column])) == [True] * len(values)

    for row in range(5):
        labelled.edit.tap(row, 2 * row)
        check()
    labelled.edit.select(3, 6)
    check()
    labelled.edit.add_class("middle")
    labelled.edit.tap(20, 16)
    check()
    for _ in range(4):
        labelled.edit.undo()
        check()
