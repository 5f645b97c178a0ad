from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from hyperpoint.studio.naming import free_name, safe_name, unique_names


@given(st.text())
def test_a_safe_name_is_a_plain_name_and_stays_what_it_is(text: str) -> None:
    name = safe_name(text)
    assert re.fullmatch(r"[\w.-]+", name)
    assert name not in (".", "..")
    assert not name.startswith((".", "-"))
    assert safe_name(name) == name


def test_names_of_devices_and_ways_out_are_defused() -> None:
    assert safe_name("con.png") == "_con.png"
    assert safe_name("../../etc/passwd") == "etc_passwd"
    assert safe_name("Straße 12.b") == "Straße_12.b"
    assert safe_name("...") == "_"


def test_names_that_several_bear_get_their_folder() -> None:
    assert unique_names(["1", "2", "A", "a"], ["train", "train", "x", "x"]) == ["1", "2", "x-A", "x-a-2"]


@given(st.lists(st.sampled_from(["a", "A", "b", "x-a", "?", "!"]), max_size=8))
def test_names_differ_whatever_they_are(names: list[str]) -> None:
    found = unique_names(names, ["x"] * len(names))
    assert len({name.casefold() for name in found}) == len(names)


def test_a_free_name_has_a_number() -> None:
    assert free_name("Scene", {"scene", "scene-2"}) == "Scene-3"
