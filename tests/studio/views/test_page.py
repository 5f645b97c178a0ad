from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hyperpoint.studio.desk import Desk
from hyperpoint.studio.workspace import Workspace

pytest.importorskip("panel")

from hyperpoint.studio.views.keys import BINDINGS, described
from hyperpoint.studio.views.page import Page

Settle = Callable[[Desk], None]
Open = Callable[[Desk, int], None]


@pytest.fixture
def page(labelled: Desk, settle: Settle) -> Page:
    """The page of a desk whose scene is labelled."""
    page = Page(labelled)
    settle(labelled)
    labelled.changed("scene")
    return page


def test_the_status_line(page: Page) -> None:
    assert page.model.status["status"] == "2 points · revision 4"
    page.hear({"do": "points.undo"})
    assert page.model.status["status"] == "1 point · revision 5"


def test_classes_with_their_counts(page: Page) -> None:
    left, right = page.model.classes["rows"]
    assert (left["name"], left["digit"], left["points"]) == ("left", "1", 1)
    assert left["pixels"] + right["pixels"] == 24 * 32
    assert left["share"] + right["share"] == pytest.approx(1)
    assert page.model.classes["unlabelled"] == 0


def test_what_is_done_to_classes(page: Page) -> None:
    page.hear({"do": "classes.rename", "id": 0, "name": "<b>wall</b>"})
    page.hear({"do": "classes.recolour", "id": 1, "color": "#102030"})
    page.hear({"do": "classes.lock", "id": 1, "locked": True})
    rows = page.model.classes["rows"]
    assert rows[0]["name"] == "<b>wall</b>"
    assert (rows[1]["color"], rows[1]["locked"]) == ("#102030", True)
    page.hear({"do": "classes.lock", "id": 1, "locked": False})
    page.hear({"do": "classes.merge", "source": 1, "target": 0})
    assert [row["key"] for row in page.model.classes["rows"]] == [0]


def test_what_cannot_be_is_a_sentence(page: Page) -> None:
    page.hear({"do": "classes.rename", "id": 0, "name": "right"})
    assert "right" in page.model.status["message"]
    for nonsense in ({"do": "format the disk"}, {}, None, "undo"):
        page.hear(nonsense)
        assert "reload" in page.model.status["message"]


@pytest.mark.parametrize(
    "choice",
    [{"layer": "x-ray"}, {"tool": "hammer"}, {"opacity": "much"}, {"borders": 1}, {"jobs": None}, {"bands": [1]}],
)
def test_only_what_there_is_can_be_shown(page: Page, choice: dict[str, Any]) -> None:
    before = vars(page.desk.viewing).copy()
    page.hear({"do": "show", **choice})
    assert vars(page.desk.viewing) == before
    assert "cannot be chosen" in page.model.status["message"]


def test_choices_are_kept_within_range(page: Page) -> None:
    page.hear({"do": "show", "opacity": 7, "band": 99, "radius": 1000})
    assert (page.model.tools["opacity"], page.model.tools["band"], page.model.tools["radius"]) == (1.0, 7, 60)
    for _ in range(40):
        page.hear({"do": "brush.resize", "larger": False})
    assert page.model.tools["radius"] == 1
    page.hear({"do": "brush.resize", "larger": True})
    assert page.model.tools["radius"] == 2


def test_three_bands_begin_with_three_different_ones(page: Page) -> None:
    page.hear({"do": "show", "layer": "bands"})
    assert len(set(page.model.tools["bands"])) == 3


def test_a_hidden_overlay_comes_back_when_one_is_chosen(page: Page) -> None:
    page.hear({"do": "overlay.hide"})
    assert page.model.tools["hidden"]
    page.hear({"do": "show", "overlay": "confidence"})
    assert not page.model.tools["hidden"]


def test_corrections_are_marked_and_cost_nothing_where_there_are_none(page: Page) -> None:
    source = page._canvas._corrected.source
    nothing = source.data
    page.desk.edit.tap(3, 3)
    assert source.data is nothing
    page.hear({"do": "show", "tool": "erase"})
    assert source.data is nothing
    page.desk.edit.paint(np.array([33, 34]))
    assert np.flatnonzero(source.data["plane"][0]).tolist() == [33, 34]
    page.hear({"do": "show", "overlay": "none"})
    assert len(source.data["plane"]) == 1  # the eraser is in the hand
    page.hear({"do": "show", "tool": "point"})
    assert len(source.data["plane"]) == 0
    page.hear({"do": "show", "overlay": "confidence"})
    assert len(source.data["plane"]) == 1
    page.desk.edit.paint(np.array([33, 34]), erase=True)
    assert len(source.data["plane"]) == 0


def test_a_swipe_without_a_photo_says_so(tmp_path: Path, settle: Settle, open_and_wait: Open) -> None:
    np.save(tmp_path / "cube.npy", np.random.default_rng(0).random((8, 9, 5), dtype=np.float32))
    page = Page(Desk(Workspace([tmp_path])))
    open_and_wait(page.desk, 0)
    page.hear({"do": "show", "tool": "swipe"})
    assert "no photo of its own" in page.desk.message
    page.close()


def test_every_key_does_something(page: Page) -> None:
    for binding in BINDINGS:
        assert binding.action in page.actions or binding.action == "help"
    pressed = [key for entry in described() for key in entry["keys"]]
    assert len(set(pressed)) == len(pressed)
    assert {"1", "9", "n", "Space", "s", "?", "Delete", "Ctrl+z", "Ctrl+Shift+z", "Ctrl+y", "[", "]"} <= set(pressed)


def test_suggestions_and_quality(page: Page, settle: Settle) -> None:
    page.hear({"do": "advice.suggest"})
    settle(page.desk)
    rows = page.model.advice["rows"]
    assert [row["key"] for row in rows] == list(range(len(rows)))
    assert all(row["reason"] for row in rows)
    assert page.model.quality["has"]
    assert page.model.quality["coverage"] == 1


def test_a_score_says_which_classes_the_truth_does_not_have(page: Page) -> None:
    numbers = {"miou": 0.5, "accuracy": 0.25}
    page.desk.advice.score = {**numbers, "by_name": True, "unmatched": ["left", "right"], "known": list("abcde")}
    page.desk.changed("advice")
    assert page.model.quality["score"] == (
        "mIoU 50.0 % · accuracy 25.0 %\nThe truth has no class “left” or “right”, so they count as wrong. "
        "To match, take names of the truth: a, b, c, d and 1 more."
    )
    page.desk.advice.score = {**numbers, "by_name": False, "unmatched": [], "known": ["0"]}
    page.desk.changed("advice")
    assert "matched by number" in page.model.quality["score"]


def test_a_second_page_looks_on_and_takes_over(page: Page, workspace: Workspace, open_and_wait: Open) -> None:
    second = Page(Desk(workspace, page.desk.scenes))
    open_and_wait(second.desk, 0)
    assert page.model.top["editable"]
    assert not second.model.top["editable"]
    second.hear({"do": "scenes.take_over"})
    second.desk.changed("scene")
    page.tick()
    assert second.model.top["editable"]
    assert not page.model.top["editable"]
    second.close()


def test_a_page_that_is_left_gives_its_scene_to_the_next(page: Page, workspace: Workspace, open_and_wait: Open) -> None:
    second = Page(Desk(workspace, page.desk.scenes))
    open_and_wait(second.desk, 0)
    page.hear({"do": "leave"})
    page.tick()
    second.tick()
    assert second.model.top["editable"]
    assert second.model.status["status"] == "2 points · revision 4"
    second.is_seen = lambda: False
    second.tick()
    assert not second.model.top["editable"]
    second.close()


def test_export_without_a_kind(page: Page) -> None:
    page.hear({"do": "out.export", "kinds": ["jokes"], "all": False, "folder": "anywhere"})
    assert page.model.status["message"] == "Choose what to export first."


def test_scenes_with_their_state(page: Page) -> None:
    assert [(row["title"], row["state"]) for row in page.model.scenes["rows"]] == [
        ("a", "in progress"), ("b", "untouched"), ("c", "untouched"),
    ]  # fmt: skip
    page.hear({"do": "scenes.done", "done": True})
    assert page.model.scenes["rows"][0]["state"] == "done"
    assert page.model.top["done"]
