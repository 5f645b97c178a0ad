from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hyperpoint.errors import ClassTableError
from hyperpoint.io.classes import classes_from_names, default_classes, read_classes, write_classes
from hyperpoint.types import ClassTable

TABLE = ClassTable(("wall", "Küche, klein"), ((200, 80, 60), (0, 0, 255)))


def test_tables_come_back_as_they_were(tmp_path: Path) -> None:
    write_classes(tmp_path / "c.json", TABLE)
    assert read_classes(tmp_path / "c.json") == TABLE
    assert json.loads((tmp_path / "c.json").read_text("utf-8"))[0] == {"name": "wall", "color": [200, 80, 60]}


def test_a_byte_order_mark_is_no_matter(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text('[{"name": "wall", "color": [200, 80, 60]}]', encoding="utf-8-sig")
    assert read_classes(tmp_path / "c.json").names == ("wall",)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"wall": [1, 2, 3]}, "must be a list such as .* got an object with 'wall'"),
        ([], "has 1 to 255 classes"),
        ([{"name": "a", "color": [1, 2, 3]}, {"name": "b"}], 'entry 1 must be an object with "name" and "color"'),
        ([["a", [1, 2, 3]]], "entry 0 must be an object"),
        ([{"name": 3, "color": [1, 2, 3]}], "entry 0: the name must be a text; got 3"),
        ([{"name": " ", "color": [1, 2, 3]}], "every class needs a name"),
        ([{"name": "a", "color": [1, 2]}], "entry 0: the colour must be three whole numbers"),
        ([{"name": "a", "color": [1, 2, 256]}], "entry 0: the colour"),
        ([{"name": "a", "color": [1, 2, True]}], "entry 0: the colour"),
        ([{"name": "a", "color": "red"}], "entry 0: the colour"),
        ([{"name": "a", "color": [1, 2, 3]}] * 2, "the class name 'a' stands twice"),
    ],
)
def test_errors_name_file_entry_and_fault(tmp_path: Path, content: Any, message: str) -> None:
    (tmp_path / "c.json").write_text(json.dumps(content))
    with pytest.raises(ClassTableError, match=message) as caught:
        read_classes(tmp_path / "c.json")
    assert "c.json" in str(caught.value)


def test_default_classes_keep_ids_and_fill_gaps() -> None:
    table = default_classes([5, 2, 255])
    assert table.names == ("0", "1", "2", "3", "4", "5")
    assert table.id_of("5") == 5
    for bad in ([], [255], [-1], [256]):
        with pytest.raises(ClassTableError, match="class ids must be"):
            default_classes(bad)


def test_all_255_colours_differ_from_each_other_and_from_unlabelled() -> None:
    colors = default_classes([254]).colors
    assert len(set(colors)) == 255
    assert (0, 0, 0) not in colors
    assert classes_from_names(["a", "b"]).colors == colors[:2]
    with pytest.raises(ClassTableError):
        classes_from_names([str(number) for number in range(256)])
