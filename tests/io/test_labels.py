from __future__ import annotations

import pytest

from hyperpoint.errors import PointsError
from hyperpoint.io.labels import label_ids
from hyperpoint.types import ClassTable

TABLE = ClassTable(("wall", "7", " door "), ((1, 1, 1), (2, 2, 2), (3, 3, 3)))


def where(*labels: str) -> dict[str, str]:
    return {label: f"line {number}" for number, label in enumerate(labels)}


def test_numbers_are_kept_gaps_included() -> None:
    ids, table = label_ids(where("7", "3", "", "3.0", "255"), None)
    assert ids == {"7": 7, "3": 3, "": 255, "3.0": 3, "255": 255}
    assert table is None


def test_names_get_ids_in_order_of_first_appearance() -> None:
    ids, table = label_ids(where("wall", "", "door"), None)
    assert ids == {"wall": 0, "": 255, "door": 1}
    assert table is not None
    assert table.names == ("wall", "door")


def test_declared_names_come_first() -> None:
    ids, table = label_ids(where("door", "roof"), None, declared=("wall", "door"))
    assert ids == {"": 255, "door": 1, "roof": 2}
    assert table is not None
    assert table.names == ("wall", "door", "roof")


def test_with_a_table_a_name_comes_before_an_id() -> None:
    ids, table = label_ids(where("wall", "7", "0", "door", "2"), TABLE)
    assert ids == {"": 255, "wall": 0, "7": 1, "0": 0, "door": 2, "2": 2}
    assert table is TABLE


def test_nothing_but_empty_labels_make_no_table() -> None:
    assert label_ids(where(""), None) == ({"": 255}, None)


@pytest.mark.parametrize("label", ["Wall", "3", "-1", "1.5"])
def test_an_unknown_class_is_named_with_those_known(label: str) -> None:
    with pytest.raises(PointsError, match=f"line 1: unknown class '{label}'; known are: wall, 7,"):
        label_ids(where("wall", label), TABLE)


@pytest.mark.parametrize("label", ["-1", "256", "1.5", "99999999999"])
def test_numbers_that_are_no_ids_are_refused(label: str) -> None:
    with pytest.raises(PointsError, match=r"line 1: the label .* must be a whole number 0\.\.254"):
        label_ids(where("0", label), None)


def test_names_and_numbers_do_not_mix_without_a_table() -> None:
    with pytest.raises(PointsError, match="line 1: the label 'wall' is a name but others are numbers"):
        label_ids(where("0", "wall"), None)


def test_more_than_255_names_are_refused() -> None:
    with pytest.raises(PointsError, match="line 0 and on: 256 class names"):
        label_ids(where(*(f"c{number}" for number in range(256))), None)
