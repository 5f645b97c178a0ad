"""What pages say of the code: messages that it has, names that are public, notebooks that are clean."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest

import hyperpoint as hp
from tests.docs.documents import ROOT

GAP = "…"


@cache
def sources() -> str:
    """Return the sources, texts that go over several lines on one, with gaps where values go in."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "src").rglob("*.py")))
    joined = re.sub(r"""["']\n\s*f?["']""", "", text)
    return re.sub(r"\{[^{}\n]*\}|%[sdr]|%\.\df", GAP, joined)


def messages() -> list[str]:
    text = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    return re.findall(r"^- `([^`]+)`:", text, re.MULTILINE)


def is_in_sources(message: str) -> bool:
    """Say whether one text of the sources holds all parts of a message, in order."""
    parts = [part for part in message.split(GAP) if part]
    return re.search(".*".join(map(re.escape, parts)), sources()) is not None


def test_messages_are_those_of_the_code() -> None:
    assert len(messages()) > 30
    assert [message for message in messages() if not is_in_sources(message)] == []


def test_a_message_that_no_code_has() -> None:
    assert not is_in_sources("the moon is not above the dark one anywhere")


def test_every_public_name_is_in_the_reference() -> None:
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    assert set(re.findall(r"::: hyperpoint\.(\w+)", page)) == set(hp.__all__) - {"__version__"}


@pytest.mark.parametrize("path", sorted((ROOT / "docs" / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_notebooks_are_kept_without_what_they_put_out(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert [cell for cell in cells if cell.get("outputs") or cell.get("execution_count")] == []
