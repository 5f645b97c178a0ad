"""TOML, and what only looks like it."""

from __future__ import annotations

from pathlib import Path

import pytest

from hyperpoint.errors import InputError, MissingFileError, RecipeError
from hyperpoint.io.toml import parse_toml, read_toml


def test_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("a = 1\nb = ['x']\n", encoding="utf-8")
    assert read_toml(tmp_path / "a.toml", "configuration", InputError) == {"a": 1, "b": ["x"]}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a = ", "is not valid TOML"),
        ("a = " + "9" * 5000, "is not valid TOML: Exceeds the limit"),
        ("a = 1979-13-40", "is not valid TOML"),
        ("a = " + "[" * 100_000, "is not usable TOML: it is nested too deeply"),
    ],
)
def test_what_is_no_toml_is_an_error_of_ours(text: str, problem: str) -> None:
    with pytest.raises(RecipeError, match=f"the recipe x {problem}"):
        parse_toml(text, "the recipe x", RecipeError)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError):
        read_toml(tmp_path / "a.toml", "configuration", InputError)
