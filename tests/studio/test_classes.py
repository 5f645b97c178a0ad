from __future__ import annotations

from collections.abc import Callable

import pytest

from hyperpoint.errors import InputError
from hyperpoint.studio.classes import StudioClass, StudioClasses, color_from_hex, color_to_hex
from hyperpoint.types import MAX_CLASSES, ClassTable

TABLE = ClassTable(("wall", "window", "door"), ((200, 80, 60), (0, 0, 255), (9, 9, 9)))
CLASSES = StudioClasses.from_table(TABLE)


def test_a_table_there_and_back() -> None:
    assert CLASSES.table() == TABLE
    assert CLASSES.live == (0, 1, 2)
    assert not CLASSES[1].locked


def test_classes_without_names_get_numbers_that_are_free_and_colours_of_their_own() -> None:
    classes = StudioClasses().add().add("class 3").add().add()
    assert classes.table().names == ("class 1", "class 3", "class 4", "class 5")
    assert len(set(classes.table().colors)) == 4
    assert StudioClasses().add().add().table().names == ("class 1", "class 2")


def test_ids_never_change() -> None:
    changed = CLASSES.rename(0, " brick ").recolour(2, (1, 2, 3)).merge(1, 0).add("roof", (5, 6, 7)).lock(2, True)
    assert changed.live == (0, 2, 3)
    assert [entry.name for entry in changed.entries] == ["brick", "window", "door", "roof"]
    assert changed[2] == StudioClass("door", (1, 2, 3), locked=True)
    assert changed.table().names == ("brick", "window (merged into brick)", "door", "roof")
    assert CLASSES.table() == TABLE


def test_merges_are_followed_and_the_name_is_free_again() -> None:
    merged = CLASSES.merge(0, 1).merge(1, 2)
    assert merged.resolve(0) == 2
    assert merged.find("wall") == 2
    again = merged.add("wall")
    assert again.find("wall") == 3
    assert again.table().names == ("wall (merged into door)", "window (merged into door)", "door", "wall")
    twice = again.merge(3, 2)
    assert len(set(twice.table().names)) == 4
    assert twice.table().names[3] == "wall (merged into door) (2)"


def test_an_unchanged_class_leaves_the_classes_as_they_are() -> None:
    assert CLASSES.rename(0, "wall") is CLASSES
    assert CLASSES.lock(1, False) is CLASSES


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.add("wall"), "there is a class 'wall' already"),
        (lambda c: c.add("  "), "needs a name"),
        (lambda c: c.add("a\nb"), "on one line"),
        (lambda c: c.add("x" * 81), "at most 80"),
        (lambda c: c.add("x", (0, 0, 256)), "0..255"),
        (lambda c: c.rename(1, "door"), "already"),
        (lambda c: c.rename(3, "x"), "no class 3; the classes are: 0 [(]wall[)], 1"),
        (lambda c: c.recolour(-1, (0, 0, 0)), "no class -1"),
        (lambda c: c.merge(1, 1), "into itself"),
        (lambda c: c.lock(0, True).merge(0, 1), "'wall' is locked"),
        (lambda c: c.lock(1, True).merge(0, 1), "'window' is locked"),
        (lambda c: c.merge(1, 0).rename(1, "x"), "'window' was merged into 'wall'"),
        (lambda c: c.merge(1, 0).merge(0, 1), "was merged"),
        (lambda c: StudioClasses().table(), "no classes yet"),
        (lambda c: StudioClasses().check(0), "none yet"),
        (lambda c: StudioClasses((StudioClass("a", (0, 0, 0)), StudioClass("a", (1, 1, 1)))), "same name"),
        (lambda c: StudioClasses((StudioClass("a", (0, 0, 0), merged_into=0),)), "not in use"),
        (lambda c: StudioClasses((StudioClass("a", (0, 0, 0), merged_into=5),)), "not in use"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said(change: Callable[[StudioClasses], object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        change(CLASSES)


def test_there_are_no_more_classes_than_a_mask_holds() -> None:
    full = StudioClasses(tuple(StudioClass(str(number), (0, 0, 0)) for number in range(MAX_CLASSES)))
    with pytest.raises(InputError, match="255 classes already"):
        full.add()


def test_colours_as_text() -> None:
    assert color_to_hex((255, 0, 10)) == "#ff000a"
    assert color_from_hex(" #FF000a") == color_from_hex("ff000a") == (255, 0, 10)
    for text in ("#fff", "red", "#12345g", "#1234567", ""):
        with pytest.raises(InputError, match="#rrggbb"):
            color_from_hex(text)
